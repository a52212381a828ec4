// stat-lease4-get and stat-lease6-get: leases by subnet, as a table.

import { isMap } from '../../config/text/map.ts'
import { isInteger } from '../arguments.ts'
import { type Answer, type Asked, type Command, type Schema, SERVERS } from '../command.ts'
import { Listing } from '../print.ts'
import { CommandRefused } from '../refused.ts'
import type { FamilyStatistics } from '../statistics/family-statistics.ts'
import type { Place } from '../statistics/source.ts'
import type { Statistics } from '../statistics/statistics.ts'

/** Rows that are made in one go. */
const AT_ONCE = 200

const ID: Schema = { type: 'integer', minimum: 1, maximum: 0xffff_ffff }
const PARAMETERS: Schema = {
  type: 'object',
  properties: {
    'subnet-id': { ...ID, description: 'Only this subnet' },
    'subnet-range': {
      type: 'object',
      description: 'Only subnets with ids from the first to the last',
      required: ['first-subnet-id', 'last-subnet-id'],
      properties: { 'first-subnet-id': ID, 'last-subnet-id': ID },
    },
  },
}

export const STAT: readonly Command[] = ([4, 6] as const).map((family) => ({
  name: `stat-lease${family}-get`,
  access: 'read',
  library: 'stat_cmds',
  personas: SERVERS,
  summary: `Tells how many leases of DHCPv${family} each subnet has`,
  parameters: PARAMETERS,
  run(asked, { statistics }, answer) {
    answer(tableOf(asked, statistics, family))
  },
}))

interface Wanted {
  readonly words: string
  readonly first: number
  readonly last: number
  /** What is said where there is no such subnet. */
  readonly missing: string
}

function tableOf(asked: Asked, statistics: Statistics, family: 4 | 6): Answer {
  const { words, first, last, missing } = wantedOf(asked)
  const own = statistics.of(family)
  const places = own?.places(first, last) ?? []
  const what = `${asked.command}${words}: `
  if (own === undefined || places.length === 0)
    return { result: 3, text: `${what}no matching data, ${missing}`, arguments: {} }
  const rows =
    places.length <= AT_ONCE ? places.map((place) => own.row(place)) : listed(places, own)
  const set = { columns: own.columns, rows, timestamp: statistics.utcNow() }
  return { result: 0, text: `${what}${places.length} rows found`, arguments: { 'result-set': set } }
}

/** Many rows are made while they are written. */
function listed(places: readonly Place[], own: FamilyStatistics): Listing {
  let next = 0
  return new Listing(() => {
    const some = places.slice(next, next + AT_ONCE)
    next += AT_ONCE
    return some.map((place) => own.row(place))
  })
}

function wantedOf({ arguments: given }: Asked): Wanted {
  if (given !== undefined && !isMap(given))
    throw new CommandRefused("'arguments' parameter is not a map")
  const { 'subnet-id': id, 'subnet-range': range } = given ?? {}
  if (id !== undefined) {
    if (!isInteger(id)) throw new CommandRefused("'subnet-id' parameter is not integer")
    if (id <= 0) throw new CommandRefused("'subnet-id' parameter must be > 0")
    if (range !== undefined)
      throw new CommandRefused('cannot specify both subnet-id and subnet-range')
    return one(Number(id))
  }
  if (range !== undefined) return rangeOf(range)
  const all = { words: '[all subnets]', first: 0, last: Number.POSITIVE_INFINITY }
  return { ...all, missing: 'selected ID range: 0 through 0 includes no known subnets' }
}

function one(id: number): Wanted {
  const missing = `subnet-id: ${id} does not exist`
  return { words: `[subnet-id=${id}]`, first: id, last: id, missing }
}

function rangeOf(range: unknown): Wanted {
  if (!isMap(range)) throw new CommandRefused('subnet-range parameter is not a map')
  const first = endOf(range, 'first-subnet-id')
  const last = endOf(range, 'last-subnet-id')
  if (last < first)
    throw new CommandRefused("'last-subnet-id' must be greater than 'first-subnet-id'")
  const missing = `selected ID range: ${first} through ${last} includes no known subnets`
  return { words: `[subnets ${first} through ${last}]`, first, last, missing }
}

function endOf(range: Readonly<Record<string, unknown>>, key: string): number {
  const value = range[key]
  if (!isInteger(value)) throw new CommandRefused(`'${key}' parameter missing or not an integer`)
  if (value <= 0) throw new CommandRefused(`'${key}' parameter must be > 0`)
  return Number(value)
}
