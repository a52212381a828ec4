// Values and names as sentences about them want them.

import { type Ipv4Range, textFromIpv4 } from '../address/ipv4.ts'
import { hexFromOctets, type Octets } from '../bytes/octets.ts'
import type { Identifier4 } from '../config/plan/known4.ts'
import type { Plan4, Subnet4 } from '../config/plan/plan4.ts'
import { decodeFqdn } from '../dhcp4/fqdn.ts'
import { INFINITE_LIFETIME, type Seconds } from '../time/units.ts'
import { printOption } from '../wire/options/print.ts'
import type { OptionRegistry } from '../wire/options/registry.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'

/** `DISCOVER` */
export function typeName(type: number): string {
  const name = Object.entries(MESSAGE_TYPE4).find(([, number]) => number === type)?.[0]
  return name?.toUpperCase() ?? (type === 0 ? 'BOOTP' : `message of type ${type}`)
}

/** `192.0.2.10 - 192.0.2.99` */
export function rangeText({ first, last }: Ipv4Range): string {
  return first === last ? textFromIpv4(first) : `${textFromIpv4(first)} - ${textFromIpv4(last)}`
}

/** `10.0.10.0/24 (id 10)` */
export function subnetText({ id, text }: Subnet4): string {
  return `${text} (id ${id})`
}

/** `3600 s` */
export function secondsText(seconds: Seconds): string {
  return seconds === INFINITE_LIFETIME ? 'for ever' : `${seconds} s`
}

function isPrintable(octets: Octets): boolean {
  return /^[ -~]+$/.test(octets)
}

/** `'eth1/0/3'`, or hexadecimal where it is no text. */
export function octetsText(octets: Octets): string {
  return isPrintable(octets) && octets.length > 2
    ? `'${octets}'`
    : hexFromOctets(octets, ':') || 'nothing'
}

/**
 * The value of an option for people: a text stands as it is sent, octets that may be a text are
 * shown as one, and of option 81 the name, however it is encoded.
 */
export function valueText(registry: OptionRegistry, code: number, data: Octets): string {
  const definition = registry.byCode('dhcp4', code)
  const fqdn = code === OPTION4.fqdn ? decodeFqdn(data) : undefined
  if (fqdn !== undefined)
    return `'${isPrintable(fqdn.name) ? fqdn.name : hexFromOctets(fqdn.name, ':')}', flags 0x${fqdn.flags.toString(16).padStart(2, '0')}`
  if (definition?.array === false && isPrintable(data)) {
    if (definition.type === 'string') return data
    if (definition.type === 'binary' && data.length > 2) return octetsText(data)
  }
  return printOption(definition, data, registry)
}

/** `circuit-id 'eth1/0/3'` */
export function identifierText({ kind, value }: Identifier4): string {
  return `${kind} ${kind === 'hw-address' ? hexFromOctets(value, ':') : octetsText(value)}`
}

/** `A, B and C` */
export function listText(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}

/** Names of the classes with these bits. */
export function classNames({ classes }: Plan4, mask: Int32Array): string[] {
  return classes.names.filter((_, number) => ((mask[number >>> 5] ?? 0) >>> (number & 31)) & 1)
}
