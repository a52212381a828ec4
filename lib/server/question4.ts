// A message as the engine is asked to answer it. One object serves one message after the other.

import { type Ipv4, ipv4FromText } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { Arrival4 } from '../dhcp4/arrival.ts'
import { type Heard4, heardInUse } from '../dhcp4/asking.ts'
import type { Asked4 } from '../dhcp4/exchange4.ts'
import { namedIdentity } from '../dhcp4/identify.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import type { Interface4 } from '../ports/datagrams4.ts'
import type { HookAnswer, HookQuestion, HookQuestion4 } from '../ports/hooks.ts'
import type { Instant } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'
import type { Message4 } from '../wire/v4/reader.ts'
import { heardWith, type Waiting } from './waiting-room.ts'

const NOBODY: ClientIdentity = { htype: 0, hwAddress: '', clientId: '' }
const NOWHERE: Arrival4 = { link: { name: '', addresses: [] }, address: 0, port: 0, to: 0 }

export class Question4 implements Asked4 {
  readonly query: Message4
  client = NOBODY
  owner = 0
  arrival = NOWHERE
  now: Instant = 0
  heard: Heard4 | undefined = undefined

  constructor(query: Message4) {
    this.query = query
  }

  /** The message that was decoded last. */
  about(arrival: Arrival4, now: Instant, heard?: Heard4): this {
    this.client = namedIdentity(this.query)
    this.arrival = arrival
    this.now = now
    this.heard = heard
    return this
  }
}

/** A datagram as it came. */
export type Came4 = Pick<Waiting4, 'arrival' | 'bytes'>

/** A datagram that waits for an answer from outside. */
export type Waiting4 = Waiting<Arrival4 & { readonly link: Interface4 }, Heard4>

/** What somebody outside is asked about the message. */
export function hookQuestion4(
  { gate, proposal, found }: Pick<HookQuestion, 'gate' | 'proposal' | 'found'>,
  query: Query4,
  arrival: Arrival4,
): HookQuestion4 {
  return {
    family: 4,
    gate,
    proposal,
    found,
    type: query.type,
    hwAddress: query.hwAddress,
    clientId: query.octets(OPTION4.clientIdentifier),
    interface: arrival.link.name,
    query,
    arrival,
  }
}

/** Names a client to the pair. */
export function clientOf(query: Message4): Octets {
  return `${query.hwAddress}/${query.octets(OPTION4.clientIdentifier)}`
}

/** What the query knows with the answer, or why it is not answered. */
export function heardOf4(
  waiting: Waiting4,
  answer: HookAnswer,
  now: Instant,
  duties: { occupied(address: Ipv4, subnetId: number, user: Octets, now: Instant): void },
): Heard4 | Reason4 {
  const { proposal } = waiting
  if (answer !== 'in-use' || proposal === undefined) return heardWith(waiting, answer, now)
  const address = ipv4FromText(proposal.addresses[0]!)!
  duties.occupied(address, proposal.subnetId, '', now)
  return heardInUse(waiting.heard, address)
}
