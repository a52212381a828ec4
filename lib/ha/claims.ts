// What no server of a pair says, whatever has happened to it: rule 9k of README.md. Such a hello is
// refused before anything follows from it. Pure, and the same at both ends, so that neither stores
// what the other refuses.
//
// What a history explains is believed of whoever has proved to be the partner, though nothing here
// may show it: that it has every right (a human said that this server was off), or that this
// database is an old one (it was put back). To refuse that would be the double lease itself. A link
// without any proof believes it of everybody.

import { INFINITE_LIFETIME, type Seconds } from '../time/units.ts'
import { CHANGES_MAX, CLOCK_MAX, HAND_OVERS_MAX, HAND_OVERS_ROOM } from './limits.ts'
import type { Hello } from './link-messages.ts'
import { kindOf } from './meeting-table.ts'

/**
 * Longer lifetimes are believed only where this server has had such itself, by its configuration or
 * its leases: a quarantine lasts as long, and one of for ever would never end.
 */
export const LIFETIME_MAX: Seconds = 400 * 86_400

/** What is wrong with their hello, or would be with mine at the other end; '' when nothing. */
export function wildClaim(mine: Hello, theirs: Hello): string {
  const lie = claimOf(mine, theirs)
  if (lie !== '') return `it says what cannot be: ${lie}`
  const own = claimOf(theirs, mine)
  return own === '' ? '' : `it could not believe this server: ${own}`
}

/** `theirs` as the one that says `mine` sees it. */
function claimOf(mine: Hello, theirs: Hello): string {
  return (
    numbersOf(theirs) || handOverOf(mine, theirs) || standingOf(theirs) || lifetimeOf(mine, theirs)
  )
}

function numbersOf({
  position,
  applied,
  highest = 0,
  known = {},
  clock,
  appliedClock,
}: Hello): string {
  const changes = Math.max(position, applied, highest, ...Object.values(known))
  if (changes > CHANGES_MAX) return `change number ${changes}`
  const time = Math.max(clock, appliedClock)
  return time > CLOCK_MAX ? `a lease clock of ${time} ms` : ''
}

/** Where such a number was believed once, the two must be able to count on. */
function handOverOf(mine: Hello, { handOver }: Hello): string {
  const isWild = handOver > Math.max(mine.handOver, HAND_OVERS_MAX) + HAND_OVERS_ROOM
  return isWild ? `hand-over ${handOver}, and the last one here is ${mine.handOver}` : ''
}

/** Who has met nobody has nothing to share, and has handed nothing over. */
function standingOf({ pairId, role, rights, noneBecause, handOver }: Hello): string {
  if (pairId !== '' || role === 'backup') return ''
  const isHanded = rights === 'none' && noneBecause === 'handed-over'
  const hasMet = rights === 'shared' || isHanded || handOver > 0
  return hasMet ? 'what only a server can have that has met another, and it has met none' : ''
}

/** A database that has met nobody, or is lost, has no lifetimes to compare with. */
function lifetimeOf(mine: Hello, theirs: Hello): string {
  if (!isTooLong(theirs.longestLifetime, mine.longestLifetime)) return ''
  if (mine.pairId === '' || kindOf(mine, theirs) === 'lost') return ''
  return lifetimeTrouble(theirs.longestLifetime)
}

/** Of a lifetime that another server tells; `own`: the longest that is known here. */
export function isTooLong(told: Seconds, own: Seconds): boolean {
  return told > Math.max(own, LIFETIME_MAX)
}

export function lifetimeTrouble(told: Seconds): string {
  const words = told === INFINITE_LIFETIME ? 'leases for ever' : `leases of ${told} s`
  return `${words}, which only one of the two knows: give both the same lifetimes, or \`whio forget-lifetime\``
}
