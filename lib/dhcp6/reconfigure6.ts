// RECONFIGURE by the reconfigure key protocol (RFC 9915 §18.3.11, §20.4): a client that accepts it
// (option 20) gets a key with its leases, by which it knows later that the message is of its
// server. The key goes over the link in the clear: it keeps out those that were not there, no more.
//
// A client believes only what has a higher replay value than all before, a REPLY with the key among
// them, and forgets that over no restart of a server. So the highest one stands in the row of each
// lease, which a partner has as well, and the next is above that, and above the calendar.

import { octetsFromUint } from '../bytes/cursor.ts'
import { hmacMd5 } from '../bytes/md5.ts'
import { bytesFromOctets, type Octets, octetsFromBytes } from '../bytes/octets.ts'
import type { Subnet6 } from '../config/plan/plan6.ts'
import { isLive } from '../leases/holding.ts'
import type { Lease6 } from '../leases/lease.ts'
import {
  RECONFIGURE_KEY_SIZE,
  type ReconfigurePath,
  reconfigureNoteOf,
  withReconfigureNote,
} from '../leases/reconfigure-note.ts'
import type { Instant, WallTime } from '../time/units.ts'
import { encodeMessage6 } from '../wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import type { Relay6 } from '../wire/v6/message.ts'
import type { OptionPair6 } from '../wire/v6/octets6.ts'
import { Writer6 } from '../wire/v6/writer.ts'
import { destinationOf } from './destination6.ts'
import type { Exchange6 } from './exchange6.ts'
import { withRelays } from './kept-relay.ts'
import type { Places6 } from './place6.ts'

/** Protocol 3, algorithm 1 (HMAC-MD5), replay detection by a counter. */
const PROTOCOL = '\x03\x01\x00'
const REPLAY_SIZE = 8
/** What stands in front of the key, and of the digest. */
const OF_KEY = '\x01'
const OF_DIGEST = '\x02'
const DIGEST_SIZE = 16

/** Whether the client takes part. */
export function acceptsReconfigure({ duid, plan, query }: Exchange6): boolean {
  if (!plan.acceptsReconfigure || !query.has(OPTION6.reconfigureAccept)) return false
  // A RECONFIGURE has to name the DUID, and leases would not tell another one.
  return duid !== '' && duid === query.clientId
}

/** Whether the query begins leases, with which a client gets its key. */
function givesKey({ query }: Exchange6, { rapidCommit }: Subnet6): boolean {
  if (query.type === MESSAGE_TYPE6.request) return true
  const { solicit } = MESSAGE_TYPE6
  return query.type === solicit && rapidCommit && query.has(OPTION6.rapidCommit)
}

/** The user context of a lease that is given now. */
export function withOwnKey(exchange: Exchange6, subnet: Subnet6, context: string): string {
  if (!acceptsReconfigure(exchange)) return context
  const path = pathOf(exchange)
  if (givesKey(exchange, subnet)) {
    prepareKey(exchange)
    const { reconfigureKey: key, reconfigureReplay: replay } = exchange
    return withReconfigureNote(context, { key, replay, path })
  }
  const known = reconfigureNoteOf(context)
  return known === undefined ? context : withReconfigureNote(context, { ...known, path })
}

/**
 * Whether a client that asks for options can be told later. Without leases it gets a key, and is
 * noted; who has one by its leases goes on with that.
 */
export function noteStateless(exchange: Exchange6, places: Places6): boolean {
  const { duid, hardware, leases, now, query, settings } = exchange
  const { stateless } = settings
  if (stateless === undefined || !acceptsReconfigure(exchange)) return false
  if (hasOwnKey(leases.byDuid(duid), now)) return true
  prepareKey(exchange)
  const { reconfigureKey: key, reconfigureReplay: replay } = exchange
  const userContext = withReconfigureNote(withRelays('', query.relays), {
    ...{ key, replay },
    path: pathOf(exchange),
  })
  const subnetId = places[0]?.subnet.id ?? 0
  stateless.note({ duid, hwAddress: hardware.address, subnetId, userContext, start: now })
  return true
}

