// Asking on the wire whether somebody has an address. Questions leave at once, and what was
// answered is read when the server looks: nothing is called back.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Interface4 } from './datagrams4.ts'

export interface ProbeAnswer {
  readonly address: Ipv4
  /** Whose the answer is; '' where it came from beyond a router and does not say. */
  readonly hwAddress: Octets
  /** The interface it came by, by the kernel's index; 0 where that plays no part. */
  readonly index: number
}

export interface Probe {
  /** One question; false where none could be sent. `through`: where the client is. */
  ask(address: Ipv4, through: Interface4): boolean
  /** What was answered since the last time, never waiting for more. */
  answers(): readonly ProbeAnswer[]
  close(): void
}
