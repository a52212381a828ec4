// A value that was parsed: is it a map?

/** What stands in a map, by name. */
export type Members = Readonly<Record<string, unknown>>

export function isMap(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
