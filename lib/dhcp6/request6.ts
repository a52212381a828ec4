// REQUEST: the client takes what it was offered, or anything else for the IAs that it names (RFC
// 9915 §18.3.2). RENEW and REBIND: it extends what it has, at the server that gave it or at any
// (§18.3.4, §18.3.5); IAs that are not known get what they would get in a REQUEST. What is said of
// each IA is decide.ts.
//
// Where no subnet fits, there is nothing to give:
//
//           IA_NA                         IA_PD
//   REQUEST NoAddrsAvail                  NoPrefixAvail
//   RENEW   NoBinding                     NoBinding
//   REBIND  NoBinding                     nothing, since no link says which prefixes are its own
//
// In a pair NoBinding is not said of what only the partner may judge.

import { refusalByClass } from '../dhcp/client-classes.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import type { Ia6 } from '../wire/v6/message.ts'
import { Allotment6 } from './allotment6.ts'
import { noBindingIn, noneIn } from './bind6.ts'
import { claimOf } from './claim6.ts'
import type { Exchange6 } from './exchange6.ts'
import { placesOf } from './find-places6.ts'
import type { IaAnswer6 } from './ia-answer6.ts'
import { bindAndReply, replySaying } from './lease-reply.ts'
import { locateSubnet } from './locate6.ts'
import { drop, type Outcome6, type Stepped6 } from './outcome6.ts'
import { NO_PLACES6 } from './place6.ts'
import { mayRefuse } from './rights6.ts'

export function request(exchange: Exchange6): Stepped6 {
  return answer(exchange, 'request')
}

export function renew(exchange: Exchange6): Stepped6 {
  return answer(exchange, 'renew')
}

export function rebind(exchange: Exchange6): Stepped6 {
  return answer(exchange, 'rebind')
}

type State = 'request' | 'renew' | 'rebind'

const { reply: REPLY } = MESSAGE_TYPE6

function answer(exchange: Exchange6, state: State): Stepped6 {
  const { query } = exchange
  const subnet = locateSubnet(exchange)
  if (subnet === undefined) return withoutSubnet(exchange, state)
  const places = placesOf(exchange, subnet)
  const refusal = refusalByClass(exchange, subnet)
  if (refusal === 'no-subnet') return withoutSubnet(exchange, state)
  if (refusal === 'rejected-by-class')
    return replySaying(exchange, places, REPLY, noneIn(query.ias))
  if (refusal !== undefined) return drop(refusal)
  return bindAndReply(exchange, places, state)
}

function withoutSubnet(exchange: Exchange6, state: State): Outcome6 {
  const { ias } = exchange.query
  const said = saidWithoutSubnet(exchange, state)
  if (said === undefined) return drop('no-right')
  if (said.length === 0 && ias.length > 0) return drop('no-subnet')
  return replySaying(exchange, NO_PLACES6, REPLY, said)
}

/** Undefined where the partner may know better. */
function saidWithoutSubnet(exchange: Exchange6, state: State): readonly IaAnswer6[] | undefined {
  const { ias } = exchange.query
  if (state === 'request') return noneIn(ias)
  const judged = state === 'renew' ? ias : ias.filter(({ kind }) => kind === OPTION6.iaNa)
  const known = judged.filter((ia) => mayJudge(exchange, ia))
  return known.length === 0 && judged.length > 0 ? undefined : noBindingIn(known)
}

/** Whether this server may say that the client has nothing of what it names. */
function mayJudge(exchange: Exchange6, ia: Ia6): boolean {
  const allotment = new Allotment6(exchange)
  const choosing = {
    exchange,
    allotment,
    places: NO_PLACES6,
    claim: claimOf(exchange, NO_PLACES6, ia),
  }
  return ia.entries.every(({ key }) => mayRefuse(choosing, undefined, key))
}
