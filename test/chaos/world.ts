// One world of the chaos run: two real servers, real clients, faults in lanes beside each other
// until the time is over, and then everything heals and is looked at. Violations are sentences; a
// world without them keeps its promises.

import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { DaemonStatus } from '../../lib/cli/daemon.ts'
import { between, chance, oneOf } from '../../lib/lab/chance.ts'
import { askControl, controlPathOf } from '../../lib/platform/control-socket.ts'
import type { PairStatus } from '../../lib/server/pair/pair-status.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { type LeaseRow, leasesLeftIn, readingCopy } from '../system/daemon.ts'
import type { Running } from '../system/netns.ts'
import { type Host, type Mode, PairHosts, SERVERS, type Which } from '../system/pair-hosts.ts'
import { forgotten, unknown, unserved } from './audit.ts'
import type { Holding } from './clients.ts'
import { Copies } from './copies.ts'
import { Crowd } from './crowd.ts'
import { type Disk, diskOf } from './disk.ts'
import { FAULTS, type FaultName } from './faults.ts'
import { keep } from './keep.ts'
import { keyBookOf, keysBeyond } from './keys.ts'
import { type Scene, sceneOf } from './scene.ts'

const HOSTS = [0, 1] as const

/** Short delays, so that much happens in little time. */
const HA = {
  'heartbeat-delay': 500,
  'max-response-delay': 2500,
  'max-ack-delay': 1000,
  'max-unacked-clients': 0,
}

/**
 * Longest time from the last fault to a pair that works together, and from there to clients that
 * are all served: a quarantine is 31 s at most here, and the machine may have other things to do.
 */
const HEAL_WITHIN_MS = 180_000

/** Faults happen so many at a time. */
const LANES = 3

/** A server that is paused does not say how it is. */
const ANSWER_WITHIN_MS = 1500

/** What is taken for another fault is not waited for. */
const TRIES_MAX = 10

export interface WorldResult {
  readonly seed: number
  readonly violations: readonly string[]
  readonly acks: number
  readonly faults: Readonly<Record<string, number>>
  /** Seconds from the last fault until both worked together, and until every client was served. */
  readonly healedAfter: number
  readonly servedAfter: number
  /** What happened, a line each, with seconds since the beginning. */
  readonly story: readonly string[]
}

export type Taken = Which | 'cable'

export class ChaosWorld {
  readonly scene: Scene
  readonly pair: PairHosts
  readonly draw: Draw
  readonly disks: readonly Disk[]
  readonly copies: Copies
  readonly violations: string[] = []
  readonly faults: Record<string, number> = {}
  readonly story: string[] = []
  /** What a fault has for itself: a host, or the cable. */
  readonly #taken = new Set<Taken>()
  readonly #awaited = new Set<Taken>()
  readonly #ends: (() => void | Promise<void>)[] = []
  /** Folder of everything that the world writes. */
  readonly at: string
  readonly #began = performance.now()
  readonly #crowd: Crowd
  /** Processes that somebody has ended. */
  readonly #isToEnd = new WeakSet<Running>()
  #healedAfter = 0
  #servedAfter = 0
  #isOver = false
  #isRemoved = false

