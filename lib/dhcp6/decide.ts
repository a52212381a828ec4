// What each IA of a message gets, before anything is written: the rows of the table are those of
// the situation, its answers the same for IA_NA and IA_PD.
//
//   the IA                             SOLICIT        REQUEST        RENEW, REBIND
//   has a lease that it may keep       it             it             it
//   has one that is not for it now     another        another        0/0 for it, and another
//   had one, and it is free            it             it             it
//   its subnet got another prefix      the same behind that prefix   0/0 for it, and that
//   is reserved something free         that           that           0/0 for others, and that
//   names something free of a pool     that           that           that
//   names what is another's            another        another        0/0 for it, and another
//   is not known                       another        another        another
//   nothing is to be had               none           none           none, 0/0 for what it names
//   the partner may have something     silence *      silence *      silence
//   only the partner may judge it      another        another        silence
//
// What a key that is not kept is told in RENEW and REBIND: named-verdict.ts. `another` for whoever
// renews, and not NoBinding, since clients recover late or not at all from that (Kea allocates,
// too). In SOLICIT and REQUEST there is nothing to be wrong about: whatever the client gets it is
// given now.
//
// *: silence for the whole message while no other IA gets something, or help is near; else the IA
// is told none, and the client has the others.

import type { Prefix6 } from '../address/prefix6.ts'
import { isLive } from '../leases/holding.ts'
import type { Range } from '../leases/keys/key.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Allotment6 } from './allotment6.ts'
import {
  type Choice6,
  chooseCeded,
  chooseKept,
  chooseNew,
  isElsewhere,
  wantedFor,
} from './choose6.ts'
import type { Choosing6 } from './choosing6.ts'
import { type Claim6, claimOf, distinct } from './claim6.ts'
import type { Exchange6 } from './exchange6.ts'
import { hasAllBindings } from './former-leases.ts'
import { verdictOnNamed } from './named-verdict.ts'
import { NOTHING_WANTED6, type Unserved6 } from './outcome6.ts'
import { NO_PLACES6, type Places6 } from './place6.ts'
import { placeOf } from './places6.ts'
import { goesOver, isPartners, mayHave } from './rights6.ts'
import { isAllowed } from './whose-key.ts'

/** What a message does with its IAs. */
export type State6 = 'solicit' | 'request' | 'renew' | 'rebind'

export function isRenewing(state: State6): state is 'renew' | 'rebind' {
  return state === 'renew' || state === 'rebind'
}

export type Decision6 = {
  readonly claim: Claim6
  /** Where the partner should hand keys on for the IA. */
  readonly wanted: readonly Range<Prefix6>[]
  /** Named, and not to be used any more. */
  readonly zeros: readonly Prefix6[]
} & (
  | { readonly kind: 'given'; readonly choices: readonly Chosen6[] }
  | { readonly kind: 'none'; readonly why: Unserved6['why'] }
  /** Nothing is said. `isSoon`: the partner was only just asked for help. */
  | {
      readonly kind: 'silence'
      readonly isSoon: boolean
      readonly why: 'no-right' | 'no-own-address'
    }
)

/** `takesOver`: from a former binding of its host, whose lease runs. */
export interface Chosen6 extends Choice6 {
  readonly takesOver: boolean
}

const NO_ZEROS: readonly Prefix6[] = []

/** In the order of the message. `allotment` is that of the message. */
export function decide(
  exchange: Exchange6,
  allotment: Allotment6,
  places: Places6,
  state: State6,
): readonly Decision6[] {
  const ias = distinct(exchange.query.ias)
  const decisions: Decision6[] = []
  for (let at = 0; at < ias.length; at++) {
    const ia = ias[at]!
    // Mostly who renews has a lease, and who asks for one has none of the kind.
    const hasRows = isRenewing(state) || allotment.hasBindings(ia.kind)
    const claim = claimOf(exchange, hasRows ? places : NO_PLACES6, ia)
    const choosing = { exchange, allotment, places, claim }
    const decision = isOfEach(places) ? ofEach(choosing, state) : decisionOn(choosing, state)
    decisions.push(decision)
    if (decision.kind === 'given') note(exchange, allotment, decision, at < ias.length - 1)
  }
  return decisions
}

