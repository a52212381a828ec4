// An ADVERTISE or REPLY about IAs: what is given is decided and carried out, then all of it is said
// in one message.

import { RefusedByHook } from '../dhcp/steps.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import { bind, noneIn } from './bind6.ts'
import type { State6 } from './decide.ts'
import type { Exchange6 } from './exchange6.ts'
import { refusalAtGate } from './gate6.ts'
import type { IaAnswer6 } from './ia-answer6.ts'
import { NO_NAMES6 } from './names6.ts'
import {
  drop,
  dropWanting,
  NOBODY_UNSERVED6,
  NOTHING_DONE6,
  NOTHING_WANTED6,
  type Outcome6,
  type Stepped6,
} from './outcome6.ts'
import type { Places6 } from './place6.ts'
import { type LeaseReply6, replyWithLeases } from './reply6.ts'

const { advertise: ADVERTISE, reply: REPLY } = MESSAGE_TYPE6

/** `rapid`: a SOLICIT that is answered as a REQUEST. */
export function bindAndReply(
  exchange: Exchange6,
  places: Places6,
  state: State6 | 'rapid',
): Stepped6 {
  const isRapid = state === 'rapid'
  const bound = bind(exchange, places, isRapid ? 'request' : state)
  if ('asking' in bound)
    return bound.asking === 'refused' ? refuse(exchange, places, state) : bound.asking
  if ('reason' in bound) return dropWanting(bound.reason, bound.wanted)
  const type = state === 'solicit' ? ADVERTISE : REPLY
  return replyWithLeases(exchange, places, { type, isRapid, ...bound })
}

/** A client that renews is not told: it would give up what it has. */
function refuse(exchange: Exchange6, places: Places6, state: State6 | 'rapid'): Outcome6 {
  if (state !== 'request' && state !== 'rapid') return drop('refused-by-hook')
  return replySaying(exchange, places, REPLY, noneIn(exchange.query.ias))
}

/**
 * What becomes of a query that a hook refuses in one of its steps. The first steps come before it
 * is known whether the message is for this server: who names another one is not answered.
 */
export function refusedByHook(exchange: Exchange6, { isAloud, reason }: RefusedByHook): Outcome6 {
  const { places, query } = exchange
  if (!isAloud || query.type !== MESSAGE_TYPE6.request) return drop(reason)
  try {
    if (refusalAtGate(exchange) !== undefined) return drop(reason)
    return replySaying(exchange, places, REPLY, noneIn(query.ias))
  } catch (error) {
    // A later step of a hook has something against the refusal itself.
    if (error instanceof RefusedByHook) return drop(error.reason)
    throw error
  }
}

/** What is said of IAs that nothing was given to. */
export function replySaying(
  exchange: Exchange6,
  places: Places6,
  type: LeaseReply6['type'],
  ias: readonly IaAnswer6[],
): Outcome6 {
  return replyWithLeases(exchange, places, {
    type,
    isRapid: false,
    ias,
    names: NO_NAMES6,
    changes: NOTHING_DONE6,
    wanted: NOTHING_WANTED6,
    unserved: NOBODY_UNSERVED6,
  })
}
