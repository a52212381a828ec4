// All subnets of a family where they stand in the document. Of a document with the same subnets at
// the same places, but for a few that are like those before, only the few are placed anew: what is
// said of places, and looked up by them, stands.

import { STEP_ELEMENTS, type Steps } from '../plan/steps.ts'
import type { Problem } from '../text/problem.ts'
import { newReport, type Report, Site } from '../text/site.ts'
import { type Made, type Memory, makeSoon, tellAgain } from './memory.ts'
import { hasSameMembers } from './standing-level.ts'

/** A subnet of either family where it stands. */
interface Placed<Document, Subnet> {
  readonly subnet: Subnet
  /** With what was said of it. */
  readonly known: Made<unknown>
  readonly document: Document
  readonly site: Site
}

/** What finds subnets. */
interface Finding<Subnet, Self> {
  /** The same, with other subnets in the place of some that are like them. */
  replaced(others: ReadonlyMap<Subnet, Subnet>): Self
}

export interface StandingList<P, Subnet, Lookup> {
  /** Every one, those of shared networks first. */
  readonly placed: readonly P[]
  /** Those that have id and prefix for themselves. */
  readonly accepted: readonly P[]
  /** The same, lowest id first: in this order they are tried (Kea's). */
  readonly subnets: readonly Subnet[]
  readonly index: Lookup
}

/** How a family does it. `Part` is the document of a subnet. */
export interface SubnetsForm<Part, P, Subnet, Lookup> {
  readonly key: 'subnet4' | 'subnet6'
  /** Adds the subnets of shared networks. */
  networks(site: Site, placed: P[]): Steps<void>
  /** Undefined where it is none, which is told at once. What is said of a subnet is in `known`. */
  place(part: Part, site: Site): Steps<P | undefined>
  /** Says what subnets must not share; returns those that are left. */
  judge(placed: readonly P[]): Steps<Omit<StandingList<P, Subnet, Lookup>, 'placed'>>
  /** What was placed depends on more than the documents. */
  isMoving(): boolean
}

/** What the subnets are made from. */
export interface SubnetsSource<Part> {
  /** Of the global level. */
  readonly level: object
  readonly networks: object | undefined
  readonly parts: readonly Part[]
}

interface Former<Part, P, Subnet, Lookup> extends SubnetsSource<Part> {
  readonly list: StandingList<P, Subnet, Lookup>
  /** Subnets of shared networks, which are placed first. */
  readonly inNetworks: number
  readonly saidOfNetworks: Report
  readonly saidOfAll: Report
}

/** With more that are others, all are placed anew. */
const OTHERS_MAX = 16

export class StandingSubnets<
  Part extends object,
  P extends Placed<Part, Subnet>,
  Subnet extends { readonly id: number },
  Lookup extends Finding<Subnet, Lookup>,
