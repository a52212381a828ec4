// Files that are changed while a simulated pair runs: to another mode, other roles or names, no
// updates, no pair at all; at one server or at both, in any order, with restarts of every kind; and
// back again. Everything is promised all the time, and no word is due: who keeps to its record goes
// on as before when the file is as it was.

import { isDeepStrictEqual } from 'node:util'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { between, happens, oneOf } from '../../lib/lab/chance.ts'
import type { PairLab } from '../../lib/lab/pair.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import type { Draw } from '../../lib/time/draw.ts'
import type { FileOfPair } from './pair-modes.ts'
import type { PairOperator } from './pair-operator.ts'
import type { PairScenario } from './pair-scenario.ts'

/** Longest time until a file is as it was, and until both have been restarted. */
const CHANGED_MAX = 300_000
const RESTART_MAX = 20_000

/**
 * At the end: so often, and for so long, it is looked whether they run with the files as they were.
 */
const LOOK_WAIT = 1000
const LOOKS_MAX = 120

export class ModeChanges {
  /** How often each file was begun with. */
  readonly counts: Record<string, number> = {}
  readonly #lab: PairLab
  readonly #scenario: PairScenario
  readonly #draw: Draw
  readonly #operator: PairOperator
  /** The file stays as it has become, to the end: what goes wrong slowly must show, too. */
  #stays = false
  #ended = false

  constructor(lab: PairLab, scenario: PairScenario, operator: PairOperator) {
    this.#lab = lab
    this.#scenario = scenario
    this.#draw = lab.world.draw('modes')
    this.#operator = operator
  }

  happen(index: number): void {
    const files = [...this.#scenario.files.keys()]
    if (files.length === 0 || this.#stays) return
    const file = oneOf(this.#draw, files)
    const which = happens(this.#draw, 0.5) ? [index] : [index, 1 - index]
    // A backup's rows may be old when it is an active server again.
    if (file === 'passive-backup') this.#lab.invariants.pair.mayConflict.add('passive-backup')
    this.#changeAll(which, file)
    this.#stays = happens(this.#draw, 0.3)
    if (this.#stays) return
    this.#lab.world.after(between(this.#draw, 0, CHANGED_MAX), () => {
      if (!this.#ended && !this.#stays) this.#changeAll(which, undefined)
    })
  }

  /** The files are as they were, and whoever runs with another one is started anew. */
  end(): void {
    this.#ended = true
    if (this.#scenario.files.size > 0) this.#settle(LOOKS_MAX)
  }

  #settle(looks: number): void {
    for (const [index, server] of this.#lab.servers.slice(0, 2).entries()) {
      const plan = this.#scenario.versions[0]![index]!
      const start = () => server.isRunning || this.#start(server, plan)
      if (!server.isRunning) start()
      else if (!this.#runsAsBefore(index)) server.stop(start)
    }
    if (looks > 0) this.#lab.world.after(LOOK_WAIT, () => this.#settle(looks - 1))
  }

  #runsAsBefore(index: number): boolean {
    const own = this.#lab.server(index).server?.pair?.plan
    return this.#scenario.versions.some((version) => isDeepStrictEqual(version[index]!.ha, own))
  }

  #changeAll(which: readonly number[], file: FileOfPair | undefined): void {
    for (const index of which)
      this.#lab.world.after(between(this.#draw, 0, RESTART_MAX), () => {
        if (!this.#ended) this.#restart(this.#lab.server(index), file)
      })
  }

  #restart(server: VirtualServer, file: FileOfPair | undefined): void {
    const { world } = this.#lab
    const begin = () => this.#ended || this.#begin(server, file)
    const later = () => world.after(between(this.#draw, 0, RESTART_MAX), begin)
    if (happens(this.#draw, 0.5)) return server.stop(later)
    if (happens(this.#draw, 0.5)) server.crash()
    else server.kill()
    later()
  }

  /** Another fault may have started it meanwhile, with the file that it had then. */
  #begin(server: VirtualServer, file: FileOfPair | undefined): void {
    const index = this.#lab.servers.indexOf(server)
    const { files, versions } = this.#scenario
    // Without a record a file is all that there is (rule 9a), and a copy that looks for no partner
    // is never found out.
    const isOpen = server.disk.pair !== undefined && !this.#operator.isCopy(server)
    const plan = (file === undefined || !isOpen ? versions[0] : files.get(file))![index]!
    const name = isOpen ? (file ?? 'as before') : 'as before'
    this.#lab.world.note('operator', `the file of ${server.name}: ${name}`)
    if (server.isRunning || !this.#operator.mayStart(server)) return server.reload(plan)
    this.counts[name] = (this.counts[name] ?? 0) + 1
    this.#operator.start(server, plan)
  }

  #start(server: VirtualServer, plan: Plan): void {
    if (this.#operator.mayStart(server)) this.#operator.start(server, plan)
  }
}
