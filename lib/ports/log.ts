// Where log lines go. Ids come from the message catalogue and can be searched for.

import type { LogLevel } from '../catalogue/levels.ts'

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  /** Whether a line of this level would be written at all; asked before costly fields are built. */
  enabled(level: LogLevel): boolean
  write(level: LogLevel, id: string, text: string, fields: LogFields): void
}
