// What clients of DHCPv6 were answered last, or why not, for who asks (`whio why`): a few outcomes
// of each of some thousand clients, those that were heard last. See recent.ts.

import type { Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason6 } from '../catalogue/reasons6.ts'
import type { ReplyOutcome6 } from '../dhcp6/outcome6.ts'
import type { Trace6 } from '../dhcp6/trace6.ts'
import type { RememberedClient6, RememberedOutcome6 } from '../explain/remembered6.ts'
import type { Instant } from '../time/units.ts'
import type { Query6 } from '../wire/v6/message.ts'
import { ServedLimit } from './served-limit.ts'

/** Clients that are remembered, and outcomes of each. */
export const CLIENTS6_MAX = 4096
export const OUTCOMES6_MAX = 8

interface Client {
  readonly duid: Octets
  hwAddress: Octets
  outcomes: readonly RememberedOutcome6[]
}

/** Another server answers these clients. */
const OF_OTHERS: ReadonlySet<Reason6> = new Set<Reason6>(['not-in-scope', 'not-for-us'])

const NO_KEYS: readonly Prefix6[] = []
const NO_CLASSES: readonly number[] = []

export class RecentOutcomes6 {
  /** Who was heard longest ago is first. */
  readonly #clients = new Map<Octets, Client>()
  readonly #limit = new ServedLimit()

  get size(): number {
    return this.#clients.size
  }

  /** The one that was heard last first. */
  clients(): readonly RememberedClient6[] {
    return [...this.#clients.values()].reverse()
  }

  /** Numbers of classes mean others from now on. */
  forgetClasses(): void {
    for (const client of this.#clients.values())
      client.outcomes = client.outcomes.map((one) => ({ ...one, classes: NO_CLASSES }))
  }

  noted(outcome: ReplyOutcome6, query: Query6, trace: Trace6, now: Instant): void {
    const { ias, refusal, type, unserved } = outcome
    const why = unserved[0]?.why
    if (why === undefined && refusal === '' && this.#limit.isMuch(now)) return
    const keys = ias.flatMap(({ entries }) =>
      entries.filter(({ place }) => place !== undefined).map(({ key }) => key),
    )
    const said = { answer: type, reason: undefined, refusal, keys, unserved: why }
    this.#note(query, { ...said, ...placeOf(trace) }, trace, now)
  }

  /** `trace`: it came as far as the engine. */
  dropped(
    reason: Reason6,
    query: Query6,
    link: string,
    trace: Trace6 | undefined,
    now: Instant,
  ): void {
    // Half of all messages, where another server answers the other half of the clients.
    if (OF_OTHERS.has(reason) && this.#limit.isMuch(now)) return
    const place =
      trace === undefined ? { subnetId: 0, interface: link, classes: NO_CLASSES } : placeOf(trace)
    const said = { answer: 0, reason, refusal: '', keys: NO_KEYS, unserved: undefined }
    this.#note(query, { ...said, ...place }, trace, now)
  }

  #note(
    query: Query6,
    said: Omit<RememberedOutcome6, 'first' | 'last' | 'times' | 'type' | 'relay'>,
    trace: Trace6 | undefined,
    now: Instant,
  ): void {
    const duid = query.clientId
    if (duid === '') return
    const client = this.#clientOf(duid)
    if (trace !== undefined) client.hwAddress = trace.hardware.address
    const relay = query.relays.at(-1)?.linkAddress ?? ''
    const noted = { ...said, first: now, last: now, times: 1, type: query.type, relay }
    const former = client.outcomes.at(-1)
    if (former !== undefined && isAlike(former, noted)) {
      const { first, times } = former
      client.outcomes = [...client.outcomes.slice(0, -1), { ...noted, first, times: times + 1 }]
    } else client.outcomes = [...client.outcomes.slice(1 - OUTCOMES6_MAX), noted]
  }

  /** It is the one that was heard last from now on. */
  #clientOf(duid: Octets): Client {
    const client = this.#clients.get(duid) ?? { duid, hwAddress: '', outcomes: [] }
    this.#clients.delete(duid)
    if (this.#clients.size >= CLIENTS6_MAX) this.#clients.delete(this.#clients.keys().next().value!)
    this.#clients.set(duid, client)
    return client
  }
}

function placeOf({ arrival, classes, located, place }: Trace6) {
  const subnetId = (place?.subnet ?? located)?.id ?? 0
  const numbers = [...classes.order.subarray(0, classes.count)]
  return { subnetId, interface: arrival.link.name, classes: numbers }
}

function isAlike(one: RememberedOutcome6, other: RememberedOutcome6): boolean {
  return (
    one.type === other.type &&
    one.answer === other.answer &&
    one.reason === other.reason &&
    one.refusal === other.refusal &&
    one.unserved === other.unserved &&
    one.subnetId === other.subnetId &&
    one.relay === other.relay &&
    one.interface === other.interface &&
    one.keys.join() === other.keys.join()
  )
}
