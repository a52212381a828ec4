// A message as the engine is asked to answer it. One object serves one message after the other.

import type { Octets } from '../bytes/octets.ts'
import type { Heard4 } from '../dhcp4/asking.ts'
import type { Arrival4, Asked4 } from '../dhcp4/exchange4.ts'
import { namedIdentity } from '../dhcp4/identify.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import type { Interface4 } from '../ports/datagrams4.ts'
import type { HookQuestion, HookQuestion4 } from '../ports/hooks.ts'
import type { Instant } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'
import type { Message4 } from '../wire/v4/reader.ts'
import type { Waiting } from './waiting-room.ts'

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
