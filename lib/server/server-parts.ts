// What the parts of a server ask of it and of each other, put together from its core: what the loop
// has (server.ts), and the parts that are made one after the other.

import type { Plan } from '../config/plan/plan.ts'
import type { LeaseTables } from '../leases/table/lease-tables.ts'
import type { ChangeNumbers } from './change-numbers.ts'
import type { Configuration } from './configuration/configuration.ts'
import { Delivery, type DeliveryDuties } from './delivery.ts'
import type { ServerEvent, ServerState } from './events.ts'
import { prepareHooks, tellEvent } from './hooks.ts'
import type { LeaseClock } from './lease-clock.ts'
import type { OperatorWorkDuties } from './operator-work.ts'
import type { Pair } from './pair/pair.ts'
import type { PairServices } from './pair/pair-services.ts'
import { sayAnswers } from './parked.ts'
import type { Reporter } from './reporter.ts'
import type { ServiceDuties } from './service.ts'
import type { ServiceSwitches } from './service-switch.ts'
import type { Services } from './services.ts'
import type { ServerPorts, ServerSettings } from './settings.ts'
import type { SharedServices } from './shared/shared-services.ts'
import { SharedSide } from './shared/shared-side.ts'

/** Parts that are made later are asked for when they are needed. */
export interface ServerCore {
  readonly ports: ServerPorts
  readonly settings: ServerSettings
  readonly tables: LeaseTables
  readonly numbers: ChangeNumbers
  readonly clock: LeaseClock
  readonly reporter: Reporter
  readonly switches: ServiceSwitches
  services(): Services
  pair(): Pair | undefined
  configuration(): Configuration | undefined
  compileHosts: ServiceDuties['compileHosts']
  plan(): Plan
  state(): ServerState
  /** The lease clock; `turn`: when something has come. */
  now(): number
  turn: ServiceDuties['turn']
  refusal: ServiceDuties['refusal']
  /** Something has come that may have to be stored, sent or waited for. */
  proceed(): void
  inSlices: ServiceDuties['inSlices']
}

export function deliveryOf(core: ServerCore): Delivery {
  const { ports, reporter, settings, tables } = core
  const duties: DeliveryDuties = {
    durable: (stored) => core.pair()?.durable(stored) ?? 0,
    release: (parked) => {
      // Replies first: clients wait for milliseconds.
      core.services().release(parked, core.now())
      sayAnswers(parked, (error) => reporter.fault(error))
    },
    tell: (action, row) => core.services().tell(action, row),
    forget: (replies) => core.services().forget(replies),
    refused: ({ names, origins }) => {
      core.services().names.refused(names)
      for (const origin of origins) origin.again()
    },
    versionOf: (key) => tables.of(key).byAddress(key)?.change ?? 0,
  }
  return new Delivery(ports.journal, duties, settings.eventBook)
}

/** Undefined where no other server writes the database. */
export function sharedSideOf(
  { ports, numbers, plan, reporter, services, tables, now, proceed }: ServerCore,
  delivery: Delivery,
  life: Pick<SharedServices, 'away' | 'back'>,
): SharedSide | undefined {
  const { clock, draw, journal } = ports
  if (journal.shared === undefined) return undefined
  return new SharedSide(journal.shared, {
    ...{ clock, delivery, draw, numbers, plan, reporter, tables, now, proceed, ...life },
    merging: (change) => services().names.merging(change),
    inherit: (names) => services().names.inherit(names),
    onFail: () => plan().database.shared?.connection.reconnect.onFail ?? 'stop-retry-exit',
  })
}

export function serviceDutiesOf(
  core: ServerCore,
  delivery: Delivery,
  shared: SharedSide | undefined,
): ServiceDuties {
  const { numbers, now, pair, plan, ports, proceed, refusal, settings, tables, turn } = core
  return {
    ...{ now, turn, refusal, tables, proceed, shared, plan },
    delivery: () => delivery,
    get arena() {
      return delivery.arena
    },
    nextChange: numbers.nextChange,
    // Beside others that never is for sure: there it may have ended by a clock that went on while
    // this one stood still.
    isSettled: (change) =>
      shared === undefined
        ? pair() === undefined && change <= delivery.durableUpTo
        : shared.isSettled(change),
    put: (change, action, isStreamed) => {
      if (shared?.putting(change, action, isStreamed) === false) return
      core.services().names.changing(change, action)
      delivery.add(change, action, isStreamed && pair() !== undefined)
    },
    park: (reply) => delivery.park(reply),
    tell: (event) => tellEvent(settings.onEvent, ports.hooks, event),
    switches: core.switches,
    compileHosts: (done) => core.compileHosts(done),
    inSlices: (slice, lost) => core.inSlices(slice, lost),
    get pair() {
      return pair()
    },
  }
}

export function pairServicesOf(core: ServerCore, delivery: Delivery): Omit<PairServices, 'link'> {
  const { clock, configuration, now, numbers, plan, ports, proceed, reporter, settings, tables } =
    core
  return {
    ...{ draw: ports.draw, tables, delivery, reporter, now, proceed, plan },
    kept: core.services().kept,
    names: core.services().names,
    ...numbers,
    serverDuid: () => core.services().duid,
    served: () => clock.served(),
    edits: () => configuration()?.shared,
    hooks: () => ports.hooks?.fingerprint ?? '',
    tell: (event: ServerEvent) => tellEvent(settings.onEvent, ports.hooks, event),
  }
}

export function workDutiesOf(
  core: ServerCore,
  delivery: Delivery,
  use: OperatorWorkDuties['use'],
): OperatorWorkDuties {
  const { now, pair, ports, services, state } = core
  return {
    ...pairServicesOf(core, delivery),
    ...{ state, pair, use },
    prepare: (plan, isWhole, done) => prepareHooks(ports.hooks, plan, isWhole, done),
    kept: () => services().kept,
    hostTables: () => services().hosts.tables(),
    reclaim: (family, isRemoving) => services().reclaimNow(family, now(), isRemoving),
  }
}
