// What a DHCPv6 client of the lab has, as servers told it: addresses and prefixes, and for each IA
// when to ask again (RFC 9915 §14.2, §18.2.10.1).

import type { Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Millis, Seconds } from '../time/units.ts'
import { INFINITY6 } from '../wire/v6/codes.ts'
import type { Ia6 } from '../wire/v6/message.ts'
import type { Client6Action, ClientLease6, UnboundReason6 } from './client6-settings.ts'

const NEVER = Number.POSITIVE_INFINITY
/** Before a client asks again for what an answer left out. */
const MISSING_PAUSE: Millis = 60_000
/** Shares of the shortest preferred lifetime, where a server leaves the choice (§14.2). */
const T1_SHARE = 0.5
const T2_SHARE = 0.8

interface IaTimes {
  readonly renewAt: Millis
  readonly rebindAt: Millis
}

export class ClientLeases6 {
  readonly #leases = new Map<string, ClientLease6>()
  /** Of each IA that has something. */
  readonly #times = new Map<string, IaTimes>()

  /** All that it knows of, ended or not. */
  get all(): readonly ClientLease6[] {
    return [...this.#leases.values()]
  }

  /** When the first one ends. */
  get end(): Millis {
    let end = NEVER
    for (const { until } of this.#leases.values()) end = Math.min(end, until)
    return end
  }

  /** The earliest T1. */
  get renewAt(): Millis {
    let earliest = NEVER
    for (const { renewAt } of this.#times.values()) earliest = Math.min(earliest, renewAt)
    return earliest
  }

  /** The earliest T2. */
  get rebindAt(): Millis {
    let earliest = NEVER
    for (const { rebindAt } of this.#times.values()) earliest = Math.min(earliest, rebindAt)
    return earliest
  }

  holds(now: Millis): readonly ClientLease6[] {
    return this.all.filter(({ until }) => now < until)
  }

  /** What an answer says of one IA; lifetimes count from `from`. */
  take(ia: Ia6, serverId: Octets, from: Millis, now: Millis): Client6Action[] {
    const { kind, iaid } = ia
    const actions: Client6Action[] = []
    let isKept = false
    let preferredMin = INFINITY6
    for (const { key, preferred, valid } of ia.entries) {
      const name = nameOf(kind, iaid, key)
      const former = this.#leases.get(name)
      const until = valid === INFINITY6 ? NEVER : from + valid * 1000
      if (valid === 0 || until <= now) {
        if (former !== undefined) actions.push(...this.drop([former], 'withdrawn'))
        continue
      }
      const lease: ClientLease6 = { kind, iaid, key, serverId, preferred, valid, until }
      this.#leases.set(name, lease)
      isKept = true
      if (preferred > 0) preferredMin = Math.min(preferredMin, preferred)
      actions.push({ kind: former === undefined ? 'bound' : 'extended', lease })
    }
    if (isKept)
      this.#times.set(nameOf(kind, iaid, ''), {
        renewAt: timeOf(from, ia.t1, T1_SHARE, preferredMin),
        rebindAt: timeOf(from, ia.t2, T2_SHARE, preferredMin),
      })
    return actions
  }

  drop(leases: readonly ClientLease6[], why: UnboundReason6): Client6Action[] {
    for (const { kind, iaid, key } of leases) this.#leases.delete(nameOf(kind, iaid, key))
    for (const { kind, iaid } of leases)
      if (!this.all.some((one) => one.kind === kind && one.iaid === iaid))
        this.#times.delete(nameOf(kind, iaid, ''))
    return leases.map((lease) => ({ kind: 'unbound', lease, why }))
  }

  /** IAs that an answer left out are asked for later. */
  postpone(now: Millis): void {
    for (const [name, { renewAt, rebindAt }] of this.#times)
      if (renewAt <= now) this.#times.set(name, { renewAt: now + MISSING_PAUSE, rebindAt })
  }
}

/** Of an IA where the key is ''. */
function nameOf(kind: number, iaid: number, key: Prefix6): string {
  return `${kind}/${iaid}/${key}`
}

/** T1 or T2; 0 leaves it to the client (RFC 9915 §14.2). */
function timeOf(from: Millis, t: Seconds, share: number, preferredMin: Seconds): Millis {
  if (t === INFINITY6 || (t === 0 && preferredMin === INFINITY6)) return NEVER
  return from + (t === 0 ? preferredMin * share : t) * 1000
}
