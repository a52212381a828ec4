// What was acknowledged stays: the server is killed under load again and again, at different
// moments, and its disk fills up. Every ACK that any client heard must be in the journal, every
// client must get its address back, and no address may have two clients. Runs in network
// namespaces; the load is bounded by counts and ends by itself.

import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import t from 'tap'
import { Capture } from './capture.ts'
import { Daemon, folder, type LeaseRow, leasesLeftIn } from './daemon.ts'
import { type Namespace, network, type Running, systemSkip } from './netns.ts'

const skip = systemSkip('perfdhcp', 'dumpcap', 'tshark', 'nsenter', 'mount')

const SERVER = '10.9.0.1'
const RECORDER = '10.9.0.2'
const LOAD = '10.9.0.3'
const CONFIG = {
  'interfaces-config': { interfaces: ['lan'] },
  'valid-lifetime': 86400,
  subnet4: [{ id: 1, subnet: '10.9.0.0/16', pools: [{ pool: '10.9.1.0 - 10.9.255.250' }] }],
}

interface Ack {
  readonly ack: string
  readonly hw: string
}

/** The relay of exchanges.ts, and every ACK that it heard. */
class Recorder {
  readonly #running: Running

  private constructor(running: Running) {
    this.#running = running
  }

  static async start(where: Namespace): Promise<Recorder> {
    const running = where.node('test/system/exchanges.ts', RECORDER, SERVER)
    await running.until(/ready/)
    return new Recorder(running)
  }

  exchange(first: number, count: number): void {
    this.#running.tell(`exchange ${first} ${count}`)
  }

  /** All exchanges since `first` have their ACK. */
  async done(first: number, mark: number): Promise<void> {
    await this.#running.until(new RegExp(`"done":${first}\\}`), mark)
  }

  /** The ACK with this number, counted from the start, has been heard. */
  async heard(nth: number): Promise<void> {
    await this.#running.until(new RegExp(`"nth":${nth}\\}`))
  }

  async stop(): Promise<void> {
    const { mark } = this
    this.#running.tell('stop')
    await this.#running.until(/"stopped"/, mark)
  }

  get mark(): number {
    return this.#running.stdout.length
  }

  /** Every ACK so far, from `mark` on. */
  acks(mark = 0): Ack[] {
    const lines = this.#running.stdout.slice(mark).split('\n').slice(0, -1)
    return lines.filter((line) => line.includes('"ack"')).map((line) => JSON.parse(line) as Ack)
  }

  refusals(): number {
    return this.#running.stdout.split('"refused"').length - 1
  }
}

/** The ACKs that are not in the journal as they were given. */
function missing(acks: readonly Ack[], rows: readonly LeaseRow[]): Ack[] {
  const holders = new Map(rows.map((row) => [row.address, row]))
  return acks.filter(({ ack, hw }) => {
    const row = holders.get(ack)
    return row?.hw_address !== hw || row.state !== 'assigned'
  })
}

/** Pairs of ACKs that give one address to two clients, or one client two addresses. */
function conflicts(acks: readonly Ack[]): Ack[] {
  const holders = new Map<string, string>()
  const addresses = new Map<string, string>()
  return acks.filter(({ ack, hw }) => {
    const holder = holders.get(ack) ?? hw
    const address = addresses.get(hw) ?? ack
    holders.set(ack, holder)
    addresses.set(hw, address)
    return holder !== hw || address !== ack
  })
}

t.test('killed under load, at different moments', { skip }, async (t) => {
  const net = network(t)
  const at = folder(t)
  const server = net.namespace('server')
  const clients = net.namespace('recorder')
  const load = net.namespace('load')
  net.veth(server, 'port0', clients, 'eth0')
  net.veth(server, 'port1', load, 'eth0')
  net.bridge(server, 'lan', ['port0', 'port1'])
  server.addAddress('lan', `${SERVER}/16`)
  clients.addAddress('eth0', `${RECORDER}/16`)
  load.addAddress('eth0', `${LOAD}/16`)
  const recorder = await Recorder.start(clients)
  const filter = `udp src port 67 and dst host ${LOAD}`
  const capture = await Capture.start(load, `${at}/load.pcap`, ['eth0'], filter)
  const whio = new Daemon(server, at, CONFIG)

  // After so many more ACKs of the recorder: the first one, and in the middle of groups of commits.
  for (const [round, after] of [1, 37, 150, 400].entries()) {
    await t.test(`after ${after} more`, async (t) => {
      if (round > 0) whio.restart()
      await whio.serves('lan')
      const before = recorder.acks().length
      const mark = recorder.mark
      // The same simulated clients in each round.
      const options = ['-4', '-g', 'single', '-l', 'eth0', '-r', '800', '-R', '4000', '-s', '7']
      const perfdhcp = load.start('perfdhcp', ...options, '-p', '20', SERVER)
      await whio.line(/^DHCP4_LEASE_(ALLOC|RENEW)$/, { hwAddress: /^00:0c/ })
      const first = round * 1000
      recorder.exchange(first, 1000)
      await recorder.heard(before + after)
      whio.running.kill('SIGKILL')
      t.equal(await whio.running.ended, 'SIGKILL')
      perfdhcp.kill('SIGKILL')
      await Promise.all([recorder.stop(), perfdhcp.ended])
      const acks = recorder.acks(mark)
      const rows = leasesLeftIn(whio.journalFile, at)
      t.ok(acks.length >= after, `${acks.length} ACKs were heard, ${rows.length} leases are left`)
      t.same(missing(acks, rows), [], 'every one of them is in the journal')

      whio.restart()
      await whio.serves('lan')
      const again = recorder.mark
      recorder.exchange(first, 1000)
      await recorder.done(first, again)
      const now = recorder.acks(again)
      t.equal(now.length, 1000)
      const regained = new Map(now.map(({ ack, hw }) => [hw, ack]))
      const moved = acks.filter(({ ack, hw }) => regained.get(hw) !== ack)
      t.same(moved, [], 'every client has its address back')
      t.notOk(whio.wrote('JOURNAL_ROWS_SET_ASIDE'))
      t.notOk(whio.wrote('INTERNAL_ERROR'))
      t.equal(await whio.stop(), 0)
    })
  }

  await t.test('all in all', async (t) => {
    const heard = await capture.stop('dhcp.option.dhcp', 'dhcp.ip.your', 'dhcp.hw.mac_addr')
    const loaded = heard
      .filter((one) => one['dhcp.option.dhcp'] === '5')
      .map((one) => ({ ack: one['dhcp.ip.your']!, hw: one['dhcp.hw.mac_addr']! }))
    const all = [...recorder.acks(), ...loaded]
    t.ok(
      loaded.length > 0,
      `perfdhcp heard ${loaded.length} ACKs, the recorder the other ${all.length - loaded.length}`,
    )
    t.same(missing(all, whio.leases()), [], 'the journal has every ACK of every round')
    t.same(conflicts(all), [], 'no address was given to two clients, no client moved')
    t.equal(recorder.refusals(), 0)
  })
})

