// The key by which a client knows that a RECONFIGURE is of its server (RFC 9915 §20.4), kept in the
// user context of its leases, so that a partner of the server has it as well:
//
//   { "Whio": { "reconfigure-key": "00112233445566778899aabbccddeeff" } }

import { hexFromOctets, type Octets, octetsFromHex } from '../bytes/octets.ts'
import { contextMembers, membersOf } from './json-context.ts'
import { utf8Length } from './lease-text.ts'
import { RECORD } from './record.ts'

const KEY = 'Whio'
const MEMBER = 'reconfigure-key'

/** Octets of a key. */
export const RECONFIGURE_KEY_SIZE = 16

/** The context with this key; unchanged where it cannot hold it. */
export function withReconfigureKey(userContext: string, key: Octets): string {
  if (reconfigureKeyOf(userContext) === key) return userContext
  const context = userContext === '' ? {} : contextMembers(userContext)
  if (context === undefined) return userContext
  const own = membersOf(context[KEY]) ?? {}
  const text = JSON.stringify({ ...context, [KEY]: { ...own, [MEMBER]: hexFromOctets(key) } })
  return utf8Length(text) <= RECORD.textMax ? text : userContext
}

/** '' = none. */
export function reconfigureKeyOf(userContext: string): Octets {
  if (!userContext.includes(`"${MEMBER}"`)) return ''
  const kept = membersOf(contextMembers(userContext)?.[KEY])?.[MEMBER]
  const key = typeof kept === 'string' ? octetsFromHex(kept) : undefined
  return key?.length === RECONFIGURE_KEY_SIZE ? key : ''
}