/** Whether one of its leases has a key. */
export function hasOwnKey(rows: readonly Lease6[], now: Instant): boolean {
  return rows.some((row) => isLive(row, now) && reconfigureNoteOf(row.userContext) !== undefined)
}

/** The one that the client has, else a new one; with a replay value, once each. */
function prepareKey(exchange: Exchange6): void {
  if (exchange.reconfigureKey !== '') return
  const { duid, leases, now, settings } = exchange
  const stateless = settings.stateless?.of(duid)
  const rows = leases.byDuid(duid)
  const noted = stateless === undefined ? rows : [...rows, stateless]
  exchange.reconfigureKey = knownKey(noted) || drawn(exchange)
  exchange.reconfigureReplay = nextReplay(noted, settings.replayFrom?.() ?? now)
}

/** Where a note may be. */
type Noted = Pick<Lease6, 'userContext'>

function knownKey(rows: readonly Noted[]): Octets {
  for (const { userContext } of rows) {
    const note = reconfigureNoteOf(userContext)
    if (note !== undefined) return note.key
  }
  return ''
}

function drawn({ settings }: Exchange6): Octets {
  let key = ''
  while (key.length < RECONFIGURE_KEY_SIZE) key += octetsFromUint(settings.draw(256), 1)
  return key
}

function pathOf(exchange: Exchange6): ReconfigurePath {
  const { address, port } = destinationOf(exchange)
  const relayPort = exchange.query.relays.length === 0 ? 0 : port
  return { interface: exchange.arrival.link.name, address, relayPort }
}

/**
 * What the calendar gives to the server of a pair on this side: the lowest bit is the side's, so
 * that two servers never have the same.
 */
export function replayFrom(wall: WallTime, side: 0 | 1): number {
  return Math.floor(wall) * 2 + side
}

/** Not below `from`, of the same side, and above all that the client was told by these notes. */
export function nextReplay(rows: readonly Noted[], from: number): number {
  let highest = 0
  for (const { userContext } of rows)
    highest = Math.max(highest, reconfigureNoteOf(userContext)?.replay ?? 0)
  if (from > highest) return from
  return from + 2 * (Math.floor((highest - from) / 2) + 1)
}

/** Option 11 of the REPLY that brings the key, '' = none: nothing keeps it. */
export function keyOption({ reconfigureKey, reconfigureReplay }: Exchange6): Octets {
  if (reconfigureKey === '') return ''
  return PROTOCOL + octetsFromUint(reconfigureReplay, REPLAY_SIZE) + OF_KEY + reconfigureKey
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
  return encodeMessage6(MESSAGE_TYPE6.reconfigure, 0, signedOptions(reconfigure))
}

const writer = new Writer6()

/**
 * The same, written at `at` for relays to pass on, `relays` of them, the nearest one first. Returns
 * its length, -1 = it has no room.
 */
export function writeReconfigure(
  out: Uint8Array,
  at: number,
  reconfigure: Reconfigure6,
  relays: readonly Relay6[],
): number {
  writer.begin(out, at, out.length - at, MESSAGE_TYPE6.reconfigure, 0, relays)
  for (const [code, value] of signedOptions(reconfigure)) writer.option(code, value)
  const end = writer.end()
  return end < 0 ? -1 : end - at
}

function signedOptions(reconfigure: Reconfigure6): OptionPair6[] {
  const unsigned = optionsWith(reconfigure, '\0'.repeat(DIGEST_SIZE))
  const bytes = encodeMessage6(MESSAGE_TYPE6.reconfigure, 0, unsigned)
  const digest = hmacMd5(bytesFromOctets(reconfigure.key), bytes)
  return optionsWith(reconfigure, octetsFromBytes(digest))
}

/** §16.11: the transaction id is 0, and there is nothing else. */
function optionsWith(
  { asks, clientId, replay, serverId }: Reconfigure6,
  digest: Octets,
): OptionPair6[] {
  const auth = PROTOCOL + octetsFromUint(replay, REPLAY_SIZE) + OF_DIGEST + digest
  return [
    [OPTION6.serverId, serverId],
    [OPTION6.clientId, clientId],
    [OPTION6.reconfigureMessage, octetsFromUint(asks, 1)],
    [OPTION6.auth, auth],
  ]
}
