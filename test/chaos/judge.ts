// What must be true of the clients of a real pair, whatever happens to its servers: no address is valid for two of
// them at once. A client counts from when it sent the REQUEST, so its right is known exactly, however late a reply
// is looked at.

import type { Ipv4 } from '../../lib/address/ipv4.ts'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Millis } from '../../lib/time/units.ts'

interface Right {
  readonly client: string
  readonly until: Millis
}

export class Judge {
  readonly violations: string[] = []
  /** ACKs that were judged. */
  acks = 0
  readonly #rights = new Map<Ipv4, Right>()

  /** A client has been acknowledged an address until then. */
  granted(client: string, address: Ipv4, until: Millis, now: Millis): void {
    this.acks++
    const former = this.#rights.get(address)
    if (former !== undefined && former.client !== client && former.until > now) {
      const left = ((former.until - now) / 1000).toFixed(1)
      this.violations.push(
        `${textFromIpv4(address)} is given to ${client}, and ${former.client} may use it for ${left} s more`,
      )
    }
    // The longer right stays: a third client is judged by whoever may use the address last.
    if (former === undefined || former.client === client || former.until <= until)
      this.#rights.set(address, { client, until })
  }

  /** The client does not use the address any more. */
  left(client: string, address: Ipv4): void {
    if (this.#rights.get(address)?.client === client) this.#rights.delete(address)
  }

  /** Who may use which address now. */
  holders(now: Millis): [client: string, address: Ipv4, left: Millis][] {
    return [...this.#rights]
      .filter(([, { until }]) => until > now)
      .map(([address, { client, until }]) => [client, address, until - now])
  }
}
