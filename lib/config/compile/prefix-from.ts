// Subnets of DHCPv6 whose first bits come from an interface of this host (`prefix-from`), as those
// of a provider that delegates a prefix, and another one next week. What stands in such a subnet is
// the rest: `::/64`, or `0:0:0:2::/64` as a part of a /56, and hosts as `::1234`. Before anything
// else is compiled, it becomes an ordinary subnet, with the prefix that the interface has now.

import { type Ipv6, ipv6FromText, textFromIpv6 } from '../../address/ipv6.ts'
import {
  ADDRESS_BITS,
  addressOf,
  lengthOf,
  type Prefix6,
  prefix6,
  prefix6FromText,
  textFromPrefix6,
} from '../../address/prefix6.ts'
import type { PdPoolDocument, ReservationDocument6, SubnetDocument6 } from '../keys/document6.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { PrefixSource } from '../plan/plan6.ts'
import type { Site } from '../text/site.ts'
import { type Made, madeAt, tellAgain } from './memory.ts'

const KEY = 'prefix-from'

/** Of one compilation: a subnet by its document, and which interfaces that depends on. */
export class MovingPrefixes {
  readonly #prefixesOf: CompileContext['prefixesOf']
  readonly #sources = new Map<string, PrefixSource>()

  constructor({ prefixesOf }: Pick<CompileContext, 'prefixesOf'>) {
    this.#prefixesOf = prefixesOf
  }

  /** Those that subnets are named after, each once, with the prefixes that they have. */
  get sources(): readonly PrefixSource[] {
    return [...this.#sources.values()]
  }

  /**
   * The document with the prefix in it, the same object while the prefix is the same; one that
   * names no interface itself. Undefined: the subnet is not served, and it was said why.
   */
  settled(document: SubnetDocument6, site: Site): SubnetDocument6 | undefined {
    const text = document[KEY]
    if (text === undefined) return document
    const written = writtenIn(document, text, site)
    if (written === undefined) return undefined
    const base = this.#baseOf(written, site.entry.at(KEY))
    if (base === undefined) return undefined
    const known = settledSubnets.get(document)
    if (known?.base === base) return tellAgain(known.made, site)
    const made = madeAt(site, (own) => withPrefix(document, written, base, own))
    settledSubnets.set(document, { base, made })
    return tellAgain(made, site)
  }

  /** What comes from the interface. */
  #baseOf({ name, bits, rest }: Written, site: Site): Prefix6 | undefined {
    const prefixes = this.#prefixesOf?.(name)
    this.#sources.set(name, { interface: name, prefixes: prefixes ?? [] })
    if (prefixes === undefined) {
      const message = `there is no interface ${name} at present`
      site.warning(KEY, message, 'the subnet is served as soon as it is there with a prefix')
      return undefined
    }
    const prefix = bestOf(prefixes, bits, rest)
    if (prefix === undefined) {
      const message = `${name} has no prefix of IPv6 at present`
      site.warning(KEY, message, 'the subnet is served as soon as it has one')
      return undefined
    }
    const length = Math.min(bits ?? ADDRESS_BITS, lengthOf(prefix))
    const base = prefix6(addressOf(prefix), length)
    if (isBlank(addressOf(rest), length)) return base
    const own = `${name} has ${textFromPrefix6(prefix)}`
    const message = `${own}, and ${textFromPrefix6(rest)} has bits there itself`
    site.warning(KEY, message, hintOfLength(name))
    return undefined
  }
}

/** The one with as many bits; else one that the subnet is in, and that leaves its bits to it. */
function bestOf(
  prefixes: readonly Prefix6[],
  bits: number | undefined,
  rest: Prefix6,
): Prefix6 | undefined {
  if (bits !== undefined) return prefixes.find((one) => lengthOf(one) === bits) ?? prefixes[0]
  const around = prefixes.filter((one) => lengthOf(one) <= lengthOf(rest))
  return around.find((one) => isBlank(addressOf(rest), lengthOf(one))) ?? around[0]
}

const settledSubnets = new WeakMap<
  SubnetDocument6,
  { readonly base: Prefix6; readonly made: Made<SubnetDocument6> }
>()

/** The first bits of the interface; undefined: as many as its prefix has. */
interface Written {
  readonly name: string
  readonly bits: number | undefined
  /** `subnet` as it stands. */
  readonly rest: Prefix6
}

/** What is wrong whatever prefix there is, is said here. */
function writtenIn(document: SubnetDocument6, text: string, site: Site): Written | undefined {
  const [, name, digits] = /^\s*([^\s/]+)(?:\/(\d{1,3}))?\s*$/.exec(text) ?? []
  const bits = digits === undefined ? undefined : Number(digits)
  if (name === undefined || bits === 0) {
    const message = `'${text}' is no interface`
    site.at(KEY).error(KEY, message, 'such as "eth1", or "eth1/56" for the first 56 bits')
    return undefined
  }
  const { subnet } = document
  const rest = subnet.includes('/') ? prefix6FromText(subnet.trim()) : undefined
  if (rest === undefined) {
    site.at('subnet').error('subnet', `'${subnet}' is not a subnet of IPv6`, 'such as "::/64"')
    return undefined
  }
  if (bits !== undefined && bits > lengthOf(rest)) {
    const message = `a subnet of /${lengthOf(rest)} has no ${bits} bits of ${name}`
    site.at(KEY).error(KEY, message, `at most ${lengthOf(rest)}`)
    return undefined
  }
  if (!isBlank(addressOf(rest), bits ?? 0)) {
    const message = `the first ${bits} bits of ${textFromPrefix6(rest)} come from ${name}`
    site.at('subnet').error(KEY, message, 'write zeros there, as in "::/64" or "0:0:0:2::/64"')
    return undefined
  }
  return { name, bits, rest }
}

