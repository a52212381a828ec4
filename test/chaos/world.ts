// One world of the chaos run: two real servers, real clients, faults in two lanes beside each other until the time is
// over, and then everything heals and is looked at. Violations are sentences; a world without them keeps its promises.

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { between, chance, oneOf } from '../../lib/lab/chance.ts'
import type { Draw } from '../../lib/ports/clock.ts'
import { leasesLeftIn } from '../system/daemon.ts'
import type { Running } from '../system/netns.ts'
import { type Mode, PairHosts, SERVERS, type Which } from '../system/pair-hosts.ts'
import type { Holding, Report } from './clients.ts'
import { type Disk, diskOf } from './disk.ts'
import { FAULTS, type FaultName } from './faults.ts'
import { keysBeyond } from './keys.ts'
import { type Scene, sceneOf } from './scene.ts'

const RELAY = '10.77.0.9'
const HOSTS = [0, 1] as const

/** Short delays, so that much happens in little time. */
const HA = {
  'heartbeat-delay': 500,
  'max-response-delay': 2500,
  'max-ack-delay': 1000,
  'max-unacked-clients': 0,
}

/** Longest time from the last fault to a pair that works together, and to clients that are all served. */
const HEAL_WITHIN_MS = 180_000

/** Faults happen so many at a time. */
const LANES = 2

export interface WorldResult {
  readonly seed: number
  readonly violations: readonly string[]
  readonly acks: number
  readonly faults: Readonly<Record<string, number>>
  /** What happened, a line each, with seconds since the beginning. */
  readonly story: readonly string[]
}

export class ChaosWorld {
  readonly scene: Scene
  readonly pair: PairHosts
  readonly draw: Draw
  readonly disks: readonly Disk[]
  readonly violations: string[] = []
  readonly faults: Record<string, number> = {}
  readonly story: string[] = []
  /** What a fault has for itself: a host, or the cable. */
  readonly #taken = new Set<Which | 'cable'>()
  readonly #ends: (() => void | Promise<void>)[] = []
  /** Folder of everything that the world writes. */
  readonly at: string
  readonly #began = performance.now()
  readonly #clients: Running
  #report: Report | undefined
  #reports = 0
  #read = 0
  #isOver = false

