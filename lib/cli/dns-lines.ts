// What `whio dns` has found, as a table for people and in one line.

import type { SweepCounts } from '../server/names/sweep-report.ts'
import { type Health, LEVELS } from './health.ts'
import { counted } from './load.ts'

/** As the command tells it. */
export interface SweepAnswer extends Sweep {
  readonly next?: number
}

export interface Sweep {
  readonly kind: 'check' | 'repair'
  readonly state: 'runs' | 'done' | 'ended'
  readonly why?: string
  readonly zones: readonly SweepZone[]
  readonly counts: SweepCounts
  readonly findings: readonly SweepRow[]
}

interface SweepZone {
  readonly direction: 'forward' | 'reverse'
  readonly zone: string
  readonly state: 'waits' | 'runs' | 'done' | 'failed'
  readonly wanted: number
  readonly server?: string
  readonly way?: 'transfer' | 'queries'
  readonly why?: string
}

interface SweepRow {
  readonly kind: 'missing' | 'different' | 'written' | 'orphan'
  readonly direction: 'forward' | 'reverse'
  readonly 'ip-address': string
  readonly name: string
  readonly waits?: boolean
  readonly why?: string
  readonly mended?: 'again' | 'removed'
}

const FOUND: Readonly<Record<SweepRow['kind'], string>> = {
  missing: 'missing',
  different: 'different',
  written: 'written over',
  orphan: "nobody's",
}

const MENDED = { again: 'it is added again', removed: 'it is removed' } as const

export function sweepLines({ counts, findings, zones }: Sweep): string[] {
  const left = findingsIn(counts) - findings.length
  return [
    ...zones.map(zoneLine),
    ...(findings.length === 0 ? [] : tableOf([HEAD, ...findings.map(rowOf)])),
    ...(left > 0 ? [`and ${left} more`] : []),
  ]
}

const HEAD = ['FOUND', 'RECORD', 'ADDRESS', 'NAME', 'WHY']

function zoneLine({ server = '', state, wanted, way, why = '', zone }: SweepZone): string {
  const at = server === '' ? '' : ` at ${server}`
  if (state === 'failed') return `zone ${zone}${at}: not looked at, ${why}`
  const names = counted(wanted, 'name')
  if (way !== 'queries') return `zone ${zone}${at}: ${names} of leases`
  const reason = why === '' ? '' : ` (${why})`
  return `zone ${zone}${at}: ${names} of leases, each asked for${reason}`
}

function rowOf({ direction, kind, mended, name, waits, why = '', ...row }: SweepRow): string[] {
  const record = direction === 'forward' ? 'name to address' : 'address to name'
  const words = [
    ...(why === '' ? [] : [why]),
    ...(waits ? ['it waits to be sent'] : []),
    ...(mended === undefined ? [] : [MENDED[mended]]),
  ]
  return [FOUND[kind], record, row['ip-address'], name, words.join('; ')]
}

function tableOf(rows: readonly string[][]): string[] {
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
}

function findingsIn({ different, missing, orphans, written }: SweepCounts): number {
  return different + missing + orphans + written
}

/** In words of its counts; what could not be looked at weighs more than what was found. */
export function sweepHealth({ counts, kind, state, why = '', zones }: Sweep): Health {
  if (state === 'ended') return told(3, `it was given up: ${why}`)
  const failed = zones.filter((zone) => zone.state === 'failed')
  const words = countWords(counts)
  const found = words === '' ? [] : [words]
  if (failed.length > 0) {
    const unseen = failed.map(({ zone, why = '' }) => `${zone} (${why})`).join(', ')
    return told(2, [`not looked at: ${unseen}`, ...found].join('; '))
  }
  if (words === '') return told(0, `names of leases are in DNS as they should be`)
  const { again, owed, removed } = counts
  const left = findingsIn(counts) - again - owed - removed
  if (kind === 'repair') {
    const done = `${counted(again, 'name')} added again, ${removed} removed`
    return told(left > 0 ? 1 : 0, left > 0 ? `${done}, ${left} left as they are` : done)
  }
  return told(1, left > 0 ? `${words}; \`whio dns repair\` mends what is not written over` : words)
}

function countWords({ different, missing, orphans, owed, written }: SweepCounts): string {
  const words: [number, string][] = [
    [missing, 'missing'],
    [different, 'different'],
    [written, 'written over by somebody'],
    [orphans, "nobody's"],
    [owed, 'of them waiting to be sent'],
  ]
  const told = words.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return told.length === 0 ? '' : `records in DNS: ${told.join(', ')}`
}

function told(level: Health['level'], text: string): Health {
  return { level, line: `${LEVELS[level]}: ${text}` }
}
