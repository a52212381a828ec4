// Whio.ddns.sinks: places other than DNS servers that names of clients go to. What is wrong with
// one costs no more than that one.

import { isLegalName, lowerCase, withoutFinalDot } from '../../names/names.ts'
import type { SinkDocument } from '../keys/ddns-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { PowerDnsPlan, SinkPlan, UnboundPlan } from '../plan/names-plan.ts'
import type { Site } from '../text/site.ts'
import { isAddress } from './zones.ts'

const UNBOUND = defaultsOf(
  'whioSink',
  'control-interface',
  'control-port',
  'server-cert-file',
  'control-key-file',
  'control-cert-file',
)
const POWERDNS = defaultsOf('whioSink', 'url', 'server-id')

export function compileSinks(
  documents: readonly SinkDocument[],
  site: Site,
  context: CompileContext,
): readonly SinkPlan[] {
  const sinks: SinkPlan[] = []
  for (const [index, document] of documents.entries()) {
    const at = site.at(index).entry
    const sink = compileSink(document, at, context)
    if (sink === undefined) continue
    if (sinks.some((other) => JSON.stringify(other) === JSON.stringify(sink)))
      at.error('duplicate', 'it stands here twice', 'leave one out')
    else sinks.push(sink)
  }
  return sinks
}

function compileSink(
  document: SinkDocument,
  site: Site,
  context: CompileContext,
): SinkPlan | undefined {
  switch (document.type) {
    case 'hosts-file': {
      const path = pathOf(document, 'file', site)
      return path === undefined ? undefined : { kind: 'hosts-file', path }
    }
    case 'dnsmasq': {
      const folder = pathOf(document, 'hostsdir', site)
      return folder === undefined ? undefined : { kind: 'dnsmasq', folder }
    }
    case 'unbound':
      return unboundOf(document, site)
    case 'powerdns':
      return powerDnsOf(document, site, context)
  }
}

function pathOf(document: SinkDocument, key: 'file' | 'hostsdir', site: Site): string | undefined {
  const path = document[key]
  if (path === undefined) site.error('sink', `${key} is missing`, 'an absolute path')
  else if (!path.startsWith('/') || path.endsWith('/'))
    site.at(key).error('sink', `'${path}' is no absolute path`, 'such as /run/whio/hosts')
  else return path
  return undefined
}

function unboundOf(document: SinkDocument, site: Site): UnboundPlan | undefined {
  const { 'control-interface': at, ...rest } = { ...UNBOUND, ...document }
  if (at.startsWith('/')) return { kind: 'unbound', at }
  if (!isAddress(at)) {
    const message = `'${at}' is no path and no address`
    site.at('control-interface').error('sink', message, 'such as /run/unbound.ctl, or 127.0.0.1')
    return undefined
  }
  return {
    kind: 'unbound',
    at: {
      address: at,
      port: rest['control-port'],
      serverCertFile: rest['server-cert-file'],
      certFile: rest['control-cert-file'],
      keyFile: rest['control-key-file'],
    },
  }
}

function powerDnsOf(
  document: SinkDocument,
  site: Site,
  context: CompileContext,
): PowerDnsPlan | undefined {
  const { 'server-id': serverId, url: text, zones = [] } = { ...POWERDNS, ...document }
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '') {
    const hint = 'such as http://127.0.0.1:8081'
    site.at('url').error('sink', `'${text}' is no address of http or https`, hint)
    return undefined
  }
  const names = zones.map((zone) => lowerCase(withoutFinalDot(zone.trim())))
  const wrong = names.findIndex((name) => !isLegalName(name))
  if (wrong >= 0) {
    site.at('zones').at(wrong).error('zone-name', `'${zones[wrong]}' is no name of a zone`)
    return undefined
  }
  if (names.length === 0) {
    site.error('sink', 'zones are missing', 'names of other zones are not put there')
    return undefined
  }
  const apiKey = apiKeyOf(document, site, context)
  if (apiKey === undefined) return undefined
  const base = `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  return { kind: 'powerdns', url: base, apiKey, serverId, zones: names }
}

/** Undefined where it cannot be known (reported). */
function apiKeyOf(
  { 'api-key': key, 'api-key-file': file }: SinkDocument,
  site: Site,
  { look }: CompileContext,
): string | undefined {
  if (file === undefined) {
    if (key === undefined) site.error('sink', 'api-key is missing', 'or api-key-file')
    return key
  }
  const at = site.at('api-key-file')
  if (key !== undefined) {
    at.error('sink', 'api-key and api-key-file say the same thing', 'leave one out')
    return undefined
  }
  const found = look?.(file)
  const text = found?.kind === 'file' ? found.text.split(/\r?\n/, 1)[0]!.trim() : ''
  if (text !== '') return text
  const why = found?.kind === 'trouble' ? found.trouble : 'it has no first line'
  at.error('sink', `'${file}' holds no key`, why)
  return undefined
}
