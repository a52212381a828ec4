// The options of a reply: what each says, where it comes from, and why others are not there.

import type { Octets } from '../bytes/octets.ts'
import { OWNED_OPTIONS4 } from '../config/compile/owned-options.ts'
import { levelsFor, type RankedLevel } from '../config/plan/option-set.ts'
import { type Fate, optionOrigins, type TracedOption } from '../dhcp4/option-origins.ts'
import type { Trace4 } from '../dhcp4/trace4.ts'
import type { OptionRegistry } from '../wire/options/registry.ts'
import { vendorSpace } from '../wire/options/registry.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Message4 } from '../wire/v4/reader.ts'
import { rangeText, valueText } from './words4.ts'

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

export function optionsReport(trace: Trace4, reply: Message4): OptionsReport {
  const { plan, classes, query, options, reservation } = trace
  const { registry } = plan
  const list = query.octets(OPTION4.parameterRequestList) ?? ''
  const ofClasses = plan.classes.given.map((given) => given?.options)
  const levels =
    options === undefined ? [] : levelsFor(options, classes, ofClasses, reservation?.options)
  const { entries } = optionOrigins(levels, classes, list, reply)
  const givers = new Map<number, string[]>()
  for (const entry of entries) {
    if (entry.fate !== 'sent') continue
    const code = codeOf(entry)
    const names = givers.get(code) ?? []
    const name = levelName(trace, entry.from)
    givers.set(code, names.includes(name) ? names : [...names, name])
  }
  const sent = reply.codes().map((code) => ({
    code,
    name: nameOf(registry, code),
    value: valueText(registry, code, reply.octets(code) ?? ''),
    from: givers.get(code)?.join(' and ') ?? ofServer(code, trace),
  }))
  return { sent, missing: missing(trace, entries, list, new Set(reply.codes())) }
}

/** An option of an enterprise's own travels in option 125. */
function codeOf({ option, isSubOption }: TracedOption): number {
  return isSubOption ? OPTION4.vendorIdentifyingInformation : option.code
}

function nameOf(registry: OptionRegistry, code: number): string {
  return registry.byCode('dhcp4', code)?.name ?? `option-${code}`
}

function levelName({ plan, place, located }: Trace4, from: RankedLevel): string {
  const subnet = place?.subnet ?? located
  switch (from.scope) {
    case 'class':
      return `class ${plan.classes.names[from.number]}`
    case 'network':
      return `network ${subnet?.network?.name}`
    case 'subnet':
      return `subnet ${subnet?.id}`
    case 'pool': {
      const pool = subnet?.pools.find(({ options }) =>
        options.levels.some(({ level }) => level === from.level),
      )
      return pool === undefined ? 'pool' : `pool ${rangeText(pool.range)}`
    }
    default:
      return from.scope
  }
}

/** By what the server puts an option there that no entry of option-data gives. */
function ofServer(code: number, { plan, reservation, query, place }: Trace4): string {
  if (plan.flexOptions.some((action) => action.code === code)) return 'libdhcp_flex_option'
  const timers = place?.subnet.timers
  switch (code) {
    case OPTION4.subnetMask:
      return 'the prefix of the subnet'
    case OPTION4.hostName:
      return reservation !== undefined && reservation.hostname !== ''
        ? 'hostname of the reservation'
        : 'the name of the client'
    case OPTION4.fqdn:
      return 'the answer to option 81 of the client'
    case OPTION4.leaseTime:
      return 'the lifetime'
    case OPTION4.renewalTime:
      return timers?.renew === undefined ? partOfLifetime(timers?.t1) : 'renew-timer'
    case OPTION4.rebindingTime:
      return timers?.rebind === undefined ? partOfLifetime(timers?.t2) : 'rebind-timer'
    case OPTION4.messageType:
      return 'the server'
    case OPTION4.serverIdentifier:
      return 'the address of the server'
    case OPTION4.clientIdentifier:
    case OPTION4.subnetSelection:
      return 'returned as the client sent it'
    case OPTION4.relayAgentInformation:
      return 'returned as the relay sent it'
    case OPTION4.message:
      return 'why it is refused'
    default:
      return query.has(code) ? 'an answer to what the client sent' : 'the server'
  }
}

function partOfLifetime(part = 0): string {
  return `${part * 100} % of the lifetime (calculate-tee-times)`
}

const WHY: Readonly<Record<Exclude<Fate, 'sent'>, string>> = {
  'never-send': 'never-send forbids it',
  'other-classes': 'it is for clients of other classes',
  overridden: 'a stronger level counts',
  server: 'something else is sent in its place',
  'not-requested': 'the client does not ask for it, and it is not set to always-send',
  'not-named': 'the client does not name the enterprise, nor ask for it',
  'no-room': 'the reply is full',
}

/** Of several entries that could not be, what decides. */
const WEIGHT: readonly Fate[] = [
  'never-send',
  'no-room',
  'server',
  'not-requested',
  'not-named',
  'other-classes',
  'overridden',
]

function missing(
  trace: Trace4,
  entries: readonly TracedOption[],
  list: Octets,
  sent: ReadonlySet<number>,
): MissingOption[] {
  const { registry } = trace.plan
  const asked = new Set(Array.from(list, (octet) => octet.charCodeAt(0)))
  const found: MissingOption[] = []
  const configured = new Map<string, TracedOption[]>()
  for (const entry of entries) {
    const { option, enterprise, isSubOption } = entry
    const key = isSubOption ? `${enterprise}.${option.code}` : `${option.code}`
    configured.set(key, [...(configured.get(key) ?? []), entry])
  }
  for (const code of [...asked].sort((a, b) => a - b))
    if (!sent.has(code) && !configured.has(`${code}`) && code !== 0 && code !== OPTION4.end)
      found.push({
        code,
        name: nameOf(registry, code),
        isAskedFor: true,
        why: OWNED_OPTIONS4.has(code)
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
    const space = isSubOption ? vendorSpace(enterprise!) : 'dhcp4'
    found.push({
      code: option.code,
      name: registry.byCode(space, option.code)?.name ?? `option-${option.code}`,
      isAskedFor: !isSubOption && asked.has(option.code),
      why: `${WHY[fate as Exclude<Fate, 'sent'>]} (${levelName(trace, entry.from)})`,
    })
  }
  return found
}
