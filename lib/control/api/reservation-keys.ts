// Which reservation is meant by a request of Whio's own API, and in which place: the configuration,
// or the databases of `hosts-databases`.

import { identifierFromText } from '../../config/compile/reservation-identity.ts'
import { isMap } from '../../config/text/map.ts'
import { IDENTIFIERS } from '../commands/edit/host-find.ts'
import { FAMILY4, FAMILY6 } from '../commands/edit/places.ts'
import { type HostKey, placeOf } from './host-places.ts'
import { itemsFromCsv } from './reservation-rows.ts'
import { type ApiCall, ApiRefused } from './route.ts'

/** Items of one request. */
export const ITEMS_MAX = 1000

/** Where there are databases; `database` may be followed by its number, as in a list. */
export type Source = 'file' | 'database'

export interface SourceKey extends HostKey {
  /** Undefined: nobody has said. */
  readonly source: Source | undefined
}

export interface Item extends SourceKey {
  /** Undefined: it is taken away. */
  readonly value: Readonly<Record<string, unknown>> | undefined
}

/** Throws ApiRefused. */
export function keyOf(
  { subnet, type, id, family, source }: Readonly<Record<string, unknown>>,
  { query, room }: ApiCall,
): SourceKey {
  if (subnet === undefined) throw new ApiRefused(400, 'say subnet: its id, or 0')
  const number = String(subnet)
  if (!/^\d{1,10}$/.test(number)) throw new ApiRefused(400, `'${number}' is no id of a subnet`)
  const kind = IDENTIFIERS.find((one) => one === type)
  if (kind === undefined) throw new ApiRefused(400, `type is one of ${IDENTIFIERS.join(', ')}`)
  if (id === undefined) throw new ApiRefused(400, 'say id: the identifier')
  if (typeof id !== 'string' || !identifierFromText(id))
    throw new ApiRefused(400, `'${String(id)}' is no identifier`)
  const { dhcp4, dhcp6 } = room.server.plan
  const wanted = family ?? query.get('family') ?? (dhcp4 === undefined ? 6 : 4)
  const found = Number(wanted) === 6 ? FAMILY6 : FAMILY4
  if ((found === FAMILY6 ? dhcp6 : dhcp4) === undefined)
    throw new ApiRefused(404, `DHCPv${found.version} is not served`)
  const where = sourceIn(source ?? query.get('source'))
  if (where === 'database' && room.server.hosts.of(found.version).length === 0)
    throw new ApiRefused(400, `DHCPv${found.version} has no hosts-databases`)
  return { family: found, subnet: Number(number), type: kind, id, source: where }
}

function sourceIn(said: unknown): Source | undefined {
  if (said === undefined) return undefined
  if (said === 'file') return said
  if (typeof said === 'string' && /^database( \d{1,2})?$/.test(said)) return 'database'
  throw new ApiRefused(400, 'source is file or database')
}

export function itemsIn(call: ApiCall): readonly Item[] {
  const { body } = call
  const items = typeof body === 'string' ? itemsFromCsv(body) : mapIn(body).items
  if (!Array.isArray(items) || items.length === 0 || items.length > ITEMS_MAX)
    throw new ApiRefused(400, `items is a list of 1 to ${ITEMS_MAX}`)
  return items.map((item: unknown, index) => {
    try {
      const map = mapIn(item)
      const { reservation } = map
      const key = keyOf(map, call)
      // To look for each of a thousand in a long list would take seconds.
      if (key.source === undefined && hasDatabases(key, call))
        throw new ApiRefused(400, 'say source: file or database')
      return { ...key, value: reservation === undefined ? undefined : mapIn(reservation) }
    } catch (error) {
      if (!(error instanceof ApiRefused)) throw error
      throw new ApiRefused(error.status, `items[${index}]: ${error.message}`)
    }
  })
}

/** What PUT takes: as GET shows it, with where it is from. */
export function putItem(call: ApiCall): Item {
  const { source, ...value } = mapIn(call.body)
  return { ...keyOf({ ...call.given, source }, call), value }
}

export function mapIn(value: unknown): Readonly<Record<string, unknown>> {
  if (isMap(value)) return value
  throw new ApiRefused(400, 'a map is expected')
}

/**
 * Whether a change is one of the databases: where nobody says it, what the configuration has stays
 * there, and whatever else is theirs, as in Kea's commands.
 */
export function isStored(key: SourceKey, call: ApiCall): boolean {
  if (key.source !== undefined) return key.source === 'database'
  return (
    hasDatabases(key, call) && placeOf(key, call.room.configuration.document).host === undefined
  )
}

function hasDatabases({ family }: HostKey, { room }: ApiCall): boolean {
  return room.server.hosts.of(family.version).length > 0
}
