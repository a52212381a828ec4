// Load from Kea's perfdhcp, and the search for the highest rate that a server holds.

import { readFileSync } from 'node:fs'
import type { Namespace } from '../system/netns.ts'

export interface Load {
  /** Namespace and device that the load comes from; the device has an address. */
  readonly from: Namespace
  readonly device: string
  /** Address of the server; of DHCPv6 all are asked by their group. */
  readonly server: string
  /** DHCPv6: what clients want. */
  readonly wish6?: 'address-only' | 'address-and-prefix'
  /** Processes whose processor time is read: the server, and its partner, 0 = none. */
  readonly pids: readonly [number, number]
  /** Processor that perfdhcp is pinned to. */
  readonly cpu: number
  /**
   * The same clients come, in order, in each run; else all clients of a run are new to the server.
   */
  readonly areKnown: boolean
}

export interface Sample {
  /** Exchanges (DISCOVER, OFFER, REQUEST, ACK) a second that were asked for. */
  readonly asked: number
  /** DISCOVERs a second that perfdhcp managed to send. */
  readonly sent: number
  /** ACKs a second. */
  readonly held: number
  /** Processor time of the server for each exchange held, microseconds. */
  readonly cpuEach: number
  /** The same of its partner. */
  readonly partnerCpuEach: number
  /** From DISCOVER to OFFER and from REQUEST to ACK, milliseconds on average. */
  readonly offerDelay: number
  readonly ackDelay: number
}

const NOTHING: Sample = {
  ...{ asked: 0, sent: 0, held: 0, cpuEach: 0, partnerCpuEach: 0, offerDelay: 0, ackDelay: 0 },
}

/** Clock ticks a second in /proc, the same on every Linux. */
const TICKS = 100

/** perfdhcp measures for so long at each rate. */
const SECONDS = 4

/**
 * Different clients that a run can have: more than it asks for, or so few that the first run had
 * them all.
 */
const NEW_CLIENTS = 1_000_000
const KNOWN_CLIENTS = 10_000

/**
 * Its small receive buffer overflows while somebody else has its processor, and no server could
 * help that.
 */
const NICE = -5

/** A rate counts as held when at most this share of the exchanges is missing. */
const LOSS_MAX = 0.02

let runs = 0

/** One run at a fixed rate. */
export async function run(load: Load, rate: number): Promise<Sample> {
  const clients = load.areKnown ? KNOWN_CLIENTS : NEW_CLIENTS
  const child = load.from.start(
    ...(['nice', '-n', String(NICE), 'taskset', '-c', String(load.cpu)] as const),
    ...['perfdhcp', ...familyOf(load), '-g', 'single'],
    ...['-l', load.device, '-r', String(rate), '-R', String(clients), '-s', String(++runs)],
    ...(load.areKnown ? [] : ['-b', `mac=${firstHwAddress(runs)}`]),
    ...['-p', String(SECONDS), '-W', '1000000', ...(load.wish6 === undefined ? [load.server] : [])],
  )
  const before = load.pids.map(cpuSeconds)
  // Exit code 3 only says that something was dropped.
  await child.ended
  const [cpu = 0, partnerCpu = 0] = load.pids.map((pid, index) => cpuSeconds(pid) - before[index]!)
  const [first, second] = EXCHANGES[load.wish6 === undefined ? 4 : 6]
  const sent = statistics(child.stdout, first, 'sent packets')
  const acknowledged = statistics(child.stdout, second, 'received packets')
  const each = 1e6 / Math.max(1, acknowledged)
  return {
    asked: rate,
    sent: sent / SECONDS,
    held: acknowledged / SECONDS,
    cpuEach: cpu * each,
    partnerCpuEach: partnerCpu * each,
    offerDelay: statistics(child.stdout, first, 'avg delay'),
    ackDelay: statistics(child.stdout, second, 'avg delay'),
  }
}

/** What perfdhcp calls the two halves of an exchange. */
const EXCHANGES = {
  4: ['DISCOVER-OFFER', 'REQUEST-ACK'],
  6: ['SOLICIT-ADVERTISE', 'REQUEST-REPLY'],
} as const

function familyOf({ wish6 }: Load): string[] {
  return wish6 === undefined ? ['-4'] : ['-6', '-e', wish6]
}

/** Sixteen million clients belong to a run. */
function firstHwAddress(run: number): string {
  const hex = (value: number) => (value & 255).toString(16).padStart(2, '0')
  return `02:${hex(run >> 8)}:${hex(run)}:00:00:00`
}

/** User and system time of all threads of a process; 0 for no process. */
export function cpuSeconds(pid: number): number {
  if (pid === 0) return 0
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/** The number behind `label` in perfdhcp's statistics of one exchange. */
function statistics(report: string, exchange: string, label: string): number {
  const part = report.split(`Statistics for: ${exchange}`)[1] ?? ''
  const match = new RegExp(`${label}: ([\\d.]+|-)`).exec(part)
  if (match === null) throw new Error(`perfdhcp printed no '${label}' of ${exchange}:\n${report}`)
  // What never happened took no time.
  return match[1] === '-' ? 0 : Number(match[1])
}

/**
 * The highest rate held: grows by half until more than 2 % is missing, then halves the gap until it
 * is under 4 %. `measure` asks for a rate.
 */
export async function climb(
  measure: (rate: number) => Promise<Sample>,
  start: number,
  note: (s: Sample) => void,
): Promise<Sample> {
  let best = NOTHING
  let low = 0
  let high = Number.POSITIVE_INFINITY
  let rate = start
  for (let step = 0; step < 12 && high - low > 0.04 * low; step++) {
    // Whatever else runs on the machine spoils a sample: a rate counts as lost when it is lost
    // twice.
    for (let attempt = 0; attempt < 2 && low !== rate; attempt++) {
      const sample = await measure(Math.round(rate))
      note(sample)
      if (sample.held < rate * (1 - LOSS_MAX)) continue
      low = rate
      if (sample.held > best.held) best = sample
    }
    if (low !== rate) high = rate
    if (high === Number.POSITIVE_INFINITY) rate *= 1.5
    else rate = (low + high) / 2
    if (low === 0 && rate < start / 16) break
  }
  return best
}
