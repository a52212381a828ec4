// Users and passwords by RFC 7617. A wrong password takes as long as a wrong user.

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

/** `user:password`. */
function credentialsIn(header: string): string | undefined {
  const [, text] = /^basic +([a-z0-9+/]+=*) *$/i.exec(header) ?? []
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString()
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
