// The last step on a reply of either family: options whose values are computed from the query, and
// others that are taken out, as libdhcp_flex_option says.

import type { Octets } from '../bytes/octets.ts'
import type { ClassSet } from '../classify/class-set.ts'
import { Failure } from '../classify/expression.ts'
import type { Facts } from '../classify/facts.ts'
import type { FlexAction, FlexDeed, FlexSub } from '../config/plan/flex-plan.ts'
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

/** How what enterprises say (RFC 3925, options 125 and 17) stands among the options of a reply. */
export interface VendorForm<Options> {
  /** By enterprise, in their order; undefined: it is malformed. */
  read(options: Options, code: number): Map<number, Octets> | undefined
  /** False: it does not fit. */
  write(options: Options, code: number, contents: ReadonlyMap<number, Octets>): boolean
}

/** What the families differ by. */
export interface FlexForm<Options> {
  readonly width: OptionWidth
  readonly vendors: VendorForm<Options>
}

/** `facts`: of the query. */
export function applyFlexActions<Options extends ChangedOptions>(
  actions: readonly FlexAction[],
  facts: Facts,
  classes: ClassSet,
  options: Options,
  form: FlexForm<Options>,
): void {
  try {
    for (const action of actions)
      if (action.guard === undefined || classes.has(action.guard))
        apply(action, facts, options, form)
  } catch (error) {
    if (!(error instanceof Failure || error instanceof Undone)) throw error
  }
}

function apply<Options extends ChangedOptions>(
  { code, deed, sub }: FlexAction,
  facts: Facts,
  options: Options,
  { vendors, width }: FlexForm<Options>,
): void {
  if (sub === undefined) return change(options, code, deed, facts)
  if (sub.enterprise < 0) {
    const content = changedInside(options.get(code), sub, deed, facts, width)
    if (content === undefined) options.delete(code)
    else options.set(code, content)
    return
  }
  const contents = vendors.read(options, code)
  if (contents === undefined) throw new Undone()
  const content = changedInside(contents.get(sub.enterprise), sub, deed, facts, width)
  if (content === undefined) contents.delete(sub.enterprise)
  else contents.set(sub.enterprise, content)
  if (contents.size === 0) options.delete(code)
  else if (!vendors.write(options, code, contents)) throw new Undone()
}

/** What holds the sub-option, undefined = it is not there, or not any more. */
function changedInside(
  container: Octets | undefined,
  sub: FlexSub,
  deed: FlexDeed,
  facts: Facts,
  width: OptionWidth,
): Octets | undefined {
  if (container === undefined && (deed.kind === 'remove' || !sub.addsContainer)) return undefined
  const inside = subOptions(container ?? '', width)
  if (inside === undefined) throw new Undone()
  const parts = new Map<number, Octets>(inside)
  change(parts, sub.code, deed, facts)
  const isDropped = parts.size === 0 && (container === undefined || sub.removesContainer)
  return isDropped ? undefined : joined(parts, width)
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