function note(
  { now }: Exchange6,
  allotment: Allotment6,
  { claim, choices }: Extract<Decision6, { kind: 'given' }>,
  isFollowed: boolean,
): void {
  let isFresh = true
  for (const { row } of claim.rows) if (isLive(row, now)) isFresh = false
  for (const { key, place, isCurrent } of choices) {
    if (!isCurrent) allotment.noteLease(claim.kind, isFresh && key === choices[0]!.key)
    if (!isFollowed) continue
    allotment.take(key)
    if (!isCurrent) allotment.hold(key, claim.client, place.subnet.id)
  }
}

/** Whether IAs have a lease of each subnet of the link (`leases-per-ia`). */
function isOfEach(places: Places6): boolean {
  return places.length > 1 && places[0]!.subnet.network?.leasesPerIa === 'per-subnet'
}

/** In each place the IA is decided for by itself, with what it names and has there. */
function ofEach(choosing: Choosing6, state: State6): Decision6 {
  const { exchange, allotment, places, claim } = choosing
  const choices: Chosen6[] = []
  const decisions = places.map((place) => {
    const entries = claim.entries.filter(
      ({ key }) => placeOf(exchange, places, claim, key) === place,
    )
    const rows = claim.rows.filter((row) => row.place === place)
    const there = { ...choosing, places: [place], claim: { ...claim, entries, rows } }
    const decision = decisionOn(there, state)
    if (decision.kind !== 'given') return decision
    choices.push(...decision.choices)
    for (const { key } of decision.choices) allotment.take(key)
    return decision
  })
  const wanted = decisions.flatMap((one) => one.wanted)
  const zeros = decisions.flatMap((one) => one.zeros)
  if (choices.length > 0) return { kind: 'given', choices, claim, wanted, zeros }
  const silent = decisions.find(({ kind }) => kind === 'silence') ?? decisions[0]!
  return { ...silent, claim, wanted, zeros }
}

function decisionOn(choosing: Choosing6, state: State6): Decision6 {
  const { claim } = choosing
  const { choice: kept, awaited } = chooseKept(choosing)
  const awaits = awaited === undefined ? NOTHING_WANTED6 : [only(awaited)]
  if (kept === undefined) {
    const unknown = isRenewing(state) ? unknownKey(choosing, state) : undefined
    const wanted = unknown ?? (awaited === undefined ? undefined : awaits)
    if (wanted !== undefined)
      return { kind: 'silence', why: 'no-right', isSoon: false, claim, wanted, zeros: NO_ZEROS }
    const ceded = isRenewing(state) || !isPatient(choosing) ? undefined : chooseCeded(choosing)
    if (ceded !== undefined)
      return {
        kind: 'silence',
        why: 'no-right',
        isSoon: true,
        claim,
        wanted: [only(ceded)],
        zeros: NO_ZEROS,
      }
  }
  const choice = kept ?? chosenNew(choosing)
  if (choice === undefined) return without(choosing, state)
  const zeros = isRenewing(state) ? zerosBeside(choosing, state, choice.key) : NO_ZEROS
  const takesOver = !choice.isCurrent && goesOver(choosing, choice.place, choice.key)
  const { place, key, isCurrent } = choice
  const choices = [{ place, key, isCurrent, takesOver }]
  return { kind: 'given', choices, claim, wanted: awaits, zeros }
}

/**
 * What the partner hands on is here before the client asks again. Whoever has asked for longer gets
 * something else, or its other IAs do: a client that asks once a minute, or an hour, would find
 * that help is near each time.
 */
function isPatient({ exchange: { query } }: Choosing6): boolean {
  return query.elapsed >= 0 && query.elapsed < PATIENCE
}

