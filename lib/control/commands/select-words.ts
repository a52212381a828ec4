// The arguments of subnet4-select-test and subnet6-select-test, and the words for what is wrong
// with them, which clients compare.

import { type Ipv4, ipv4FromText } from '../../address/ipv4.ts'
import { type Ipv6, ipv6FromText } from '../../address/ipv6.ts'
import { type Octets, octetsFromHex } from '../../bytes/octets.ts'
import { isMap } from '../../config/text/map.ts'
import type { Arguments } from '../arguments.ts'
import { CommandRefused } from '../refused.ts'

/** What was not said is 0 or ''. */
export interface Selecting4 {
  readonly name: string
  readonly address: Ipv4
  readonly relay: Ipv4
  readonly local: Ipv4
  readonly remote: Ipv4
  readonly link: Ipv4
  readonly subnet: Ipv4
  readonly classes: readonly string[]
}

export interface Selecting6 {
  readonly name: string
  readonly interfaceId: Octets
  readonly remote: Ipv6
  readonly link: Ipv6
  readonly classes: readonly string[]
}

const ADDRESSES4 = ['address', 'relay', 'local', 'remote', 'link', 'subnet'] as const
const KEYS4: ReadonlySet<string> = new Set(['interface', 'classes', ...ADDRESSES4])
const KEYS6: ReadonlySet<string> = new Set([
  'interface',
  'interface-id',
  'remote',
  'link',
  'classes',
])

export function selecting4(given: unknown): Selecting4 {
  const map = mapOf(given, KEYS4)
  const [address, relay, local, remote, link, subnet] = ADDRESSES4.map((key) => ipv4In(map, key))
  return {
    ...{ name: textIn(map, 'interface'), classes: classesIn(map) },
    ...{ address: address!, relay: relay!, local: local! },
    ...{ remote: remote!, link: link!, subnet: subnet! },
  }
}

export function selecting6(given: unknown): Selecting6 {
  const map = mapOf(given, KEYS6)
  return {
    name: textIn(map, 'interface'),
    interfaceId: interfaceIdIn(map),
    remote: ipv6In(map, 'remote'),
    link: ipv6In(map, 'link'),
    classes: classesIn(map),
  }
}

function mapOf(given: unknown, keys: ReadonlySet<string>): Arguments {
  if (given === undefined) throw new CommandRefused('empty arguments')
  if (!isMap(given)) throw new CommandRefused('arguments must be a map')
  const foreign = Object.keys(given)
    .sort()
    .find((key) => !keys.has(key))
  if (foreign !== undefined) throw new CommandRefused(`unknown entry '${foreign}'`)
  return given
}

function textIn(map: Arguments, key: string): string {
  const value = map[key]
  if (value === undefined) return ''
  if (typeof value !== 'string') throw new CommandRefused(`'${key}' entry must be a string`)
  return value
}

function ipv4In(map: Arguments, key: string): Ipv4 {
  const text = textIn(map, key)
  if (map[key] === undefined) return 0
  const address = ipv4FromText(text)
  if (address !== undefined) return address
  throw badAddress(key, text, ipv6FromText(text) !== undefined ? 'IPv4' : '')
}

function ipv6In(map: Arguments, key: string): Ipv6 {
  const text = textIn(map, key)
  if (map[key] === undefined) return ''
  const address = ipv6FromText(text)
  if (address !== undefined) return address
  throw badAddress(key, text, ipv4FromText(text) !== undefined ? 'IPv6' : '')
}

/** `wanted`: it is an address, but of the other family. */
function badAddress(key: string, text: string, wanted: '' | 'IPv4' | 'IPv6'): CommandRefused {
  const why =
    wanted === ''
      ? `Failed to convert string to address '${text}': Invalid argument`
      : `not ${wanted}`
  return new CommandRefused(`bad '${key}' entry: ${why}`)
}

function interfaceIdIn(map: Arguments): Octets {
  const text = textIn(map, 'interface-id')
  if (map['interface-id'] === undefined) return ''
  if (text === '') throw new CommandRefused("'interface-id' must be not empty")
  const quoted = /^ *'([^']+)' *$/.exec(text)?.[1]
  const octets = quoted ?? octetsFromHex(text.replace(/^0x|[: ]/g, ''))
  if (octets === undefined || octets === '')
    throw new CommandRefused("value of 'interface-id' was not recognized")
  return octets
}

function classesIn({ classes }: Arguments): readonly string[] {
  if (classes === undefined) return []
  if (!Array.isArray(classes)) throw new CommandRefused("'classes' entry must be a list")
  const names: readonly unknown[] = classes
  return names.map((name) => {
    if (typeof name === 'string') return name
    throw new CommandRefused("'classes' entry must be a list of strings")
  })
}
