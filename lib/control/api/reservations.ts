// Reservations by their keys: read, put, taken away, and many of them at once, of which all are
// changed or none.

import { identifierFromText } from '../../config/compile/reservation-identity.ts'
import type { Edit } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import { withoutSecrets } from '../../config/keys/secrets.ts'
import type { Steps } from '../../config/plan/steps.ts'
import { isMap } from '../../config/text/map.ts'
import { formatProblem } from '../../config/text/problem.ts'
import type {
  ConfigResult,
  EditMaker,
  Tried,
} from '../../server/configuration/running-configuration.ts'
import { IDENTIFIERS } from '../commands/edit/host-find.ts'
import { FAMILY4, FAMILY6 } from '../commands/edit/places.ts'
import { seesSecrets } from '../roles.ts'
import { HostIndex, type HostKey, placeOf } from './host-places.ts'
import { RESERVATION_LIST } from './reservation-list.ts'
import { itemsFromCsv } from './reservation-rows.ts'
import { type ApiCall, ApiRefused, type ApiReply, type Route, refusal, type Say } from './route.ts'

const QUERY = {
  family: { type: 'integer', enum: [4, 6], description: 'Where both are served' },
  'dry-run': { type: 'integer', enum: [0, 1], description: '1: nothing is changed' },
} as const

const RESERVATION = {
  type: 'object',
  description: 'As in the configuration; whose it is stands in the path',
} as const

/** Up to so many are looked for one by one: to go through a whole list costs more. */
const FEW = 10

/** Items of one request. */
const ITEMS_MAX = 1000

export const RESERVATIONS: readonly Route[] = [
  RESERVATION_LIST,
  {
    method: 'GET',
    path: '/reservations/{subnet}/{type}/{id}',
    as: 'reservation-get',
    summary: 'One reservation',
    query: { family: QUERY.family },
    run(call, say) {
      const key = keyOf(call.given, call)
      const { host } = placeOf(key, call.room.configuration.document)
      if (host === undefined) throw new ApiRefused(404, 'there is no such reservation')
      say({ status: 200, body: seesSecrets(call.asker.role) ? host : withoutSecrets(host) })
    },
  },
  {
    method: 'PUT',
    path: '/reservations/{subnet}/{type}/{id}',
    as: 'reservation-add',
    summary: 'Makes a reservation, or puts it in the place of the one that there is',
    ...{ query: QUERY, body: RESERVATION },
    run: (call, say) =>
      change(call, [{ ...keyOf(call.given, call), value: mapIn(call.body) }], say),
  },
  {
    method: 'DELETE',
    path: '/reservations/{subnet}/{type}/{id}',
    as: 'reservation-del',
    summary: 'Takes a reservation away; leases stay',
    query: QUERY,
    run: (call, say) => change(call, [{ ...keyOf(call.given, call), value: undefined }], say),
  },
  {
    method: 'POST',
    path: '/reservations:batch',
    as: 'reservation-add',
    summary: 'Makes and takes away many reservations, all or none, or as many as can be',
    query: {
      'dry-run': QUERY['dry-run'],
      atomic: { type: 'integer', enum: [0, 1], description: 'Of CSV: as the member of a body' },
    },
    takesCsv: true,
    body: {
      type: 'object',
      required: ['items'],
      properties: {
        atomic: {
          type: 'boolean',
          default: true,
          description: 'false: those that cannot be are left out and told of, the others are made',
        },
        items: {
          type: 'array',
          maxItems: ITEMS_MAX,
          items: {
            type: 'object',
            required: ['subnet', 'type', 'id'],
            properties: {
              family: QUERY.family,
              subnet: { type: 'integer', minimum: 0, description: '0: the global list' },
              type: { type: 'string', enum: IDENTIFIERS },
              id: { type: 'string' },
              reservation: { ...RESERVATION, description: 'Absent: it is taken away' },
            },
          },
        },
      },
    },
    run(call, say) {
      const items = itemsIn(call)
      if (isAtomic(call)) change(call, items, say)
      else changeEach(call, items, say)
    },
  },
]

interface Item extends HostKey {
  /** Undefined: it is taken away. */
  readonly value: Readonly<Record<string, unknown>> | undefined
}

// ---- what is meant

/** Throws ApiRefused. */
function keyOf(
  { subnet, type, id, family }: Readonly<Record<string, unknown>>,
  { query, room }: ApiCall,
): HostKey {
  const number = String(subnet)
  if (!/^\d{1,10}$/.test(number)) throw new ApiRefused(400, `'${number}' is no id of a subnet`)
  const kind = IDENTIFIERS.find((one) => one === type)
  if (kind === undefined) throw new ApiRefused(400, `type is one of ${IDENTIFIERS.join(', ')}`)
  if (typeof id !== 'string' || !identifierFromText(id))
    throw new ApiRefused(400, `'${String(id)}' is no identifier`)
  const { dhcp4, dhcp6 } = room.server.plan
  const wanted = family ?? query.get('family') ?? (dhcp4 === undefined ? 6 : 4)
  const found = Number(wanted) === 6 ? FAMILY6 : FAMILY4
  if ((found === FAMILY6 ? dhcp6 : dhcp4) === undefined)
    throw new ApiRefused(404, `DHCPv${found.version} is not served`)
  return { family: found, subnet: Number(number), type: kind, id }
}

function itemsIn(call: ApiCall): readonly Item[] {
  const { body } = call
  const items = typeof body === 'string' ? itemsFromCsv(body) : mapIn(body).items
  if (!Array.isArray(items) || items.length === 0 || items.length > ITEMS_MAX)
    throw new ApiRefused(400, `items is a list of 1 to ${ITEMS_MAX}`)
  return items.map((item: unknown, index) => {
    try {
      const map = mapIn(item)
      const { reservation } = map
      return {
        ...keyOf(map, call),
        value: reservation === undefined ? undefined : mapIn(reservation),
      }
    } catch (error) {
      if (!(error instanceof ApiRefused)) throw error
      throw new ApiRefused(error.status, `items[${index}]: ${error.message}`)
    }
  })
}

