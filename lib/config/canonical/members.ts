// A map of a document as its canonical form is made: whatever its level, a map with members.

import type { Members } from '../text/map.ts'

/** A map that is being put together. */
export type Draft = Record<string, unknown>

/** The maps of a list; none where there is no list. */
export function mapsOf(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value : []
}

/** What is there is as it would be if it said nothing. */
export function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
