// Where log lines go. What a line says stands in the catalogue, and its id can be searched for.

import { MESSAGES, type MessageId } from '../catalogue/messages.ts'
import type { LogLevel } from '../catalogue/row.ts'

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  /** Whether a line of this level would be written at all; asked before costly fields are built. */
  enabled(level: LogLevel): boolean
  write(level: LogLevel, id: MessageId, text: string, fields: LogFields): void
}

/** Writes the catalogue's line with these fields. */
export function tell(log: Log | undefined, id: MessageId, fields: LogFields): void {
  const { level, text } = MESSAGES[id]
  if (log?.enabled(level)) log.write(level, id, text, fields)
}
