// How long a returning partner takes to have what it missed: everything, for a new database, of a
// million leases; then a thousand changes. The other server serves clients all the while.
//
//   npm run bench -- resync

import type { Daemon, LogLine } from '../system/daemon.ts'
import { printHeads, printRow } from './contest.ts'
import { fillPrimary } from './databases.ts'
import type { Report } from './pair-clients.ts'
import { type Clients, pause, startClients } from './pair-takeover.ts'
import { type Stand as Hosts, Stand, statusOf } from './stand.ts'

const CHANGES = 1000

/** New clients and renewals a second, beside. */
const NEW = 100
const RENEWALS = 200

/** The active server has one processor, everything else the other. */
const ACTIVE = ['taskset', '-c', '0'] as const
const OTHERS = ['taskset', '-c', '1'] as const

export async function resync(leases = 1_000_000): Promise<void> {
  const stand = new Stand()
  try {
    await fillPrimary(stand.journalOf(0), leases)
    const active = stand.whio(0, ACTIVE)
    await active.line('HA_STATE_TRANSITION', { to: 'partner-down' })
    await active.serves('eth0')
    const clients = await startClients(stand, OTHERS)
    clients.tell(`known 0 ${leases}`)
    clients.tell(`rate ${NEW} ${RENEWALS}`)
    // The first messages after a start wait until the indexes of the leases are complete.
    await pause(2000)
    await clients.report()
    await pause(3000)
    const alone = await clients.report()
    printHeads(['while', 'seconds', 'rows', ...LATENCY_HEADS])
    printRow(['the partner is away', '–', '–', ...latencies(alone)])
    const standby = await full(stand, active, clients)
    await delta(active, standby, clients)
  } finally {
    await stand.remove()
  }
}

/** A partner with a new database. */
async function full(stand: Hosts, active: Daemon, clients: Clients): Promise<Daemon> {
  const mark = active.mark
  const standby = stand.whio(1, OTHERS)
  const met = await active.line('HA_PEER_MET', {}, mark)
  await clients.report()
  const done = await together(active, standby, mark)
  const during = await clients.report()
  const seconds = secondsBetween(met, done)
  printRow(['everything', seconds, await rowsSent(active, mark), ...latencies(during)])
  await sameLeases(active, standby, clients)
  return standby
}

/** It was away while some leases changed. */
async function delta(active: Daemon, standby: Daemon, clients: Clients): Promise<void> {
  clients.tell('rate 0 0')
  await pause(1000)
  await standby.stop()
  const mark = active.mark
  const from = clients.running.stdout.length
  clients.tell(`renew 0 ${CHANGES}`)
  await clients.running.until(/^idle$/m, from)
  clients.tell(`rate ${NEW} ${RENEWALS}`)
  standby.restart()
  const met = await active.line('HA_PEER_MET', {}, mark)
  await clients.report()
  const done = await together(active, standby, mark)
  const seconds = secondsBetween(met, done)
  await pause(2000)
  const during = await clients.report()
  printRow(['what it missed', seconds, await rowsSent(active, mark), ...latencies(during)])
  await sameLeases(active, standby, clients)
}

/**
 * When both have sent what the other had missed, and both are in the normal state: the last of the
 * lines.
 */
async function together(active: Daemon, standby: Daemon, mark: number): Promise<LogLine> {
  const lines = [
    await active.line('HA_SYNC_SENT', {}, mark),
    await active.line('HA_STATE_TRANSITION', { to: 'hot-standby' }, mark),
    await standby.line('HA_SYNC_SENT'),
    await standby.line('HA_STATE_TRANSITION', { to: 'hot-standby' }),
  ]
  return lines.reduce((last, line) => (timeOf(line) > timeOf(last) ? line : last))
}

async function rowsSent(active: Daemon, mark: number): Promise<string> {
  const { rows } = await active.line('HA_SYNC_SENT', {}, mark)
  return Number(rows).toLocaleString('en')
}

/** What was measured was a resync: afterwards both have the same. */
async function sameLeases(active: Daemon, standby: Daemon, clients: Clients): Promise<void> {
  clients.tell('rate 0 0')
  await pause(1500)
  const [here, there] = [await statusOf(active), await statusOf(standby)]
  if (here.leases !== there.leases || !here.ha.isSharing)
    throw new Error(`not the same: ${JSON.stringify([here, there])}`)
  clients.tell(`rate ${NEW} ${RENEWALS}`)
}

function secondsBetween(from: LogLine, to: LogLine): string {
  return `${((timeOf(to) - timeOf(from)) / 1000).toFixed(2)} s`
}

function timeOf(line: LogLine): number {
  return Date.parse(String(line.time))
}

const LATENCY_HEADS = ['messages', 'not answered at once', 'median', '99 %', 'longest'] as const

function latencies(report: Report): string[] {
  const answered = report.filter(({ answered }) => answered !== undefined)
  const sorted = answered.map(({ first, answered }) => answered! - first).sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]
  const ms = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} ms`)
  const repeated = report.filter(({ tries }) => tries > 1).length
  return [String(report.length), String(repeated), ms(at(0.5)), ms(at(0.99)), ms(sorted.at(-1))]
}
