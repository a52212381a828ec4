// Lists of classes that can hardly be meant: a guard that no client ever passes, and a list of
// additional classes of which nothing comes. Kea takes them without a word.

import { CLASS } from '../../classify/class-set.ts'
import { type Membership, OF_VENDOR, SPAWNED } from '../../classify/program.ts'
import type { GuardedDocument } from '../keys/common-document.ts'
import type { ClassPlan } from '../plan/class-plan.ts'
import { nearest } from '../text/nearest.ts'
import type { Site } from '../text/site.ts'
import { EVERYBODY } from './class-lists.ts'

/** Names for which a nearer one is looked for: a file may have thousands of both. */
const GUESSED_MAX = 100

/** A list of reservations, as far as it gives classes. */
export interface ClassedHosts {
  readonly classed: readonly { readonly classes: readonly number[] }[]
}

/** Where lists of classes stand, in either family. */
interface GuardedMap extends GuardedPlaces {
  readonly 'shared-networks'?: readonly (GuardedDocument & GuardedPlaces)[]
}

interface GuardedPlaces {
  readonly subnet4?: readonly GuardedSubnetDocument[]
  readonly subnet6?: readonly GuardedSubnetDocument[]
}

interface GuardedSubnetDocument extends GuardedDocument {
  readonly pools?: readonly GuardedDocument[]
  readonly 'pd-pools'?: readonly GuardedDocument[]
}

/** `lists`: the reservations of subnets. `site` is that of the global level. */
export function warnOfClasses(
  document: GuardedMap,
  classes: ClassPlan<Membership>,
  global: ClassedHosts,
  lists: readonly ClassedHosts[],
  site: Site,
): void {
  if (classes.program === undefined) return
  const doubts = new ClassDoubts(classes, global, lists)
  const networks = site.at('shared-networks')
  for (const [index, network] of (document['shared-networks'] ?? []).entries()) {
    const at = networks.at(index)
    doubts.look(network, at)
    doubts.lookAtSelection(network, at)
    for (const [subnet, place] of subnetsIn(network, at)) doubts.lookAtSubnet(subnet, place)
  }
  for (const [subnet, place] of subnetsIn(document, site)) {
    doubts.lookAtSubnet(subnet, place)
    doubts.lookAtSelection(subnet, place)
  }
}

function* subnetsIn(places: GuardedPlaces, site: Site): Iterable<[GuardedSubnetDocument, Site]> {
  for (const key of ['subnet4', 'subnet6'] as const)
    for (const [index, subnet] of (places[key] ?? []).entries())
      yield [subnet, site.at(key).at(index)]
}

class ClassDoubts {
  readonly #classes: ClassPlan<Membership>
  /** Classes of reservations. */
  readonly #reserved: ReadonlySet<number>
  /** Those that clients are in before the subnet is chosen. */
  readonly #reservedEarly: ReadonlySet<number>
  readonly #guessed = new Set<string>()

  constructor(
    classes: ClassPlan<Membership>,
    global: ClassedHosts,
    lists: readonly ClassedHosts[],
  ) {
    this.#classes = classes
    this.#reserved = classesOf([global, ...lists])
    this.#reservedEarly = classesOf(classes.looksUpEarly ? [global] : [])
  }

  lookAtSubnet(document: GuardedSubnetDocument, site: Site): void {
    this.look(document, site)
    for (const key of ['pools', 'pd-pools'] as const)
      for (const [index, pool] of (document[key] ?? []).entries())
        this.look(pool, site.at(key).at(index))
  }

  /** The lists of a pool, a subnet or a network. */
  look(document: GuardedDocument, site: Site): void {
    const guard = site.at('client-classes')
    const names = document['client-classes'] ?? []
    if (!names.includes(EVERYBODY))
      for (const [index, name] of names.entries())
        if (!this.#isAssigned(name)) this.#warnOfNobody(name, guard.at(index))
    const additional = site.at('evaluate-additional-classes')
    for (const [index, name] of (document['evaluate-additional-classes'] ?? []).entries())
      if (this.#definitionOf(name) === undefined) {
        const message = `the class ${name} is not defined, so nothing comes of it`
        additional.at(index).warning('class-unknown', message, this.#guess(name))
      }
  }

  /** A guard that counts when the subnet is selected, which is before reservations are known. */
  lookAtSelection({ 'client-classes': names = [] }: GuardedDocument, site: Site): void {
    if (names.length === 0 || !names.every((name) => this.#isLate(name))) return
    const message = `nobody is in ${names.join(' or ')} yet when the subnet is chosen`
    const hint = this.#classes.looksUpEarly
      ? 'only who has a global reservation is known before; guard the pools'
      : 'guard the pools; early-global-reservations-lookup tells of global reservations before'
    site.at('client-classes').warning('class-late', message, hint)
  }

  #isLate(name: string): boolean {
    const { looksUpEarly } = this.#classes
    const number = this.#classes.numberOf(name)
    if (number === undefined || this.#reservedEarly.has(number)) return false
    if (number === CLASS.known) return !looksUpEarly
    if (number === CLASS.unknown) return true
    if (this.#definitionOf(name)?.afterKnown === true) return !looksUpEarly
    return this.#reserved.has(number) && !this.#isTested(name)
  }

  /** Whether a client can be in the class before its address is known. */
  #isAssigned(name: string): boolean {
    const number = this.#classes.numberOf(name)
    if (number === undefined || this.#reserved.has(number)) return true
    return this.#isTested(name)
  }

  /** Whether a test puts clients into the class before their address is known. */
  #isTested(name: string): boolean {
    if (BY_OTHERS.some((prefix) => name.startsWith(prefix)) || BUILT_IN.has(name)) return true
    const definition = this.#definitionOf(name)
    const isTested = definition?.test !== undefined || definition?.template !== undefined
    if (definition !== undefined && isTested) return !definition.onlyAdditional
    return this.#classes.definitions.some(
      ({ name: template, template: value, onlyAdditional }) =>
        value !== undefined && !onlyAdditional && name.startsWith(`${SPAWNED}${template}_`),
    )
  }

  #warnOfNobody(name: string, site: Site): void {
    const message = `no client is ever in the class ${name}`
    const isListed = this.#definitionOf(name)?.onlyAdditional === true
    const hint = isListed ? 'it is tested when the address is known' : this.#guess(name)
    site.warning('class-unknown', message, hint)
  }

  #guess(name: string): string {
    if (this.#guessed.size < GUESSED_MAX) {
      this.#guessed.add(name)
      const known = this.#classes.definitions.map((definition) => definition.name)
      const guess = nearest(name, known)
      if (guess !== undefined && guess !== name) return `did you mean "${guess}"?`
    }
    return 'give it a test in client-classes, or name it in a reservation'
  }

  #definitionOf(name: string): Membership | undefined {
    const number = this.#classes.numberOf(name)
    return number === undefined ? undefined : this.#classes.given[number]
  }
}

/** Of the pair, which says itself who is in its classes, and of vendors. */
const BY_OTHERS = ['HA_', OF_VENDOR]
const BUILT_IN: ReadonlySet<string> = new Set(['ALL', 'KNOWN', 'UNKNOWN', 'BOOTP'])

function classesOf(lists: readonly ClassedHosts[]): Set<number> {
  return new Set(lists.flatMap(({ classed }) => classed.flatMap(({ classes }) => classes)))
}
