// What a requester asks for. RFC 4388 §6.1 and RFC 6926 §7: a query names one thing that leases are
// known by.
//
//                              one query (UDP)     in bulk (TCP)
//   ciaddr                     address             malformed
//   chaddr                     hardware address    hardware address
//   option 61                  client identifier   client identifier
//   option 82, sub-option 12   -                   relay
//   option 82, sub-option 2    -                   line of a relay
//   several of them            malformed           malformed
//   none                       malformed           all addresses: not served

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import type { RelaySearch } from '../leases/relay-info.ts'
import { OPTION4, RELAY_AGENT4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'

/** Of the client one of the two is ''. */
export type AskedClient = { readonly kind: 'client'; readonly client: ClientIdentity }
export type Asked = { readonly kind: 'address'; readonly address: Ipv4 } | AskedClient
export type AskedInBulk = AskedClient | { readonly kind: 'relay'; readonly relay: RelaySearch }

/** A query that cannot be answered, in words. */
export interface Refused {
  readonly kind: 'refused'
  readonly status: 'malformed' | 'not-allowed'
  readonly why: string
}

/** Undefined: it names nothing, or several things. */
export function askedOf(query: Query4): Asked | undefined {
  const { ciaddr } = query
  const clients = clientsIn(query)
  if (ciaddr === 0) return clients.length === 1 ? clients[0] : undefined
  return clients.length === 0 ? { kind: 'address', address: ciaddr } : undefined
}

export function askedInBulk(query: Query4): AskedInBulk | Refused {
  for (const field of ['ciaddr', 'yiaddr', 'siaddr'] as const)
    if (query[field] !== 0) return refused('malformed', `${field} must be zero`)
  const relays = relaysIn(query)
  if (relays.some(({ relay }) => relay.id === ''))
    return refused('malformed', 'an identifier of the relay is empty')
  if (query.has(OPTION4.virtualSubnetSelection))
    return refused('not-allowed', 'VPNs are not served')
  const [first, ...others] = [...clientsIn(query), ...relays]
  if (others.length > 0) return refused('malformed', 'several things are asked for')
  return first ?? refused('not-allowed', 'all addresses cannot be asked for')
}

export function refused(status: Refused['status'], why: string): Refused {
  return { kind: 'refused', status, why }
}

function clientsIn(query: Query4): AskedClient[] {
  const { htype, hwAddress } = query
  const clientId = query.octets(OPTION4.clientIdentifier) ?? ''
  const clients: AskedClient[] = []
  if (hwAddress !== '') clients.push({ kind: 'client', client: { htype, hwAddress, clientId: '' } })
  if (clientId !== '')
    clients.push({ kind: 'client', client: { htype: 0, hwAddress: '', clientId } })
  return clients
}

function relaysIn(query: Query4): { readonly kind: 'relay'; readonly relay: RelaySearch }[] {
  const said = (code: RelaySearch['code']): Octets | undefined =>
    query.subOption(OPTION4.relayAgentInformation, code)
  return [RELAY_AGENT4.relayId, RELAY_AGENT4.remoteId].flatMap((code) => {
    const id = said(code)
    return id === undefined ? [] : [{ kind: 'relay' as const, relay: { code, id } }]
  })
}
