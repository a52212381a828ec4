// Reservations are asked for: those of the configuration, which is source 0 of Kea's, and those of
// databases.

import { indexing } from '../../../config/list-index.ts'
import type { Steps } from '../../../config/plan/steps.ts'
import type { Members } from '../../../config/text/map.ts'
import type { HostSelector } from '../../../ports/hosts.ts'
import { type Arguments, isInteger, mapOf } from '../../arguments.ts'
import type { Answer, Command, Schema } from '../../command.ts'
import { SERVERS } from '../../command.ts'
import { CommandRefused } from '../../refused.ts'
import { knownList, SELECTORS } from './host-change.ts'
import {
  among,
  amongAll,
  byAddress,
  byHostname,
  checkedAddress,
  checkedId,
  type HostAt,
  type HostList,
  type HostTest,
  hostsFrom,
  identifierOf,
  subnetIdOf,
  textOf,
  wantedHost,
} from './host-find.ts'
import { inSteps } from './in-steps.ts'
import { familyOf, Places } from './places.ts'
import { findIn, selectorOf, targetsOf } from './stored-hosts.ts'

/** What is told of what was found: in the file, then in databases. */
type Get = (
  given: Arguments,
  places: Places,
) => {
  readonly inFile: () => Steps<readonly HostAt[]>
  /** In databases. */
  readonly selector: HostSelector
  tell(found: readonly HostAt[]): Answer
}

function reading(
  name: string,
  summary: string,
  properties: Record<string, Schema>,
  required: string[],
  get: Get,
): Command {
  return {
    name,
    access: 'read',
    library: 'host_cmds',
    personas: SERVERS,
    summary,
    parameters: { type: 'object', properties, required },
    run(asked, room, answer) {
      const family = familyOf(asked.persona)
      const given = mapOf(asked)
      const { books, memory } = targetsOf(given, room, family, 'all')
      const { inFile, selector, tell } = get(given, new Places(room.configuration.document, family))
      const go = (found: readonly HostAt[]): void =>
        findIn(books, selector, room, answer, (rows) => answer(tell([...found, ...rows])))
      if (memory) inSteps(inFile(), room, answer, go)
      else go([])
    },
  }
}

const { 'subnet-id': SUBNET_ID, 'operation-target': TARGET } = SELECTORS as Record<string, Schema>

const GET = reading(
  'reservation-get',
  'Tells a reservation',
  { ...SELECTORS },
  ['subnet-id'],
  (given, places) => {
    const subnetId = subnetIdOf(given, NO_SUBNET)
    const { version } = places.family
    const wish = wantedHost(given, version)
    const { hosts } = knownList(places, subnetId)
    return {
      inFile: () => amongOne(hosts, wish, subnetId),
      selector: { subnetId, ...selectorOf(given, version) },
      tell([first]) {
        if (first === undefined) return { result: 3, text: 'Host not found.' }
        const shown = places.shownHost(first.host, first.subnetId)
        return { result: 0, text: 'Host found.', arguments: shown }
      },
    }
  },
)

const NO_SUBNET =
  "missing parameter 'subnet-id', use 'reservation-get-by-address' with 'ip-address', or 'reservation-get-by-id' with an identifier, where it is not known"

const GET_ALL = reading(
  'reservation-get-all',
  'Tells the reservations of a subnet',
  { 'subnet-id': SUBNET_ID!, 'operation-target': TARGET! },
  ['subnet-id'],
  (given, places) => {
    const subnetId = subnetIdOf(given, "missing parameter 'subnet-id'")
    const { hosts } = knownList(places, subnetId)
    return {
      inFile: () => amongOne(hosts, EVERY, subnetId),
      selector: { subnetId },
      tell: (found) => told(places, found),
    }
  },
)

const EVERY: HostTest = { isIt: () => true, name: undefined }

const BY_HOSTNAME = reading(
  'reservation-get-by-hostname',
  'Tells the reservations with a name',
  { hostname: { type: 'string' }, 'subnet-id': SUBNET_ID!, 'operation-target': TARGET! },
  ['hostname'],
  (given, places) => {
    const name = textOf(given, 'hostname')
    if (name === '') throw new CommandRefused('Empty hostname')
    return matching(given, places, byHostname(name), { hostname: name })
  },
)

const BY_ID = reading(
  'reservation-get-by-id',
  'Tells the reservations of a client in all subnets',
  { 'identifier-type': SELECTORS['identifier-type']!, identifier: SELECTORS.identifier! },
  ['identifier-type', 'identifier'],
  (given, places) => {
    if (given['subnet-id'] !== undefined)
      throw new CommandRefused("'subnet-id' is forbidden in reservation-get-by-id")
    const { version } = places.family
    return matching(given, places, identifierOf(given), selectorOf(given, version))
  },
)

