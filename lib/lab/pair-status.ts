// What a simulated server says of its pair, for tests and invariants.

import type { HaState } from '../config/ha-plan.ts'
import type { VirtualServer } from './virtual-server.ts'

/** The state of its machine; undefined while it is down or has no pair. */
export function stateOf(server: VirtualServer): HaState | undefined {
  return haOf(server)?.state
}

/** Whether it waits for its partner's acknowledgements: it hears it, and is heard. */
export function isConnected(server: VirtualServer): boolean {
  return haOf(server)?.connected === true
}

interface HaStatus {
  readonly state: HaState
  readonly connected: boolean
}

function haOf(server: VirtualServer): HaStatus | undefined {
  const status = server.server?.status() as { ha?: HaStatus | undefined } | undefined
  return status?.ha
}
