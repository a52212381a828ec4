// A message of DHCPv6 as the engine is asked to answer it. One object serves one message after the
// other.

import type { Heard } from '../dhcp/asking.ts'
import type { Arrival6, Asked6 } from '../dhcp6/asked6.ts'
import type { Interface6 } from '../ports/datagrams6.ts'
import type { HookQuestion, HookQuestion6 } from '../ports/hooks.ts'
import type { Instant, Millis } from '../time/units.ts'
import type { Query6 } from '../wire/v6/message.ts'
import type { Message6 } from '../wire/v6/reader.ts'
import type { Waiting } from './waiting-room.ts'

const NOWHERE: Arrival6 = {
  link: { name: '', index: 0, linkLocal: '', addresses: [] },
  address: '',
  port: 0,
  to: '',
}

export class Question6 implements Asked6 {
  readonly query: Message6
  owner = 0
  arrival = NOWHERE
  now: Instant = 0
  heard: Heard | undefined = undefined

  constructor(query: Message6) {
    this.query = query
  }

  /** The message that was decoded last. */
  about(arrival: Arrival6, now: Instant, heard?: Heard): this {
    this.arrival = arrival
    this.now = now
    this.heard = heard
    return this
  }
}

/** A datagram as it came. */
export type Came6 = Pick<Waiting6, 'arrival' | 'bytes'>

/** A datagram that waits for an answer from outside. */
export type Waiting6 = Waiting<Arrival6 & { readonly link: Interface6 }>

/** What somebody outside is asked about the message. */
export function hookQuestion6(
  { gate, proposal, found }: Pick<HookQuestion, 'gate' | 'proposal' | 'found'>,
  query: Query6,
  arrival: Arrival6,
): HookQuestion6 {
  const { type, clientId: duid } = query
  const said = { gate, proposal, found, type, interface: arrival.link.name }
  return { family: 6, ...said, duid, query, arrival }
}

/** How long the client has asked by its own account (RFC 9915 §21.9); 0 where it does not say. */
export function waitedOf6({ elapsed }: Query6): Millis {
  return Math.max(0, elapsed) * 10
}
