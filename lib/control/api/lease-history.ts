// Who had an address, and what a client had, as far as the history of leases goes back.

import type { FoundHistory, Holding } from '../../ports/lease-history.ts'
import { type ApiCall, ApiRefused, type Route, refusal, type Say } from './route.ts'

/** The last ones, of an answer. */
const HOLDINGS_MAX = 1000

export const LEASE_HISTORY: readonly Route[] = [
  {
    method: 'GET',
    path: '/leases/{address}/history',
    as: 'lease4-get-all',
    summary: 'Who had the address, and when, the oldest first',
    run: (call, say) => tell(call, call.given.address!, say),
  },
  {
    method: 'GET',
    path: '/history',
    as: 'lease4-get-all',
    summary: 'What a client had, and when, the oldest first',
    query: { of: { type: 'string', description: 'An address, an identifier or a name' } },
    run(call, say) {
      const about = call.query.get('of') ?? ''
      if (about === '') throw new ApiRefused(400, 'of says whose')
      tell(call, about, say)
    },
  },
]

function tell({ room, demand, goingOn }: ApiCall, about: string, say: Say): void {
  const { dhcp4, dhcp6, database } = room.server.plan
  demand(...(dhcp4 ? ['lease4-get-all'] : []), ...(dhcp6 ? ['lease6-get-all'] : []))
  if (database.history === undefined || !database.persist)
    throw new ApiRefused(404, 'no history is kept: see "lease-history" of the map Whio')
  const told = (found: FoundHistory): void => {
    if (found.trouble !== undefined) return say(refusal(503, found.trouble))
    const { holdings, isCut } = found
    say({
      status: 200,
      body: { history: holdings.map(shown), ...(isCut ? { 'more-before': true } : {}) },
    })
  }
  room.leaseHistory.of(database, about, HOLDINGS_MAX, goingOn(told))
}

/** Times in seconds since 1970. */
function shown({ from, told, until, ...holding }: Holding): object {
  const seconds = (at: number): number => Math.round(at / 1000)
  return {
    address: holding.address,
    what: holding.what,
    'hw-address': holding.hwAddress,
    [holding.address.includes(':') ? 'duid' : 'client-id']: holding.clientId,
    hostname: holding.hostname,
    'subnet-id': holding.subnet,
    'valid-lifetime': holding.validLifetime,
    from: seconds(from),
    told: seconds(told),
    until: until === undefined ? null : seconds(until),
  }
}
