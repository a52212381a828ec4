// Option 162, encrypted DNS resolvers (RFC 9463), in Kea's notation: resolvers separated by `|`,
// each `priority, name, addresses, parameters`, where the last two may be left out together:
//
//   2, resolver.example., 10.0.5.6 10.0.5.7, alpn=dot\,doq port=8530 | 3, other.example.
//
// Parameters are those RFC 9463 §3.1.5 names: alpn, port and dohpath.

import { ipv4FromText, textFromIpv4 } from '../../address/ipv4.ts'
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

export function parseResolvers(text: string): OptionParse {
  let data = ''
  for (const resolver of splitFields(text, '|')) {
    const instance = parseResolver(resolver)
    if (instance === undefined)
      return {
        problem: `'${resolver}' is not a resolver such as 2, resolver.example., 10.0.5.6, alpn=dot port=8530`,
      }
    data += octetsFromUint(instance.length, 2) + instance
  }
  return data === '' ? { problem: 'at least one resolver is needed' } : { data }
}

function parseResolver(text: string): Octets | undefined {
  const [priority = '', name = '', addresses, parameters, ...rest] = splitFields(text, ',')
  const order = FIELDS.uint16.parse(priority)
  const domain = domainNameFromText(name)
  if (order === undefined || domain === undefined || rest.length > 0) return undefined
  const head = order + String.fromCharCode(domain.length) + domain
  if (addresses === undefined) return head
  const list = addresses.split(/\s+/).map(ipv4FromText)
  // RFC 9463 §3.1.8: whatever stands behind the name starts with at least one address.
  if (list.length > 63 || list.includes(undefined)) return undefined
  const octets = list.map((address) => octetsFromUint(address!, 4)).join('')
  const tail = parseParameters(parameters ?? '')
  return tail === undefined ? undefined : head + String.fromCharCode(octets.length) + octets + tail
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
    const text = end > data.length ? undefined : readResolver(data.slice(start, end))
    if (text === undefined) return undefined
    resolvers.push(text)
    at = end
  }
  return resolvers.length === 0 ? undefined : resolvers
}

function readResolver(data: Octets): string | undefined {
  if (data.length < 4) return undefined
  const nameEnd = 3 + data.charCodeAt(2)
  const name = readDomainName(data.slice(3, nameEnd), 0)
  if (name === undefined || 3 + name.end !== nameEnd) return undefined
  const fields = [String(uintFromOctets(data, 0, 2)), name.text]
  if (nameEnd === data.length) return fields.join(', ')
  const size = data.charCodeAt(nameEnd)
  const addressesEnd = nameEnd + 1 + size
  if (size === 0 || size % 4 !== 0 || addressesEnd > data.length) return undefined
  const addresses: string[] = []
  for (let at = nameEnd + 1; at < addressesEnd; at += 4)
    addresses.push(textFromIpv4(uintFromOctets(data, at, 4)))
  fields.push(addresses.join(' '))
  const parameters = readParameters(data, addressesEnd)
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