/** A small disk of its own for the journal, in a mount namespace that outlives the server. */
class SmallDisk {
  readonly #where: Running
  readonly #folder: string

  private constructor(where: Running, at: string) {
    this.#where = where
    this.#folder = at
  }

  static async start(where: Namespace, at: string, size: string): Promise<SmallDisk> {
    mkdirSync(at)
    const mount = `mount -t tmpfs -o size=${size} none ${at} && echo mounted && exec cat`
    const running = where.start('sh', '-c', mount)
    await running.until(/mounted/)
    return new SmallDisk(running, at)
  }

  /** What runs a command where the disk can be seen. */
  get prefix(): string[] {
    return ['nsenter', '--target', `${this.#where.pid}`, '--mount']
  }

  /** A file of the disk, as seen from outside. */
  path(name: string): string {
    return `/proc/${this.#where.pid}/root${this.#folder}/${name}`
  }

  fill(): void {
    const file = openSync(this.path('filler'), 'w')
    try {
      for (const bytes = Buffer.alloc(4096); ; ) writeSync(file, bytes)
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOSPC') throw error
    } finally {
      closeSync(file)
    }
  }

  free(): void {
    rmSync(this.path('filler'))
  }
}

t.test('a disk that is full', { skip }, async (t) => {
  const net = network(t)
  const at = folder(t)
  const server = net.namespace('server')
  const clients = net.namespace('recorder')
  net.veth(server, 'lan', clients, 'eth0')
  server.addAddress('lan', `${SERVER}/16`)
  clients.addAddress('eth0', `${RECORDER}/16`)
  const disk = await SmallDisk.start(server, `${at}/journal`, '2m')
  const journal = disk.path('leases.sqlite')
  const whio = new Daemon(server, at, CONFIG, disk.prefix)
  await whio.serves('lan')
  const recorder = await Recorder.start(clients)
  recorder.exchange(0, 10)
  await recorder.done(0, 0)
  t.equal((await whio.status()).state, 'serving')

  disk.fill()
  recorder.exchange(1000, 200)
  t.match(await whio.line('JOURNAL_FAILED'), { trouble: /^the disk is full/ })
  // The clients go on asking: the server hears them and says why it is silent.
  await whio.line('DHCP4_PACKET_DROP', { reason: 'journal-failed' })
  const full = await whio.status()
  t.match(full, { state: 'failed', journalTrouble: /^the disk is full/ })
  const sent = full.statistics['pkt4-ack-sent']!
  await recorder.heard(sent)
  const { mark } = whio
  await whio.line('DHCP4_PACKET_DROP', { reason: 'journal-failed' }, mark)
  t.match(await whio.status(), { state: 'failed', statistics: { 'pkt4-ack-sent': sent } })
  const told = recorder.acks()
  t.equal(told.length, sent, `${sent} ACKs before, none while the disk is full`)
  t.ok(sent < 210)
  t.same(missing(told, leasesLeftIn(journal, at)), [], 'all of those are in the journal')

  disk.free()
  await whio.line('JOURNAL_RECOVERED')
  await recorder.done(1000, 0)
  t.match(await whio.status(), { state: 'serving', journalTrouble: '' })
  t.same(missing(recorder.acks(), leasesLeftIn(journal, at)), [])

  // Full again, and killed while nothing can be stored: what was told before is still there.
  disk.fill()
  recorder.exchange(2000, 200)
  await whio.line('JOURNAL_FAILED', {}, mark)
  whio.running.kill('SIGKILL')
  await whio.running.ended
  await recorder.stop()
  disk.free()
  whio.restart()
  await whio.serves('lan')
  const again = recorder.mark
  recorder.exchange(2000, 200)
  await recorder.done(2000, again)
  const all = recorder.acks()
  t.same(missing(all, leasesLeftIn(journal, at)), [])
  t.same(conflicts(all), [])
  t.equal(recorder.refusals(), 0)
  t.equal(await whio.stop(), 0)
})