/** Hundredths of a second. */
const PATIENCE = 400

function chosenNew(choosing: Choosing6): Choice6 | undefined {
  return mayHaveMore(choosing) ? chooseNew(choosing) : undefined
}

/** Whether the client gets something beside what it has, as far as it is to blame itself. */
function mayHaveMore({ exchange, allotment, places, claim }: Choosing6): boolean {
  const { decliners, now, query } = exchange
  if (hasAllBindings(exchange, allotment, claim)) return false
  if (claim.kind === OPTION6.iaPd) return true
  return !places.some(({ subnet }) => decliners.bars(query.clientId, subnet.id, now))
}

/**
 * Of a client that renews: where only the partner may judge what the IA names or has, the keys that
 * it should hand on, if these are meant for the IA; undefined where nothing is left to the partner.
 */
function unknownKey(
  choosing: Choosing6,
  state: 'renew' | 'rebind',
): readonly Range<Prefix6>[] | undefined {
  const { exchange, claim } = choosing
  for (const { row } of claim.rows)
    if (isLive(row, exchange.now) && isLackingKeys(choosing, row.address))
      return [only(row.address)]
  for (const { key } of claim.entries)
    if (verdictOnNamed(choosing, key, state) === 'unknown') return NOTHING_WANTED6
  return undefined
}

/** Whether the IA could keep what it has if the partner handed keys on. */
function isLackingKeys(choosing: Choosing6, key: Prefix6): boolean {
  const { exchange, places, claim } = choosing
  const place = placeOf(exchange, places, claim, key)
  return (
    isAllowed(exchange, claim, place, key) &&
    !mayHave(choosing, place, key) &&
    isPartners(choosing, place, key)
  )
}

function zerosBeside(
  choosing: Choosing6,
  state: 'renew' | 'rebind',
  given: Prefix6 | undefined,
): readonly Prefix6[] {
  const { entries } = choosing.claim
  if (entries.length === 0 || (entries.length === 1 && entries[0]!.key === given)) return NO_ZEROS
  const zeros = new Set<Prefix6>()
  for (const { key } of entries)
    if (key !== given && verdictOnNamed(choosing, key, state) === 'zero') zeros.add(key)
  return [...zeros]
}

/** Nothing is to be had here for the IA. */
function without(choosing: Choosing6, state: State6): Decision6 {
  const { exchange, claim } = choosing
  const { rights } = exchange.leases
  const isBarred = !mayHaveMore(choosing)
  const hasPools = hasPool(choosing)
  const isDoubtful = exchange.now < rights.doubtUntil
  const silence = { kind: 'silence', claim, zeros: NO_ZEROS } as const
  if (isDoubtful && !isBarred)
    return { ...silence, why: 'no-right', isSoon: false, wanted: NOTHING_WANTED6 }
  const isPartnered = rights.kind === 'keys' && hasPools && !isBarred
  const wanted = isPartnered ? wantedFor(choosing) : NOTHING_WANTED6
  if (isPartnered && isElsewhere(choosing, false))
    return {
      ...silence,
      why: 'no-own-address',
      isSoon: isPatient(choosing) && isElsewhere(choosing, true),
      wanted,
    }
  const zeros = isRenewing(state) ? zerosBeside(choosing, state, undefined) : NO_ZEROS
  return { kind: 'none', why: hasPools ? 'none-free' : 'no-pool', claim, wanted, zeros }
}

/** Whether there is a pool for the IA, full or not. */
function hasPool({ exchange, places, claim }: Choosing6): boolean {
  const { classes } = exchange
  if (claim.kind === OPTION6.iaPd)
    return places.some(({ subnet }) => subnet.prefixRangesFor(classes).length > 0)
  return places.some(({ subnet }) => subnet.rangesFor(classes).length > 0)
}

function only(key: Prefix6): Range<Prefix6> {
  return { first: key, last: key }
}
