// Reservations by their keys: read, put, taken away, and many of them at once, of which all are
// changed or none; those of databases one by one.

import { identifierFromText } from '../../config/compile/reservation-identity.ts'
import type { Edit } from '../../config/edits.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import { withoutSecrets } from '../../config/keys/secrets.ts'
import type { Steps } from '../../config/plan/steps.ts'
import { formatProblem } from '../../config/text/problem.ts'
import type {
  ConfigResult,
  EditMaker,
  Tried,
} from '../../server/configuration/running-configuration.ts'
import { IDENTIFIERS } from '../commands/edit/host-find.ts'
import { seesSecrets } from '../roles.ts'
import { placeOf, placeSoon } from './host-places.ts'
import {
  ITEMS_MAX,
  type Item,
  isStored,
  itemsIn,
  keyOf,
  mapIn,
  putItem,
} from './reservation-keys.ts'
import { RESERVATION_LIST } from './reservation-list.ts'
import { type ApiCall, ApiRefused, type ApiReply, type Route, refusal, type Say } from './route.ts'
import { changeStored, findStored } from './stored-reservations.ts'

const QUERY = {
  family: { type: 'integer', enum: [4, 6], description: 'Where both are served' },
  source: {
    type: 'string',
    description: 'file or database; without it a new one goes to databases, if there are any',
  },
  'dry-run': { type: 'integer', enum: [0, 1], description: '1: nothing is changed' },
} as const

const RESERVATION = {
  type: 'object',
  description: 'As in the configuration; whose it is stands in the path',
} as const

export const RESERVATIONS: readonly Route[] = [
  RESERVATION_LIST,
  {
    method: 'GET',
    path: '/reservations/{subnet}/{type}/{id}',
    as: 'reservation-get',
    summary: 'One reservation',
    query: { family: QUERY.family, source: QUERY.source },
    run(call, say) {
      const key = keyOf(call.given, call)
      const { hosts } = call.room.server
      const hasDatabases = hosts.of(key.family.version).length > 0
      const tell = (host: object, source: string): void => {
        const shown = hasDatabases ? { source, ...host } : host
        say({ status: 200, body: seesSecrets(call.asker.role) ? shown : withoutSecrets(shown) })
      }
      const { host } = placeOf(key, call.room.configuration.document)
      if (host !== undefined && key.source !== 'database') return tell(host, 'file')
      if (key.source === 'file') throw new ApiRefused(404, NO_SUCH)
      findStored(key, call, say, (found) => {
        if (found === undefined) throw new ApiRefused(404, NO_SUCH)
        tell(found.host, found.source)
      })
    },
  },
  {
    method: 'PUT',
    path: '/reservations/{subnet}/{type}/{id}',
    as: 'reservation-add',
    summary: 'Makes a reservation, or puts it in the place of the one that there is',
    ...{ query: QUERY, body: RESERVATION },
    run: (call, say) => change(call, [putItem(call)], say),
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
              source: { type: 'string', description: 'file or database, where there are any' },
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

const NO_SUCH = 'there is no such reservation'

// ---- what becomes of it

interface Made {
  readonly edits: readonly Edit[]
  readonly counts: { made: number; changed: number; deleted: number }
}

function change(call: ApiCall, items: readonly Item[], say: Say): void {
  const { configuration } = call.room
  const stored = items.find((item) => isStored(item, call))
  if (stored !== undefined && items.length === 1) return changeStored(stored, call, say)
  if (stored !== undefined) throw new ApiRefused(400, ONE_BY_ONE)
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

const ONE_BY_ONE =
  'databases of reservations are changed one by one, so not all or none: say "atomic": false'

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
  const parts = partsOf(items, call)
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

/** Those of a database by themselves. */
function partsOf(items: readonly Item[], call: ApiCall) {
  const parts: { at: number; items: readonly Item[] }[] = []
  let from = 0
  const end = (at: number): void => {
    if (at > from) parts.push({ at: from, items: items.slice(from, at) })
    from = at
  }
  for (const [at, item] of items.entries()) {
    if (!isStored(item, call)) continue
    end(at)
    end(at + 1)
  }
  end(items.length)
  return parts
}

/** Throws ApiRefused, also where the role permits one of the changes only. */
function* editsOf(
  items: readonly Item[],
  document: ConfigDocument,
  { demand }: ApiCall,
): Steps<Made> {
  const seen = new Set<string>()
  const counts = { made: 0, changed: 0, deleted: 0 }
  const changed: Edit[] = []
  const deleted: { readonly at: number; readonly edit: Edit }[] = []
  for (const item of items) {
    const { family, subnet, type, id, value } = item
    const name = `${family.version} ${subnet} ${type} ${identifierFromText(id)}`
    if (seen.has(name)) throw new ApiRefused(400, `${id} of subnet ${subnet} is named twice`)
    seen.add(name)
    const { path, host, at } = yield* placeSoon(item, document)
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
