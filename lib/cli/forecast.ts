// When addresses for new clients run out while the partner is away, in a line for people. The clock
// on the wall appears here only: the server counts on one that never jumps.

import type { FreeStatus, PairStatus } from '../server/pair/pair-status.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Farther ahead nothing is worth foretelling. */
const FORESEEN_MAX = 7 * DAY

/** The subnet that runs out first; '' while the partner is connected, which has more. */
export function forecastLine({ free, partner, rights }: PairStatus, now: Date): string {
  const rows = free.filter(({ addresses }) => addresses > 0)
  if (partner?.kind === 'connected' || rights === 'none' || rows.length === 0) return ''
  const empty = rows.filter(({ here }) => here === 0)
  if (empty.length > 0) return emptyWords(empty, rows.length)
  // In JSON, for ever is null: what is not taken does not come into it.
  const taken = rows.filter(({ takenPerHour }) => takenPerHour > 0)
  if (taken.length === 0) return 'new clients take none of them at present'
  const first = taken.reduce((one, other) => (other.lastsFor < one.lastsFor ? other : one))
  const ofPrefixes = first.kind === 'prefix' ? 'the prefixes of ' : ''
  const who = rows.length === 1 ? 'they' : `${ofPrefixes}${first.prefix}`
  if (first.lastsFor > FORESEEN_MAX) return 'at the present rate they last for more than a week'
  const lasts = `${who} last${rows.length === 1 || ofPrefixes !== '' ? '' : 's'} until about`
  return `at the present rate ${lasts} ${hourOf(first.lastsFor, now)} (${durationWords(first.lastsFor)})`
}

function emptyWords(empty: readonly FreeStatus[], count: number): string {
  const { kind, prefix } = empty[0]!
  if (count === 1) return `no ${kind} is left for new clients`
  const more = empty.length === 1 ? '' : ` and ${empty.length - 1} more`
  return `no ${kind} is left for new clients in ${prefix}${more}`
}

/** `14:30`, with the day of the week where it is not today. Local time. */
function hourOf(ahead: number, now: Date): string {
  const at = new Date(now.getTime() + ahead)
  const step = ahead < HOUR ? 1 : 10
  at.setMinutes(Math.floor(at.getMinutes() / step) * step)
  const text = `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`
  return at.toDateString() === now.toDateString() ? text : `${DAYS[at.getDay()]} ${text}`
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

/** `25 min`, `3 h 20 min`, `2 days 5 h`. */
export function durationWords(time: number): string {
  if (time < MINUTE) return `${Math.floor(time / 1000)} s`
  const minutes = Math.floor(time / MINUTE)
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return `${minutes} min`
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  const days = Math.floor(hours / 24)
  const rest = hours % 24 === 0 ? '' : ` ${hours % 24} h`
  return `${days} day${days === 1 ? '' : 's'}${rest}`
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}
