// Leases: filtered, sorted, paged in both directions with their total, or as a stream of lines;
// one of them; one that is taken away, or becomes a reservation.

import { prefix6FromText } from '../../address/prefix6.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import { leaseInfoOf } from '../../leases/lease-info.ts'
import { isShown } from '../../leases/lifecycle.ts'
import type { Server } from '../../server/server.ts'
import type { Lost } from '../../server/slices.ts'
import type { Persona } from '../command.ts'
import { inOrder, type Next } from '../commands/lease/in-order.ts'
import { FAMILY4, FAMILY6, type LeaseFamily } from '../commands/lease/lease-family.ts'
import type { Moment } from '../commands/lease/lease-words.ts'
import { momentOf } from '../commands/lease/lists.ts'
import { INTERNAL } from '../refused.ts'
import {
  cursorText,
  type LeaseQuery,
  LIMIT_MAX,
  leaseQueryOf,
  placeOf,
  SORTS,
  STATES,
} from './lease-query.ts'
import {
  type ApiCall,
  ApiRefused,
  type ApiReply,
  type Route,
  refusal,
  replyOf,
  type Say,
} from './route.ts'
import { shownLease } from './shown-lease.ts'

/** Rows of a slice: about a millisecond. */
const SLICE = 500
/** The same where each is written. */
const WRITTEN = 100

const FAMILIES: Readonly<Record<4 | 6, LeaseFamily>> = { 4: FAMILY4, 6: FAMILY6 }

export const LEASES: readonly Route[] = [
  {
    method: 'GET',
    path: '/leases',
    as: 'lease4-get-all',
    summary: 'Leases of one family or both, some at a time or as lines',
    query: {
      family: { type: 'integer', enum: [4, 6] },
      subnet: { type: 'integer', minimum: 1 },
      state: { type: 'string', enum: Object.keys(STATES) },
      q: { type: 'string', description: 'Part of an address, an identifier or a name' },
      'expires-before': { type: 'integer', description: 'Seconds since 1970' },
      sort: { type: 'string', enum: SORTS, default: 'address' },
      limit: { type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: 100 },
      cursor: { type: 'string', description: '`next` or `previous` of a page' },
    },
    run: list,
  },
  {
    method: 'GET',
    path: '/leases/{address}',
    as: 'lease4-get',
    summary: 'One lease',
    run({ given, room, demand }, say) {
      const lease = found(given.address!, room.server)
      demand(`${kindOf(lease).prefix}-get`)
      say({ status: 200, body: shownLease(lease, momentOf(room.server)) })
    },
  },
  {
    method: 'DELETE',
    path: '/leases/{address}',
    as: 'lease4-del',
    summary: 'Takes a lease away, at both servers of a pair',
    run: take,
  },
  {
    method: 'POST',
    path: '/leases/{address}:release',
    as: 'lease4-del',
    summary: 'Ends a lease as if its client had released it, at both servers of a pair',
    run: take,
  },
  {
    method: 'POST',
    path: '/leases/{address}:reserve',
    as: 'reservation-add',
    summary: 'Reserves the address for the client that has it',
    run(call, say) {
      const lease = found(call.given.address!, call.room.server)
      const reservation = reservationOf(lease)
      call.command('reservation-add', kindOf(lease).persona, { reservation }, (answer) => {
        const reply = replyOf(answer)
        say(reply.status === 200 ? { status: 201, body: { reservation } } : reply)
      })
    },
  },
]

// ---- one of them

/** What a client releases and what an operator takes away ends in one way. */
function take(call: ApiCall, say: Say): void {
  const lease = found(call.given.address!, call.room.server)
  const { persona, prefix, selector } = kindOf(lease)
  call.command(`${prefix}-del`, persona, selector, (answer) => say(replyOf(answer)))
}

/** Throws ApiRefused. */
function found(text: string, server: Server): Lease<Key> {
  const [address = '', length] = text.split('/')
  for (const family of familiesOf(server)) {
    const key = FAMILIES[family].keyOf(address)
    if (key === undefined) continue
    const table = FAMILIES[family].table(server)
    const lease = length === undefined ? table.byAddress(key) : prefixAt(table, text)
    if (lease !== undefined && isShown(lease)) return lease
  }
  throw new ApiRefused(404, `there is no lease of ${text}`)
}

function prefixAt(table: ReturnType<LeaseFamily['table']>, text: string): Lease<Key> | undefined {
  const key = prefix6FromText(text)
  return key === undefined || table.version === 4 ? undefined : table.byAddress(key)
}

interface Kind {
  readonly persona: Persona
  readonly prefix: 'lease4' | 'lease6'
  /** By which commands know the lease. */
  readonly selector: object
}

function kindOf(lease: Lease<Key>): Kind {
  const { address, type } = leaseInfoOf(lease)
  if (typeof lease.address === 'number')
    return { persona: 'dhcp4', prefix: 'lease4', selector: { 'ip-address': address } }
  const [own] = address.split('/')
  const selector = type === 'IA_PD' ? { type, 'ip-address': own } : { 'ip-address': own }
  return { persona: 'dhcp6', prefix: 'lease6', selector }
}

