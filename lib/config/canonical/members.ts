// A map of a document as its canonical form is made: whatever its level, a map with members.

export type Members = Readonly<Record<string, unknown>>

/** A map that is being put together. */
export type Draft = Record<string, unknown>

export function isMap(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The maps of a list; none where there is no list. */
export function mapsOf(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value : []
}

/** What is there is as it would be if it said nothing. */
export function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
