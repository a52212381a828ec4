// What an exchange costs the two servers of a hot-standby pair, without a network and a disk: the
// servers are the product's, the link between them and the time are the lab's. Processor time is
// counted at each server's own door, so that what plays the clients does not count, and neither
// does what else runs on the machine, but for the caches.
//
//   node test/bench/pair-memory.ts [--only WORD OF A NAME] [--exchanges N]

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { LinkNet } from '../../lib/lab/link-net.ts'
import { VirtualServer } from '../../lib/lab/virtual-server.ts'
import { World } from '../../lib/lab/world.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type { DatagramSink4, Datagrams4, Interface4 } from '../../lib/ports/datagrams4.ts'
import type { DatagramSink6, Datagrams6, Interface6 } from '../../lib/ports/datagrams6.ts'
import type { Journal, JournalInfo, JournalSink } from '../../lib/ports/journal.ts'
import type { Link, LinkSink } from '../../lib/ports/link.ts'
import type { ServerPorts } from '../../lib/server/settings.ts'
import { micros, printHeads, printRow } from './contest.ts'
import { Clients4, Clients6, type Exchanging } from './pair-memory-clients.ts'
import { PEERS, SUBNET } from './stand.ts'
import { SUBNET6 } from './stand6.ts'

const WARM = 20_000
/** As many as the kernel holds for a server that is busy. */
const BATCH = 32
const ROUNDS = 5

type What = '4' | '6' | '6pd'

/** Processor time of one server: all that happens between its door and the next port. */
class Meter {
  micros = 0
  #depth = 0

  readonly run = <T>(enter: () => T): T => {
    if (this.#depth > 0) return enter()
    this.#depth++
    const before = process.threadCpuUsage()
    try {
      return enter()
    } finally {
      const { user, system } = process.threadCpuUsage(before)
      this.micros += user + system
      this.#depth--
    }
  }
}

/** One server of the stand, whose ports all count. */
class Seat {
  readonly meter = new Meter()
  readonly replies: Uint8Array[] = []
  readonly server: VirtualServer
  /** Of rows, that have come by the link. */
  bytes = 0
  #four: DatagramSink4 | undefined
  #six: DatagramSink6 | undefined

  constructor(world: World, links: LinkNet, name: string, plan: Plan) {
    this.server = new VirtualServer(world, {
      ...{ name, plan, interfaces: [], links, logLevel: 'error' },
      ports: (own) => this.#ports(own),
    })
    this.server.start()
  }

  /** All of the batch come at once. */
  hear4(batch: readonly Uint8Array[], relay: number): void {
    this.meter.run(() => {
      for (const bytes of batch)
        this.#four!.onDatagram(
          LINK4,
          bytes,
          0,
          bytes.length,
          relay,
          67,
          LINK4.addresses[0]!.address,
        )
      this.#four!.onBatchEnd()
    })
  }

  hear6(batch: readonly Uint8Array[], address: string): void {
    this.meter.run(() => {
      for (const bytes of batch)
        this.#six!.onDatagram(LINK6, bytes, 0, bytes.length, address, 546, GROUP)
      this.#six!.onBatchEnd()
    })
  }

  #ports(own: ServerPorts): ServerPorts {
    const { meter } = this
    const clock: Clock = {
      monotonic: () => own.clock.monotonic(),
      wall: () => own.clock.wall(),
      wakeAt: (when, fire) => own.clock.wakeAt(when, () => meter.run(fire)),
      cancel: () => own.clock.cancel(),
    }
    return {
      ...own,
      ...{ clock, journal: this.#journal(), datagrams: own.datagrams && this.#datagrams4() },
      datagrams6: own.datagrams6 && this.#datagrams6(),
      link: own.link && this.#link(own.link),
    }
  }

  /** Everything is on the disk a moment later. */
  #journal(): Journal {
    const seat = this
    let sink: JournalSink
    return {
      open(given) {
        sink = given
        const info: JournalInfo = {
          ...{ stamp: 0, change: 0, setAside: 0 },
          database: `d${seat.server.name}`,
          pair: undefined,
        }
        seat.server.node.after(1, () => seat.meter.run(() => sink.onReady(info)))
      },
      commit() {
        seat.server.node.after(0.2, () => seat.meter.run(() => sink.onCommitted()))
      },
      close: (done) => done(),
    }
  }

  #link(own: Link): Link {
    const { meter } = this
    const seat = this
    return {
      open(sink: LinkSink) {
        own.open({
          onLinkOpened: (one) => meter.run(() => sink.onLinkOpened(one)),
          onLinkMessage: (one, message) => {
            if (typeof message !== 'string') seat.bytes += message.length
            meter.run(() => sink.onLinkMessage(one, message))
          },
          onLinkClosed: (one, why) => meter.run(() => sink.onLinkClosed(one, why)),
          onDialFailed: (...said) => meter.run(() => sink.onDialFailed(...said)),
          onListener: (trouble) => meter.run(() => sink.onListener(trouble)),
          onStranger: (...said) => meter.run(() => sink.onStranger(...said)),
        })
      },
      dial: (peer) => own.dial(peer),
      close: (done) => own.close(done),
    }
  }

  #datagrams4(): Datagrams4 {
    return {
      open: (sink) => {
        this.#four = sink
        sink.onAddresses(LINK4.addresses.map(({ address }) => address))
      },
      send: (replies) => {
        for (const { bytes, start, end } of replies) this.replies.push(bytes.slice(start, end))
      },
      ...NO_NETWORK,
    }
  }

  #datagrams6(): Datagrams6 {
    return {
      open: (sink) => {
        this.#six = sink
        sink.onAddresses(LINK6.addresses.map(({ address }) => address))
      },
      send: (replies) => {
        for (const { bytes, start, end } of replies) this.replies.push(bytes.slice(start, end))
      },
      ...NO_NETWORK,
      interfaces: () => [LINK6],
    }
  }
}

