// Users and passwords by RFC 7617, and tokens by RFC 6750. A wrong password takes as long as a
// wrong user; of tokens only hashes are compared, which tell nothing by the time that takes.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { DoorUsers } from '../../config/plan/control-plan.ts'

/** Of a header `Authorization`: who that is, or undefined. */
export function userOf(header: string | undefined, { list }: DoorUsers): string | undefined {
  const said = credentialsIn(header ?? '')
  const given = digest(said ?? '')
  let found: string | undefined
  for (const { user, password } of list) {
    const isThis = timingSafeEqual(given, digest(`${user}:${password}`))
    if (isThis && said !== undefined) found ??= user
  }
  return found
}

/** Of a header `Authorization`: the SHA-256 of the token in it, or undefined. */
export function tokenOf(header: string | undefined): string | undefined {
  const [, token] = /^bearer +([a-z0-9._~+/-]+=*) *$/i.exec(header ?? '') ?? []
  return token === undefined ? undefined : digest(token).toString('hex')
}

/** `user:password`. */
function credentialsIn(header: string): string | undefined {
  const [, text] = /^basic +([a-z0-9+/]+=*) *$/i.exec(header) ?? []
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString()
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
