// How long clients wait when the active server of a hot-standby pair is gone: its process killed,
// or its host unplugged. New clients and renewals come all the time, through a relay that forwards
// to both servers; timers of the pair are the defaults, those of clients 4 s and 8 s.
//
//   npm run bench -- takeover

import type { Running } from '../system/netns.ts'
import { printHeads, printRow } from './contest.ts'
import type { Answered, Report } from './pair-clients.ts'
import { PRIMARY, RELAY, STANDBY, Stand, whioPair } from './stand.ts'

/** New clients and renewals a second. */
const NEW = 250
const RENEWALS = 250

const WARM_UP_MS = 4000
/** Longer than a client repeats twice. */
const WATCHED_MS = 15_000

const CASES: Record<string, (stand: Stand, active: Running) => void> = {
  'process killed (SIGKILL)': (_, active) => active.kill('SIGKILL'),
  'host unplugged': (stand) => stand.clients.down('host1'),
}

export interface Clients {
  readonly running: Running
  tell(line: string): void
  /** What was since the last report. */
  report(): Promise<Report>
}

export async function startClients(stand: Stand, prefix: readonly string[] = []): Promise<Clients> {
  const script = ['test/bench/pair-clients.ts', RELAY, `${PRIMARY},${STANDBY}`]
  const [program = '', ...words] = [...prefix, 'env', '-u', 'NODE_OPTIONS', process.execPath]
  const running = stand.clients.start(program, ...words, ...script)
  await running.until(/^ready$/m)
  return {
    running,
    tell: (line) => running.tell(line),
    report: async () => {
      const from = running.stdout.length
      running.tell('report')
      return JSON.parse((await running.until(/^(\[.*\])$/m, from))[1]!) as Report
    },
  }
}

export async function takeover(): Promise<void> {
  printHeads([
    'hot-standby, the active server’s',
    'first answer of the standby after',
    'clients that had to repeat',
    'longest wait beyond the client’s own timer',
    'longest wait for an answer',
    'clients whose offer was lost',
    'never answered',
  ])
  for (const [name, strike] of Object.entries(CASES)) printRow(await measure(name, strike))
}

async function measure(
  name: string,
  strike: (stand: Stand, active: Running) => void,
): Promise<string[]> {
  const stand = new Stand()
  try {
    const [active] = await whioPair(stand, [[], []])
    const clients = await startClients(stand)
    clients.tell(`rate ${NEW} ${RENEWALS}`)
    await pause(WARM_UP_MS)
    const warm = await clients.report()
    const struck = performance.timeOrigin + performance.now()
    strike(stand, active.running)
    await pause(WATCHED_MS)
    clients.tell('rate 0 0')
    await pause(1000)
    const report = await clients.report()
    if (clients.running.stderr !== '') throw new Error(clients.running.stderr)
    return row(name, struck, warm, report)
  } finally {
    await stand.remove()
  }
}

function row(name: string, struck: number, warm: Report, report: Report): string[] {
  const served = warm.filter((one) => one.server === 0 && one.tries === 1).length
  if (served < (warm.length * 9) / 10) throw new Error(`${served} of ${warm.length} served before`)
  const byStandby = report.filter(({ server }) => server === 1).map(({ answered }) => answered!)
  const repeated = report.filter(({ answered, tries }) => tries > 1 && answered !== undefined)
  const end = Math.max(...byStandby)
  const isLeft = ({ answered, first }: Answered) => answered === undefined && first < end
  // Who took an offer of the dead server asks that server in vain and begins anew: after 12 s,
  // here.
  const lost = report.filter((one) => one.kind === 'select' && isLeft(one))
  const never = report.filter((one) => one.kind !== 'select' && isLeft(one))
  const ms = (value: number) => `${Math.round(value).toLocaleString('en')} ms`
  return [
    name,
    ms(Math.min(...byStandby) - struck),
    repeated.length.toLocaleString('en'),
    ms(Math.max(0, ...repeated.map(beyond))),
    ms(Math.max(...repeated.map(({ first, answered }) => answered! - first))),
    String(lost.length),
    String(never.length),
  ]
}

/** What a client waited after its first repetition. */
function beyond({ answered, repeated }: Answered): number {
  return answered! - repeated!
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
