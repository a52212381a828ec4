// The options of a reply: what each says, where it comes from, and why others are not there.

import type { ClassSet } from '../classify/class-set.ts'
import type { RankedLevel } from '../config/plan/option-set.ts'
import {
  type Fate,
  optionOrigins,
  type SentReply,
  type TracedOption,
} from '../dhcp/option-origins.ts'
import type { OptionRegistry } from '../wire/options/registry.ts'
import { vendorSpace } from '../wire/options/registry.ts'

/** An option in the reply. */
export interface OptionReport {
  readonly code: number
  readonly name: string
  readonly value: string
  /** The level that gives it, or what of the server does. */
  readonly from: string
}

/** An option that was asked for or is configured, and is not in the reply. */
export interface MissingOption {
  readonly code: number
  readonly name: string
  readonly isAskedFor: boolean
  readonly why: string
}

export interface OptionsReport {
  readonly sent: readonly OptionReport[]
  readonly missing: readonly MissingOption[]
}

export const NO_OPTIONS_REPORT: OptionsReport = { sent: [], missing: [] }

/** What a family says of a reply. */
export interface OptionsView {
  readonly registry: OptionRegistry
  /** Of the options of messages. */
  readonly space: 'dhcp4' | 'dhcp6'
  /** Strongest first. */
  readonly levels: readonly RankedLevel[]
  readonly classes: ClassSet
  readonly reply: SentReply
  /** Codes that the client asks for. */
  readonly asked: ReadonlySet<number>
  /** What the reply says of a code, for people; of several options of it, each. */
  valuesOf(code: number): readonly string[]
  levelName(from: RankedLevel): string
  /** By what the server puts an option there that no entry of option-data gives. */
  ofServer(code: number): string
  /** Options that never come from option-data. */
  isOwned(code: number): boolean
}

export function optionsReport(view: OptionsView): OptionsReport {
  const { reply, levels, classes } = view
  const { entries } = optionOrigins(levels, classes, reply)
  const givers = new Map<number, string[]>()
  for (const entry of entries) {
    if (entry.fate !== 'sent') continue
    const code = codeOf(entry, reply)
    const names = givers.get(code) ?? []
    const name = view.levelName(entry.from)
    givers.set(code, names.includes(name) ? names : [...names, name])
  }
  const codes = new Set(reply.codes())
  const sent = [...codes].flatMap((code) =>
    view.valuesOf(code).map((value) => ({
      code,
      name: nameOf(view, code),
      value,
      from: givers.get(code)?.join(' and ') ?? view.ofServer(code),
    })),
  )
  return { sent, missing: missing(view, entries, codes) }
}

/** An option of an enterprise's own travels inside of another. */
function codeOf({ option, isSubOption }: TracedOption, { vendorOptions }: SentReply): number {
  return isSubOption ? vendorOptions : option.code
}

function nameOf({ registry, space }: OptionsView, code: number): string {
  return registry.byCode(space, code)?.name ?? `option-${code}`
}

const WHY: Readonly<Record<Exclude<Fate, 'sent'>, string>> = {
  'never-send': 'never-send forbids it',
  'other-classes': 'it is for clients of other classes',
  overridden: 'a stronger level counts',
  server: 'something else is sent in its place',
  'not-requested': 'the client does not ask for it, and it is not set to always-send',
  'not-named': 'the client does not name the enterprise, nor ask for it',
  'no-room': 'the reply is full',
  'other-replies': 'no reply of this kind has it (RFC 9915 appendix B)',
}

/** Of several entries that could not be, what decides. */
const WEIGHT: readonly Fate[] = [
  'never-send',
  'no-room',
  'other-replies',
  'server',
  'not-requested',
  'not-named',
  'other-classes',
  'overridden',
]

function missing(
  view: OptionsView,
  entries: readonly TracedOption[],
  sent: ReadonlySet<number>,
): MissingOption[] {
  const { asked, registry } = view
  const found: MissingOption[] = []
  const configured = new Map<string, TracedOption[]>()
  for (const entry of entries) {
    const { option, enterprise, isSubOption } = entry
    const key = isSubOption ? `${enterprise}.${option.code}` : `${option.code}`
    configured.set(key, [...(configured.get(key) ?? []), entry])
  }
  for (const code of [...asked].sort((a, b) => a - b))
    if (!sent.has(code) && !configured.has(`${code}`))
      found.push({
        code,
        name: nameOf(view, code),
        isAskedFor: true,
        why: view.isOwned(code)
          ? 'it has no place in this reply'
          : 'nothing gives it a value at any level that counts for the client',
      })
  for (const traced of configured.values()) {
    if (traced.some(({ fate }) => fate === 'sent')) continue
    const [first] = traced
    const { option, enterprise, isSubOption } = first!
    if (!isSubOption && sent.has(option.code)) continue
    const fate = WEIGHT.find((one) => traced.some((entry) => entry.fate === one))!
    const entry = traced.find((each) => each.fate === fate)!
    const space = isSubOption ? vendorSpace(enterprise!) : view.space
    found.push({
      code: option.code,
      name: registry.byCode(space, option.code)?.name ?? `option-${option.code}`,
      isAskedFor: !isSubOption && asked.has(option.code),
      why: `${WHY[fate as Exclude<Fate, 'sent'>]} (${view.levelName(entry.from)})`,
    })
  }
  return found
}
