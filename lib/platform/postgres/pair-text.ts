// The record of a pair as text; for ever, which JSON has no number for, is a word.

import type { PairRecord } from '../../ha/pair-record.ts'
import { NEVER } from '../../time/units.ts'

const FOR_EVER = 'never'

export function textFromPair(record: PairRecord): string {
  return JSON.stringify(record, (_key, value) => (value === NEVER ? FOR_EVER : value))
}

export function pairFromText(text: string): PairRecord {
  return JSON.parse(text, (key, value) =>
    value === FOR_EVER && key === 'doubtUntil' ? NEVER : value,
  )
}
