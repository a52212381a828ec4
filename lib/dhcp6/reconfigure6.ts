// RECONFIGURE by the reconfigure key protocol (RFC 9915 §18.3.11, §20.4): a client that accepts it
// (option 20) gets a key with its leases, by which it knows later that the message is of its
// server. The key goes over the link in the clear: it keeps out those that were not there, no more.

import { octetsFromUint } from '../bytes/cursor.ts'
import { hmacMd5 } from '../bytes/md5.ts'
import { bytesFromOctets, type Octets, octetsFromBytes } from '../bytes/octets.ts'
import type { Subnet6 } from '../config/plan/plan6.ts'
import {
  RECONFIGURE_KEY_SIZE,
  reconfigureKeyOf,
  withReconfigureKey,
} from '../leases/reconfigure-key.ts'
import { encodeMessage6 } from '../wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import type { Exchange6 } from './exchange6.ts'

/** Protocol 3, algorithm 1 (HMAC-MD5), replay detection by a counter. */
const PROTOCOL = '\x03\x01\x00'
const REPLAY_SIZE = 8
/** What stands in front of the key, and of the digest. */
const OF_KEY = '\x01'
const OF_DIGEST = '\x02'
const DIGEST_SIZE = 16

/** Whether the client takes part. */
export function acceptsReconfigure({ plan, query }: Exchange6): boolean {
  return plan.acceptsReconfigure && query.has(OPTION6.reconfigureAccept)
}

/** Whether the query begins leases, with which a client gets its key. */
function givesKey({ query }: Exchange6, { rapidCommit }: Subnet6): boolean {
  if (query.type === MESSAGE_TYPE6.request) return true
  const { solicit } = MESSAGE_TYPE6
  return query.type === solicit && rapidCommit && query.has(OPTION6.rapidCommit)
}

/** The user context of a lease that is given now. */
export function withOwnKey(exchange: Exchange6, subnet: Subnet6, context: string): string {
  if (!acceptsReconfigure(exchange) || !givesKey(exchange, subnet)) return context
  return withReconfigureKey(context, keyOf(exchange))
}

/** The one that the client has by its leases, else a new one. */
function keyOf(exchange: Exchange6): Octets {
  if (exchange.reconfigureKey === '')
    exchange.reconfigureKey = knownKey(exchange) || drawn(exchange)
  return exchange.reconfigureKey
}

function knownKey({ leases, query }: Exchange6): Octets {
  for (const { userContext } of leases.byDuid(query.clientId)) {
    const key = reconfigureKeyOf(userContext)
    if (key !== '') return key
  }
  return ''
}

function drawn({ settings }: Exchange6): Octets {
  let key = ''
  while (key.length < RECONFIGURE_KEY_SIZE) key += octetsFromUint(settings.draw(256), 1)
  return key
}

/** Option 11 of the REPLY that brings the key, '' = none: no lease has it. */
export function keyOption({ now, reconfigureKey }: Exchange6): Octets {
  if (reconfigureKey === '') return ''
  return PROTOCOL + octetsFromUint(now, REPLAY_SIZE) + OF_KEY + reconfigureKey
}

/** What a client is told to do: the type of the message that it sends then. */
export type Reconfigured =
  | typeof MESSAGE_TYPE6.renew
  | typeof MESSAGE_TYPE6.rebind
  | typeof MESSAGE_TYPE6.informationRequest

export interface Reconfigure6 {
  readonly serverId: Octets
  readonly clientId: Octets
  readonly asks: Reconfigured
  readonly key: Octets
  /** Higher than in each RECONFIGURE to this client before. */
  readonly replay: number
}

/** A RECONFIGURE, signed; what a relay needs around it is not in it. */
export function reconfigureMessage(reconfigure: Reconfigure6): Uint8Array {
  const unsigned = messageWith(reconfigure, '\0'.repeat(DIGEST_SIZE))
  const digest = hmacMd5(bytesFromOctets(reconfigure.key), unsigned)
  return messageWith(reconfigure, octetsFromBytes(digest))
}

/** §16.11: the transaction id is 0, and there is nothing else. */
function messageWith(
  { asks, clientId, replay, serverId }: Reconfigure6,
  digest: Octets,
): Uint8Array {
  const auth = PROTOCOL + octetsFromUint(replay, REPLAY_SIZE) + OF_DIGEST + digest
  return encodeMessage6(MESSAGE_TYPE6.reconfigure, 0, [
    [OPTION6.serverId, serverId],
    [OPTION6.clientId, clientId],
    [OPTION6.reconfigureMessage, octetsFromUint(asks, 1)],
    [OPTION6.auth, auth],
  ])
}
