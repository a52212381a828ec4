// Who else may have the address of a lease yet. An address goes over from one identifier of a host
// to another while the lease runs, and the client that had it is not told. Its lease is noted in
// the user context of the row, until it is over:
//
//   { "Whio": { "former-holders":
//     [{ "hw-address": "02:00:5e:10:00:01", "client-id": "01:02", "seconds": 3600 }] } }
//
// `seconds` count from the `start` of the lease, since servers have clocks of their own.

import { hexFromOctets, type Octets, octetsFromHex } from '../bytes/octets.ts'
import { INFINITE_LIFETIME, type Instant, type Seconds } from '../time/units.ts'
import { rowOverAt } from './grace.ts'
import { isSameClient } from './identity.ts'
import { contextMembers, membersOf, withoutMember } from './json-context.ts'
import type { Key } from './keys/key.ts'
import type { ClientIdentity, Lease } from './lease.ts'

export interface FormerHolder extends ClientIdentity {
  /** Its lease is over so long after `start`; INFINITE_LIFETIME: never. */
  readonly seconds: Seconds
}

/** With so many noted nobody else takes the address over: a row has room for them, and more. */
export const HOLDERS_MAX = 16

const KEY = 'Whio'
const MEMBER = 'former-holders'

type Noted = Pick<Lease, 'start' | 'userContext'>

/** Those whose lease is not over. */
export function formerHolders(
  { start, userContext }: Noted,
  now: Instant,
): readonly FormerHolder[] {
  if (!userContext.includes(`"${MEMBER}"`)) return NOBODY
  const list = membersOf(contextMembers(userContext)?.[KEY])?.[MEMBER]
  if (!Array.isArray(list)) return NOBODY
  return list.flatMap((one) => holderOf(membersOf(one), start, now))
}

const NOBODY: readonly FormerHolder[] = []

/**
 * The context of the next version of a row, which starts now: `userContext`, with those that may
 * have the address yet. `next`: who gets it; a row of another client is noted, too. A context that
 * is no map makes room for them.
 */
export function withFormerHolders<A extends Key>(
  userContext: string,
  row: Lease<A>,
  next: ClientIdentity,
  now: Instant,
): string {
  const holders = formerHolders(row, now).filter((one) => !isSameClient(one, next))
  const bare = withoutMember(userContext, KEY, MEMBER)
  const others = isSameClient(row, next) ? holders : [...holders, lastHolder(row, now)]
  if (others.length === 0) return bare
  const context = contextMembers(bare) ?? {}
  const noted = { ...membersOf(context[KEY]), [MEMBER]: others.map((one) => textOf(one)) }
  return JSON.stringify({ ...context, [KEY]: noted })
}

function lastHolder<A extends Key>(row: Lease<A>, now: Instant): FormerHolder {
  const { htype, hwAddress, clientId } = row
  return { htype, hwAddress, clientId, seconds: secondsUntil(rowOverAt(row), now) }
}

/** `seconds` are counted from `now` on. */
function holderOf(
  text: ReturnType<typeof membersOf>,
  start: Instant,
  now: Instant,
): FormerHolder[] {
  const hwAddress = octetsOf(text?.['hw-address'])
  const clientId = octetsOf(text?.['client-id'])
  const told = text?.seconds
  if (typeof told !== 'number' || hwAddress + clientId === '') return []
  const isForever = told >= INFINITE_LIFETIME
  const seconds = isForever ? INFINITE_LIFETIME : secondsUntil(start + told * 1000, now)
  return seconds <= 0 ? [] : [{ htype: 1, hwAddress, clientId, seconds }]
}

function secondsUntil(end: Instant, now: Instant): Seconds {
  return Math.min(INFINITE_LIFETIME, Math.ceil((end - now) / 1000))
}

function octetsOf(text: unknown): Octets {
  return typeof text === 'string' ? (octetsFromHex(text) ?? '') : ''
}

function textOf({ hwAddress, clientId, seconds }: FormerHolder) {
  return {
    ...(hwAddress === '' ? {} : { 'hw-address': hexFromOctets(hwAddress, ':') }),
    ...(clientId === '' ? {} : { 'client-id': hexFromOctets(clientId, ':') }),
    seconds,
  }
}
