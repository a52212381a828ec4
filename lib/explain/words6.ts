// Values and names of DHCPv6 as sentences about them want them.

import { textFromPrefix6 } from '../address/prefix6.ts'
import { hexFromOctets, type Octets } from '../bytes/octets.ts'
import type { Identifier6, PdPool6, Pool6, Subnet6 } from '../config/plan/plan6.ts'
import { nameInLabels } from '../names/labels.ts'
import { printOption } from '../wire/options/print.ts'
import type { OptionRegistry } from '../wire/options/registry.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import { textFromDuid } from '../wire/v6/duid.ts'
import { octetsText } from './words4.ts'

/** What RFCs call the messages that are not called as in code. */
const NAMES: Readonly<Record<number, string>> = {
  [MESSAGE_TYPE6.informationRequest]: 'INFORMATION-REQUEST',
  [MESSAGE_TYPE6.addressRegistration]: 'ADDR-REG-INFORM',
  [MESSAGE_TYPE6.addressRegistrationReply]: 'ADDR-REG-REPLY',
}

/** `SOLICIT` */
export function typeName6(type: number): string {
  const known = Object.entries(MESSAGE_TYPE6).find(([, number]) => number === type)?.[0]
  return NAMES[type] ?? known?.toUpperCase() ?? `message of type ${type}`
}

/** `2001:db8::10 - 2001:db8::99`, or `2001:db8::/48 in /56`. */
export function poolText(pool: Pool6 | PdPool6): string {
  if ('delegatedLength' in pool)
    return `${textFromPrefix6(pool.prefix)} in /${pool.delegatedLength}`
  const { first, last } = pool.range
  return first === last
    ? textFromPrefix6(first)
    : `${textFromPrefix6(first)} - ${textFromPrefix6(last)}`
}

/** `2001:db8::/64 (id 10)` */
export function subnetText6({ id, text }: Subnet6): string {
  return `${text} (id ${id})`
}

/** The value of an option for people; of option 39 the name. */
export function valueText6(registry: OptionRegistry, code: number, data: Octets): string {
  const name = code === OPTION6.fqdn ? nameInLabels(data, 1)?.name : undefined
  if (name !== undefined) return `${octetsText(name)}, flags 0x${hexFromOctets(data.slice(0, 1))}`
  if (code === OPTION6.clientId || code === OPTION6.serverId) return textFromDuid(data)
  const definition = registry.byCode('dhcp6', code)
  if (definition?.array === false && definition.type === 'binary') return octetsText(data)
  return printOption(definition, data, registry) || 'nothing'
}

/** `duid 00:03:00:01:52:54:00:12:34:56` */
export function identifierText6({ kind, value }: Identifier6): string {
  return `${kind} ${kind === 'flex-id' ? octetsText(value) : hexFromOctets(value, ':')}`
}
