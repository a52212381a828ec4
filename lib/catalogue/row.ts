// What a line of the log and a reason for silence have in common.

/** How much a line of the log matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface CatalogueRow {
  readonly level: LogLevel
  /** One sentence without a full stop, as it stands in the log line. */
  readonly text: string
  /** What it means and what to do about it, for `whio explain`. */
  readonly help: string
}