function withPrefix(
  document: SubnetDocument6,
  { name, bits, rest }: Written,
  base: Prefix6,
  site: Site,
): SubnetDocument6 {
  const subnet = prefix6(joined(addressOf(base), addressOf(rest)), lengthOf(rest))
  const hosts = new Filler(name, subnet, addressOf(rest))
  const delegated = new Filler(name, base, ZEROS)
  const pools = document.pools?.map((pool, at) => {
    const own = site.at('pools').at(at).at('pool')
    return { ...pool, pool: hosts.fillPool(pool.pool, own) }
  })
  const isRoomy = (document['pd-pools'] ?? []).every(({ 'prefix-len': length }, at) => {
    if (length >= lengthOf(base)) return true
    const message = `${textFromPrefix6(base)} of ${name} has no room for a pool of /${length}`
    const hint = bits === undefined ? hintOfLength(name) : 'not served'
    site.entry.at('pd-pools').at(at).at('prefix-len').warning(KEY, message, hint)
    return false
  })
  const pdPools = isRoomy
    ? document['pd-pools']?.map((pool, at) =>
        filledPdPool(pool, delegated, site.at('pd-pools').at(at)),
      )
    : []
  const reservations = document.reservations?.map((one, at) =>
    filledReservation(one, hosts, delegated, site.entry.at('reservations').at(at)),
  )
  return {
    ...document,
    subnet: textFromPrefix6(subnet),
    ...(pools && { pools }),
    ...(pdPools && { 'pd-pools': pdPools }),
    ...(reservations && { reservations }),
  }
}

function filledPdPool(pool: PdPoolDocument, filler: Filler, site: Site): PdPoolDocument {
  const prefix = filler.fill(pool.prefix, site.at('prefix'))
  const excluded = pool['excluded-prefix']
  if (!excluded || !pool['excluded-prefix-len']) return { ...pool, prefix }
  const filled = filler.fill(excluded, site.at('excluded-prefix'))
  return { ...pool, prefix, 'excluded-prefix': filled }
}

function filledReservation(
  reservation: ReservationDocument6,
  hosts: Filler,
  delegated: Filler,
  site: Site,
): ReservationDocument6 {
  const filled = (key: 'ip-addresses' | 'prefixes' | 'excluded-prefixes', filler: Filler) => {
    const texts = reservation[key]
    if (texts === undefined) return {}
    return { [key]: texts.map((text, at) => filler.fill(text, site.at(key).at(at))) }
  }
  return {
    ...reservation,
    ...filled('ip-addresses', hosts),
    ...filled('prefixes', delegated),
    ...filled('excluded-prefixes', delegated),
  }
}

/** Puts a prefix in front of addresses. */
class Filler {
  readonly #name: string
  readonly #prefix: Prefix6
  /** What an address may repeat of the subnet that it is in. */
  readonly #repeated: Ipv6

  constructor(name: string, prefix: Prefix6, repeated: Ipv6) {
    this.#name = name
    this.#prefix = prefix
    this.#repeated = repeated
  }

  /** An address, perhaps with a length. What is none stays, and others tell. */
  fill(text: string, site: Site): string {
    const slash = text.indexOf('/')
    const written = (slash < 0 ? text : text.slice(0, slash)).trim()
    const address = ipv6FromText(written)
    if (address === undefined) return text
    const front = addressOf(prefix6(address, lengthOf(this.#prefix)))
    if (front !== ZEROS && front !== this.#repeated) {
      const message = `the first ${lengthOf(this.#prefix)} bits come from ${this.#name}`
      site.error(KEY, message, `only the rest stands here: ${textFromIpv6(this.#restOf(address))}`)
      return text
    }
    const filled = textFromIpv6(joined(addressOf(this.#prefix), address))
    return slash < 0 ? filled : `${filled}${text.slice(slash)}`
  }

  /** A range of addresses in either notation. */
  fillPool(text: string, site: Site): string {
    return text
      .split('-')
      .map((end) => this.fill(end, site))
      .join(' - ')
  }

  #restOf(address: Ipv6): Ipv6 {
    const front = addressOf(prefix6(address, lengthOf(this.#prefix)))
    return mapped(address, (octet, at) => octet & ~front.charCodeAt(at))
  }
}

function hintOfLength(name: string): string {
  return `if the provider delegates more, say how much: "${KEY}": "${name}/56"`
}

const ZEROS: Ipv6 = '\0'.repeat(16)

function isBlank(address: Ipv6, bits: number): boolean {
  return addressOf(prefix6(address, bits)) === ZEROS
}

function joined(one: Ipv6, other: Ipv6): Ipv6 {
  return mapped(one, (octet, at) => octet | other.charCodeAt(at))
}

function mapped(address: Ipv6, change: (octet: number, at: number) => number): Ipv6 {
  let made = ''
  for (let at = 0; at < address.length; at++)
    made += String.fromCharCode(change(address.charCodeAt(at), at) & 0xff)
  return made
}
