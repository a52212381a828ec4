// What a world of the chaos run is like: drawn from its seed alone.

import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { chance, happens, oneOf } from '../../lib/lab/chance.ts'
import { FAULT_NAMES, type FaultName } from './faults.ts'

export interface Scene {
  readonly seed: number
  readonly mode: 'load-balancing' | 'hot-standby'
  readonly clients: number
  /** Of the smallest version of the network. */
  readonly poolSize: number
  /** The addresses of that. */
  readonly always: { readonly first: string; readonly last: string }
  /** Versions of what both hosts serve: lifetimes and ends of the pool differ. */
  readonly versions: readonly object[]
  /** What happens; some kinds more often than others. */
  readonly kinds: readonly FaultName[]
  /** Longest pause of a lane between two faults. */
  readonly pauseMaxMs: number
  /** How long faults last, of their longest. */
  readonly pace: number
}

const VERSIONS = 3
const BEFORE_POOL = 0x0a4d0100

export function sceneOf(seed: number): Scene {
  const draw = chance(seed, 'chaos-scene')
  // Many clients with short leases: what a fault does to one of them is seen in the next second.
  const clients = 500 + draw(700)
  const size = Math.ceil(clients * oneOf(draw, [0.7, 1.1, 1.3]))
  const sizes = Array.from({ length: VERSIONS }, () => size + draw(4))
  const pool = (size: number) => `10.77.1.1 - ${textFromIpv4(BEFORE_POOL + size)}`
  const versions = sizes.map((size) => ({
    'valid-lifetime': oneOf(draw, [6, 10, 20]),
    'decline-probation-period': 20,
    authoritative: happens(draw, 0.5),
    'expired-leases-processing': { 'reclaim-timer-wait-time': 1, 'hold-reclaimed-time': 0 },
    subnet4: [{ id: 1, subnet: '10.77.0.0/16', pools: [{ pool: pool(size) }] }],
  }))
  const kinds = FAULT_NAMES.flatMap((name) => Array<FaultName>(draw(4)).fill(name))
  const poolSize = Math.min(...sizes)
  return {
    seed,
    mode: oneOf(draw, ['load-balancing', 'load-balancing', 'hot-standby']),
    clients,
    poolSize,
    always: { first: '10.77.1.1', last: textFromIpv4(BEFORE_POOL + poolSize) },
    versions,
    kinds: kinds.length > 0 ? kinds : FAULT_NAMES,
    pauseMaxMs: oneOf(draw, [300, 1000, 4000]),
    pace: oneOf(draw, [0.3, 0.5, 0.8]),
  }
}
