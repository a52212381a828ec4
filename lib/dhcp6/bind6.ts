// What the IAs of a message get, carried out: leases or offers, and what the reply says of each.

import type { Prefix6 } from '../address/prefix6.ts'
import type { Range } from '../leases/keys/key.ts'
import type { Millis } from '../time/units.ts'
import { type IaKind, OPTION6, STATUS6, type Status6 } from '../wire/v6/codes.ts'
import type { Ia6 } from '../wire/v6/message.ts'
import { Allotment6 } from './allotment6.ts'
import { type Choice6, wantedFor } from './choose6.ts'
import { type Claim6, distinct } from './claim6.ts'
import { type Chosen6, type Decision6, decide, isRenewing, type State6 } from './decide.ts'
import type { Exchange6 } from './exchange6.ts'
import { excludedOf } from './excluded6.ts'
import { grantLease, leftToReuse, termsOf } from './grant6.ts'
import type { IaAnswer6, IaEntryAnswer6 } from './ia-answer6.ts'
import { lifetimesFor } from './lifetimes6.ts'
import { type ClientNames6, NO_NAMES6, namesOf } from './names6.ts'
import type { Done6, Unserved6 } from './outcome6.ts'
import type { Places6 } from './place6.ts'
import { NO_TIMES, type Times6, type Told6, timesFor } from './times6.ts'

/**
 * How long what is offered is kept for the client where offer-lifetime does not say: longer than a
 * client collects offers.
 */
const OFFER_HOLD_MS: Millis = 30_000

/** What a reply says of the IAs of its query, and what is to be done for that. */
export interface Bound6 {
  readonly ias: readonly IaAnswer6[]
  readonly changes: readonly Done6[]
  readonly wanted: readonly Range<Prefix6>[]
  readonly unserved: readonly Unserved6[]
  /** Of the client, by the first address that it gets. */
  readonly names: ClientNames6
}

/** Nothing is said, for the time being. */
export interface Unbound6 {
  readonly reason: 'no-right' | 'no-own-address'
  readonly wanted: readonly Range<Prefix6>[]
}

/** What one IA got, before T1 and T2 are known. */
interface Part {
  readonly claim: Pick<Claim6, 'kind' | 'iaid'>
  readonly status: Status6
  /** What is to be extended one day, then what is not to be used any more. */
  readonly entries: readonly IaEntryAnswer6[]
}

export function bind(exchange: Exchange6, places: Places6, state: State6): Bound6 | Unbound6 {
  const allotment = new Allotment6(exchange)
  const decisions = decide(exchange, allotment, places, state)
  const reason = silenceOf(decisions, state)
  if (reason === undefined) return carryOut(exchange, decisions, state)
  allotment.abandon()
  const wanted = decisions.flatMap((one) =>
    one.kind === 'given' && isNew(one) && reason === 'no-own-address'
      ? wantedFor({ exchange, allotment, places, claim: one.claim })
      : one.wanted,
  )
  return { reason, wanted }
}

/** What it would have got is to be kept here for it, beside what the partner hands on. */
function isNew({ choices }: Extract<Decision6, { kind: 'given' }>): boolean {
  return choices.every(({ isCurrent }) => !isCurrent)
}

/** Whether the whole message is better not answered: see decide.ts. */
function silenceOf(decisions: readonly Decision6[], state: State6): Unbound6['reason'] | undefined {
  const silent = decisions.filter((one) => one.kind === 'silence')
  const first = silent[0]
  if (first === undefined) return undefined
  const isAnswered = isRenewing(state)
    ? silent.length < decisions.length
    : decisions.some(({ kind }) => kind === 'given') && !silent.some(({ isSoon }) => isSoon)
  return isAnswered ? undefined : first.why
}

