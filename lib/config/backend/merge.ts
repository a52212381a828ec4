// The map of a server as its file says it, with what a configuration database says on top, by Kea's
// rules: globals by their names, option definitions by name or code, options by code, classes as
// one list, shared networks by name and subnets by id or prefix. Neither is written to.

import { prefixFromText, textFromPrefix } from '../../address/ipv4.ts'
import { prefix6FromText, textFromPrefix6 } from '../../address/prefix6.ts'
import { OptionRegistry } from '../../wire/options/registry.ts'
import { isMap, type Members } from '../text/map.ts'
import type { Path, Problem } from '../text/problem.ts'
import { type Homes, noteParts, originOf, originsOf } from './homes.ts'
import { type ConfigPart, listIn, listOf } from './part.ts'

/** Members that a database says only some keys of: the others are the file's. */
const BY_KEY: readonly string[] = ['compatibility', 'expired-leases-processing']

type List = readonly Members[]

export class Merge {
  readonly #own: Members
  readonly #part: ConfigPart
  readonly #homes: Homes
  readonly #path: Path
  readonly problems: Problem[] = []

  /** `own`: the map of the file. */
  constructor(own: Members, part: ConfigPart, homes: Homes) {
    this.#own = own
    this.#part = part
    this.#homes = homes
    this.#path = [`Dhcp${part.family}`]
  }

  merged(): Members {
    const { classes } = this.#part
    const subnets = `subnet${this.#part.family}`
    const definitions = this.#definitions()
    const networks = this.#networks()
    const map = {
      ...this.#own,
      ...this.#globals(),
      ...listOf('option-def', definitions),
      ...listOf('option-data', this.#options(definitions)),
      ...listOf('client-classes', classes.length > 0 ? classes : this.#elements('client-classes')),
      ...listOf('shared-networks', networks),
      ...listOf(subnets, this.#topSubnets()),
    }
    noteParts(this.#part, this.#homes)
    this.#homes.membersFromDatabase(map, originsOf(this.#part.globals))
    return map
  }

  get #space(): string {
    return `dhcp${this.#part.family}`
  }

  #note(value: object, what: string): void {
    this.#homes.fromDatabase(value, originOf(what))
  }

  // ---- one after the other

  #globals(): Members {
    const entries = Object.entries(this.#part.globals).map(([name, value]) => {
      const own = this.#own[name]
      const isJoined = BY_KEY.includes(name) && isMap(own) && isMap(value)
      return [name, isJoined ? { ...own, ...value } : value] as const
    })
    return Object.fromEntries(entries)
  }

  #definitions(): List {
    const news = this.#part.definitions
    const isNew = (one: Members) =>
      news.some(
        ({ space, name, code }) =>
          this.#spaceOf(space) === this.#spaceOf(one.space) &&
          (name === one.name || code === one.code),
      )
    return [...this.#elements('option-def').filter((one) => !isNew(one)), ...news]
  }

