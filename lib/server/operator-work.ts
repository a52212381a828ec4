// What an operator has the server do beside answering clients, a little a turn: leases are changed
// (amend/), those that have ended are reclaimed, long lists are looked through, and the
// configuration changes (configuration/).

import type { Plan } from '../config/plan/plan.ts'
import { type Key, versionOf } from '../leases/keys/key.ts'
import type { Draw } from '../time/draw.ts'
import { type Instant, NEVER } from '../time/units.ts'
import { Amender, type AmenderDuties } from './amend/amender.ts'
import { Configuration } from './configuration/configuration.ts'
import type { ConfigurationDuties, EditPartner } from './configuration/duties.ts'
import type { ConfigStart } from './configuration/in-force.ts'
import type { Delivery } from './delivery.ts'
import { compileAgain, withKnownHosts } from './hosts/plan-again.ts'
import type { KeptKeys } from './kept-keys.ts'
import { randomName } from './pair/random-name.ts'
import { type ReclaimDuties, ReclaimOrders } from './reclaim-orders.ts'
import type { Reporter } from './reporter.ts'
import type { PairFace } from './service.ts'
import { Slices } from './slices.ts'

export interface OperatorWorkDuties extends Omit<AmenderDuties, 'isOwn' | 'pair'> {
  plan(): Plan
  pair(): (PairFace & { readonly edits: EditPartner }) | undefined
  readonly delivery: Delivery
  readonly reporter: Reporter
  readonly draw: Draw
  use: ConfigurationDuties['use']
  prepare: ConfigurationDuties['prepare']
  /** What of its keys no client is to get, by family. */
  kept(): ReadonlyMap<4 | 6, KeptKeys>
  hostTables: ConfigurationDuties['hostTables']
  /** See ReclaimDuties.round. */
  reclaim: ReclaimDuties['round']
}

export class OperatorWork {
  readonly amender: Amender
  readonly reclaims: ReclaimOrders
  readonly slices: Slices

  /** Undefined where whoever made the server keeps it for himself. */
  readonly configuration: Configuration | undefined

  readonly #duties: OperatorWorkDuties

  constructor(duties: OperatorWorkDuties, start: ConfigStart | undefined) {
    this.#duties = duties
    const { delivery, kept, now, proceed, reclaim, state } = duties
    this.slices = new Slices((error) => duties.reporter.fault(error))
    const isOwn = (key: Key) => kept().get(versionOf(key))?.of(key) === 'own'
    this.amender = new Amender({ ...duties, isOwn })
    this.reclaims = new ReclaimOrders({
      whyNone: () => (state() === 'serving' ? '' : `the server is ${state()}`),
      round: reclaim,
      stored: (say) => delivery.park({ kind: 'answer', arrived: now(), say }),
      proceed,
    })
    this.configuration = start && new Configuration(start, configurationDuties(duties))
  }

  /** Databases of reservations say something else; `done` with what is in force then. */
  compileHosts(done: (plan: Plan) => void): void {
    if (this.configuration !== undefined) return this.configuration.compileHosts(done)
    const { hostTables, now, plan, use } = this.#duties
    const { slices } = this
    compileAgain({ ...{ hostTables, now, plan, slices }, use: (next) => use(next, false) }, done)
  }

  /** A plan of a reload, with what they have said so far. */
  known(plan: Plan): Plan {
    if (this.configuration !== undefined || plan.hostDatabases.length === 0) return plan
    return withKnownHosts(plan, this.#duties.hostTables())
  }

  /** What changes leases, while the server serves; called before what was changed is stored. */
  turn(): void {
    this.amender.turn()
    this.reclaims.turn()
  }

  /** Nobody is served before it is done, so it is but one slice. */
  look(): void {
    this.slices.turn()
  }

  deadline(isServing: boolean): Instant {
    const changes = isServing ? Math.min(this.amender.deadline, this.reclaims.deadline) : NEVER
    return Math.min(changes, this.slices.deadline)
  }

  journalFailed(trouble: string): void {
    this.amender.journalFailed(trouble)
    this.reclaims.end(`the lease database does not store: ${trouble}`)
  }

  stop(): void {
    this.amender.stop()
    this.slices.end()
    this.reclaims.end('the server is stopping')
  }
}

function configurationDuties(duties: OperatorWorkDuties): ConfigurationDuties {
  const { delivery, draw, now, pair, prepare, proceed, reporter, state, use } = duties
  return {
    ...{ prepare, reporter, state, use, hostTables: duties.hostTables },
    partner: () => pair()?.edits,
    store(edits, done) {
      delivery.storeEdits(edits)
      delivery.park({ kind: 'answer', arrived: now(), say: done })
      proceed()
    },
    newId: () => randomName(draw),
    now,
  }
}
