// What is kept of a change of the configuration by command: in the journal, and between the
// servers of a pair. Records have one order, the same at both servers, whenever they come; the
// document is what the files say with all records that stand put over it in that order.

import type { Edit, Step } from '../../config/edits.ts'
import { isMap } from '../../config/text/map.ts'
import type { StoredEdit } from '../../ports/journal.ts'
import type { Author, EditScope } from './running-configuration.ts'

/**
 * stands   over what the files say
 * written  the files say it by now; kept until the partner has it
 * dropped  by a reload; its name is kept until the partner has dropped it, too
 * word     it says only which others are dropped
 */
export type EditState = 'stands' | 'written' | 'dropped' | 'word'

export interface EditRecord {
  /** Nobody else has it, by chance. */
  readonly id: string
  /** Higher than all that its server knew of when it was made. */
  readonly number: number
  readonly state: EditState
  readonly scope: EditScope
  /** Who of the pair has made it. */
  readonly origin: 'here' | 'partner'
  readonly edits: readonly Edit[]
  /** Records that this one drops. */
  readonly drops: readonly string[]
  readonly author: Author
  /** UTC, of the server where it was made. */
  readonly at: string
}

/** The longest text of a record, characters. */
export const RECORD_MAX = 32 << 20

/** One that was made here, with nothing in it. */
export const NEW_RECORD = { state: 'stands', origin: 'here', edits: [], drops: [] } as const

export function inOrder(one: EditRecord, other: EditRecord): number {
  if (one.number !== other.number) return one.number - other.number
  return one.id < other.id ? -1 : 1
}

export function storedRecord(record: EditRecord): StoredEdit {
  return { id: record.id, text: textOfRecord(record) }
}

export function removedRecord({ id }: EditRecord): StoredEdit {
  return { id, text: '' }
}

export function textOfRecord(record: EditRecord): string {
  const { id: _, ...rest } = record
  return JSON.stringify(rest)
}

/** Undefined where the text is no record. */
export function recordOf({ id, text }: StoredEdit): EditRecord | undefined {
  const found = parsed(text)
  if (!isMap(found) || !Number.isSafeInteger(found.number)) return undefined
  const { number, state, scope, origin, edits, drops, author, at } = found
  if (origin !== 'here' && origin !== 'partner') return undefined
  if (!STATES.includes(state) || (scope !== 'pair' && scope !== 'here')) return undefined
  if (!Array.isArray(edits) || !edits.every(isEdit)) return undefined
  if (!Array.isArray(drops) || !drops.every(isText)) return undefined
  if (!isMap(author) || ![author.user, author.from, author.command, at].every(isText))
    return undefined
  const { user, from, command } = author as unknown as Author
  return {
    ...{ id, number: number as number, state: state as EditState, scope, origin, edits, drops },
    ...{ author: { user, from, command }, at: at as string },
  }
}

const STATES: readonly unknown[] = ['stands', 'written', 'dropped', 'word'] satisfies EditState[]

function isEdit(value: unknown): value is Edit {
  if (!isMap(value) || !Array.isArray(value.path)) return false
  return value.path.length > 0 && value.path.every(isStep)
}

function isStep(value: unknown): value is Step {
  if (isText(value) || Number.isSafeInteger(value)) return true
  if (!isMap(value)) return false
  const names = Object.values(value)
  return names.length > 0 && names.every((one) => isText(one) || Number.isSafeInteger(one))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
