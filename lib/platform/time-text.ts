// Calendar times as text, in the letters of strftime, at the place of this host.

import type { Millis, WallTime } from '../time/units.ts'

const MONTHS =
  'January February March April May June July August September October November December'
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'
const DAY_MS = 86_400_000

function two(value: number): string {
  return value.toString().padStart(2, '0')
}

/** Names of zones by their offset, which tells summer from winter: to look one up takes long. */
const zones = new Map<string, string>()

function zone(date: Date): string {
  const key = offset(date)
  const known = zones.get(key)
  if (known !== undefined) return known
  const name = zoneName(date) ?? key
  zones.set(key, name)
  return name
}

/** Names of zones differ by where one is: some speak of CET, others of EST. */
function zoneName(date: Date): string | undefined {
  for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-IN']) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(date)
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
    if (/^[A-Z]+$/.test(name)) return name
  }
  return undefined
}

/** How far the clocks of this place are ahead of UTC then. */
export function zoneOffset(wall: WallTime): Millis {
  return -new Date(wall).getTimezoneOffset() * 60_000
}

function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`
}

function dayOfYear(date: Date): number {
  return unitsBetween('day', new Date(date.getFullYear(), 0, 1).getTime(), date.getTime()) + 1
}

/** See TIMESTAMP_LETTERS. */
const PARTS: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => `${date.getFullYear()}`,
  m: (date) => two(date.getMonth() + 1),
  d: (date) => two(date.getDate()),
  H: (date) => two(date.getHours()),
  M: (date) => two(date.getMinutes()),
  S: (date) => two(date.getSeconds()),
  Z: zone,
  z: offset,
  y: (date) => two(date.getFullYear() % 100),
  b: (date) => MONTHS.split(' ')[date.getMonth()]!.slice(0, 3),
  B: (date) => MONTHS.split(' ')[date.getMonth()]!,
  a: (date) => DAYS.split(' ')[date.getDay()]!.slice(0, 3),
  A: (date) => DAYS.split(' ')[date.getDay()]!,
  e: (date) => `${date.getDate()}`.padStart(2, ' '),
  j: (date) => dayOfYear(date).toString().padStart(3, '0'),
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  I: (date) => two(date.getHours() % 12 || 12),
  F: (date) => `${PARTS.Y!(date)}-${PARTS.m!(date)}-${PARTS.d!(date)}`,
  T: (date) => `${PARTS.H!(date)}:${PARTS.M!(date)}:${PARTS.S!(date)}`,
  D: (date) => `${PARTS.m!(date)}/${PARTS.d!(date)}/${PARTS.y!(date)}`,
  s: (date) => `${Math.floor(date.getTime() / 1000)}`,
  '%': () => '%',
}

export function timeText(format: string, at: WallTime): string {
  const date = new Date(at)
  return format.replaceAll(/%(.)/gs, (all, letter: string) => PARTS[letter]?.(date) ?? all)
}

/** How many units of the calendar have begun between two times. */
export function unitsBetween(
  unit: 'second' | 'day' | 'month' | 'year',
  from: WallTime,
  to: WallTime,
): number {
  return unitNumber(unit, new Date(to)) - unitNumber(unit, new Date(from))
}

function unitNumber(unit: 'second' | 'day' | 'month' | 'year', date: Date): number {
  const year = date.getFullYear()
  const month = date.getMonth()
  if (unit === 'second') return Math.floor(date.getTime() / 1000)
  if (unit === 'day') return Math.round(Date.UTC(year, month, date.getDate()) / DAY_MS)
  return unit === 'month' ? year * 12 + month : year
}
