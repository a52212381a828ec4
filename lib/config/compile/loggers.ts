// `loggers`: the process has one log, so what either map asks for gets the lines of both. Loggers
// of other programs of Kea may stand in a shared file: they are passed over.

import { LOGGERS } from '../../catalogue/loggers.ts'
import type { LoggerDocument, LogOutputDocument, WhioDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { ServerMap } from '../keys/server-maps.ts'
import { KEA_PATTERN, KEA_SYSLOG_PATTERN, unknownConversions } from '../plan/log-pattern.ts'
import type { LoggerPlan, LogLayout, LogOutputPlan } from '../plan/plan.ts'
import type { Site } from '../text/site.ts'

const { severity: SEVERITY } = defaultsOf('logger', 'severity')
const { maxsize: MAXSIZE, maxver: MAXVER } = defaultsOf('outputOption', 'maxsize', 'maxver')

/** Kea begins no new file for less. */
const MAXSIZE_LEAST = 204_800

/** Where Kea's lines go if no facility is named. */
const FACILITY = 'local0'

const FACILITIES =
  /^(kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7])$/

type Format = WhioDocument['log-format']

/** At least one logger of the whole is among them, and has outputs. */
export function compileLoggers(
  maps: readonly ServerMap[],
  whio: WhioDocument | undefined,
): LoggerPlan[] {
  const format = whio?.['log-format']
  const loggers: LoggerPlan[] = []
  for (const { document, site } of maps) {
    const documents = document.loggers ?? []
    for (const [index, logger] of documents.entries())
      addLogger(inherited(logger, documents), maps, site.at('loggers').at(index), loggers, format)
  }
  const [one, other] = loggers.filter(isRoot)
  if (one !== undefined && other !== undefined && !isAlike(one, other)) {
    const message = 'the loggers of the two maps differ, and the process has one log'
    const hint = 'what either asks for gets the lines of both'
    maps.at(-1)!.site.at('loggers').warning('logger-differs', message, hint)
  }
  if (one === undefined && maps[0] !== undefined) {
    const outputs = [usualOutput(format)]
    loggers.unshift({ name: `kea-dhcp${maps[0].version}`, severity: severityOf(), outputs })
  }
  return loggers
}

function isRoot({ name }: LoggerPlan): boolean {
  return !name.includes('.')
}

function addLogger(
  document: LoggerDocument,
  maps: readonly ServerMap[],
  site: Site,
  loggers: LoggerPlan[],
  format: Format,
): void {
  const { name, 'output-options': options = [] } = document
  const own = maps.map(({ version }) => `kea-dhcp${version}`)
  const at = site.at('name')
  const [root = '', part] = name.split(/\.(.*)/s)
  if (!own.includes(root)) {
    at.warning('logger-name', `logger '${name}' is not one of this server's`, own.join(', '))
  } else if (loggers.some((former) => former.name === name)) {
    const message = `logger '${name}' stands here a second time`
    at.warning('logger-name', message, 'the first entry counts')
  } else {
    if (part !== undefined && !LOGGERS.includes(part))
      at.info('logger-part', `no line belongs to ${name}`, `lines belong to ${LOGGERS.join(', ')}`)
    const outputs = options.map((option, index) =>
      outputOf(option, format, site.at('output-options').at(index)),
    )
    if (outputs.length === 0 && part === undefined) outputs.push(usualOutput(format))
    loggers.push({ name, severity: severityOf(document), outputs })
  }
}

/** A part without a severity has that of the whole. */
function inherited(logger: LoggerDocument, all: readonly LoggerDocument[]): LoggerDocument {
  const root = logger.name.split('.')[0]
  const severity = logger.severity ?? all.find(({ name }) => name === root)?.severity
  return severity === undefined ? logger : { ...logger, severity }
}

function severityOf({ severity }: Partial<LoggerDocument> = {}): LoggerPlan['severity'] {
  return (severity ?? SEVERITY).toLowerCase() as LoggerPlan['severity']
}

function usualOutput(format: Format): LogOutputPlan {
  return { to: 'stdout', layout: layoutOf('stdout', format), rotateAt: 0, keep: 0 }
}

function outputOf(
  { output, maxsize = MAXSIZE, maxver = MAXVER, pattern }: LogOutputDocument,
  format: Format,
  site: Site,
): LogOutputPlan {
  const to = /^syslog(?=:|$)/.test(output) ? syslogOf(output, site.at('output')) : output
  for (const conversion of unknownConversions(pattern ?? ''))
    site.at('pattern').warning('log-pattern', `nothing is written for ${conversion}`)
  const isFile = !/^(stdout|stderr|syslog:.*)$/.test(to)
  // 0 says it in so many words.
  if (isFile && maxsize > 0 && maxsize < MAXSIZE_LEAST) {
    const message = `below ${MAXSIZE_LEAST} bytes no new file is ever begun`
    site.at('maxsize').warning('log-maxsize', message, 'as in Kea; 0 says that it is meant')
  }
  const rotateAt = isFile && maxsize >= MAXSIZE_LEAST ? maxsize : 0
  const layout = pattern ? { pattern } : layoutOf(to, format)
  return { to, layout, rotateAt, keep: rotateAt === 0 ? 0 : Math.max(1, maxver) }
}

function syslogOf(output: string, site: Site): string {
  const facility = output.slice('syslog:'.length).toLowerCase() || FACILITY
  if (FACILITIES.test(facility)) return `syslog:${facility}`
  site.warning('log-facility', `syslog has no facility '${facility}'`, `${FACILITY} is used`)
  return `syslog:${FACILITY}`
}

function layoutOf(to: string, format: Format): LogLayout {
  const isSyslog = to.startsWith('syslog:')
  if (format === 'kea' || (isSyslog && format !== 'json'))
    return { pattern: isSyslog ? KEA_SYSLOG_PATTERN : KEA_PATTERN }
  return format ?? 'auto'
}

function isAlike(one: LoggerPlan, other: LoggerPlan): boolean {
  return (
    one.severity === other.severity && JSON.stringify(one.outputs) === JSON.stringify(other.outputs)
  )
}
