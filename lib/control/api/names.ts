// Names in DNS: what is owed, to whom, and why it is not done yet.

import type { Arguments } from '../arguments.ts'
import { type ApiCall, ApiRefused, type Route, replyOf, type Say } from './route.ts'

const GET = 'whio-names-get'
const RETRY = 'whio-names-retry'
const CHECK = 'whio-dns-check'
const REPAIR = 'whio-dns-repair'
const FOUND = 'whio-dns-get'

export const NAMES: readonly Route[] = [
  {
    method: 'GET',
    path: '/names',
    as: GET,
    summary: 'How names in DNS are, and those that are not as they should be; all with all=true',
    query: {
      all: { type: 'boolean', default: false },
      name: { type: 'string', description: 'Only this name, or names below it' },
      address: { type: 'string', description: 'Only of this address' },
      after: { type: 'string', description: 'Behind this address: the next page' },
      limit: { type: 'integer', minimum: 1, maximum: 1000, default: 1000 },
    },
    run: (call, say) => toServer(call, GET, argumentsOf(call.query), say),
  },
  {
    method: 'POST',
    path: '/names/retry',
    as: RETRY,
    summary: 'Tries at once what waits for servers of DNS',
    run: (call, say) => toServer(call, RETRY, undefined, say),
  },
  {
    method: 'POST',
    path: '/names/check',
    as: CHECK,
    summary: 'Begins to compare names in DNS with what leases want there',
    run: (call, say) => toServer(call, CHECK, undefined, say),
  },
  {
    method: 'POST',
    path: '/names/repair',
    as: REPAIR,
    summary: 'The same, adds what is missing again and removes what no lease has',
    run: (call, say) => toServer(call, REPAIR, undefined, say),
  },
  {
    method: 'GET',
    path: '/names/check',
    as: FOUND,
    summary: 'What the last comparison has found, or has found so far',
    query: {
      from: { type: 'integer', minimum: 0, default: 0, description: 'Findings to pass over' },
      limit: { type: 'integer', minimum: 0, maximum: 1000, default: 1000 },
    },
    run: (call, say) => toServer(call, FOUND, numbersOf(call.query), say),
  },
]

/** Names are of the process: whichever server is there answers. */
function toServer({ command, room }: ApiCall, name: string, given: unknown, say: Say): void {
  const persona = room.server.plan.dhcp4 === undefined ? 'dhcp6' : 'dhcp4'
  command(name, persona, given, (answer) => say(replyOf(answer)))
}

function argumentsOf(query: ApiCall['query']): Arguments {
  const given: Record<string, unknown> = {}
  for (const [from, to] of [
    ['name', 'name'],
    ['address', 'ip-address'],
    ['after', 'from'],
  ] as const)
    if (query.has(from)) given[to] = query.get(from)
  const all = query.get('all')
  if (all !== undefined) given.all = flagOf(all)
  const limit = query.get('limit')
  if (limit !== undefined) given.limit = Number(limit)
  return given
}

function numbersOf(query: ApiCall['query']): Arguments {
  const given: Record<string, unknown> = {}
  for (const name of ['from', 'limit'] as const) {
    const text = query.get(name)
    if (text !== undefined) given[name] = Number(text)
  }
  return given
}

function flagOf(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new ApiRefused(400, 'all is true or false')
  return text === 'true'
}
