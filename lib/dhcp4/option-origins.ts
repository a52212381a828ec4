// Where each option of a reply comes from, and why others are not in it: for people who ask.

import { octetsFromUint } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import { admits, type ClassSet } from '../classify/class-set.ts'
import {
  chosenOf,
  type OptionValue,
  type RankedLevel,
  valuesOf,
} from '../config/plan/option-set.ts'
import {
  endOfBlock,
  enterpriseAt,
  hasWholeBlocks,
  subOptionAt,
} from '../wire/options/enterprises.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { codesToSend } from './selection.ts'

/**
 * What became of an entry. sent: it is in the reply. never-send: some level says so of the option.
 * other-classes: the entry is for clients of other classes. overridden: a stronger level counts, or
 * another entry of this one. server: the server says something else, such as the client's name.
 * not-requested: the client did not ask for the option. not-named: the client did not name the
 * enterprise, or did not ask for this sub-option, and it is not set to always-send. no-room: the
 * reply was full.
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

export interface TracedOption {
  readonly from: RankedLevel
  readonly option: OptionValue
  /** Of options 124 and 125, else undefined. */
  readonly enterprise: number | undefined
  /** The code is one of the enterprise's own, inside option 125. */
  readonly isSubOption: boolean
  readonly fate: Fate
}

export interface OptionOrigins {
  /** Every entry of every level, strongest level first. */
  readonly entries: readonly TracedOption[]
  /** Codes of the reply that no entry gave: the server puts them there. */
  readonly ofServer: readonly number[]
}

/** A message that was sent, decoded. */
export interface SentReply {
  codes(): readonly number[]
  octets(code: number): Octets | undefined
}

/** `levels` strongest first (levelsFor); `requestList`: option 55 of the query, '' = none. */
export function optionOrigins(
  levels: readonly RankedLevel[],
  classes: ClassSet,
  requestList: Octets,
  reply: SentReply,
): OptionOrigins {
  const wanted = codesToSend(
    valuesOf(
      levels.map(({ level }) => level),
      classes,
    ),
    requestList,
  )
  const never = neverSent(levels)
  const tracing = { levels, classes, wanted, never, reply }
  const entries = levels.flatMap((from) => tracedOf(from, tracing))
  const given = new Set<number>()
  for (const { fate, option, isSubOption } of entries)
    if (fate === 'sent') given.add(isSubOption ? VENDOR_OPTIONS : option.code)
  return { entries, ofServer: reply.codes().filter((code) => !given.has(code)) }
}

const VENDOR_OPTIONS = OPTION4.vendorIdentifyingInformation

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
      const isNever = never.has(VENDOR_OPTIONS) || isNeverSent(option.code, otherSubs)
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

function fateOfOption(
  { code, data }: OptionValue,
  reply: SentReply,
  wanted: ReadonlySet<number>,
): Fate {
  const sent = reply.octets(code)
  if (sent === data) return 'sent'
  if (sent !== undefined) return 'server'
  return wanted.has(code) ? 'no-room' : 'not-requested'
}

function fateOfCarrier(
  { code, data }: OptionValue,
  enterprise: number,
  reply: SentReply,
  wanted: ReadonlySet<number>,
): Fate {
  if (!wanted.has(code)) return 'not-requested'
  const sent = reply.octets(code) ?? ''
  const number = octetsFromUint(enterprise, 4)
  const isThere =
    code === VENDOR_OPTIONS ? blocksOf(enterprise, sent).length > 0 : sent.includes(number + data)
  return isThere ? 'sent' : 'no-room'
}

function fateOfSub(
  { code, data, alwaysSend }: OptionValue,
  enterprise: number,
  reply: SentReply,
): Fate {
  const sent = reply.octets(VENDOR_OPTIONS) ?? ''
  const blocks = blocksOf(enterprise, sent)
  for (const at of blocks) {
    const start = subOptionAt(sent, at, code)
    if (start < 0) continue
    return sent.startsWith(data, start) ? 'sent' : 'overridden'
  }
  return alwaysSend && blocks.length > 0 ? 'no-room' : 'not-named'
}

/** Where the blocks of the enterprise begin. */
function blocksOf(enterprise: number, data: Octets): number[] {
  const starts: number[] = []
  if (!hasWholeBlocks(data)) return starts
  for (let at = 0; at < data.length; at = endOfBlock(data, at))
    if (enterpriseAt(data, at) === enterprise) starts.push(at)
  return starts
}
