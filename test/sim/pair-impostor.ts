// An impostor in a simulated pair: for a while somebody else has the address of one server on the
// link. What it says is drawn: on a link that is protected anything, since it is never heard; on an
// open one what no history explains, since whatever else it says is believed.

import type { HaPlan } from '../../lib/config/plan/ha-plan.ts'
import type { Hello } from '../../lib/ha/link-messages.ts'
import { oneOf } from '../../lib/lab/chance.ts'
import { Impostor, type Lies } from '../../lib/lab/impostor.ts'
import type { PairLab } from '../../lib/lab/pair.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { INFINITE_LIFETIME } from '../../lib/time/units.ts'

export const PROTECTIONS = ['none', 'password', 'certificates'] as const

/** What no server says, whatever has happened to it, and to the one that hears it. */
const IMPOSSIBLE: readonly Partial<Hello>[] = [
  { handOver: 2 ** 40, rights: 'sole' },
  { handOver: 2 ** 40, rights: 'none', noneBecause: 'handed-over' },
  { applied: 2 ** 50 },
  { appliedClock: 2 ** 50 },
  { clock: 2 ** 50 },
  { highest: 2 ** 50 },
  { position: 2 ** 50 },
  { pairId: '', rights: 'shared' },
  { pairId: '', rights: 'none', noneBecause: 'handed-over' },
]

/**
 * The same of one that hears it and has its rights: who has lost its database knows of no
 * lifetimes.
 */
export const WILD: readonly Partial<Hello>[] = [
  ...IMPOSSIBLE,
  { longestLifetime: INFINITE_LIFETIME },
  { longestLifetime: INFINITE_LIFETIME, rights: 'sole' },
]

/** What a partner might say, and what would cost the victim its rights, or give it some. */
export const PLAUSIBLE: readonly ((truth: Hello) => Lies)[] = [
  () => ({ hello: { rights: 'sole' }, words: [] }),
  ({ handOver }) => ({ hello: { rights: 'sole', handOver: handOver + 5 }, words: [] }),
  ({ handOver }) => ({
    hello: { rights: 'none', noneBecause: 'handed-over', handOver: handOver + 1 },
    words: [],
  }),
  ({ applied }) => ({ hello: { applied: applied + 100_000 }, words: [] }),
  ({ appliedClock }) => ({ hello: { appliedClock: appliedClock + 10_000_000 }, words: [] }),
  () => ({ hello: { database: 'made up', rights: 'none', noneBecause: 'lost' }, words: [] }),
  handsOver,
  () => ({ hello: {}, words: [{ type: 'maintenance', cancel: false }] }),
  () => ({ hello: {}, words: [{ type: 'leaving' }] }),
]

/** It gives everything to its victim, in the name of a partner that knows nothing of it. */
export function handsOver({ handOver }: Hello): Lies {
  const number = handOver + 1
  return {
    hello: {
      rights: 'none',
      noneBecause: 'handed-over',
      handOver: number,
      // Else everything would be returned at once.
      state: 'in-maintenance',
    },
    words: [{ type: 'over', number, position: 0 }, { type: 'leaving' }],
    isDone: true,
  }
}

export class PairImpostors {
  readonly #lab: PairLab
  readonly #draw: Draw
  #impostors: Impostor[] = []

  constructor(lab: PairLab, draw: Draw) {
    this.#lab = lab
    this.#draw = draw
  }

  /** How often one was taken for the partner: never, or it is a fault. */
  get believed(): number {
    return this.#impostors.reduce((sum, { believed }) => sum + believed, 0)
  }

  get refused(): number {
    return this.#impostors.reduce((sum, { refused }) => sum + refused, 0)
  }

  /** Returns what ends it. */
  begin(index: number): () => void {
    const [victim, partner] = [this.#lab.server(index), this.#lab.server(1 - index)]
    // By its file of the moment one of the two may be no server of a pair.
    if (victim.plan.ha?.partner === undefined || partner.plan.ha?.partner === undefined)
      return () => {}
    const isOpen = isUnprotected(victim.plan.ha)
    const lie = isOpen ? undefined : oneOf(this.#draw, PLAUSIBLE)
    const wild = oneOf(this.#draw, IMPOSSIBLE)
    const impostor = new Impostor(this.#lab, {
      victim,
      partner,
      certificateNames: ['printer', '192.0.2.77'],
      password: 'a guess',
      lies: (truth) => lie?.(truth) ?? { hello: wild, words: [] },
    })
    this.#impostors.push(impostor)
    return () => impostor.leave()
  }
}

function isUnprotected({ thisServer }: HaPlan): boolean {
  return thisServer.basicAuth === undefined && thisServer.tls === undefined
}
