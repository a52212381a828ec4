// Relays as the user context of a lease remembers them (leases/relay-info6.ts), for a message that
// goes to the client without being an answer.

import type { Ipv6 } from '../address/ipv6.ts'
import type { Octets } from '../bytes/octets.ts'
import { type RelayInfo6, relayInfos6, withRelayInfo6 } from '../leases/relay-info6.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Relay6 } from '../wire/v6/message.ts'
import { type OptionPair6, octetsFromOptions6, optionsInOctets6 } from '../wire/v6/octets6.ts'

/** The relays of the client, the one nearest the server first; [] = none is known. */
export function keptRelays(userContext: string): readonly Relay6[] {
  return relayInfos6(userContext).map((info) => new KeptRelay6(info))
}

/** With what these relays say, if there are any. */
export function withRelays(context: string, relays: readonly Relay6[]): string {
  if (relays.length === 0) return context
  return withRelayInfo6(
    context,
    relays.map((relay) => ({
      hopCount: relay.hopCount,
      linkAddress: relay.linkAddress,
      peerAddress: relay.peerAddress,
      options: relay.allBut(OPTION6.relayMessage),
      remoteId: relay.option(OPTION6.remoteId) ?? '',
      relayId: relay.option(OPTION6.relayId) ?? '',
    })),
  )
}

class KeptRelay6 implements Relay6 {
  readonly hopCount: number
  readonly linkAddress: Ipv6
  readonly peerAddress: Ipv6
  readonly #options: readonly OptionPair6[]

  constructor({ hopCount, linkAddress, options, peerAddress }: RelayInfo6) {
    this.hopCount = hopCount
    this.linkAddress = linkAddress
    this.peerAddress = peerAddress
    this.#options = optionsInOctets6(options) ?? []
  }

  has(code: number): boolean {
    return this.option(code) !== undefined
  }

  option(code: number): Octets | undefined {
    return this.#options.find(([own]) => own === code)?.[1]
  }

  all(code: number): readonly Octets[] {
    return this.#options.filter(([own]) => own === code).map(([, data]) => data)
  }

  codes(): readonly number[] {
    return this.#options.map(([code]) => code)
  }

  allBut(code: number): Octets {
    return octetsFromOptions6(this.#options.filter(([own]) => own !== code))
  }
}