> {
  readonly #report = newReport()
  /** Of the family. What is told here, and below, is told on by `tell`. */
  readonly #site: Site
  #former: Former<Part, P, Subnet, Lookup> | undefined

  constructor(family: 'Dhcp4' | 'Dhcp6') {
    this.#site = Site.of(this.#report, [family])
  }

  *of(
    source: SubnetsSource<Part>,
    form: SubnetsForm<Part, P, Subnet, Lookup>,
  ): Steps<StandingList<P, Subnet, Lookup>> {
    const former = this.#former
    const isSameLevel = former?.level === source.level && former.networks === source.networks
    this.#former = undefined
    this.#clear()
    const next =
      (isSameLevel ? yield* this.#edited(former, source, form) : undefined) ??
      (yield* this.#anew(source, form, isSameLevel ? former : undefined))
    const { placed, accepted } = next.list
    // A part that has become no subnet, or one of two alike, moves those behind it.
    const isWhole = placed.length - next.inNetworks === source.parts.length
    if (isWhole && accepted.length === placed.length && !form.isMoving()) this.#former = next
    return next.list
  }

  /** To be called when all that tells of the subnets has done so. */
  tell(site: Site): void {
    site.tell(this.#report, this.#site.path)
    this.#clear()
  }

  #clear(): void {
    this.#report.structure.list.length = 0
    this.#report.entries.list.length = 0
  }

  *#edited(
    former: Former<Part, P, Subnet, Lookup>,
    source: SubnetsSource<Part>,
    form: SubnetsForm<Part, P, Subnet, Lookup>,
  ): Steps<Former<Part, P, Subnet, Lookup> | undefined> {
    const { list, inNetworks, saidOfNetworks, saidOfAll } = former
    const changed = positionsApart(former.parts, source.parts)
    if (changed === undefined) return undefined
    const others = new Map<Subnet, Subnet>()
    const placed = [...list.placed]
    for (const position of changed) {
      const part = source.parts[position]!
      if (!isLike(former.parts[position]!, part)) return undefined
      const { subnet, site } = placed[inNetworks + position]!
      const other = yield* form.place(part, site)
      if (other === undefined) return undefined
      others.set(subnet, other.subnet)
      placed[inNetworks + position] = other
    }
    yield
    this.#add(saidOfNetworks)
    for (let at = inNetworks; at < placed.length; at++)
      tellAgain(placed[at]!.known, placed[at]!.site)
    this.#add(saidOfAll)
    yield
    const subnets = [...list.subnets]
    for (const [before, other] of others) subnets[subnets.indexOf(before)] = other
    const index = list.index.replaced(others)
    return { ...former, ...source, list: { placed, accepted: placed, subnets, index } }
  }

  /** `former`: of the same level. */
  *#anew(
    source: SubnetsSource<Part>,
    form: SubnetsForm<Part, P, Subnet, Lookup>,
    former: Former<Part, P, Subnet, Lookup> | undefined,
  ): Steps<Former<Part, P, Subnet, Lookup>> {
    const { parts } = source
    const placed: P[] = []
    this.#clear()
    yield* form.networks(this.#site, placed)
    const inNetworks = placed.length
    const saidOfNetworks = this.#saidSince(0, 0)
    const before = former?.list.placed.slice(inNetworks)
    for (const one of yield* placeParts(parts, this.#site.at(form.key), form.place, before))
      placed.push(one)
    const { structure, entries } = this.#report
    const told = [structure.list.length, entries.list.length] as const
    yield
    const judged = yield* form.judge(placed)
    const list = { placed, ...judged }
    return { ...source, list, inNetworks, saidOfNetworks, saidOfAll: this.#saidSince(...told) }
  }

  #saidSince(structure: number, entries: number): Report {
    const said = newReport()
    copy(this.#report.structure.list.slice(structure), said.structure)
    copy(this.#report.entries.list.slice(entries), said.entries)
    return said
  }

  #add({ structure, entries }: Report): void {
    copy(structure.list, this.#report.structure)
    copy(entries.list, this.#report.entries)
  }
}

function copy(problems: readonly Problem[], to: Report['structure']): void {
  for (const problem of problems) to.add(problem)
}

/** The subnets of a list; `before` were those at its places in the document before. */
export function* placeParts<Part, P extends Placed<Part, unknown>>(
  parts: readonly Part[] | undefined,
  site: Site,
  place: (part: Part, site: Site) => Steps<P | undefined>,
  before: readonly P[] = [],
): Steps<readonly P[]> {
  const placed: P[] = []
  for (const [position, part] of (parts ?? []).entries()) {
    if (position % STEP_ELEMENTS === STEP_ELEMENTS - 1) yield
    const stands = before[position]?.document === part
    const one = stands ? before[position] : yield* place(part, site.at(position))
    if (one === undefined) continue
    tellAgain(one.known, one.site)
    placed.push(one)
  }
  return placed
}

/** See SubnetsForm.place; made anew where it was not made of this document before. */
export function* placeMade<Part extends object, M extends { readonly subnet: unknown }>(
  memory: Memory<Part, M | undefined>,
  document: Part,
  site: Site,
  make: (own: Site) => Steps<M | undefined>,
) {
  const known = memory.peek(document) ?? (yield* makeSoon(memory, document, site, make))
  const made = known.value
  if (made !== undefined) return { subnet: made.subnet as M['subnet'], made, known, document, site }
  tellAgain(known, site)
  return undefined
}

/** As subnets are tried (Kea's order): that of the document plays no part. */
export function inOrder<Subnet extends { readonly id: number }>(
  placed: readonly { readonly subnet: Subnet }[],
): readonly Subnet[] {
  return placed.map(({ subnet }) => subnet).sort((a, b) => a.id - b.id)
}

/** Whether all that `judge` looks at is the same of both: no more than reservations are others. */
function isLike(one: object, other: object): boolean {
  return hasSameMembers(one, other, ['reservations'])
}

/** Undefined: too many, or more or fewer parts. */
function positionsApart<Part>(
  before: readonly Part[],
  now: readonly Part[],
): readonly number[] | undefined {
  if (before.length !== now.length) return undefined
  const apart: number[] = []
  for (let position = 0; position < now.length; position++) {
    if (before[position] === now[position]) continue
    apart.push(position)
    if (apart.length > OTHERS_MAX) return undefined
  }
  return apart
}
