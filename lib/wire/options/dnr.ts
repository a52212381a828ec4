// Encrypted DNS resolvers (RFC 9463), options 162 and, in DHCPv6, 144, in Kea's notation: resolvers
// separated by `|`, each `priority, name, addresses, parameters`, where the last two may be left
// out together:
//
//   2, resolver.example., 10.0.5.6 10.0.5.7, alpn=dot\,doq port=8530 | 3, other.example.
//
// Parameters are those RFC 9463 §3.1.5 names: alpn, port and dohpath. Option 162 holds all
// resolvers, each behind its length; an option 144 holds one, so several are sent.

import { ipv4FromText, textFromIpv4 } from '../../address/ipv4.ts'
import { ipv6FromText, textFromIpv6 } from '../../address/ipv6.ts'
import { octetsFromUint, uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { splitFields } from './csv.ts'
import type { OptionParse } from './definition.ts'
import { domainNameFromText, readDomainName } from './domain-name.ts'
import { FIELDS } from './field.ts'

/** RFC 9460 §14.3.2. */
const PARAMETER_KEYS: ReadonlyMap<string, number> = new Map([
  ['alpn', 1],
  ['port', 3],
  ['dohpath', 7],
])

/** What the families differ by. */
interface Format {
  /** Octets of the length of a name, and of that of the addresses. */
  readonly lengthSize: 1 | 2
  readonly addressSize: 4 | 16
  readonly addressesMax: number
  readonly example: string
  parse(address: string): Octets | undefined
  print(address: Octets): string
}

const FORMAT4: Format = {
  lengthSize: 1,
  addressSize: 4,
  addressesMax: 63,
  example: '10.0.5.6',
  parse(text) {
    const address = ipv4FromText(text)
    return address === undefined ? undefined : octetsFromUint(address, 4)
  },
  print: (octets) => textFromIpv4(uintFromOctets(octets, 0, 4)),
}

/** RFC 9463 §3.1.8: no address is one of a group, or of the client itself. */
const FORMAT6: Format = {
  lengthSize: 2,
  addressSize: 16,
  addressesMax: 4095,
  example: '2001:db8::53',
  parse(text) {
    const address = ipv6FromText(text)
    const isHost = address !== LOOPBACK && address?.charCodeAt(0) !== 0xff
    return isHost ? address : undefined
  },
  print: textFromIpv6,
}

const LOOPBACK = ipv6FromText('::1')

/** All of option 162. */
export function parseResolvers(text: string): OptionParse {
  const resolvers = parseAll(text, FORMAT4)
  if ('problem' in resolvers) return resolvers
  const data = resolvers.octets.map((octets) => octetsFromUint(octets.length, 2) + octets).join('')
  return { data }
}

/** One option 144 for each. */
export function parseResolvers6(text: string): OptionParse {
  const resolvers = parseAll(text, FORMAT6)
  if ('problem' in resolvers) return resolvers
  const { octets } = resolvers
  return octets.length === 1 ? { data: octets[0]! } : { data: octets.join(''), instances: octets }
}

type Resolvers = { readonly octets: readonly Octets[] } | { readonly problem: string }

function parseAll(text: string, format: Format): Resolvers {
  const octets: Octets[] = []
  for (const resolver of splitFields(text, '|')) {
    const one = parseResolver(resolver, format)
    if (one === undefined) {
      const example = `2, resolver.example., ${format.example}, alpn=dot port=8530`
      return { problem: `'${resolver}' is not a resolver such as ${example}` }
    }
    octets.push(one)
  }
  return octets.length === 0 ? { problem: 'at least one resolver is needed' } : { octets }
}

function parseResolver(text: string, format: Format): Octets | undefined {
  const [priority = '', name = '', addresses, parameters, ...rest] = splitFields(text, ',')
  const order = FIELDS.uint16.parse(priority)
  const domain = domainNameFromText(name)
  if (order === undefined || domain === undefined || rest.length > 0) return undefined
  const { lengthSize } = format
  const head = order + octetsFromUint(domain.length, lengthSize) + domain
  if (addresses === undefined) return head
  const list = addresses.split(/\s+/).map(format.parse)
  // RFC 9463 §3.1.8: whatever stands behind the name starts with at least one address.
  if (list.length > format.addressesMax || list.includes(undefined)) return undefined
  const octets = list.join('')
  const tail = parseParameters(parameters ?? '')
  if (tail === undefined) return undefined
  return head + octetsFromUint(octets.length, lengthSize) + octets + tail
}

/** RFC 9460 §2.2: in the order of their keys, each once. */
function parseParameters(text: string): Octets | undefined {
  const values = new Map<number, Octets>()
  for (const parameter of text.split(/\s+/).filter((word) => word !== '')) {
    const equals = parameter.indexOf('=')
    const key = PARAMETER_KEYS.get(parameter.slice(0, equals))
    if (key === undefined || values.has(key)) return undefined
    const value = parseParameter(key, parameter.slice(equals + 1))
    if (value === undefined) return undefined
    values.set(key, octetsFromUint(key, 2) + octetsFromUint(value.length, 2) + value)
  }
  return [...values]
    .sort(([one], [other]) => one - other)
    .map(([, octets]) => octets)
    .join('')
}

function parseParameter(key: number, text: string): Octets | undefined {
  if (key === 3) return FIELDS.uint16.parse(text)
  if (key === 7) return FIELDS.string.parse(text)
  const protocols = text.split(',').map((protocol) => FIELDS.tuple.parse(protocol) ?? '\0')
  return protocols.includes('\0') ? undefined : protocols.join('')
}

/** One text a resolver, without escapes, or undefined when the value is malformed. */
export function readResolvers(data: Octets): string[] | undefined {
  const resolvers: string[] = []
  for (let at = 0; at < data.length; ) {
    const start = at + 2
    if (start > data.length) return undefined
    const end = start + uintFromOctets(data, at, 2)
    const text = end > data.length ? undefined : readResolver(data.slice(start, end), FORMAT4)
    if (text === undefined) return undefined
    resolvers.push(text)
    at = end
  }
  return resolvers.length === 0 ? undefined : resolvers
}

/** The one that an option 144 holds. */
export function readResolver6(data: Octets): string[] | undefined {
  const resolver = readResolver(data, FORMAT6)
  return resolver === undefined ? undefined : [resolver]
}

function readResolver(
  data: Octets,
  { lengthSize, addressSize, print }: Format,
): string | undefined {
  const nameStart = 2 + lengthSize
  if (data.length <= nameStart) return undefined
  const nameEnd = nameStart + uintFromOctets(data, 2, lengthSize)
  const name = readDomainName(data.slice(nameStart, nameEnd), 0)
  if (name === undefined || nameStart + name.end !== nameEnd) return undefined
  const fields = [String(uintFromOctets(data, 0, 2)), name.text]
  if (nameEnd === data.length) return fields.join(', ')
  const start = nameEnd + lengthSize
  if (start > data.length) return undefined
  const size = uintFromOctets(data, nameEnd, lengthSize)
  const end = start + size
  if (size === 0 || size % addressSize !== 0 || end > data.length) return undefined
  const addresses: string[] = []
  for (let at = start; at < end; at += addressSize)
    addresses.push(print(data.slice(at, at + addressSize)))
  fields.push(addresses.join(' '))
  const parameters = readParameters(data, end)
  if (parameters === undefined) return undefined
  if (parameters.length > 0) fields.push(parameters.join(' '))
  return fields.join(', ')
}

function readParameters(data: Octets, start: number): string[] | undefined {
  const parameters: string[] = []
  for (let at = start; at < data.length; ) {
    if (at + 4 > data.length) return undefined
    const key = uintFromOctets(data, at, 2)
    const end = at + 4 + uintFromOctets(data, at + 2, 2)
    const name = [...PARAMETER_KEYS].find(([, number]) => number === key)?.[0]
    if (name === undefined || end > data.length) return undefined
    const value = readParameter(key, data.slice(at + 4, end))
    if (value === undefined) return undefined
    parameters.push(`${name}=${value}`)
    at = end
  }
  return parameters
}

function readParameter(key: number, data: Octets): string | undefined {
  if (key === 7) return FIELDS.string.read(data, 0)?.text.replace(/[,|]/g, '\\$&')
  if (key === 3) return data.length === 2 ? FIELDS.uint16.read(data, 0)?.text : undefined
  const protocols: string[] = []
  for (let at = 0; at < data.length; ) {
    const protocol = FIELDS.tuple.read(data, at)
    if (protocol === undefined) return undefined
    protocols.push(protocol.text)
    at = protocol.end
  }
  return protocols.join('\\,')
}
