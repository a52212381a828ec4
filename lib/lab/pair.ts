// A pair in the lab: two servers, the link between them, clients of both. For test suites:
//
//   const lab = createPair({ clients: 8 })
//   lab.settle()
//   lab.crash(0)                  // its host dies
//   lab.advance(10_000)
//   lab.states()                  // [undefined, 'partner-down']

import type { HaState } from '../config/plan/ha-plan.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { Millis } from '../time/units.ts'
import { Lab, type LabSettings } from './lab.ts'
import type { Direction } from './link-net.ts'
import { type PairConfigSettings, pairConfig, pairPlans } from './pair-config.ts'
import { isConnected, stateOf } from './pair-status.ts'
import { checkDirection, checkPairSettings } from './settings-check.ts'
import type { VirtualServer } from './virtual-server.ts'

export interface PairSettings
  extends Omit<LabSettings, 'plan' | 'plans' | 'servers'>,
    PairConfigSettings {
  /** A configuration with high availability, in place of what the settings before say. */
  readonly config?: object
  /** The plan of each server, in place of a configuration. */
  readonly plans?: readonly Plan[]
}

/**
 * Makes a lab with the servers of a pair, switched on; time stands still until `advance`. Throws
 * where the configuration has errors.
 */
export function createPair(settings: PairSettings = {}): PairLab {
  checkPairSettings(settings)
  const { plans = pairPlans(settings.config ?? pairConfig(settings)) } = settings
  return new PairLab({ ...settings, plan: plans[0]!, plans })
}

/** States in which a server of a pair works together with its partner. */
const NORMAL: readonly (HaState | undefined)[] = ['load-balancing', 'hot-standby']

export class PairLab extends Lab {
  /** The state of each server, undefined for one that is down. */
  states(): (HaState | undefined)[] {
    return this.servers.map(stateOf)
  }

  /**
   * Whether the two servers work together: both in the normal state, both connected. In mode
   * passive-backup: whether it is served, and backups are connected.
   */
  get isNormal(): boolean {
    const [one, other] = this.servers
    if (one?.plan.ha?.mode === 'passive-backup') return isBackedUp(one)
    const isWell = (server = one!) => NORMAL.includes(stateOf(server)) && isConnected(server)
    return isWell(one) && isWell(other)
  }

  /** Lets time pass until the two servers work together; false when they do not within `limit`. */
  reachNormal(limit: Millis = 30_000): boolean {
    return this.world.advanceUntil(() => this.isNormal, limit)
  }

  /**
   * Cuts the link between the two servers, or only what server `from` sends. Clients notice
   * nothing.
   */
  cutLink(direction: Direction = 'both', from = 0): void {
    checkDirection(direction)
    this.links.cut(this.server(from).name, this.server(1 - from).name, direction)
  }

  /** Mends it, in both directions. */
  healLink(): void {
    this.links.heal(this.server(0).name, this.server(1).name)
  }
}

function isBackedUp(server: VirtualServer): boolean {
  const { plan, sessions } = server.server?.pair ?? {}
  if (plan === undefined || sessions === undefined) return false
  const backups = plan.peers.length - 1
  return stateOf(server) === 'passive-backup' && sessions.size === backups
}
