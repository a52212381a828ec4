// What PostgreSQL and the way to it can answer instead of a result, by SQLSTATE, and what to do
// then.

import { wordsOf } from '../system-error.ts'

/**
 * again: nothing was done, the same may be asked at once. lost: the connection is of no use any
 * more, or the server is not the primary; another is looked for. denied: an operator must do
 * something. wrong: this statement is not possible here.
 */
export type Cure = 'again' | 'lost' | 'denied' | 'wrong'

export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly cure: Cure
  /** '' where the way there fails. */
  readonly sqlstate: string
  /** Of the constraint that is broken. */
  readonly constraint: string

  constructor(message: string, cure: Cure, sqlstate = '', constraint = '') {
    super(message)
    this.cure = cure
    this.sqlstate = sqlstate
    this.constraint = constraint
  }
}

/** By the whole code, else by its class. */
const CURES: readonly (readonly [prefix: string, cure: Cure])[] = [
  ['40P01', 'again'], // deadlock
  ['40001', 'again'], // serialization
  ['57014', 'again'], // cancelled, also by a timeout
  ['55P03', 'again'], // a lock is not to be had
  ['53300', 'lost'], // too many connections
  ['25006', 'lost'], // a standby, or read-only by an operator
  ['57P', 'lost'], // shut down, crashed, starting
  ['08', 'lost'],
  ['53', 'lost'], // disk full, out of memory
  ['58', 'lost'], // its system fails it
  ['XX', 'lost'],
  ['28', 'denied'], // user or password
  ['3D000', 'denied'], // no such database
  ['42501', 'denied'], // not allowed
]

const WORDS: readonly (readonly [prefix: string, words: string])[] = [
  ['25006', 'the server only reads: it is a standby'],
  ['53100', 'the disk of the database is full'],
  ['53300', 'the database has no connection left'],
  ['57P03', 'the database is starting or stopping'],
  ['57P', 'the database has ended the connection'],
  ['28', 'the database does not let this user in'],
  ['3D000', 'there is no such database'],
  ['42501', 'this user may not do that in the database'],
]

/** What `pg` says where the server asks for a password and there is none. */
const NO_PASSWORD = /client password must be a (?:non-empty )?string/

const PASSWORD_WANTED =
  'the database wants a password, and none is given: write it into the URL (user:password@host) or the configuration (password), or set PGPASSWORD'

function found<T>(table: readonly (readonly [string, T])[], sqlstate: string): T | undefined {
  return table.find(([prefix]) => sqlstate !== '' && sqlstate.startsWith(prefix))?.[1]
}

/** What `pg` and the network throw, in our words: the cause first, the own text behind it. */
export function databaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error
  // Node gives several errors in one where a name has several addresses.
  if (error instanceof AggregateError && error.errors.length > 0)
    return databaseError(error.errors[0])
  const { message, code, constraint } = error as Partial<Record<string, string>>
  if (NO_PASSWORD.test(message ?? '')) return new DatabaseError(PASSWORD_WANTED, 'denied')
  const text = wordsOf(error) || code || String(error)
  // Errors of the system have codes, too: ECONNREFUSED. A SQLSTATE has five characters.
  const sqlstate = /^[0-9A-Z]{5}$/.test(code ?? '') && 'severity' in (error as object) ? code! : ''
  if (sqlstate === '') return new DatabaseError(text, 'lost')
  const words = found(WORDS, sqlstate)
  const told = words === undefined ? `${text} (${sqlstate})` : `${words} (${sqlstate}: ${text})`
  return new DatabaseError(told, found(CURES, sqlstate) ?? 'wrong', sqlstate, constraint ?? '')
}
