// What a world of the chaos run is like: drawn from its seed alone.

import { chance, happens, oneOf } from '../../lib/lab/chance.ts'
import { FAULT_NAMES, type FaultName } from './faults.ts'

export interface Scene {
  readonly seed: number
  readonly mode: 'load-balancing' | 'hot-standby'
  readonly isSecure: boolean
  readonly clients: number
  /** Of the smallest version of the network. */
  readonly poolSize: number
  /** Versions of what both hosts serve: lifetimes and ends of the pool differ. */
  readonly versions: readonly object[]
  /** What happens; some kinds more often than others. */
  readonly kinds: readonly FaultName[]
  /** Longest pause of a lane between two faults. */
  readonly pauseMaxMs: number
}

const VERSIONS = 3

export function sceneOf(seed: number): Scene {
  const draw = chance(seed, 'chaos-scene')
  const clients = 20 + draw(60)
  const size = Math.ceil(clients * oneOf(draw, [0.6, 1, 1.3]))
  const sizes = Array.from({ length: VERSIONS }, () => size + draw(4))
  const versions = sizes.map((size) => ({
    'valid-lifetime': oneOf(draw, [20, 40, 60]),
    'decline-probation-period': 20,
    authoritative: happens(draw, 0.5),
    'expired-leases-processing': { 'reclaim-timer-wait-time': 1, 'hold-reclaimed-time': 0 },
    subnet4: [{ id: 1, subnet: '10.77.0.0/16', pools: [{ pool: `10.77.1.1 - 10.77.1.${size}` }] }],
  }))
  const kinds = FAULT_NAMES.flatMap((name) => Array<FaultName>(draw(4)).fill(name))
  return {
    seed,
    mode: oneOf(draw, ['load-balancing', 'load-balancing', 'hot-standby']),
    isSecure: false,
    clients,
    poolSize: Math.min(...sizes),
    versions,
    kinds: kinds.length > 0 ? kinds : FAULT_NAMES,
    pauseMaxMs: oneOf(draw, [1000, 5000, 10_000]),
  }
}
