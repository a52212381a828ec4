// Scopes: whose clients a server answers. A scope carries the name of a peer and is numbered by its
// position in `plan.peers`, which is what ownerOf returns. Sets of scopes are bit masks: bit n =
// scope n.

import type { HaPlan } from '../config/plan/ha-plan.ts'

export type ScopeMask = number

/** What a server serves while all is well: primary and secondary their own, others nothing. */
export function ownScopes(plan: HaPlan): ScopeMask {
  const { role, name } = plan.thisServer
  if (role !== 'primary' && role !== 'secondary') return 0
  return 1 << plan.peers.findIndex((peer) => peer.name === name)
}

/** What a server serves in place of its partner too: everything that clients can belong to. */
export function failoverScopes(plan: HaPlan): ScopeMask {
  return plan.peers.reduce(
    (mask, { role }, scope) =>
      role === 'primary' || role === 'secondary' ? mask | (1 << scope) : mask,
    0,
  )
}

/** Numbers of the scopes in the mask, ascending. */
export function scopesOfMask(plan: HaPlan, mask: ScopeMask): number[] {
  return plan.peers.map((_, scope) => scope).filter((scope) => ((mask >>> scope) & 1) === 1)
}

/** The mask of scopes given by name; undefined when a name is not a peer's. */
export function maskOfNames(plan: HaPlan, names: readonly string[]): ScopeMask | undefined {
  let mask = 0
  for (const name of names) {
    const scope = plan.peers.findIndex((peer) => peer.name === name)
    if (scope < 0) return undefined
    mask |= 1 << scope
  }
  return mask
}
