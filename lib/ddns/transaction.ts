// One change of DNS in one direction: which messages are sent one after the other, and what each
// answer means. Which server they go to, and when, is not decided here.

import type { Octets } from '../bytes/octets.ts'
import type { DnsAnswer, DnsRequest, DnsSilence } from './message.ts'
import type { Registration } from './registration.ts'

export type Action = 'add' | 'remove'
export type Direction = 'forward' | 'reverse'

export interface Order {
  readonly action: Action
  readonly direction: Direction
  readonly registration: Registration
  /** Undefined: not known (`*`), the server is asked. */
  readonly zone: Octets | undefined
  /** Whose records are changed: the FQDN, the name of the address, or where an alias leads. */
  readonly name: Octets
  /**
   * Other addresses of the same family that the client has under the name at this time: they are
   * left there.
   */
  readonly beside: readonly Octets[]
}

/** What came of it. */
export type Verdict =
  | { readonly kind: 'done' }
  /** The name is somebody else's: whose by the DHCID; '' = there is none. */
  | { readonly kind: 'conflict'; readonly dhcid: Octets }
  /** This server does not serve at present: another one may, or the same later. */
  | { readonly kind: 'retry'; readonly trouble: DnsSilence['trouble'] | 'servfail' }
  /** The server will not do it with this zone and key until somebody changes something. */
  | { readonly kind: 'blocked'; readonly rcode: number }
  /** The name of the address is an alias (RFC 2317): the update belongs to this name's zone. */
  | { readonly kind: 'moved'; readonly name: Octets }
  /** An answer that nothing explains: it will not be done. */
  | { readonly kind: 'failed'; readonly rcode: number }

export interface Transaction {
  /** The message to be sent now: the same one until its answer is taken. */
  readonly request: DnsRequest
  /** Undefined: `request` is another one now, and is to be sent. */
  take(answer: DnsAnswer): Verdict | undefined
  /** The zone, as far as it is known: it was found where the order had none, or a wrong one. */
  readonly zone: Octets | undefined
}
