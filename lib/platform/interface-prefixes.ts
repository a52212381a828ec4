// The prefixes of IPv6 that interfaces of this host have, for subnets that are named after them;
// and the watch that tells when one has changed.

import { ADDRESS_BITS, addressOf, lengthOf, type Prefix6, prefix6 } from '../address/prefix6.ts'
import type { PrefixSource } from '../config/plan/plan6.ts'
import type { Millis } from '../time/units.ts'
import { addresses6, type Row6 } from './devices6.ts'
import { interfaceNames } from './local-addresses.ts'

/** The prefixes of an interface, the one to use first; undefined where there is none. */
export type PrefixesOf = (name: string) => readonly Prefix6[] | undefined

/** As they are now. The table is read once for each turn of questions. */
export function prefixesOfHost(): PrefixesOf {
  let rows: readonly Row6[] | undefined
  return (name) => {
    const found = rows ?? addresses6()
    rows = typeof found === 'string' ? [] : found
    const prefixes = prefixesAmong(rows, name)
    if (prefixes.length > 0) return prefixes
    return (interfaceNames() ?? [name]).includes(name) ? prefixes : undefined
  }
}

const IFA_F_DADFAILED = 0x08
const IFA_F_DEPRECATED = 0x20

/**
 * Those of global addresses, and unique local ones where there are no others; not those of
 * addresses that are deprecated, as they are when a provider has taken the prefix back. Addresses
 * without a prefix (/128) come last, and long prefixes first: a link has a /64 of the /56 that also
 * stands there.
 */
export function prefixesAmong(rows: readonly Row6[], name: string): readonly Prefix6[] {
  const own = rows.filter(
    ({ device, flags }) => device === name && (flags & (IFA_F_DADFAILED | IFA_F_DEPRECATED)) === 0,
  )
  const global = own.filter(({ address }) => (address.charCodeAt(0) & 0xe0) === 0x20)
  const local = own.filter(({ address }) => (address.charCodeAt(0) & 0xfe) === 0xfc)
  const chosen = global.length > 0 ? global : local
  const prefixes = chosen.map(({ address, length }) => prefix6(address, length))
  return [...new Set(prefixes)].sort(
    (one, other) => rank(other) - rank(one) || (one < other ? -1 : 1),
  )
}

function rank(prefix: Prefix6): number {
  return lengthOf(prefix) === ADDRESS_BITS ? -1 : lengthOf(prefix)
}

function isGlobal(prefixes: readonly Prefix6[]): boolean {
  return prefixes.some((prefix) => (addressOf(prefix).charCodeAt(0) & 0xe0) === 0x20)
}

/**
 * What a running server goes by: an interface that has lost its prefix keeps it until another one
 * comes. A line to a provider that is down for a minute costs no client its lease.
 */
export function standing(former: readonly PrefixSource[], look: PrefixesOf): PrefixesOf {
  const known = new Map(former.map((source) => [source.interface, source.prefixes]))
  return (name) => {
    const seen = look(name)
    const before = known.get(name) ?? []
    if (before.length === 0) return seen
    const isLost = seen === undefined || seen.length === 0 || (isGlobal(before) && !isGlobal(seen))
    return isLost ? before : seen
  }
}

const LOOK_EVERY: Millis = 1000
/** Looks that agree, before a change is told: an interface gets its addresses one by one. */
const AGREEING = 2
/** Looks from one change to the next. */
const APART = 5

export interface PrefixWatchDuties {
  /** What the plan in force was made with. */
  sources(): readonly PrefixSource[]
  look(): PrefixesOf
  /** Others are there by now. Until the next change it is not said again. */
  onMoved(moved: readonly PrefixSource[]): void
}

export class PrefixWatch {
  readonly #duties: PrefixWatchDuties
  #timer: NodeJS.Timeout | undefined
  /** What the looks before this one saw, '' = what is in force; and how many of them did. */
  #seen = ''
  #agreeing = 0
  #told = ''
  #since = APART

  constructor(duties: PrefixWatchDuties) {
    this.#duties = duties
  }

  start(every: Millis = LOOK_EVERY): void {
    this.#timer = setInterval(() => this.look(), every)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  look(): void {
    this.#since++
    const sources = this.#duties.sources()
    if (sources.length === 0) return
    const prefixesOf = standing(sources, this.#duties.look())
    const now = sources.map((source) => ({
      interface: source.interface,
      prefixes: prefixesOf(source.interface) ?? [],
    }))
    const picture = JSON.stringify(now)
    const isMoved = picture !== JSON.stringify(sources)
    if (!isMoved) this.#told = ''
    this.#agreeing = isMoved && picture === this.#seen ? this.#agreeing + 1 : 1
    this.#seen = picture
    if (!isMoved || picture === this.#told) return
    if (this.#agreeing < AGREEING || this.#since < APART) return
    this.#told = picture
    this.#since = 0
    this.#duties.onMoved(now.filter((one, at) => !isSame(one, sources[at]!)))
  }
}

function isSame(one: PrefixSource, other: PrefixSource): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