function mapIn(value: unknown): Readonly<Record<string, unknown>> {
  if (isMap(value)) return value
  throw new ApiRefused(400, 'a map is expected')
}

// ---- what becomes of it

interface Made {
  readonly edits: readonly Edit[]
  readonly counts: { made: number; changed: number; deleted: number }
}

function change(call: ApiCall, items: readonly Item[], say: Say): void {
  const { configuration } = call.room
  let made: Made | Error | undefined
  const make: EditMaker = function* (document) {
    try {
      made = yield* editsOf(items, document, call)
      return made.edits
    } catch (error) {
      made = error as Error
      return []
    }
  }
  /** Undefined where it was refused before, which is said. */
  const counted = (): Made['counts'] | undefined => {
    if (made instanceof ApiRefused) say(refusal(made.status, made.message))
    else if (made instanceof Error) throw made
    else return made?.counts
    return undefined
  }
  if (call.query.get('dry-run') === '1') {
    const tell = ({ isServed, problems, trouble }: Tried): void => {
      if (trouble !== '') return say(refusal(503, trouble))
      const counts = counted()
      if (counts === undefined) return
      const of = (severity: string) =>
        problems.filter((one) => one.severity === severity).map(formatProblem)
      const ok = isServed && of('error').length === 0
      const told = { faults: of('error'), warnings: of('warning') }
      say({ status: 200, body: { ok, ...counts, ...told } })
    }
    return configuration.try(make, call.goingOn(tell))
  }
  const { user, from } = call.asker
  const author = { user, from, command: `${call.method} /${call.path[0]}` }
  const tell = ({ allowed, why, problems }: ConfigResult): void => {
    if (made === undefined) return say(refusal(422, why, problems.map(formatProblem)))
    const counts = counted()
    if (counts === undefined) return
    if (allowed) say({ status: counts.made > 0 ? 201 : 200, body: counts })
    else say(refusal(422, why, problems.map(formatProblem)))
  }
  configuration.edit(make, 'pair', author, call.goingOn(tell))
}

function isAtomic({ body, query }: ApiCall): boolean {
  const said = query.get('atomic')
  const { atomic = said !== '0' } = typeof body === 'string' ? {} : mapIn(body)
  if (typeof atomic === 'boolean' && (said === undefined || said === '0' || said === '1'))
    return atomic
  throw new ApiRefused(400, 'atomic is true or false')
}

/**
 * As many as can be: all at once, and where that is refused each half by itself, so that a few
 * faults among a thousand cost a few tries.
 */
function changeEach(call: ApiCall, items: readonly Item[], say: Say): void {
  if (call.query.get('dry-run') === '1')
    throw new ApiRefused(400, 'a trial is of all items together: leave out atomic')
  const sum = { made: 0, changed: 0, deleted: 0 }
  const failed: object[] = []
  const parts = [{ at: 0, items }]
  const next = (): void => {
    const part = parts.shift()
    if (part === undefined) return say({ status: 200, body: { ...sum, failed } })
    const half = Math.ceil(part.items.length / 2)
    const tell = call.goingOn(({ status, body }: ApiReply): void => {
      if (status < 400) {
        const counts = body as Made['counts']
        for (const key of ['made', 'changed', 'deleted'] as const) sum[key] += counts[key]
      } else if (half === part.items.length)
        failed.push({ index: part.at, ...(body as { readonly error: string }) })
      else
        parts.unshift(
          { at: part.at, items: part.items.slice(0, half) },
          { at: part.at + half, items: part.items.slice(half) },
        )
      next()
    })
    change(call, part.items, tell)
  }
  next()
}

/** Throws ApiRefused, also where the role permits one of the changes only. */
function* editsOf(
  items: readonly Item[],
  document: ConfigDocument,
  { demand }: ApiCall,
): Steps<Made> {
  const index = items.length > FEW ? new HostIndex(document) : undefined
  const seen = new Set<string>()
  const counts = { made: 0, changed: 0, deleted: 0 }
  const changed: Edit[] = []
  const deleted: { readonly at: number; readonly edit: Edit }[] = []
  for (const item of items) {
    const { family, subnet, type, id, value } = item
    const name = `${family.version} ${subnet} ${type} ${identifierFromText(id)}`
    if (seen.has(name)) throw new ApiRefused(400, `${id} of subnet ${subnet} is named twice`)
    seen.add(name)
    const found = index === undefined ? placeOf(item, document) : yield* index.placeOf(item)
    const { path, host, at } = found
    demand(value === undefined ? 'reservation-del' : `reservation-${host ? 'update' : 'add'}`)
    const written = host?.[type]
    // One of several identifiers of a host names no element.
    const isNamed = host === undefined || typeof written === 'string'
    const step = isNamed ? { [type]: String(written ?? id) } : at
    if (value === undefined) {
      if (host === undefined) throw new ApiRefused(404, `there is no reservation of ${id}`)
      counts.deleted++
      deleted.push({ at, edit: { path: [...path, step], value } })
    } else {
      const whose = isNamed ? { [type]: written ?? id } : { identifiers: host.identifiers }
      changed.push({ path: [...path, step], value: { ...value, ...whose } })
      if (host === undefined) counts.made++
      else counts.changed++
    }
  }
  // From behind, so that places before stay what they are.
  const gone = deleted.sort((one, other) => other.at - one.at).map(({ edit }) => edit)
  return { edits: [...changed, ...gone], counts }
}
