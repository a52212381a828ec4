// What the IAs of a message get, carried out: leases or offers, and what the reply says of each.

import type { Prefix6 } from '../address/prefix6.ts'
import { ASKING } from '../dhcp/asking.ts'
import { TERM_STEPS } from '../dhcp/steps.ts'
import type { Range } from '../leases/keys/key.ts'
import type { Millis } from '../time/units.ts'
import { type IaKind, OPTION6, STATUS6, type Status6 } from '../wire/v6/codes.ts'
import type { Ia6 } from '../wire/v6/message.ts'
import { agreementTo } from './agreement6.ts'
import { Allotment6 } from './allotment6.ts'
import { wantedFor } from './choose6.ts'
import { type Claim6, distinct } from './claim6.ts'
import { type Chosen6, type Decision6, decide, isRenewing, type State6 } from './decide.ts'
import type { Exchange6 } from './exchange6.ts'
import { excludedOf } from './excluded6.ts'
import { grantLease, leftToReuse, termsOf } from './grant6.ts'
import { termsByHooks } from './hooked6.ts'
import type { IaAnswer6, IaEntryAnswer6 } from './ia-answer6.ts'
import { type Lifetimes6, lifetimesFor } from './lifetimes6.ts'
import { type ClientNames6, NO_NAMES6, namesOf } from './names6.ts'
import {
  type Done6,
  NOBODY_UNSERVED6,
  NOTHING_DONE6,
  NOTHING_WANTED6,
  type Stepped6,
  type Unserved6,
} from './outcome6.ts'
import type { Places6 } from './place6.ts'
import { NO_TIMES, type Told6, timesFor } from './times6.ts'

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

/** Somebody outside is asked first, or has refused. */
export interface Asking6 {
  readonly asking: Stepped6 | 'refused'
}

export function bind(
  exchange: Exchange6,
  places: Places6,
  state: State6,
): Bound6 | Unbound6 | Asking6 {
  const allotment = new Allotment6(exchange)
  const decisions = decide(exchange, allotment, places, state)
  const reason = silenceOf(decisions, state)
  if (reason === undefined) {
    const asking = askFirst(exchange, decisions, state)
    if (asking === undefined) return carryOut(exchange, decisions, state)
    allotment.abandon()
    if (asking !== 'refused') holdAll(exchange, decisions)
    return { asking }
  }
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
  let first: Extract<Decision6, { kind: 'silence' }> | undefined
  for (const one of decisions) if (one.kind === 'silence') first ??= one
  if (first === undefined) return undefined
  const silent = decisions.filter((one) => one.kind === 'silence')
  const isAnswered = isRenewing(state)
    ? silent.length < decisions.length
    : decisions.some(({ kind }) => kind === 'given') && !silent.some(({ isSoon }) => isSoon)
  return isAnswered ? undefined : first.why
}

function askFirst(
  exchange: Exchange6,
  decisions: readonly Decision6[],
  state: State6,
): Asking6['asking'] | undefined {
  const gate = state === 'solicit' ? ASKING.offer : ASKING.grant
  if ((exchange.asks & gate) === 0) return undefined
  const choices = decisions.flatMap((one) => (one.kind === 'given' ? one.choices : []))
  return agreementTo(exchange, gate, choices)
}

/** While somebody is asked, nobody else finds it free, and the IA finds it again. */
function holdAll(exchange: Exchange6, decisions: readonly Decision6[]): void {
  for (const one of decisions)
    if (one.kind === 'given')
      for (const choice of one.choices) if (!choice.isCurrent) hold(exchange, one.claim, choice)
}

/** What the decisions of a message come to; a list that stays empty is made for nobody. */
class Carrying {
  readonly ias: Answer[] = []
  readonly told: Told6[] = []
  changes: Done6[] | undefined = undefined
  wanted: Range<Prefix6>[] | undefined = undefined
  unserved: Unserved6[] | undefined = undefined
  /** Of the first address. */
  names: ClientNames6 | undefined = undefined
}

/** T1 and T2 are known last. */
type Answer = { -readonly [Field in keyof IaAnswer6]: IaAnswer6[Field] }

function carryOut(exchange: Exchange6, decisions: readonly Decision6[], state: State6): Bound6 {
  const carrying = new Carrying()
  for (const decision of decisions) {
    if (decision.wanted.length > 0)
      carrying.wanted = [...(carrying.wanted ?? []), ...decision.wanted]
    if (decision.kind === 'silence' && isRenewing(state)) continue
    if (decision.kind === 'given') giveAll(exchange, decision, state, carrying)
    else refuse(exchange, decision, carrying)
  }
  const { ias, told, changes, wanted, unserved, names } = carrying
  const { t1, t2 } = timesFor(told)
  for (const answer of ias)
    if (answer.status === STATUS6.success) {
      answer.t1 = t1
      answer.t2 = t2
    }
  return {
    ias,
    changes: changes ?? NOTHING_DONE6,
    wanted: wanted ?? NOTHING_WANTED6,
    unserved: unserved ?? NOBODY_UNSERVED6,
    names: names ?? NO_NAMES6,
  }
}

