// Times of samples and tables, as Kea writes them: `2026-11-29 08:43:09.201000`, without a zone.

import type { Millis, WallTime } from '../../time/units.ts'

const DAY: Millis = 86_400_000
/** Days of 400 years of the calendar, and of a century and a year of it without a leap day. */
const ERA = 146_097
const CENTURY = 36_524
const YEAR = 365
/** From the first of March of the year 0 to 1970. */
const EPOCH = 719_468

/** The time at a place whose clocks are so far ahead of UTC. */
export function sampleTime(wall: WallTime, ahead: Millis): string {
  const local = wall + ahead
  const days = Math.floor(local / DAY)
  const micros = Math.floor((local - days * DAY) * 1000)
  const seconds = Math.floor(micros / 1_000_000)
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const fraction = `${micros % 1_000_000}`.padStart(6, '0')
  return `${dateOf(days)} ${clock.map(two).join(':')}.${fraction}`
}

/** The calendar counts from March, so that the leap day is a year's last. */
function dateOf(days: number): string {
  const since = days + EPOCH
  const era = Math.floor(since / ERA)
  const day = since - era * ERA
  const year = Math.floor(
    (day - Math.floor(day / 1460) + Math.floor(day / CENTURY) - Math.floor(day / (ERA - 1))) / YEAR,
  )
  const ofYear = day - (YEAR * year + Math.floor(year / 4) - Math.floor(year / 100))
  const fromMarch = Math.floor((5 * ofYear + 2) / 153)
  const ofMonth = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  return `${year + era * 400 + (month <= 2 ? 1 : 0)}-${two(month)}-${two(ofMonth)}`
}

function two(value: number): string {
  return `${value}`.padStart(2, '0')
}