const NO_NETWORK = {
  select() {},
  status: () => [],
  traffic: () => [],
  close: (done: () => void) => done(),
}

const GROUP = ipv6FromText('ff02::1:2')!
const RELAY = ipv4FromText('10.0.0.9')!
const CLIENT = ipv6FromText('fe80::9')!

const LINK4: Interface4 = {
  ...{ name: 'eth0', index: 1 },
  addresses: [{ address: ipv4FromText('10.0.0.1')!, length: 8 }],
}
const LINK6: Interface6 = {
  ...{ name: 'eth0', index: 1, linkLocal: ipv6FromText('fe80::1')! },
  addresses: [
    { address: ipv6FromText('fe80::1')!, length: 64 },
    { address: ipv6FromText('2001:db8::1')!, length: 64 },
  ],
}

function planOf(what: What, thisServer: string | undefined): Plan {
  const parameters = { 'high-availability': [{ mode: 'hot-standby', peers: PEERS }] }
  const hooks = thisServer === undefined ? [] : [{ library: 'libdhcp_ha.so', parameters }]
  const common = { 'interfaces-config': { interfaces: ['eth0'] }, 'hooks-libraries': hooks }
  const document =
    what === '4'
      ? {
          Dhcp4: { ...common, 'valid-lifetime': 3600, subnet4: [{ ...SUBNET, interface: 'eth0' }] },
        }
      : { Dhcp6: { ...common, subnet6: [SUBNET6] } }
  const context = {
    stateDirectory: '/nowhere',
    ...(thisServer === undefined ? {} : { thisServer }),
  }
  const { plan, problems } = loadPlanFromObject(document, context)
  if (plan === undefined) throw new Error(JSON.stringify(problems))
  return plan
}

interface Row {
  readonly name: string
  readonly what: What
  readonly isPair: boolean
  /** The standby hears all clients, as where these ask a group or broadcast. */
  readonly hearsAll: boolean
}

const ROWS: readonly Row[] = [
  { name: 'DHCPv4, alone', what: '4', isPair: false, hearsAll: false },
  { name: 'DHCPv4, pair behind a relay', what: '4', isPair: true, hearsAll: false },
  { name: 'DHCPv4, pair', what: '4', isPair: true, hearsAll: true },
  { name: 'IA_NA, alone', what: '6', isPair: false, hearsAll: false },
  { name: 'IA_NA, pair', what: '6', isPair: true, hearsAll: true },
  { name: 'IA_NA + IA_PD, alone', what: '6pd', isPair: false, hearsAll: false },
  { name: 'IA_NA + IA_PD, pair', what: '6pd', isPair: true, hearsAll: true },
]

/** Microseconds of each server, and bytes on the link, for an exchange. */
interface Cost {
  readonly active: number
  readonly standby: number
  readonly bytes: number
}

/** The best of some rounds: what is more came from outside. */
function measure({ what, isPair, hearsAll }: Row, exchanges: number): Cost {
  const world = new World({ seed: 1 })
  const links = new LinkNet(world)
  const names = isPair ? PEERS.map(({ name }) => name) : [undefined]
  const seats = names.map((name) => new Seat(world, links, name ?? 'alone', planOf(what, name)))
  const [active, standby] = seats as [Seat, Seat | undefined]
  world.advance(30_000)
  const clients: Exchanging = what === '4' ? new Clients4(RELAY) : new Clients6(what === '6pd')
  const ask = (batch: readonly Uint8Array[]) => {
    for (const seat of hearsAll ? seats : [active])
      if (what === '4') seat.hear4(batch, RELAY)
      else seat.hear6(batch, CLIENT)
    world.advance(2)
    const replies = active.replies.splice(0)
    if (replies.length !== batch.length)
      throw new Error(`${replies.length} replies to ${batch.length}`)
    return replies
  }
  const run = (count: number) => {
    for (let done = 0; done < count; done += BATCH)
      clients.answered(ask(clients.requests(ask(clients.discovers(BATCH)))))
  }
  run(WARM)
  let best: Cost = { active: Number.POSITIVE_INFINITY, standby: Number.POSITIVE_INFINITY, bytes: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { meter } of seats) meter.micros = 0
    run(exchanges)
    best = {
      active: Math.min(best.active, active.meter.micros / exchanges),
      standby: Math.min(best.standby, (standby?.meter.micros ?? 0) / exchanges),
      bytes: (standby?.bytes ?? 0) / (WARM + (round + 1) * exchanges),
    }
  }
  if (standby !== undefined && standby.replies.length > 0) throw new Error('the standby answered')
  return best
}

/** In a process of its own: what one has compiled would be in the way of another. */
function printed(name: string, exchanges: number): void {
  const args = [fileURLToPath(import.meta.url), '--row', name, '--exchanges', `${exchanges}`]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    exchanges: { type: 'string', default: '20000' },
    row: { type: 'string' },
  },
})
const exchanges = Math.ceil(Number(values.exchanges) / BATCH) * BATCH
const row = ROWS.find(({ name }) => name === values.row)
if (row === undefined) {
  printHeads(['in memory, batches of 32', 'active', 'standby', 'bytes on the link'])
  for (const { name } of ROWS)
    if (values.only?.some((word) => name.includes(word)) !== false) printed(name, exchanges)
} else {
  const { active, standby, bytes } = measure(row, exchanges)
  printRow([row.name, micros(active), micros(standby), Math.round(bytes)])
}
