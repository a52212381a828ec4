// Libraries that watch leases: libdhcp_run_script and libdhcp_legal_log.

import { compileText } from '../../classify/compile.ts'
import type { Text } from '../../classify/expression.ts'
import type { GlobalDocument } from '../keys/common-document.ts'
import { LIBRARIES4 } from '../keys/library-rows.ts'
import {
  type LegalFormats,
  type LegalLogPlan,
  type NoticesPlan,
  TIMESTAMP_LETTERS,
} from '../plan/notices-plan.ts'
import type { Site } from '../text/site.ts'
import { namesFor, tellRefused } from './expressions.ts'
import type { FlexTerms } from './flex-options.ts'
import { type Checked, findLibrary, parameterOf } from './library.ts'

const SCRIPT = 'libdhcp_run_script'
const LEGAL_LOG = 'libdhcp_legal_log'

/** A subnet of either family where it stands. */
interface Placed {
  readonly document: { readonly 'user-context'?: Readonly<Record<string, unknown>> }
  readonly subnet: { readonly id: number }
  readonly site: Site
}

/** `site` is that of the global level. */
export function compileNotices(
  document: GlobalDocument,
  placed: readonly Placed[],
  terms: FlexTerms,
  site: Site,
): NoticesPlan {
  return {
    script: compileScript(document, site),
    legalLog: compileLegalLog(document, placed, terms, site),
  }
}

function compileScript(document: GlobalDocument, site: Site): string | undefined {
  const level = LIBRARIES4[SCRIPT]
  const library = findLibrary(document, SCRIPT, level, site)
  if (library === undefined) return undefined
  const { parameters, site: at } = library
  if (parameterOf<boolean>(parameters, level, 'sync')) {
    const message = 'no answer waits for a script'
    at.at('sync').error('script-sync', message, 'false, as in Kea')
  }
  const name = parameterOf<string | undefined>(parameters, level, 'name')
  if (name === undefined || name.startsWith('/')) return name
  const message = `'${name}' is not an absolute path`
  at.at('name').error('script-path', message, 'such as /usr/local/sbin/on-lease')
  return undefined
}

function compileLegalLog(
  document: GlobalDocument,
  placed: readonly Placed[],
  terms: FlexTerms,
  site: Site,
): LegalLogPlan | undefined {
  const library = findLibrary(document, LEGAL_LOG, LIBRARIES4[LEGAL_LOG], site)
  if (library === undefined) return undefined
  const { parameters, site: at } = library
  const formats = compileFormats(parameters, terms, at)
  return { to: legalLogOutput(parameters, at), formats, except: unlogged(placed) }
}

function compileFormats(parameters: Checked, terms: FlexTerms, at: Site): LegalFormats | undefined {
  const request = compileFormat('request-parser-format', parameters, terms, at)
  const response = compileFormat('response-parser-format', parameters, terms, at)
  return request === undefined && response === undefined ? undefined : { request, response }
}

function compileFormat(
  key: string,
  parameters: Checked,
  { mention, registry }: FlexTerms,
  site: Site,
): Text | undefined {
  const text = parameterOf<string>(parameters, LIBRARIES4[LEGAL_LOG], key)
  if (text === '') return undefined
  const at = site.at(key)
  const compiled = compileText(text, namesFor(registry, mention))
  return 'problems' in compiled ? tellRefused(compiled, at) : compiled.value
}

function legalLogOutput(parameters: Checked, at: Site): LegalLogPlan['to'] {
  const value = <Value>(key: string) => parameterOf<Value>(parameters, LIBRARIES4[LEGAL_LOG], key)
  if (value<string>('type') === 'syslog')
    return { kind: 'syslog', facility: value<string>('facility') }
  const folder = value<string>('path')
  for (const key of ['path', 'prerotate', 'postrotate']) checkPath(value<string>(key), at.at(key))
  const baseName = value<string>('base-name')
  if (baseName.includes('/'))
    at.at('base-name').error('legal-log', `'${baseName}' is not a name`, 'path names the folder')
  const timestamp = value<string>('timestamp-format')
  for (const [, letter] of timestamp.matchAll(/%(.?)/gs))
    if (letter === '' || !TIMESTAMP_LETTERS.includes(letter!)) {
      const hint = `one of ${[...TIMESTAMP_LETTERS].join(' ')}`
      at.at('timestamp-format').error('legal-log', `%${letter} is not a part of a time`, hint)
    }
  return {
    kind: 'files',
    folder,
    baseName,
    timeUnit: value('time-unit'),
    count: value('count'),
    prerotate: value('prerotate'),
    postrotate: value('postrotate'),
    timestamp,
  }
}

function checkPath(path: string, at: Site): void {
  if (path === '' || path.startsWith('/')) return
  at.error('legal-log', `'${path}' is not an absolute path`, 'such as /var/log/kea')
}

function unlogged(placed: readonly Placed[]): ReadonlySet<number> {
  const except = new Set<number>()
  for (const { document, subnet, site } of placed) {
    const logged = document['user-context']?.['legal-logging']
    if (logged === false) except.add(subnet.id)
    else if (logged !== undefined && logged !== true) {
      const at = site.at('user-context').at('legal-logging')
      at.error('wrong-type', `${JSON.stringify(logged)} is not true or false`, 'without quotes')
    }
  }
  return except
}
