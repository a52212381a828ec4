// The last step on a reply of either family: options whose values are computed from the query, and
// others that are taken out, as libdhcp_flex_option says.

import type { Octets } from '../bytes/octets.ts'
import type { ClassSet } from '../classify/class-set.ts'
import { Failure } from '../classify/expression.ts'
import type { Facts } from '../classify/facts.ts'
import type { FlexAction, FlexDeed } from '../config/plan/flex-plan.ts'
import {
  encodeSubOption,
  type OptionWidth,
  subOptions,
  valueMax,
} from '../wire/options/sub-options.ts'

/** Options of a reply by their codes. */
export interface ChangedOptions {
  has(code: number): boolean
  get(code: number): Octets | undefined
  set(code: number, data: Octets): void
  delete(code: number): void
}

/** An action has no value for this reply: what follows is left undone, as in Kea. */
class Undone {}

/** `facts`: of the query. */
export function applyFlexActions(
  actions: readonly FlexAction[],
  facts: Facts,
  classes: ClassSet,
  options: ChangedOptions,
  width: OptionWidth,
): void {
  try {
    for (const action of actions)
      if (action.guard === undefined || classes.has(action.guard))
        apply(action, facts, options, width)
  } catch (error) {
    if (!(error instanceof Failure || error instanceof Undone)) throw error
  }
}

function apply(
  { code, deed, sub }: FlexAction,
  facts: Facts,
  options: ChangedOptions,
  width: OptionWidth,
): void {
  if (sub === undefined) return change(options, code, deed, facts)
  const container = options.get(code)
  if (container === undefined && (deed.kind === 'remove' || !sub.addsContainer)) return
  const inside = subOptions(container ?? '', width)
  if (inside === undefined) throw new Undone()
  const parts = new Map<number, Octets>(inside)
  change(parts, sub.code, deed, facts)
  if (parts.size === 0 && (container === undefined || sub.removesContainer)) options.delete(code)
  else options.set(code, joined(parts, width))
}

function change(
  options: ChangedOptions | Map<number, Octets>,
  code: number,
  deed: FlexDeed,
  facts: Facts,
): void {
  if (deed.kind === 'remove') {
    if (options.has(code) && deed.test(facts)) options.delete(code)
    return
  }
  if (deed.kind === 'add' && options.has(code)) return
  const value = deed.value(facts)
  if (value === '') return
  const data = deed.encode(value)
  if (data === undefined) throw new Undone()
  options.set(code, data)
}

function joined(parts: ReadonlyMap<number, Octets>, width: OptionWidth): Octets {
  let data = ''
  for (const [code, value] of parts) {
    if (value.length > valueMax(width)) throw new Undone()
    data += encodeSubOption(width, code, value)
  }
  return data
}
