// What is asked of a connection to a database of reservations, whichever kind it is.

import type { Row as SqlRow } from '../../config/backend/values.ts'
import type { ConnectionPlan } from '../../config/plan/connection-plan.ts'

export { isTrue, numberIn, textIn } from '../../config/backend/values.ts'
export type { SqlRow }
export type SqlValue = string | number | boolean | null | Uint8Array

export interface Sql {
  readonly dialect: SqlDialect
  /** Each `?` is one of the values. */
  query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>
  /** Ends the connection, whatever is under way on it. */
  end(): void
  /** Undefined while it is usable. */
  readonly lost: string | undefined
  /** Called when somebody says that reservations have changed; undefined where nobody can. */
  onNotice: (() => void) | undefined
}

/** Where the two speak differently. */
export interface SqlDialect {
  readonly type: ConnectionPlan['type']
  readonly begin: string
  /** Reads see one moment. */
  readonly beginReading: string
  /** Where a table is that is named without its schema. */
  schemaOf(table: string): string
  /** The name of a column that may begin with a digit, or be a word of SQL. */
  quoted(column: string): string
  /** An integer quotient. */
  quotient(column: string, by: number): string
  /** A digest of some columns over a group of rows, in whatever order they come. */
  digest(columns: readonly string[]): string
  /** The text of a column with an address. */
  addressText(column: string, type: string): string
  /** That a column is the address which the value says. */
  isAddress(column: string, type: string): string
  /** A value of an address for a column of the type. */
  addressValue(type: string): string
  /** The number of what was inserted last, as `id`. */
  readonly lastId: string
  /** The error says that another row has what must be there once. */
  isDuplicate(error: unknown): boolean
}