  /** `only`: the faults that may happen; [] = all of them, as the seed wants it. */
  constructor(seed: number, only: readonly FaultName[] = []) {
    const scene = sceneOf(seed)
    this.scene = only.length === 0 ? scene : { ...scene, kinds: only }
    this.draw = chance(seed, 'chaos')
    this.at = mkdtempSync(join(tmpdir(), 'whio-chaos-'))
    const { mode, isSecure } = this.scene
    const owner = { after: (end: () => void | Promise<void>) => void this.#ends.push(end) }
    this.pair = new PairHosts(owner, this.at, { mode, isSecure, ha: () => HA })
    this.disks = HOSTS.map((host) => diskOf(join(this.at, `host${host + 1}`, 'journal')))
    const list = SERVERS.join(',')
    const { clients } = this.scene
    const words = [RELAY, list, `${clients}`, `${seed}`]
    this.#clients = this.pair.clients.node('test/chaos/clients.ts', ...words)
  }

  async run(durationMs: number): Promise<WorldResult> {
    const { seed } = this.scene
    try {
      await this.#begin()
      const lanes = Array.from({ length: LANES }, () => this.#lane(durationMs))
      await Promise.all(lanes)
      await this.#end()
    } catch (error) {
      this.violate(`the run itself: ${(error as Error).stack}`)
    } finally {
      await this.#remove()
    }
    const { violations, faults, story } = this
    const acks = this.#report?.acks ?? 0
    return { seed, violations, acks, faults, story }
  }

  note(text: string): void {
    this.story.push(`${((performance.now() - this.#began) / 1000).toFixed(1)} ${text}`)
  }

  violate(text: string): void {
    this.note(`VIOLATION ${text}`)
    this.violations.push(text)
  }

  /** For a time up to this; shorter when the faults come to their end. */
  async pass(maxMs: number): Promise<void> {
    const until = performance.now() + between(this.draw, 0, maxMs)
    while (performance.now() < until && !this.#isOver) await delay(100)
  }

  /** Takes hosts or the cable for a fault, if they are free; gives them back with the function. */
  take(...what: (Which | 'cable')[]): (() => void) | undefined {
    if (what.some((one) => this.#taken.has(one))) return undefined
    for (const one of what) this.#taken.add(one)
    return () => {
      for (const one of what) this.#taken.delete(one)
    }
  }

  // ---- servers

  /** Starts the server of a host with what its configuration file says. */
  start(host: Which): void {
    this.pair.server(host).restart()
    this.note(`server${host + 1} starts`)
  }

  /** What it has said until now must not hold an error of ours. */
  async kill(host: Which): Promise<void> {
    const server = this.pair.server(host)
    await this.pair.kill(host)
    if (server.wrote('INTERNAL_ERROR'))
      this.violate(`server${host + 1}: ${JSON.stringify(await server.line('INTERNAL_ERROR'))}`)
    await this.#checkLeft(host)
  }

  /** What clients have from a server that was killed stands in its journal. */
  async #checkLeft(host: Which): Promise<void> {
    const { holdings } = await this.report()
    const file = this.pair.server(host).journalFile
    if (!existsSync(file)) return
    const rows = new Map(leasesLeftIn(file, this.at).map((row) => [row.address, row]))
    for (const holding of holdings) {
      if (holding.server !== SERVERS[host]) continue
      const row = rows.get(holding.address)
      if (row?.hw_address !== holding.hw && row?.state !== 'declined')
        this.violate(`server${host + 1} was killed and forgot ${JSON.stringify(holding)}`)
    }
  }

  /** Whether both work together, now or soon. */
  async becomesNormal(withinMs = HEAL_WITHIN_MS): Promise<boolean> {
    return await this.#within(() => this.#areNormal(), withinMs)
  }

  /** Rewrites the configuration of a host: a version of the network, and a mode ('' = no pair). */
  configure(host: Which, version: number, mode: string = this.scene.mode): void {
    const { pair } = this
    const options = mode === '' ? pair.options : { ...pair.options, mode: mode as Mode }
    const { 'hooks-libraries': hooks, ...rest } = pair.dhcp4(host, options)
    const network = this.scene.versions[version]!
    pair.server(host).configure({
      ...rest,
      ...network,
      ...(mode === '' ? {} : { 'hooks-libraries': hooks }),
    })
  }

  /** `whio ORDER` on a host; what it printed, or undefined where it was refused. */
  order(host: Which, order: string): string | undefined {
    const { pair } = this
    try {
      const file = pair.server(host).configFile
      const said = pair.hosts[host]!.run(process.execPath, 'bin/whio.ts', order, '-c', file)
      this.note(`${order} at server${host + 1}: ${said.trim()}`)
      return said
    } catch (error) {
      this.note(
        `${order} at server${host + 1} refused: ${(error as Error).message.split('\n').at(1)}`,
      )
      return undefined
    }
  }

  // ---- clients

  /** What the clients have now. */
  async report(): Promise<Report> {
    const wanted = ++this.#reports
    this.#clients.tell('tell')
    for (;;) {
      const lines = this.#clients.stdout.split('\n')
      const reports = lines.slice(0, -1).filter((line) => line.startsWith('{'))
      if (reports.length >= wanted) {
        const report = JSON.parse(reports[wanted - 1]!) as Report
        this.#report = report
        for (; this.#read < report.violations.length; this.#read++)
          this.violate(report.violations[this.#read]!)
        return report
      }
      await this.#clients.lineBehind(this.#clients.stdout.lastIndexOf('\n') + 1)
    }
  }

  // ---- life

  async #begin(): Promise<void> {
    await this.#clients.until(/ready/)
    for (const host of HOSTS) {
      mkdirSync(join(this.at, `host${host + 1}`, 'journal'), { recursive: true })
      this.pair.prepare(host)
      this.configure(host, 0)
      this.start(host)
    }
    this.#clients.tell('go')
    if (!(await this.becomesNormal())) throw new Error('the pair does not begin')
    this.note('both are normal')
  }

  async #lane(durationMs: number): Promise<void> {
    const until = performance.now() + durationMs
    while (performance.now() < until) {
      await this.pass(this.scene.pauseMaxMs)
      const name = oneOf(this.draw, this.scene.kinds) as FaultName
      const host = this.draw(2) as Which
      if (await FAULTS[name](this, host)) this.faults[name] = (this.faults[name] ?? 0) + 1
      await this.report()
    }
    this.#isOver = true
  }

  /** No fault is left: the pair works together, every client is served, and both journals know it. */
  async #end(): Promise<void> {
    this.note('faults end')
    for (const host of HOSTS) {
      this.configure(host, 0)
      await this.pair.server(host).line('DHCP4_STARTED')
      this.pair.server(host).running.kill('SIGHUP')
    }
    if (!(await this.#within(() => this.#endMaintenance() || this.#areNormal()))) {
      this.violate(`not normal ${HEAL_WITHIN_MS / 1000} s after the last fault`)
      return
    }
    this.note('both are normal again')
    this.#clients.tell('calm')
    const wanted = this.scene.clients - Math.min(this.scene.clients, this.scene.poolSize)
    if (!(await this.#within(async () => (await this.report()).without <= wanted)))
      this.violate(`${this.#report?.without} clients have no address, ${wanted} may have none`)
    await this.#within(async () => (await this.#unknown()).length === 0)
    for (const sentence of await this.#unknown()) this.violate(sentence)
    const [one, other] = HOSTS.map((host) => this.pair.server(host).journalFile)
    for (const sentence of keysBeyond(one!, other!)) this.violate(sentence)
    for (const host of HOSTS)
      if (this.pair.server(host).wrote('INTERNAL_ERROR'))
        this.violate(`server${host + 1} has written INTERNAL_ERROR`)
  }

  async #within(
    isGood: () => boolean | Promise<boolean>,
    withinMs = HEAL_WITHIN_MS,
  ): Promise<boolean> {
    const until = performance.now() + withinMs
    while (performance.now() < until) {
      if (await isGood()) return true
      await delay(500)
    }
    return await isGood()
  }

  /** A partner that was in maintenance when the two were cut off from each other is so still. */
  #endMaintenance(): false {
    for (const host of HOSTS) {
      const line = this.pair.server(host).last('HA_STATE_TRANSITION')
      if (line?.to === 'partner-in-maintenance') this.order(host, 'maintenance-cancel')
    }
    return false
  }

  /** By the last change of state that each has told. */
  #areNormal(): boolean {
    return HOSTS.every(
      (host) => this.pair.server(host).last('HA_STATE_TRANSITION')?.to === this.pair.normal,
    )
  }

  /** Leases that a client has and one of the servers does not know. */
  async #unknown(): Promise<string[]> {
    const { holdings } = await this.report()
    return HOSTS.flatMap((host) => {
      const rows = this.pair.server(host).leases()
      const byAddress = new Map(rows.map((row) => [row.address, row]))
      return holdings
        .filter((one) => byAddress.get(one.address)?.hw_address !== one.hw)
        .map((one) => `server${host + 1} does not know ${JSON.stringify(one satisfies Holding)}`)
    })
  }

  async #remove(): Promise<void> {
    for (const end of this.#ends) await end()
    for (const disk of this.disks) disk.remove()
    if (this.violations.length > 0 && process.env.CHAOS_KEEP)
      cpSync(this.at, process.env.CHAOS_KEEP, { recursive: true })
    rmSync(this.at, { recursive: true, force: true })
  }
}
