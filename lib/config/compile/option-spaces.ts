// Sub-options become part of the option that carries them (RFC 2132 §8.4), to any depth. As in Kea
// that happens level by level: an option takes the sub-options of its own list. Where nothing there
// carries them, the option that would is put beside them, which Kea leaves to the operator.

import type { Octets } from '../../bytes/octets.ts'
import type { OptionDefinition } from '../../wire/options/definition.ts'
import type { OptionTable } from '../../wire/options/option-table.ts'
import { enterpriseOf, type OptionRegistry } from '../../wire/options/registry.ts'
import { encodeSubOption, subOptions, valueMax } from '../../wire/options/sub-options.ts'
import type { OptionLevel, OptionValue } from '../plan/option-set.ts'
import { EnterpriseLevels } from './enterprise-levels.ts'
import { nameOf, type OptionEntry } from './option-entry.ts'
import { ownedOptions } from './owned-options.ts'

/** Of DHCPv6. */
const NTP_SERVER = 56
/** More than a message holds (RFC 2131 §2: a UDP datagram). */
const OPTION_MAX = 0xffff

/** The entries of one level, of any spaces, as options of the message. */
export function joinSubOptions(
  entries: readonly OptionEntry[],
  registry: OptionRegistry,
): OptionLevel {
  return new SubOptions(entries, registry).join()
}

class SubOptions {
  readonly #registry: OptionRegistry
  readonly #table: OptionTable
  readonly #bySpace = new Map<string, OptionEntry[]>()
  /** Spaces that an option of the level carries. */
  readonly #carried = new Set<string>()
  readonly #encoded = new Map<string, Octets>()

  constructor(entries: readonly OptionEntry[], registry: OptionRegistry) {
    this.#registry = registry
    this.#table = registry.table
    for (const entry of entries) this.#add(entry)
  }

  join(): OptionLevel {
    this.#addCarriers()
    const options: OptionValue[] = []
    const enterprises = new EnterpriseLevels(this.#table)
    for (const [space, entries] of this.#bySpace) {
      const enterprise = enterpriseOf(space)
      for (const entry of entries) {
        if (space === this.#table.space) {
          const value = this.#valueOf(entry)
          if (!enterprises.takesCarrier(entry, value)) options.push(this.#ofMessage(entry, value))
        } else if (enterprise >= 0)
          enterprises.addSubOption(enterprise, plain(entry, this.#valueOf(entry)), entry.site)
      }
    }
    return { options, enterprises: enterprises.list() }
  }

  #add(entry: OptionEntry): void {
    const known = this.#bySpace.get(entry.space)
    if (known === undefined) this.#bySpace.set(entry.space, [entry])
    else known.push(entry)
    const carries = entry.definition?.encapsulates ?? ''
    if (carries !== '') this.#carried.add(carries)
  }

  /** A carrier may need one itself: those that are put in are looked at, too. */
  #addCarriers(): void {
    for (const [space, entries] of this.#bySpace) {
      const isOfMessage = space === this.#table.space || enterpriseOf(space) >= 0
      if (isOfMessage || this.#carried.has(space)) continue
      const sent = entries.filter(({ neverSend }) => !neverSend)
      if (sent.length > 0) this.#addCarrier(space, sent)
    }
  }

  #addCarrier(space: string, entries: readonly OptionEntry[]): void {
    const { site } = entries[0]!
    const owned = ownedOptions(this.#table)
    const carriers = this.#registry.carriersOf(space)
    const [definition, other] = carriers
    const nobody = `nothing at this level carries the sub-options of '${space}'`
    if (definition === undefined) {
      const hint =
        'they are not sent; an option-def with this space in encapsulate would carry them'
      site.warning('option-not-carried', nobody, hint)
    } else if (definition.space === this.#table.space && owned.has(definition.code)) {
      const hint = `they are not sent: ${owned.get(definition.code)}`
      site.warning('option-not-carried', nobody, hint)
    } else if (other !== undefined || definition.type !== 'empty') {
      const hint = `they are not sent; add an entry for ${carriers.map(({ name }) => name).join(' or ')}`
      site.warning('option-not-carried', nobody, hint)
    } else {
      const message = `${definition.name} is added to carry the sub-options of '${space}'`
      const hint = `Kea would not send them: add an entry for ${definition.name} to this list`
      site.warning('option-added', message, hint)
      this.#add(carrier(definition, entries))
    }
  }

  #valueOf(entry: OptionEntry): Octets {
    const carries = entry.definition?.encapsulates ?? ''
    if (carries === '' || entry.neverSend) return entry.data
    const value = entry.data + this.#encode(carries)
    if (value === '' && entry.definition!.type === 'empty') {
      const message = `${nameOf(entry)} is sent empty: this list has no sub-options of '${carries}'`
      entry.site.warning('option-empty', message, 'as in Kea, those of other levels do not count')
    }
    return value
  }

  #ofMessage(entry: OptionEntry, data: Octets): OptionValue {
    const value = plain(entry, data)
    if (this.#table.traits.family === 4) return value
    const instances = entry.instances ?? instances6(entry.code, data)
    if (Math.max(...instances.map(({ length }) => length)) > valueMax(2)) {
      const message = `${data.length} bytes do not fit into ${nameOf(entry)}`
      entry.site.at('data').error('too-long', message, `at most ${valueMax(2)} bytes`)
    }
    return instances.length === 1 ? value : { ...value, instances }
  }

  /** Code, length, value; lowest code first. */
  #encode(space: string): Octets {
    const known = this.#encoded.get(space)
    if (known !== undefined) return known
    let octets = ''
    const members = (this.#bySpace.get(space) ?? []).filter(({ neverSend }) => !neverSend)
    for (const entry of members.toSorted((a, b) => a.code - b.code)) {
      const pieces = inPieces(entry, this.#valueOf(entry), this.#table)
      if (octets.length + pieces.length > OPTION_MAX) {
        const message = `the sub-options of '${space}' are too long`
        entry.site.error('too-long', message, `at most ${OPTION_MAX} bytes in all`)
      } else octets += pieces
    }
    this.#encoded.set(space, octets)
    return octets
  }
}

/** RFC 5908 §4: an instance of option 56 names one time server. */
function instances6(code: number, data: Octets): readonly Octets[] {
  const servers = code === NTP_SERVER ? subOptions(data, 2) : undefined
  if (servers === undefined || servers.length < 2) return [data]
  return servers.map(([kind, server]) => encodeSubOption(2, kind, server))
}

function plain({ code, alwaysSend, neverSend, tag }: OptionEntry, data: Octets): OptionValue {
  return { code, data, alwaysSend, neverSend, tag }
}

/** Asked for, or sent unasked, as its sub-options are. */
function carrier(definition: OptionDefinition, entries: readonly OptionEntry[]): OptionEntry {
  const { space, code } = definition
  const alwaysSend = entries.some((entry) => entry.alwaysSend)
  const { site } = entries[0]!
  const tag = undefined
  return { definition, space, code, data: '', alwaysSend, neverSend: false, tag, site }
}

/** A long value goes on in further sub-options of the code, as RFC 3396 has it for options. */
function inPieces({ code, site }: OptionEntry, value: Octets, { traits }: OptionTable): Octets {
  const { width } = traits
  const max = valueMax(width)
  if (value.length <= max) return encodeSubOption(width, code, value)
  const message = `${value.length} bytes do not fit into one sub-option: several of this code are sent`
  site.warning('too-long', message, `at most ${max} bytes; few clients join them`)
  let octets = ''
  for (let at = 0; at < value.length; at += max)
    octets += encodeSubOption(width, code, value.slice(at, at + max))
  return octets
}