  #spaceOf(space: unknown): string {
    return typeof space === 'string' ? space : this.#space
  }

  #options(definitions: List): List {
    const { options } = this.#part
    const codes = new Set(options.map((one) => this.#optionKey(one, definitions)))
    const own = this.#elements('option-data')
    return [...own.filter((one) => !codes.has(this.#optionKey(one, definitions))), ...options]
  }

  /** By code, since a file may say a name. */
  #optionKey({ space, code, name }: Members, definitions: List): string {
    const where = this.#spaceOf(space)
    if (code !== undefined) return `${where} ${code}`
    const defined = definitions.find(
      (one) => this.#spaceOf(one.space) === where && one.name === name,
    )
    const standard = this.#part.family === 4 ? OptionRegistry.standard4 : OptionRegistry.standard6
    return `${where} ${defined?.code ?? standard.byName(where, String(name))?.code ?? name}`
  }

  /** A network of the database has the subnets that the file says of it, too. */
  #networks(): List {
    const key = `subnet${this.#part.family}`
    const own = this.#elements('shared-networks')
    const news = this.#part.networks.map((network) => {
      const former = own.find(({ name }) => name === network.name)
      return { before: network, subnets: former?.[key], at: former && own.indexOf(former) }
    })
    const names = new Set(this.#part.networks.map(({ name }) => name))
    const kept = own.flatMap((network, at) =>
      names.has(network.name) ? [] : [{ before: network, subnets: network[key], at }],
    )
    const isFromFile = new Set<Members>(kept.map(({ before }) => before))
    return [...kept, ...news].map(({ before, subnets, at }) => {
      const { [key]: _, ...rest } = before
      const path = [...this.#path, 'shared-networks', at ?? 0]
      const all = this.#subnetsIn(String(before.name), subnets, [...path, key])
      const network = { ...rest, ...listOf(key, all) }
      if (isFromFile.has(before)) this.#homes.fromFile(network, path)
      else this.#note(network, `shared network ${before.name}`)
      return network
    })
  }

  #topSubnets(): List {
    const key = `subnet${this.#part.family}`
    const networks = [...this.#elements('shared-networks'), ...this.#part.networks]
    const names = new Set(networks.map(({ name }) => name))
    for (const { network, subnet } of this.#part.subnets) {
      if (network === '' || names.has(network)) continue
      const origin = originOf(`${key} id ${subnet.id}`)
      const message = `there is no shared network '${network}' for this server`
      const hint = 'the shared network and its subnets are to be of the same servers'
      const what = { code: 'database-network', message, hint, origin }
      this.problems.push({ severity: 'error', path: this.#path, ...what })
    }
    return this.#subnetsIn('', this.#own[key], [...this.#path, key])
  }

  /** Those of the file that the database does not have, then those of the database. */
  #subnetsIn(network: string, own: unknown, path: Path): List {
    const before = listIn(own)
    const kept = before.filter((subnet, at) => {
      this.#homes.fromFile(subnet, [...path, at])
      return !this.#isReplaced(subnet)
    })
    const news = this.#part.subnets.filter((one) => one.network === network)
    return [...kept, ...news.map(({ subnet }) => this.#withReservations(subnet))]
  }

  #isReplaced(own: Members): boolean {
    const prefix = prefixText(own.subnet)
    return this.#replacements.ids.has(own.id) || this.#replacements.prefixes.has(prefix)
  }

  #known: { readonly ids: ReadonlySet<unknown>; readonly prefixes: ReadonlySet<string> } | undefined

  get #replacements() {
    const subnets = this.#part.subnets.map(({ subnet }) => subnet)
    this.#known ??= {
      ids: new Set(subnets.map(({ id }) => id)),
      prefixes: new Set(subnets.map(({ subnet }) => prefixText(subnet))),
    }
    return this.#known
  }

  /** No database of configuration has reservations: those of the file stay with the number. */
  #withReservations(subnet: Members): Members {
    const found = this.#reservations.get(subnet.id)
    if (found === undefined) return subnet
    const whole = { ...subnet, reservations: found }
    this.#note(whole, `subnet${this.#part.family} id ${subnet.id}`)
    return whole
  }

  #reservationsById: ReadonlyMap<unknown, object> | undefined

  /** In the file, by the ids of their subnets. */
  get #reservations(): ReadonlyMap<unknown, object> {
    if (this.#reservationsById !== undefined) return this.#reservationsById
    const key = `subnet${this.#part.family}`
    const found = new Map<unknown, object>()
    const lists: readonly (readonly [unknown, Path])[] = [
      [this.#own[key], [...this.#path, key]],
      ...listIn(this.#own['shared-networks']).map(
        (network, at) => [network[key], [...this.#path, 'shared-networks', at, key]] as const,
      ),
    ]
    for (const [list, path] of lists)
      for (const [at, { id, reservations }] of listIn(list).entries()) {
        if (!Array.isArray(reservations)) continue
        this.#homes.fromFile(reservations, [...path, at, 'reservations'])
        found.set(id, reservations)
      }
    this.#reservationsById = found
    return found
  }

  /** A list of the file, whose elements are known from here on. */
  #elements(key: string): List {
    const list = listIn(this.#own[key])
    for (const [at, element] of list.entries())
      this.#homes.fromFile(element, [...this.#path, key, at])
    return list
  }
}

/** In one notation, where it is a prefix. */
function prefixText(value: unknown): string {
  const text = String(value)
  const four = prefixFromText(text)
  if (four !== undefined) return textFromPrefix(four)
  const six = prefix6FromText(text)
  return six === undefined ? text : textFromPrefix6(six)
}