  /** `only`: the faults that may happen; [] = all of them, as the seed wants it. */
  constructor(seed: number, only: readonly FaultName[] = []) {
    const scene = sceneOf(seed)
    this.scene = only.length === 0 ? scene : { ...scene, kinds: only }
    this.draw = chance(seed, 'chaos')
    this.at = mkdtempSync(join(tmpdir(), 'whio-chaos-'))
    this.copies = new Copies(this.at)
    const owner = { after: (end: () => void | Promise<void>) => void this.#ends.push(end) }
    const prefix = (host: Host) => ['env', `XDG_STATE_HOME=${this.stateFolder(host)}`]
    this.pair = new PairHosts(owner, this.at, { mode: scene.mode, ha: () => HA, prefix })
    this.disks = HOSTS.map((host) => diskOf(join(this.at, `host${host + 1}`, 'journal')))
    this.#crowd = new Crowd(this.pair, scene, this.at, (sentence) => this.violate(sentence))
  }

  async run(durationMs: number): Promise<WorldResult> {
    const { seed } = this.scene
    try {
      await this.#begin()
      const lanes = Array.from({ length: LANES }, () => this.#lane(durationMs))
      // None works on what is removed since another one has failed.
      await Promise.allSettled(lanes)
      await Promise.all(lanes)
      await this.#end()
    } catch (error) {
      this.violate(`the run itself: ${(error as Error).stack}`)
    } finally {
      await this.#remove()
    }
    const { violations, faults, story } = this
    const [healedAfter, servedAfter] = [this.#healedAfter, this.#servedAfter]
    return { seed, violations, acks: this.#crowd.acks, faults, healedAfter, servedAfter, story }
  }

  note(text: string): void {
    this.story.push(`${((performance.now() - this.#began) / 1000).toFixed(1)} ${text}`)
  }

  violate(text: string): void {
    this.note(`VIOLATION ${text}`)
    this.violations.push(text)
  }

  /** For a time up to this, as fast as the scene is; shorter when the faults come to their end. */
  async pass(maxMs: number): Promise<void> {
    const until = performance.now() + between(this.draw, 0, maxMs * this.scene.pace)
    while (performance.now() < until && !this.#isOver) await delay(50)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /**
   * Takes hosts or the cable for a fault, if they are free; gives them back with the function. Who
   * wants more than one waits for all of them, one at a time: beside faults of single hosts it
   * would never have its turn.
   */
  async take(...what: Taken[]): Promise<(() => void) | undefined> {
    if (what.some((one) => this.#awaited.has(one))) return undefined
    if (what.some((one) => this.#taken.has(one)) && !(await this.#await(what))) return undefined
    for (const one of what) this.#taken.add(one)
    return () => {
      for (const one of what) this.#taken.delete(one)
    }
  }

  /** Nobody else may take these before; false where that is not to be. */
  async #await(what: readonly Taken[]): Promise<boolean> {
    if (what.length === 1 || this.#awaited.size > 0) return false
    for (const one of what) this.#awaited.add(one)
    while (what.some((one) => this.#taken.has(one)) && !this.#isOver) await delay(50)
    this.#awaited.clear()
    return !what.some((one) => this.#taken.has(one))
  }

  // ---- servers

  /** Where the witness of a host is, which no copy takes with it. */
  stateFolder(host: Host): string {
    return join(this.at, `state${host + 1}`)
  }

  /**
   * Starts the server of a host with what its configuration file says. `isTold`: it is told that
   * its database is a copy.
   */
  start(host: Which, isTold = this.copies.isOld(host)): void {
    const server = this.pair.server(host)
    const words = isTold ? ['--after-restore'] : []
    server.restart(...words)
    const { running } = server
    void running.ended.then((result) => {
      if (!this.#isToEnd.has(running) && !this.#isRemoved)
        this.violate(`server${host + 1} ended by itself: ${result}`)
    })
    this.note(`server${host + 1} starts ${words.join(' ')}`.trimEnd())
  }

  /**
   * What it has said until now must not hold an error of ours, and what clients have from it is in
   * its journal.
   */
  async kill(host: Which): Promise<void> {
    await this.#stateOf(host)
    this.#letEnd(host)
    await this.pair.kill(host)
    this.#checkLog(host)
    if (!existsSync(this.pair.server(host).journalFile)) return
    const { holdings } = await this.report()
    const rows = this.leftRows(host)
    for (const sentence of forgotten(`server${host + 1}`, SERVERS[host], holdings, rows))
      this.violate(sentence)
    this.#checkKeys()
  }

  /** In good order; a signal before it can obey would kill it. */
  async stop(host: Which): Promise<void> {
    const server = this.pair.server(host)
    await server.line('DAEMON_PROCESS')
    this.#letEnd(host)
    await server.signal('SIGTERM')
    const code = await server.running.ended
    if (code !== 0) this.violate(`server${host + 1} stopped with ${code}`)
    this.#checkLog(host)
  }

  /** For a moment nothing moves there, and its journal can be copied. */
  still<Result>(host: Which, look: () => Result): Result {
    const { running } = this.pair.server(host)
    running.kill('SIGSTOP')
    try {
      return look()
    } finally {
      running.kill('SIGCONT')
    }
  }

  /** What a dead server has left. */
  leftRows(host: Which): LeaseRow[] {
    return leasesLeftIn(this.pair.server(host).journalFile, this.at)
  }

  /** An older copy of its journal is in its place: `copy` of `copies`. */
  async putBack(host: Which, copy: string): Promise<void> {
    // Every reply that it has sent is counted.
    await this.report()
    this.copies.putBack(host, copy, this.pair.server(host).journalFile)
    this.#crowd.tell(`restored ${SERVERS[host]}`)
    await this.report()
    this.note(`a copy is put back at server${host + 1}`)
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

  /** What the clients have now. */
  async report(): Promise<{ readonly holdings: readonly Holding[]; readonly served: number }> {
    return await this.#crowd.report()
  }

  // ---- life

  async #begin(): Promise<void> {
    await this.#crowd.ready()
    for (const host of HOSTS) {
      mkdirSync(join(this.at, `host${host + 1}`, 'journal'), { recursive: true })
      this.pair.prepare(host)
      this.configure(host, 0)
      this.start(host)
    }
    this.#crowd.tell('go')
    if (!(await this.becomesNormal())) throw new Error('the pair does not begin')
    this.note('both are normal')
  }

  async #lane(durationMs: number): Promise<void> {
    const until = performance.now() + durationMs
    try {
      while (performance.now() < until && !this.#isOver) {
        await this.pass(this.scene.pauseMaxMs)
        for (let tries = 0; tries < TRIES_MAX; tries++) if (await this.#happen()) break
        await this.report()
        await this.#areNormal()
      }
    } finally {
      this.#isOver = true
    }
  }

  /** False: what was drawn cannot happen now. */
  async #happen(): Promise<boolean> {
    const name = oneOf(this.draw, this.scene.kinds) as FaultName
    const host = this.draw(2) as Which
    if (!(await FAULTS[name](this, host))) return false
    this.faults[name] = (this.faults[name] ?? 0) + 1
    return true
  }

  /**
   * No fault is left: the pair works together, every client is served, and both journals know it.
   */
  async #end(): Promise<void> {
    this.note('faults end')
    const ended = performance.now()
    for (const host of HOSTS) {
      this.configure(host, 0)
      await this.pair.server(host).signal('SIGHUP')
    }
    const heal = async () => {
      await this.#endMaintenance()
      return await this.#areNormal()
    }
    if (!(await this.#within(heal))) {
      this.violate(`not normal ${HEAL_WITHIN_MS / 1000} s after the last fault`)
      return
    }
    this.#healedAfter = (performance.now() - ended) / 1000
    this.note('both are normal again')
    this.#crowd.tell('calm')
    await this.#within(async () => (await this.#unserved()).length === 0)
    for (const sentence of await this.#unserved()) this.violate(sentence)
    this.#servedAfter = (performance.now() - ended) / 1000
    this.note('clients are served')
    await this.#within(async () => (await this.#unknown()).length === 0)
    for (const sentence of await this.#unknown()) this.violate(sentence)
    this.still(0, () => this.#checkKeys())
    for (const host of HOSTS) this.#checkLog(host)
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
  async #endMaintenance(): Promise<void> {
    for (const host of HOSTS)
      if ((await this.#stateOf(host))?.state === 'partner-in-maintenance')
        this.order(host, 'maintenance-cancel')
  }

  async #areNormal(): Promise<boolean> {
    const states = await Promise.all(HOSTS.map((host) => this.#stateOf(host)))
    return states.every((one) => one?.state === this.pair.normal && one.isSharing)
  }

  /**
   * By its own word, since a log has not every line; undefined where it does not answer. Who shares
   * has met.
   */
  async #stateOf(host: Which): Promise<PairStatus | undefined> {
    const { journalFile, running } = this.pair.server(host)
    const reply = await askControl(controlPathOf(journalFile), 'status', ANSWER_WITHIN_MS).catch(
      () => undefined,
    )
    const { ha } = (reply?.status ?? {}) as Partial<DaemonStatus>
    const isOfNow = this.pair.server(host).running === running && !this.#isToEnd.has(running)
    if (ha?.isSharing === true && isOfNow) this.copies.hasMet(host)
    return isOfNow ? ha : undefined
  }

  // ---- what is looked at

  /**
   * Keys are counted where nobody writes at one of the two at least: keys under way are with nobody
   * then.
   */
  #checkKeys(): void {
    if (this.copies.isAnyOld) return
    const [one, other] = HOSTS.map((host) => {
      const { journalFile, running } = this.pair.server(host)
      if (!existsSync(journalFile)) return undefined
      // What a dead one has left is for its next start to make sense of.
      const isDead = this.#isToEnd.has(running)
      return isDead ? readingCopy(journalFile, this.at, keyBookOf) : keyBookOf(journalFile)
    })
    for (const sentence of keysBeyond(one, other)) this.violate(sentence)
  }

  async #unserved(): Promise<string[]> {
    const { served } = await this.report()
    return unserved(served, this.scene.clients, this.scene.poolSize)
  }

  async #unknown(): Promise<string[]> {
    const { holdings } = await this.report()
    return HOSTS.flatMap((host) =>
      unknown(`server${host + 1}`, holdings, this.pair.server(host).leases()),
    )
  }

  #checkLog(host: Which): void {
    const line = this.pair.server(host).last('INTERNAL_ERROR')
    if (line !== undefined) this.violate(`server${host + 1}: ${JSON.stringify(line)}`)
  }

  // ---- the end

  #letEnd(host: Which): void {
    this.#isToEnd.add(this.pair.server(host).running)
  }

  async #remove(): Promise<void> {
    this.#isRemoved = true
    for (const end of this.#ends) await end()
    if (this.violations.length > 0) this.note(`kept in ${keep(this)}`)
    for (const disk of this.disks) disk.remove()
    rmSync(this.at, { recursive: true, force: true })
  }
}
