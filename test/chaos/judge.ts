// What must be true of the clients of a real pair, whatever happens to its servers: no address is
// valid for two of them at once, and nobody is refused a lease that runs. A client counts from when
// it sent the REQUEST, so its right is known exactly, however late a reply is looked at: nothing
// here depends on how fast the machine is.

import type { Ipv4 } from '../../lib/address/ipv4.ts'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Millis } from '../../lib/time/units.ts'

export interface Right {
  readonly client: string
  /** Address of the server that gave or renewed it last. */
  readonly server: Ipv4
  readonly until: Millis
  /** False: its server's database is an older copy by now, which need not know of it. */
  readonly isKnown: boolean
}

export class Judge {
  readonly violations: string[] = []
  /** ACKs that were judged. */
  acks = 0
  readonly #rights = new Map<Ipv4, Right>()
  /** Who has been acknowledged something since the last roll call. */
  readonly #served = new Set<string>()
  readonly #isServed: (address: Ipv4) => boolean

  /**
   * `isServed`: whether an address is in the pool, whatever version of the network a server has.
   */
  constructor(isServed: (address: Ipv4) => boolean = () => true) {
    this.#isServed = isServed
  }

  /** A client has been acknowledged an address by a server until then. */
  granted(client: string, address: Ipv4, server: Ipv4, until: Millis, now: Millis): void {
    this.acks++
    this.#served.add(client)
    const former = this.#rights.get(address)
    if (former !== undefined && former.client !== client && former.until > now)
      this.violations.push(
        `${textFromIpv4(address)} is given to ${client} by ${textFromIpv4(server)}, and ${former.client} may use it for ${left(former, now)} s more by ${textFromIpv4(former.server)}`,
      )
    // The longer right stays: a third client is judged by whoever may use the address last.
    if (former === undefined || former.client === client || former.until <= until)
      this.#rights.set(address, { client, server, until, isKnown: true })
  }

  /** The client does not use the address any more. */
  left(client: string, address: Ipv4): void {
    if (this.#rights.get(address)?.client === client) this.#rights.delete(address)
  }

  /** A server has said NAK to a client that wants to keep its address. */
  refused(client: string, address: Ipv4, server: Ipv4, now: Millis): void {
    const right = this.#rights.get(address)
    if (right?.client !== client || right.until <= now || !this.#isServed(address)) return
    this.violations.push(
      `${textFromIpv4(server)} refuses ${client} ${textFromIpv4(address)}, which it may use for ${left(right, now)} s more by ${textFromIpv4(right.server)}`,
    )
  }

  /** An older copy of a server's database was put back. */
  restored(server: Ipv4): void {
    for (const [address, right] of this.#rights)
      if (right.server === server) this.#rights.set(address, { ...right, isKnown: false })
  }

  /** Who may use which address now. */
  holders(now: Millis): [address: Ipv4, right: Right][] {
    return [...this.#rights].filter(([, { until }]) => until > now)
  }

  /** From now on it counts who is served. */
  callTheRoll(): void {
    this.#served.clear()
  }

  get servedCount(): number {
    return this.#served.size
  }
}

function left(right: Right, now: Millis): string {
  return ((right.until - now) / 1000).toFixed(1)
}