/** Throws ApiRefused where nobody has it. */
function reservationOf(lease: Lease<Key>): object {
  const { address, hwAddress, clientId, hostname, subnetId, type } = leaseInfoOf(lease)
  const name = hostname === '' ? {} : { hostname }
  const whose = (client: object) => ({ ...client, ...name, 'subnet-id': subnetId })
  if (typeof lease.address !== 'number') {
    if (clientId === '') throw new ApiRefused(409, 'nobody has the lease')
    const what = type === 'IA_PD' ? { prefixes: [address] } : { 'ip-addresses': [address] }
    return whose({ duid: clientId, ...what })
  }
  if (hwAddress === '' && clientId === '') throw new ApiRefused(409, 'nobody has the lease')
  const client = hwAddress === '' ? { 'client-id': clientId } : { 'hw-address': hwAddress }
  return whose({ ...client, 'ip-address': address })
}

// ---- many

function list({ query, wants, room, demand }: ApiCall, say: Say): void {
  const { server } = room
  const wish = leaseQueryOf(query, familiesOf(server), momentOf(server))
  demand(...wish.families.map((family) => `lease${family}-get-all`))
  if (wants === 'csv') return say(refusal(406, 'leases come as JSON or as lines of JSON'))
  if (wants === 'lines') return say({ status: 200, lines: linesOf(wish, server) })
  const page = new Page(wish)
  const rest = wish.families.map((family) => inOrder(FAMILIES[family].table(server), undefined))
  const slice = (): boolean => {
    const leases = nextOf(rest, SLICE)
    for (const lease of leases) page.offer(lease)
    if (leases.length > 0) return false
    say({ status: 200, body: page.body(momentOf(server)) })
    return true
  }
  const isTaken = server.inSlices(slice, (why) => say(LOST[why]))
  if (!isTaken) say(refusal(429, 'too many lists are being made already: ask again'))
}

const LOST: Readonly<Record<Lost, ApiReply>> = {
  stopped: refusal(503, 'the server stops'),
  failed: refusal(500, INTERNAL),
}

/** In the order of addresses, as they are when they are read; a piece of text for each slice. */
function* linesOf({ families, fits }: LeaseQuery, server: Server): Generator<string> {
  const rest = families.map((family) => inOrder(FAMILIES[family].table(server), undefined))
  for (;;) {
    const leases = nextOf(rest, WRITTEN)
    if (leases.length === 0) return
    const moment = momentOf(server)
    const fit = leases.filter((lease) => isShown(lease) && fits(lease))
    yield fit.map((lease) => `${JSON.stringify(shownLease(lease, moment))}\n`).join('')
  }
}

/** Of the first that has some yet; empty when none has. */
function nextOf(rest: Next[], limit: number): readonly Lease<Key>[] {
  while (rest.length > 0) {
    const leases = rest[0]!(limit)
    if (leases.length > 0) return leases
    rest.shift()
  }
  return []
}

/** The leases of one page, found among all of them in bounded memory. */
class Page {
  readonly #wish: LeaseQuery
  /** In the order of the answer. */
  readonly #kept: { readonly place: string; readonly lease: Lease<Key> }[] = []
  #total = 0
  /** Leases on the side of the cursor that was asked for. */
  #candidates = 0

  constructor(wish: LeaseQuery) {
    this.#wish = wish
  }

  offer(lease: Lease<Key>): void {
    const { fits, cursor, limit } = this.#wish
    if (!isShown(lease) || !fits(lease)) return
    this.#total++
    const place = placeOf(lease, this.#wish)
    const isBackward = cursor?.isBackward === true
    if (cursor !== undefined && !this.#isBefore(...order(cursor.place, place, isBackward))) return
    this.#candidates++
    const kept = this.#kept
    const at = this.#rank(place)
    if (kept.length < limit) kept.splice(at, 0, { place, lease })
    else if (isBackward ? at > 0 : at < limit) {
      // The one that is farthest from the cursor gives way.
      kept.splice(at, 0, { place, lease })
      if (isBackward) kept.shift()
      else kept.pop()
    }
  }

  body(moment: Moment): object {
    const kept = this.#kept
    const [first, last] = [kept[0]?.place, kept.at(-1)?.place]
    const beyond = this.#candidates - kept.length
    const passed = this.#total - this.#candidates
    const [before, behind] = this.#wish.cursor?.isBackward ? [beyond, passed] : [passed, beyond]
    const isThere = (count: number, place: string | undefined): place is string =>
      count > 0 && place !== undefined
    return {
      leases: kept.map(({ lease }) => shownLease(lease, moment)),
      total: this.#total,
      ...(isThere(before, first) && { previous: cursorText({ place: first, isBackward: true }) }),
      ...(isThere(behind, last) && { next: cursorText({ place: last, isBackward: false }) }),
    }
  }

  /** How many of those that are kept stand before it. */
  #rank(place: string): number {
    let [low, high] = [0, this.#kept.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#isBefore(this.#kept[middle]!.place, place)) low = middle + 1
      else high = middle
    }
    return low
  }

  #isBefore(one: string, other: string): boolean {
    return this.#wish.isDescending ? one > other : one < other
  }
}

function order(cursor: string, place: string, isBackward: boolean): [string, string] {
  return isBackward ? [place, cursor] : [cursor, place]
}

function familiesOf({ plan: { dhcp4, dhcp6 } }: Server): readonly (4 | 6)[] {
  return [...(dhcp4 ? [4 as const] : []), ...(dhcp6 ? [6 as const] : [])]
}
