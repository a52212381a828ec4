// Where names of clients are registered: who writes into DNS, for which family, and where else
// names go. That nobody registers anything is the usual thing.

import { ipv4FromText } from '../../address/ipv4.ts'
import type { DdnsDocument, DhcpDdnsDocument, WhioDdnsDocument } from '../keys/ddns-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { ServerMap } from '../keys/server-maps.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import { type D2Plan, type NamesPlan, NO_NAMES } from '../plan/names-plan.ts'
import type { Report } from '../text/site.ts'
import { Site } from '../text/site.ts'
import { compileSinks } from './sinks.ts'
import { compileZones, isAddress } from './zones.ts'

const D2 = defaultsOf(
  'dhcpDdns',
  'enable-updates',
  'server-ip',
  'server-port',
  'sender-ip',
  'sender-port',
)
const WHIO = defaultsOf('whioDdns', 'queue', 'rate', 'keep-name')

export interface NamesSource {
  readonly maps: readonly ServerMap[]
  readonly ddns: DdnsDocument | undefined
  readonly whio: WhioDdnsDocument | undefined
}

export function compileNamesPlan(
  { maps, ddns, whio = {} }: NamesSource,
  report: Report,
  context: CompileContext,
): NamesPlan {
  const site = Site.of(report, ['DhcpDdns'])
  const at = Site.of(report, ['Whio', 'ddns', 'sinks'])
  const sinks = compileSinks(whio.sinks ?? [], at, context)
  const zones = ddns === undefined ? NO_NAMES : compileZones(ddns, site, context)
  const isOn = (version: 4 | 6) => isSwitchedOn(maps, version)
  const isAny = isOn(4) || isOn(6)
  const via = whio.via ?? (isAny ? (ddns === undefined ? 'd2' : 'self') : 'off')
  const plan: NamesPlan = {
    isUpdater: ddns !== undefined,
    via,
    inDns: {
      4: via !== 'off' && (whio.via !== undefined || isOn(4)),
      6: via !== 'off' && (whio.via !== undefined || isOn(6)),
    },
    forward: zones.forward,
    reverse: zones.reverse,
    serverTimeout: zones.serverTimeout,
    d2: { 4: d2Of(maps, 4), 6: d2Of(maps, 6) },
    sinks,
    queueMax: whio.queue ?? WHIO.queue,
    rate: whio.rate ?? WHIO.rate,
    keepsName: whio['keep-name'] ?? WHIO['keep-name'],
    linkFamilies: whio['link-families'] ?? (maps.length > 1 ? 'mac' : 'duid'),
  }
  for (const map of maps) checkUpdater(map)
  warnOfZones(plan, ddns !== undefined, { maps, site })
  return plan
}

function documentOf(maps: readonly ServerMap[], version: 4 | 6): DhcpDdnsDocument {
  return maps.find((map) => map.version === version)?.document['dhcp-ddns'] ?? {}
}

function isSwitchedOn(maps: readonly ServerMap[], version: 4 | 6): boolean {
  return documentOf(maps, version)['enable-updates'] ?? D2['enable-updates']
}

function d2Of(maps: readonly ServerMap[], version: 4 | 6): D2Plan {
  const given = documentOf(maps, version)
  return {
    address: given['server-ip'] ?? D2['server-ip'],
    port: given['server-port'] ?? D2['server-port'],
    fromAddress: given['sender-ip'] ?? D2['sender-ip'],
    fromPort: given['sender-port'] ?? D2['sender-port'],
  }
}

/** As in Kea, also where nothing is sent to it. */
function checkUpdater({ document, site }: ServerMap): void {
  const given = document['dhcp-ddns']
  if (given === undefined) return
  const at = site.at('dhcp-ddns')
  const server = given['server-ip'] ?? D2['server-ip']
  const sender = given['sender-ip'] ?? D2['sender-ip']
  if (!isAddress(server)) return at.at('server-ip').error('address', `'${server}' is no address`)
  if (sender === '') return
  if (!isAddress(sender)) return at.at('sender-ip').error('address', `'${sender}' is no address`)
  if (isIpv4(server) !== isIpv4(sender)) {
    const message = `${sender} sends nothing to ${server}`
    at.at('sender-ip').error('ddns-sender', message, 'both are of one family')
  } else if (sender === server && given['sender-port'] === given['server-port']) {
    const message = 'address and port of the sender are those of the updater'
    at.at('sender-port').error('ddns-sender', message, 'leave sender-port out')
  }
}

function isIpv4(address: string): boolean {
  return ipv4FromText(address) !== undefined
}

/** What is written and does not do what its writer meant. */
function warnOfZones(
  { via, forward, reverse }: NamesPlan,
  isThere: boolean,
  { maps, site }: { readonly maps: readonly ServerMap[]; readonly site: Site },
): void {
  const hasZones = forward.length > 0 || reverse.length > 0
  if (via === 'self') {
    if (!hasZones) {
      const at = isThere ? site : maps[0]!.site.at('dhcp-ddns')
      const hint = 'DhcpDdns names them: forward-ddns and reverse-ddns'
      at.warning('no-zone', 'there is no zone to register names in', hint)
    }
    for (const { document, site: at } of maps) {
      if (document['dhcp-ddns']?.['server-ip'] === undefined) continue
      const message = 'without effect: this process updates DNS itself, as DhcpDdns says'
      at.at('dhcp-ddns').at('server-ip').info('ddns-self', message, 'Whio.ddns.via tells it apart')
    }
  } else if (hasZones) {
    const message = via === 'd2' ? 'kea-dhcp-ddns has its own zones' : 'DNS is not updated'
    const hint = via === 'd2' ? 'leave Whio.ddns.via out' : 'set dhcp-ddns.enable-updates to true'
    site.warning('ddns-unused', message, hint)
  }
}