function giveAll(
  exchange: Exchange6,
  { claim, choices, zeros }: Extract<Decision6, { kind: 'given' }>,
  state: State6,
  carrying: Carrying,
): void {
  const entries: IaEntryAnswer6[] = []
  for (const choice of choices) entries.push(give(exchange, claim, choice, state, carrying))
  if (entries.length > 1) entries.sort(byUse)
  for (const key of zeros) entries.push(zeroed(key))
  carrying.ias.push(answerOf(claim, STATUS6.success, entries))
}

function refuse(
  exchange: Exchange6,
  decision: Exclude<Decision6, { kind: 'given' }>,
  carrying: Carrying,
): void {
  const { claim, kind, zeros } = decision
  carrying.ias.push(answerOf(claim, noneOf(claim.kind), zeros.map(zeroed)))
  const why = kind === 'none' ? decision.why : 'none-own'
  carrying.unserved ??= []
  carrying.unserved.push({ subnet: exchange.places[0]!.subnet, why })
}

/** An IA that gets an address or a prefix. */
function give(
  exchange: Exchange6,
  claim: Claim6,
  choice: Chosen6,
  state: State6,
  carrying: Carrying,
): IaEntryAnswer6 {
  const { key, place } = choice
  const { subnet } = place
  let lifetimes = lifetimesFor(exchange, claim, place, key)
  const isNa = claim.kind === OPTION6.iaNa
  let names = isNa ? namesOf(exchange, place, key) : NO_NAMES6
  if ((exchange.listens & TERM_STEPS) !== 0)
    ({ lifetimes, names } = termsByHooks(exchange, choice, isNa, { lifetimes, names }))
  if (isNa) carrying.names ??= names
  const left =
    state === 'solicit'
      ? offer(exchange, claim, choice, lifetimes, names)
      : lease(exchange, claim, choice, lifetimes, names, carrying)
  const { preferred, valid } = left ?? lifetimes
  carrying.told.push({ timers: subnet.timers, preferred, valid })
  return { key, preferred, valid, excluded: excludedOf(exchange, claim.kind, choice), place }
}

/** What is left of a lease that would not be written anew; undefined: it would. */
function offer(
  exchange: Exchange6,
  claim: Claim6,
  choice: Chosen6,
  lifetimes: Lifetimes6,
  names: ClientNames6,
): Lifetimes6 | undefined {
  hold(exchange, claim, choice)
  const { leasing } = choice.place.subnet
  if (leasing.reuse === undefined) return undefined
  return leftToReuse(exchange, claim, choice, termsOf(exchange, claim, choice, lifetimes, names))
}

function hold({ leases, now }: Exchange6, claim: Claim6, { key, place }: Chosen6): void {
  const { leasing, id } = place.subnet
  leases.offer(key, claim.client, id, now + (leasing.offerLifetime * 1000 || OFFER_HOLD_MS))
}

/** The same of one that is not: it is told again as it stands. */
function lease(
  exchange: Exchange6,
  claim: Claim6,
  choice: Chosen6,
  lifetimes: Lifetimes6,
  names: ClientNames6,
  carrying: Carrying,
): Lifetimes6 | undefined {
  const { leases, now } = exchange
  const terms = termsOf(exchange, claim, choice, lifetimes, names)
  const left = leftToReuse(exchange, claim, choice, terms)
  leases.withdrawOffer(claim.client, choice.place.subnet.id)
  if (left !== undefined && leases.reuses.note(choice.key, now)) return left
  carrying.changes ??= []
  carrying.changes.push(grantLease(exchange, claim, choice, terms, choice.takesOver))
  return undefined
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

function answerOf(
  { kind, iaid }: Pick<Claim6, 'kind' | 'iaid'>,
  status: Status6,
  entries: readonly IaEntryAnswer6[],
): Answer {
  const { t1, t2 } = NO_TIMES
  return { kind, iaid, t1, t2, status, text: TEXTS[status] ?? '', entries }
}

/** What is said of IAs that get nothing, whatever they name. */
export function noneIn(ias: readonly Ia6[]): readonly IaAnswer6[] {
  return distinct(ias).map((claim) => answerOf(claim, noneOf(claim.kind), []))
}

/** The same of IAs that are not known. */
export function noBindingIn(ias: readonly Ia6[]): readonly IaAnswer6[] {
  return distinct(ias).map((claim) => answerOf(claim, STATUS6.noBinding, []))
}