function carryOut(exchange: Exchange6, decisions: readonly Decision6[], state: State6): Bound6 {
  const given: Given[] = []
  const parts: Part[] = []
  const unserved: Unserved6[] = []
  for (const decision of decisions) {
    const { claim, kind, zeros } = decision
    if (kind === 'silence' && isRenewing(state)) continue
    if (kind === 'given') {
      const own = decision.choices.map((choice) => give(exchange, claim, choice, state))
      given.push(...own)
      const entries = own.map(({ entry }) => entry).sort(byUse)
      parts.push({ claim, status: STATUS6.success, entries: [...entries, ...zeros.map(zeroed)] })
      continue
    }
    parts.push({ claim, status: noneOf(claim.kind), entries: zeros.map(zeroed) })
    const why = kind === 'none' ? decision.why : 'none-own'
    unserved.push({ subnet: exchange.places[0]!.subnet, why })
  }
  const times = timesFor(given.map(({ told }) => told))
  return {
    ias: parts.map((part) => answerOf(part, times)),
    changes: given.flatMap(({ change }) => (change === undefined ? [] : [change])),
    wanted: decisions.flatMap(({ wanted }) => wanted),
    unserved,
    names: given.find(({ claim }) => claim.kind === OPTION6.iaNa)?.names ?? NO_NAMES6,
  }
}

/** An IA that has an address or a prefix. */
interface Given {
  readonly claim: Claim6
  readonly choice: Choice6
  readonly names: ClientNames6
  readonly entry: IaEntryAnswer6
  readonly told: Told6
  /** Undefined where it is only offered, or told again as it stands. */
  readonly change: Done6 | undefined
}

function give(exchange: Exchange6, claim: Claim6, choice: Chosen6, state: State6): Given {
  const { leases, now } = exchange
  const { key, place } = choice
  const { subnet } = place
  const lifetimes = lifetimesFor(exchange, claim, place, key)
  const names = claim.kind === OPTION6.iaNa ? namesOf(exchange, place, key) : NO_NAMES6
  const terms = termsOf(exchange, claim, choice, lifetimes, names)
  let left = leftToReuse(exchange, claim, choice, terms)
  let change: Done6 | undefined
  if (state === 'solicit') {
    const hold = subnet.leasing.offerLifetime * 1000 || OFFER_HOLD_MS
    leases.offer(key, claim.client, subnet.id, now + hold)
  } else {
    leases.withdrawOffer(claim.client, subnet.id)
    if (left !== undefined && !leases.reuses.note(key, now)) left = undefined
    if (left === undefined) change = grantLease(exchange, claim, choice, terms, choice.takesOver)
  }
  const { preferred, valid } = left ?? lifetimes
  const excluded = excludedOf(exchange, claim.kind, choice)
  const entry = { key, preferred, valid, excluded, place }
  const told = { timers: subnet.timers, preferred, valid }
  return { claim, choice, names, entry, told, change }
}

/**
 * Some clients use the first one only: what is for the whole world goes before unique local
 * addresses (fc00::/7), and what is not preferred any more behind both.
 */
function byUse(one: IaEntryAnswer6, other: IaEntryAnswer6): number {
  return rankOf(one) - rankOf(other)
}

function rankOf({ key, preferred }: IaEntryAnswer6): number {
  if (preferred === 0) return 2
  return (key.charCodeAt(1) & 0xfe) === 0xfc ? 1 : 0
}

function zeroed(key: Prefix6): IaEntryAnswer6 {
  return { key, preferred: 0, valid: 0, excluded: '', place: undefined }
}

function noneOf(kind: IaKind): Status6 {
  return kind === OPTION6.iaPd ? STATUS6.noPrefixAvail : STATUS6.noAddrsAvail
}

/** The words that go with a status. */
const TEXTS: Partial<Record<Status6, string>> = {
  [STATUS6.noAddrsAvail]: 'no address is available for this client',
  [STATUS6.noPrefixAvail]: 'no prefix is available for this client',
  [STATUS6.noBinding]: 'this binding is not known here',
}

function answerOf({ claim, status, entries }: Part, times: Times6): IaAnswer6 {
  const { kind, iaid } = claim
  const { t1, t2 } = status === STATUS6.success ? times : NO_TIMES
  return { kind, iaid, t1, t2, status, text: TEXTS[status] ?? '', entries }
}

/** What is said of IAs that get nothing, whatever they name. */
export function noneIn(ias: readonly Ia6[]): readonly IaAnswer6[] {
  return distinct(ias).map((claim) =>
    answerOf({ claim, status: noneOf(claim.kind), entries: [] }, NO_TIMES),
  )
}

/** The same of IAs that are not known. */
export function noBindingIn(ias: readonly Ia6[]): readonly IaAnswer6[] {
  const status = STATUS6.noBinding
  return distinct(ias).map((claim) => answerOf({ claim, status, entries: [] }, NO_TIMES))
}
