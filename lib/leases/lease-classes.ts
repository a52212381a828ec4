// In which classes a client was when it got its lease, kept in the user context of the lease where
// Kea keeps it: `{ "ISC": { "client-classes": ["phones"] } }`. Whio notes those only that have a
// limit of leases.

import { contextMembers, membersOf } from './json-context.ts'
import { utf8Length } from './lease-text.ts'
import { RECORD } from './record.ts'

const KEY = 'client-classes'
const QUOTED = `"${KEY}"`

/** Each once. */
export function classesIn(userContext: string): ReadonlySet<string> {
  if (!userContext.includes(QUOTED)) return NONE
  const names = membersOf(contextMembers(userContext)?.ISC)?.[KEY]
  if (!Array.isArray(names)) return NONE
  return new Set(names.filter((name) => typeof name === 'string'))
}

const NONE: ReadonlySet<string> = new Set()

/** The context with these in place of the former; unchanged where it cannot hold them. */
export function withClasses(userContext: string, names: readonly string[]): string {
  if (names.length === 0 && !userContext.includes(QUOTED)) return userContext
  const context = userContext === '' ? {} : contextMembers(userContext)
  if (context === undefined) return userContext
  const { [KEY]: _, ...isc } = membersOf(context.ISC) ?? {}
  const { ISC: __, ...others } = context
  const noted = names.length === 0 ? isc : { ...isc, [KEY]: names }
  const next = Object.keys(noted).length === 0 ? others : { ...others, ISC: noted }
  const text = Object.keys(next).length === 0 ? '' : JSON.stringify(next)
  return utf8Length(text) <= RECORD.textMax ? text : userContext
}
