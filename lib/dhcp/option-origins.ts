// Where each option of a reply comes from, and why others are not in it: for people who ask.

import { admits, type ClassSet } from '../classify/class-set.ts'
import {
  chosenOf,
  type OptionValue,
  type OptionValues,
  type RankedLevel,
  valuesOf,
} from '../config/plan/option-set.ts'
/**
 * What became of an entry. sent: it is in the reply. never-send: some level says so of the option.
 * other-classes: the entry is for clients of other classes. overridden: a stronger level counts, or
 * another entry of this one. server: the server says something else, such as the client's name.
 * not-requested: the client did not ask for the option. not-named: the client did not name the
 * enterprise, or did not ask for this sub-option, and it is not set to always-send. no-room: the
 * reply was full. other-replies: it stands in replies of other kinds only.
 */
export type Fate =
  | 'sent'
  | 'never-send'
  | 'other-classes'
  | 'overridden'
  | 'server'
  | 'not-requested'
  | 'not-named'
  | 'no-room'
  | 'other-replies'

export interface TracedOption {
  readonly from: RankedLevel
  readonly option: OptionValue
  /** Of options of enterprises (124 and 125, in DHCPv6 16 and 17), else undefined. */
  readonly enterprise: number | undefined
  /** The code is one of the enterprise's own, inside option 125 or 17. */
  readonly isSubOption: boolean
  readonly fate: Fate
}

export interface OptionOrigins {
  /** Every entry of every level, strongest level first. */
  readonly entries: readonly TracedOption[]
  /** Codes of the reply that no entry gave: the server puts them there. */
  readonly ofServer: readonly number[]
}

/** What a family says of a message that was sent, decoded. */
export interface SentReply {
  codes(): readonly number[]
  /** What it sends of what counts, unless it is never sent. */
  wanted(counting: OptionValues): ReadonlySet<number>
  /** Why what it sends of what counts is not there all the same. */
  readonly left: 'no-room' | 'other-replies'
  /** By what it carries options of enterprises. */
  readonly vendorOptions: number
  /** sent: as it is configured. other: another value of this code. */
  optionIn(option: OptionValue): 'sent' | 'other' | 'none'
  /** Whether an option of the enterprise as such is in it. */
  hasCarrier(carrier: OptionValue, enterprise: number): boolean
  /** The same of an option of the enterprise's own; bare: none is, but others of the enterprise. */
  subOptionIn(option: OptionValue, enterprise: number): 'sent' | 'other' | 'bare' | 'none'
}

/** `levels` strongest first (levelsFor). */
export function optionOrigins(
  levels: readonly RankedLevel[],
  classes: ClassSet,
  reply: SentReply,
): OptionOrigins {
  const wanted = reply.wanted(
    valuesOf(
      levels.map(({ level }) => level),
      classes,
    ),
  )
  const never = neverSent(levels)
  const tracing = { levels, classes, wanted, never, reply }
  const entries = levels.flatMap((from) => tracedOf(from, tracing))
  const given = new Set<number>()
  for (const { fate, option, isSubOption } of entries)
    if (fate === 'sent') given.add(isSubOption ? reply.vendorOptions : option.code)
  return { entries, ofServer: reply.codes().filter((code) => !given.has(code)) }
}

interface Tracing {
  readonly levels: readonly RankedLevel[]
  readonly classes: ClassSet
  readonly wanted: ReadonlySet<number>
  /** Codes of the message that are never sent. */
  readonly never: ReadonlySet<number>
  readonly reply: SentReply
}

function neverSent(levels: readonly RankedLevel[]): Set<number> {
  const never = new Set<number>()
  for (const { level } of levels) {
    const carriers = level.enterprises.flatMap((enterprise) => enterprise.carriers)
    for (const { code, neverSend } of [...level.options, ...carriers])
      if (neverSend) never.add(code)
  }
  return never
}

function tracedOf(from: RankedLevel, tracing: Tracing): TracedOption[] {
  const { levels, reply, wanted, never } = tracing
  const traced: TracedOption[] = []
  const options = levels.map(({ level }) => level.options)
  for (const option of from.level.options) {
    const fate = never.has(option.code)
      ? 'never-send'
      : (fateAmong(option, from, options, tracing) ?? fateOfOption(option, reply, wanted))
    traced.push({ from, option, enterprise: undefined, isSubOption: false, fate })
  }
  for (const { enterprise, carriers, subOptions } of from.level.enterprises) {
    const parts = levels.map(({ level }) =>
      level.enterprises.find((other) => other.enterprise === enterprise),
    )
    const others = parts.map((part) => part?.carriers ?? [])
    for (const option of carriers) {
      const fate = never.has(option.code)
        ? 'never-send'
        : (fateAmong(option, from, others, tracing) ??
          fateOfCarrier(option, enterprise, reply, wanted))
      traced.push({ from, option, enterprise, isSubOption: false, fate })
    }
    const otherSubs = parts.map((part) => part?.subOptions ?? [])
    for (const option of subOptions) {
      const isNever = never.has(reply.vendorOptions) || isNeverSent(option.code, otherSubs)
      const fate = isNever
        ? 'never-send'
        : (fateAmong(option, from, otherSubs, tracing) ?? fateOfSub(option, enterprise, reply))
      traced.push({ from, option, enterprise, isSubOption: true, fate })
    }
  }
  return traced
}

function isNeverSent(code: number, lists: readonly (readonly OptionValue[])[]): boolean {
  return lists.some((list) => list.some((option) => option.code === code && option.neverSend))
}

/** What keeps an entry from counting among all those of its code; undefined: it counts. */
function fateAmong(
  option: OptionValue,
  from: RankedLevel,
  lists: readonly (readonly OptionValue[])[],
  { levels, classes }: Tracing,
): Fate | undefined {
  if (!admits(option.tag, classes)) return 'other-classes'
  const counting = lists.findIndex((list) => chosenOf(list, classes).has(option.code))
  const chosen = chosenOf(lists[counting]!, classes).get(option.code)
  return levels[counting] === from && chosen === option ? undefined : 'overridden'
}

function fateOfOption(option: OptionValue, reply: SentReply, wanted: ReadonlySet<number>): Fate {
  const found = reply.optionIn(option)
  if (found === 'sent') return 'sent'
  if (found === 'other') return 'server'
  return wanted.has(option.code) ? reply.left : 'not-requested'
}

function fateOfCarrier(
  option: OptionValue,
  enterprise: number,
  reply: SentReply,
  wanted: ReadonlySet<number>,
): Fate {
  if (!wanted.has(option.code)) return 'not-requested'
  return reply.hasCarrier(option, enterprise) ? 'sent' : 'no-room'
}

function fateOfSub(option: OptionValue, enterprise: number, reply: SentReply): Fate {
  const found = reply.subOptionIn(option, enterprise)
  if (found === 'sent') return 'sent'
  if (found === 'other') return 'overridden'
  return option.alwaysSend && found === 'bare' ? 'no-room' : 'not-named'
}
