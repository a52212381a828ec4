// In some worlds somebody outside is asked about every message, and in some about every offer and
// lease, too: answers come late, in another order, or never.

import { ASKING } from '../../lib/dhcp/asking.ts'
import { chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { LabSettings } from '../../lib/lab/lab.ts'
import { type HookRow, VirtualHooks } from '../../lib/lab/virtual-hooks.ts'
import { ANSWER_WAIT } from '../../lib/server/waiting-room.ts'

/** Most answers are good ones, so that clients are served in the end. */
const TABLES: readonly (readonly HookRow[])[] = [
  // Late, and overtaking each other.
  [
    { answer: 'go-on', delay: 0 },
    { answer: 'go-on', delay: 1 },
    { answer: 'go-on', delay: 300 },
    { answer: 'go-on', delay: ANSWER_WAIT - 1 },
  ],
  // Too late, never, or no.
  [
    { answer: 'go-on', delay: 5 },
    { answer: 'go-on', delay: 50 },
    { answer: 'go-on', delay: 1500 },
    { answer: 'go-on', delay: ANSWER_WAIT + 500 },
    { answer: 'never', delay: 0 },
    { answer: 'drop', delay: 20 },
  ],
]

/**
 * Beside messages, about offers and leases: a client is served when three answers in a row are good
 * ones that come soon enough together.
 */
const GATED: readonly (readonly HookRow[])[] = [
  [
    { answer: 'go-on', delay: 0 },
    { answer: 'go-on', delay: 1 },
    { answer: 'go-on', delay: 300 },
  ],
  [
    ...[5, 5, 20, 50, 50, 200, 600].map((delay) => ({ answer: 'go-on', delay }) as const),
    { answer: 'go-on', delay: ANSWER_WAIT + 500 },
    { answer: 'never', delay: 0 },
    { answer: 'drop', delay: 20 },
  ],
]

/** With its own chance: what else a seed decides stays as it is. */
export function hooksOf(seed: number): Pick<LabSettings, 'ports'> {
  const draw = chance(seed, 'asked')
  if (!happens(draw, 0.25)) return {}
  const { query, offer, grant } = ASKING
  const points = oneOf(draw, [query, query | offer, query | offer | grant])
  const table = oneOf(draw, points === query ? TABLES : GATED)
  return { ports: (own, { node }) => ({ ...own, hooks: new VirtualHooks(node, table, points) }) }
}
