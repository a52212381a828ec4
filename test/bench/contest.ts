// Who holds how many exchanges a second: contenders are measured in turn, in one run, on one stand;
// of each the best of some rounds is kept. The server that clients talk to is pinned to one
// processor, perfdhcp to the other. perfdhcp is a relay, and its clients are new ones unless a
// contender says otherwise.

import { climb, type Load, run, type Sample } from './perfdhcp.ts'
import { PRIMARY, Stand } from './stand.ts'

/** For the server that clients talk to. */
export const PINNED = ['taskset', '-c', '0'] as const
const LOAD_CPU = 1

export interface Contender {
  readonly name: string
  /** First rate tried, exchanges a second. */
  readonly start: number
  /** The same clients come again and again. */
  readonly areKnown?: boolean
  /** DHCPv6: what clients want. */
  readonly wish6?: Load['wish6']
  /** Returns when it serves on the first host of the stand. */
  serve(stand: Stand): Promise<Serving>
}

export interface Serving {
  /** Processes of the server that clients talk to and of its partner, 0 = none. */
  readonly pids: readonly [number, number]
  /** Throws when, after the load, this was not what was to be measured. */
  check?(): Promise<void>
}

/** `only`: words of the names of those who run; none: everybody. */
export async function contest(
  contenders: readonly Contender[],
  rounds: number,
  only: readonly string[],
): Promise<Map<string, Sample>> {
  const best = new Map<string, Sample>()
  const runs = contenders.filter(
    ({ name }) => only.length === 0 || only.some((word) => name.includes(word)),
  )
  for (let round = 0; round < rounds; round++)
    for (const contender of runs) {
      const sample = await measure(contender)
      const former = best.get(contender.name)
      if (former === undefined || sample.held > former.held) best.set(contender.name, sample)
    }
  return best
}

async function measure({
  name,
  start,
  areKnown = false,
  wish6,
  serve,
}: Contender): Promise<Sample> {
  const stand = new Stand()
  try {
    const { pids, check } = await serve(stand)
    const { clients } = stand
    const load: Load = {
      from: clients,
      device: 'br0',
      server: PRIMARY,
      cpu: LOAD_CPU,
      pids,
      areKnown,
      ...(wish6 === undefined ? {} : { wish6 }),
    }
    // Nothing is compiled yet, and no client known.
    await run(load, start)
    const best = await climb(
      (rate) => run(load, rate),
      start,
      (sample) => note(name, sample),
    )
    await check?.()
    return best
  } finally {
    await stand.remove()
  }
}

export function note(name: string, { asked, sent, held, cpuEach, partnerCpuEach }: Sample): void {
  const each = `${cpuEach.toFixed(1)} + ${partnerCpuEach.toFixed(1)} us each`
  process.stderr.write(`  ${name}: asked ${asked}, sent ${sent}, held ${held}, ${each}\n`)
}

/** One line of a table in Markdown. */
export function printRow(cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}

/** Heads of a table whose first column is text and whose others are numbers. */
export function printHeads(heads: readonly string[]): void {
  printRow(heads)
  console.log(`|---${'|---:'.repeat(heads.length - 1)}|`)
}

/** What `text` makes of the ratio of the two, where there is something to compare with. */
export function share(held: number, of: number, text: (ratio: number) => string): string {
  return of === 0 ? '–' : text(held / of)
}

export const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`
export const times = (ratio: number): string => ratio.toFixed(2)

/** Processor time of an exchange; none was measured for 0. */
export function micros(value: number): string {
  return value === 0 ? '–' : `${value.toFixed(1)} µs`
}
