// Addresses that are asked for on the wire before they are offered, and the queries that wait for
// what is found. Nobody else waits for them. They are bounded in number; beyond it addresses are
// offered unasked, since a flood of made-up clients must not keep the others from being served.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { AddressCheckPlan } from '../config/plan/plan4.ts'
import { type Heard4, NOTHING_HEARD4 } from '../dhcp4/asking.ts'
import { type Checked4, UNCHECKED } from '../dhcp4/checked.ts'
import type { Outcome4 } from '../dhcp4/outcome4.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import type { Interface4 } from '../ports/datagrams4.ts'
import type { Probe } from '../ports/probe.ts'
import { type Instant, NEVER } from '../time/units.ts'
import type { Waiting4 } from './question4.ts'
import { ANSWER_WAIT, WAITING_MAX } from './waiting-room.ts'

/** Addresses that are asked for at a time. */
export const CHECKS_MAX = 256

export interface CheckDuties {
  /** The query is stepped again with what was found. */
  stepAgain(waiting: Waiting4, now: Instant, heard: Heard4): void
  dropWaiting(waiting: Waiting4, reason: Reason4): void
  /** Somebody without a lease has the address: `user`, '' where that is not known. */
  occupied(address: Ipv4, subnetId: number, user: Octets, now: Instant): void
}

type CheckOutcome = Extract<Outcome4, { kind: 'check' }>

/** A query that waits for what is found of an address, with what it has learnt before. */
interface Query {
  readonly waiting: Waiting4
  readonly client: ClientIdentity
  readonly checked: Checked4
}

interface Check {
  readonly address: Ipv4
  readonly subnetId: number
  readonly through: Interface4
  readonly plan: AddressCheckPlan
  /** By their clients: a repetition takes the place of what it repeats. */
  readonly queries: Map<string, Query>
  asked: number
  due: Instant
  /** Who answered: undefined = nobody, '' = somebody beyond a router. */
  user: Octets | undefined
}

export class AddressChecks {
  /** Questions that left, and offers that were made without one. */
  readonly counts = { addressesAsked: 0, addressesWaived: 0 }
  readonly #probe: Probe | undefined
  readonly #duties: CheckDuties
  readonly #checks = new Map<Ipv4, Check>()
  /** Queries in all. */
  #waiting = 0
  #deadline: Instant = NEVER

  constructor(probe: Probe | undefined, duties: CheckDuties) {
    this.#probe = probe
    this.#duties = duties
  }

  /** Queries that wait. */
  get waiting(): number {
    return this.#waiting
  }

  /** When `turn` has something to do. */
  get deadline(): Instant {
    return this.#deadline
  }

  /** The query, whose bytes are given away, waits until it is known whether somebody answers. */
  begin(
    outcome: CheckOutcome,
    arrival: Waiting4['arrival'],
    bytes: Uint8Array,
    now: Instant,
    before: Heard4 = NOTHING_HEARD4,
  ): void {
    const { address, check: plan, client } = outcome
    const until = now + plan.requests * plan.replyWait + ANSWER_WAIT
    const heard = { ...before, isCounted: true }
    const waiting: Waiting4 = { arrival, bytes, until, heard, proposal: undefined }
    const { checked = UNCHECKED } = heard
    const check = this.#checks.get(address) ?? this.#newCheck(outcome, arrival.link, now)
    if (check === undefined || this.#waiting >= WAITING_MAX) {
      this.counts.addressesWaived++
      const waived = { ...checked, isWaived: true }
      return this.#duties.stepAgain(waiting, now, { ...heard, checked: waived })
    }
    const key = `${client.hwAddress}/${client.clientId}`
    const former = check.queries.get(key)
    check.queries.set(key, { waiting, client, checked })
    if (former === undefined) this.#waiting++
    else this.#duties.dropWaiting(former.waiting, 'message-repeated')
  }

  /** Reads what was answered, and lets those go on whose address is known by now. */
  turn(now: Instant): void {
    if (now < this.#deadline) return
    this.#read()
    const known: Check[] = []
    for (const check of this.#checks.values()) if (!this.#isOpen(check, now)) known.push(check)
    for (const check of known) {
      this.#checks.delete(check.address)
      this.#waiting -= check.queries.size
    }
    this.#deadline = NEVER
    for (const { due } of this.#checks.values()) this.#deadline = Math.min(this.#deadline, due)
    for (const check of known) this.#conclude(check, now)
  }

  /** The server stops. */
  end(): void {
    for (const { queries } of this.#checks.values())
      for (const { waiting } of queries.values()) this.#duties.dropWaiting(waiting, 'stopping')
    this.#checks.clear()
    this.#waiting = 0
    this.#deadline = NEVER
    this.#probe?.close()
  }

  #newCheck(
    { address, subnetId, check: plan }: CheckOutcome,
    through: Interface4,
    now: Instant,
  ): Check | undefined {
    if (this.#probe === undefined || this.#checks.size >= CHECKS_MAX) return undefined
    // What is read from now on answers questions of now.
    if (this.#checks.size === 0) this.#probe.answers()
    const due = now + plan.replyWait
    const progress = { queries: new Map<string, Query>(), asked: 0, due, user: undefined }
    const check: Check = { address, subnetId, through, plan, ...progress }
    if (!this.#ask(check, now)) return undefined
    this.#checks.set(address, check)
    this.#deadline = Math.min(this.#deadline, due)
    return check
  }

  #ask(check: Check, now: Instant): boolean {
    if (!this.#probe!.ask(check.address, check.through)) return false
    this.counts.addressesAsked++
    check.asked++
    check.due = now + check.plan.replyWait
    return true
  }

  /** Who answers may be the client itself, which had the address formerly. */
  #read(): void {
    for (const { address, hwAddress, index } of this.#probe?.answers() ?? []) {
      const check = this.#checks.get(address)
      if (check === undefined || (index !== 0 && index !== check.through.index)) continue
      if (!isOfAll(check, hwAddress)) check.user = hwAddress
    }
  }

  /** Whether it is waited for on: an answer was not there in time, and it is asked for again. */
  #isOpen(check: Check, now: Instant): boolean {
    if (check.user !== undefined) return false
    return now < check.due || (check.asked < check.plan.requests && this.#ask(check, now))
  }

  #conclude(check: Check, now: Instant): void {
    const { address, subnetId, queries, user } = check
    if (user !== undefined && !isOfSome(check, user))
      this.#duties.occupied(address, subnetId, user, now)
    for (const query of queries.values()) {
      const { waiting } = query
      if (waiting.until <= now) this.#duties.dropWaiting(waiting, 'answer-too-late')
      else {
        const { heard } = waiting
        this.#duties.stepAgain(waiting, now, { ...heard, checked: learnt(check, query) })
      }
    }
  }
}

/** What the query knows when it is stepped again. */
function learnt({ address, user }: Check, { client, checked }: Query): Checked4 {
  const { inUse, count } = checked
  const known = { count: count + 1, isWaived: false }
  if (user === undefined || user === client.hwAddress) return { ...known, free: address, inUse }
  return { ...known, free: 0, inUse: [...inUse, address] }
}

function isOfAll({ queries }: Check, hwAddress: Octets): boolean {
  for (const { client } of queries.values()) if (client.hwAddress !== hwAddress) return false
  return true
}

function isOfSome({ queries }: Check, hwAddress: Octets): boolean {
  for (const { client } of queries.values()) if (client.hwAddress === hwAddress) return true
  return false
}
