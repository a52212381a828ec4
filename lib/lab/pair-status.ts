// What a simulated server says of its pair, for tests and invariants: facts that cost nothing to
// ask for at every step.

import type { HaState } from '../config/plan/ha-plan.ts'
import type { VirtualServer } from './virtual-server.ts'

/** The state of its machine; undefined while it is down or has no pair. */
export function stateOf({ server }: VirtualServer): HaState | undefined {
  return server?.pair?.machine.state
}

/** Whether it hears its partner, is heard, and waits for its acknowledgements. */
export function isConnected({ server }: VirtualServer): boolean {
  const pair = server?.pair
  const session = pair?.sessions.withPartner
  if (session === undefined) return false
  if (!pair!.plan.sharesDatabase && session.outgoing === undefined) return false
  return pair!.machine.row.awaitsPartner && pair!.contact.isConnected(server!.now())
}
