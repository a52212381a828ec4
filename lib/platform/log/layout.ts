// Lines in the form that a pattern of log4cplus says, as Kea writes them.

import { hostname } from 'node:os'
import { loggerOf } from '../../catalogue/loggers.ts'
import type { LogLevel } from '../../catalogue/row.ts'
import { type Conversion, patternPieces } from '../../config/plan/log-pattern.ts'
import type { LogFields } from '../../ports/log.ts'
import type { WallTime } from '../../time/units.ts'
import { timeText } from '../time-text.ts'

export interface LogRecord {
  readonly level: LogLevel
  readonly id: string
  readonly text: string
  readonly fields: LogFields
  readonly at: WallTime
}

export type Layout = (record: LogRecord) => string

type Part = (record: LogRecord) => string

const STARTED = Date.now()

/** `root`: the logger of lines that tell no family, `kea-dhcp4`. */
export function layoutOf(pattern: string, root: string): Layout {
  const parts = patternPieces(pattern).map((piece): Part => {
    if (typeof piece === 'string') return () => piece
    const part = partOf(piece, root)
    return part === undefined ? () => '' : fitted(part, piece)
  })
  // Lines that run into each other help nobody.
  const end = /(\n|%n)$/.test(pattern) ? '' : '\n'
  return (record) => parts.map((part) => part(record)).join('') + end
}

function partOf({ letter, argument }: Conversion, root: string): Part | undefined {
  const parts: Readonly<Record<string, Part>> = {
    D: ({ at }) => localTime(argument, at),
    d: ({ at }) => localTime(argument, at + new Date(at).getTimezoneOffset() * 60_000),
    p: ({ level }) => level.toUpperCase(),
    c: ({ id }) => lastParts(`${rootOf(id, root)}.${loggerOf(id)}`, Number(argument)),
    m: messageOf,
    n: () => '\n',
    i: () => `${process.pid}`,
    t: () => `${process.pid}`,
    T: () => `${process.pid}`,
    h: () => hostname(),
    H: () => hostname(),
    r: ({ at }) => `${at - STARTED}`,
    '%': () => '%',
  }
  return parts[letter]
}

function fitted(part: Part, { width, isLeft, limit }: Conversion): Part {
  if (width === 0 && limit === Number.POSITIVE_INFINITY) return part
  return (record) => {
    const text = part(record)
    const cut = text.length > limit ? text.slice(text.length - limit) : text
    return isLeft ? cut.padEnd(width) : cut.padStart(width)
  }
}

/** With `%q`, the milliseconds, which strftime does not know. */
function localTime(format: string, at: WallTime): string {
  const millis = `${at % 1000}`.padStart(3, '0')
  return timeText((format || '%Y-%m-%d %H:%M:%S').replaceAll(/%[qQ]/g, millis), at)
}

function rootOf(id: string, root: string): string {
  return id.startsWith('DHCP6_') ? 'kea-dhcp6' : id.startsWith('DHCP4_') ? 'kea-dhcp4' : root
}

/** Of `a.b.c` with 2, `b.c`; all of it with 0. */
function lastParts(name: string, count: number): string {
  return count > 0 ? name.split('.').slice(-count).join('.') : name
}

/** `DHCP4_LEASE_ALLOC a new lease: address=192.0.2.10, hwAddress=02:00:5e:10:00:01`. */
function messageOf({ id, text, fields }: LogRecord): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${typeof value === 'string' ? worded(value) : value}`],
  )
  return `${id} ${text}${pairs.length === 0 ? '' : `: ${pairs.join(', ')}`}`
}

/** In quotes where it would be taken for more than one value, or for several lines. */
function worded(value: string): string {
  if (/^[\w.:/@+*-]+$/.test(value)) return value
  return JSON.stringify(value).replaceAll(/[\x7f-\x9f\u2028\u2029]/g, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