const BY_ADDRESS = reading(
  'reservation-get-by-address',
  'Tells the reservations of an address',
  { 'ip-address': { type: 'string' }, 'subnet-id': SUBNET_ID!, 'operation-target': TARGET! },
  ['ip-address'],
  (given, places) => {
    const { version } = places.family
    const wish = byAddress(version, checkedAddress(given, version))
    return matching(given, places, wish, selectorOf(given, version))
  },
)

function matching(
  given: Arguments,
  places: Places,
  wish: HostTest,
  selector: HostSelector,
): ReturnType<Get> {
  const id = given['subnet-id']
  const subnetId = id === undefined ? undefined : checkedId(id)
  const hosts = subnetId === undefined ? [] : knownList(places, subnetId).hosts
  return {
    inFile: () =>
      subnetId === undefined ? amongAll(places, wish) : amongOne(hosts, wish, subnetId),
    selector: { ...selector, subnetId },
    tell: (found) => told(places, found),
  }
}

function* amongOne(
  hosts: readonly Members[],
  wish: HostTest,
  subnetId: number,
): Steps<readonly HostAt[]> {
  if (wish.name !== undefined) yield* indexing(hosts)
  return among(hosts, wish).map((host) => ({ host, subnetId }))
}

function told(places: Places, found: readonly HostAt[]): Answer {
  const hosts = found.map(({ host, subnetId }) => places.shownHost(host, subnetId))
  return {
    result: hosts.length === 0 ? 3 : 0,
    text: `${hosts.length} ${places.family.ip} host(s) found.`,
    arguments: { hosts },
  }
}

const SOURCE_MAX = 10

const GET_PAGE: Command = {
  name: 'reservation-get-page',
  access: 'read',
  library: 'host_cmds',
  personas: SERVERS,
  summary: 'Tells reservations page by page: the file is source 0, databases follow',
  parameters: {
    type: 'object',
    properties: {
      limit: { type: 'integer', minimum: 1 },
      'subnet-id': SUBNET_ID!,
      'source-index': { type: 'integer', minimum: 0, maximum: SOURCE_MAX },
      from: { type: 'integer', minimum: 0, description: 'next.from of the page before' },
    },
    required: ['limit'],
  },
  run(asked, room, answer) {
    const family = familyOf(asked.persona)
    const given = mapOf(asked)
    const places = new Places(room.configuration.document, family)
    const limit = countOf(given, 'limit', undefined)
    if (limit === 0)
      throw new CommandRefused("out of range value (0) specified for parameter 'limit'")
    const source = countOf(given, 'source-index', 0)
    if (source > SOURCE_MAX)
      throw new CommandRefused(
        `out of range value (${source}) specified for parameter 'source-index'`,
      )
    const id = given['subnet-id']
    const subnetId = id === undefined ? undefined : checkedId(id)
    const list = subnetId === undefined ? undefined : knownList(places, subnetId)
    const books = room.server.hosts.of(family.version)
    const look = (index: number, from: number): void => {
      const tell = (page: readonly HostAt[], last: number): void => {
        if (page.length === 0 && index <= books.length) return look(index + 1, 0)
        answer(shownPage(places, page, { from: last, 'source-index': index }))
      }
      if (index === 0) {
        const page = list === undefined ? hostsFrom(places, from, limit) : pageOf(list, from, limit)
        return tell(page, from + page.length)
      }
      const book = books[index - 1]
      const selector = { subnetId, after: from, limit }
      findIn(book === undefined ? [] : [book], selector, room, answer, (rows) =>
        tell(rows, rows.at(-1)?.id ?? 0),
      )
    }
    look(source, countOf(given, 'from', 0))
  },
}

function pageOf({ hosts, subnetId }: HostList, from: number, limit: number): readonly HostAt[] {
  return hosts.slice(from, from + limit).map((host) => ({ host, subnetId }))
}

/** No page has reservations of two sources; one that is exhausted leads to the next. */
function shownPage(places: Places, page: readonly HostAt[], next: object): Answer {
  const hosts = page.map(({ host, subnetId }) => places.shownHost(host, subnetId))
  const count = hosts.length
  const text = `${count} ${places.family.ip} host(s) found.`
  if (count === 0) return { result: 3, text, arguments: { count, hosts } }
  return { result: 0, text, arguments: { count, hosts, next } }
}

function countOf(given: Arguments, key: string, otherwise: number | undefined): number {
  const value = given[key] ?? otherwise
  if (value === undefined) throw new CommandRefused(`missing parameter '${key}'`)
  if (!isInteger(value)) throw new CommandRefused(`invalid type specified for parameter '${key}'`)
  if (value < 0 || value > 2 ** 53)
    throw new CommandRefused(`out of range value (${value}) specified for parameter '${key}'`)
  return Number(value)
}

export const HOST_READS: readonly Command[] = [
  GET,
  GET_ALL,
  GET_PAGE,
  BY_ADDRESS,
  BY_HOSTNAME,
  BY_ID,
]
