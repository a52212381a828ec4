// Reservations are asked for. All of them stand in the configuration: source 0 of Kea's.

import { type Arguments, isInteger, mapOf } from '../../arguments.ts'
import type { Answer, Command, Schema } from '../../command.ts'
import { SERVERS } from '../../command.ts'
import { CommandRefused } from '../../refused.ts'
import { knownList, SELECTORS } from './host-change.ts'
import {
  byAddress,
  byHostname,
  checkedAddress,
  checkedId,
  everyHost,
  type HostAt,
  type HostTest,
  identifierOf,
  subnetIdOf,
  textOf,
  wantedHost,
} from './host-find.ts'
import { familyOf, Places } from './places.ts'

type Get = (given: Arguments, places: Places) => Answer

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
    run(asked, { configuration }, answer) {
      const places = new Places(configuration.document, familyOf(asked.persona))
      answer(get(mapOf(asked), places))
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
    const id = subnetIdOf(given, NO_SUBNET)
    const isIt = wantedHost(given, places.family.version)
    const host = knownList(places, id).hosts.find(isIt)
    if (host === undefined) return { result: 3, text: 'Host not found.' }
    return { result: 0, text: 'Host found.', arguments: places.shownHost(host, id) }
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
    const id = subnetIdOf(given, "missing parameter 'subnet-id'")
    return told(places, hostsOf(places, id))
  },
)

function hostsOf(places: Places, id: number): readonly HostAt[] {
  return knownList(places, id).hosts.map((host) => ({ host, subnetId: id }))
}

const BY_HOSTNAME = reading(
  'reservation-get-by-hostname',
  'Tells the reservations with a name',
  { hostname: { type: 'string' }, 'subnet-id': SUBNET_ID!, 'operation-target': TARGET! },
  ['hostname'],
  (given, places) => {
    const name = textOf(given, 'hostname')
    if (name === '') throw new CommandRefused('Empty hostname')
    return told(places, matching(given, places, byHostname(name)))
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
    return told(places, matching(given, places, identifierOf(given)))
  },
)

const BY_ADDRESS = reading(
  'reservation-get-by-address',
  'Tells the reservations of an address',
  { 'ip-address': { type: 'string' }, 'subnet-id': SUBNET_ID!, 'operation-target': TARGET! },
  ['ip-address'],
  (given, places) => {
    const { version } = places.family
    const isIt = byAddress(version, checkedAddress(given, version))
    return told(places, matching(given, places, isIt))
  },
)

function matching(given: Arguments, places: Places, isIt: HostTest): readonly HostAt[] {
  const id = given['subnet-id']
  const all = id === undefined ? [...everyHost(places)] : hostsOf(places, checkedId(id))
  return all.filter(({ host }) => isIt(host))
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

const GET_PAGE = reading(
  'reservation-get-page',
  'Tells reservations page by page',
  {
    limit: { type: 'integer', minimum: 1 },
    'subnet-id': SUBNET_ID!,
    'source-index': { type: 'integer', minimum: 0, maximum: SOURCE_MAX },
    from: { type: 'integer', minimum: 0, description: 'next.from of the page before' },
  },
  ['limit'],
  (given, places) => {
    const limit = countOf(given, 'limit', undefined)
    if (limit === 0)
      throw new CommandRefused("out of range value (0) specified for parameter 'limit'")
    const source = countOf(given, 'source-index', 0)
    if (source > SOURCE_MAX)
      throw new CommandRefused(
        `out of range value (${source}) specified for parameter 'source-index'`,
      )
    const from = countOf(given, 'from', 0)
    const id = given['subnet-id']
    const all = id === undefined ? [...everyHost(places)] : hostsOf(places, checkedId(id))
    const page = source > 0 ? [] : all.slice(from, from + limit)
    const hosts = page.map(({ host, subnetId }) => places.shownHost(host, subnetId))
    const count = hosts.length
    const text = `${count} ${places.family.ip} host(s) found.`
    if (count === 0) return { result: 3, text, arguments: { count, hosts } }
    const next = { from: from + count, 'source-index': 0 }
    return { result: 0, text, arguments: { count, hosts, next } }
  },
)

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
