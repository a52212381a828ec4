// Clients that know the protocol: they ask for what they were offered and renew what they were
// given, so that the campaign reaches states that random bytes never do. Their replies feed them.

import type { Ipv4 } from '../../lib/address/ipv4.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import { octetsFromUint32 } from '../../lib/lab/packet4.ts'
import type { Draw } from '../../lib/time/draw.ts'
import type { OptionPair4 } from '../../lib/wire/v4/builder.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import type { Message4 } from '../../lib/wire/v4/reader.ts'

const CLIENTS = 64

export interface FuzzClient {
  readonly htype: number
  readonly hwAddress: Octets
  readonly clientId: Octets
  readonly hostName: Octets
  offered: Ipv4
  leased: Ipv4
  server: Ipv4
}

/** What a message says apart from xid and where it passes. */
export interface Speech {
  readonly type: number
  readonly ciaddr: Ipv4
  readonly options: OptionPair4[]
}

export class ClientPool {
  readonly #draw: Draw
  readonly #clients: FuzzClient[] = []
  readonly #byAddress = new Map<Octets, FuzzClient>()

  constructor(draw: Draw) {
    this.#draw = draw
    for (let number = 0; number < CLIENTS; number++) {
      const client = newClient(number)
      this.#clients.push(client)
      this.#byAddress.set(client.hwAddress, client)
    }
  }

  any(): FuzzClient {
    return this.#clients[this.#draw(CLIENTS)]!
  }

  /** A reply left for the client with this hardware address. */
  hear(reply: Message4): void {
    const client = this.#byAddress.get(reply.hwAddress)
    if (client === undefined) return
    client.server = reply.uint(54) ?? 0
    if (reply.type === MESSAGE_TYPE4.offer) client.offered = reply.yiaddr
    if (reply.type === MESSAGE_TYPE4.ack && reply.yiaddr !== 0) client.leased = reply.yiaddr
    if (reply.type === MESSAGE_TYPE4.nak) client.leased = 0
  }

  /** Something that this client may say now. */
  speech(client: FuzzClient): Speech {
    const { discover, request, decline, release, inform } = MESSAGE_TYPE4
    const asks = (address: Ipv4): OptionPair4 => [50, octetsFromUint32(address)]
    const server: OptionPair4 = [54, octetsFromUint32(client.server)]
    const say = (type: number, ciaddr: Ipv4, ...options: OptionPair4[]): Speech => ({
      type,
      ciaddr,
      options: [...options, ...this.#common(client)],
    })
    const choice = this.#draw(16)
    if (client.leased !== 0) {
      if (choice < 6) return say(request, client.leased)
      if (choice < 9) return say(request, 0, asks(client.leased))
      if (choice < 11) return this.#ended(client, say(release, client.leased, server))
      if (choice === 11) return this.#ended(client, say(decline, 0, asks(client.leased), server))
      if (choice === 12) return say(inform, client.leased)
    }
    if (client.offered !== 0 && choice < 12) return say(request, 0, asks(client.offered), server)
    return choice % 2 === 0 ? say(discover, 0) : say(discover, 0, asks(client.leased))
  }

  #ended(client: FuzzClient, speech: Speech): Speech {
    if (this.#draw(4) > 0) client.leased = 0
    return speech
  }

  #common(client: FuzzClient): OptionPair4[] {
    const options: OptionPair4[] = []
    if (client.clientId !== '') options.push([61, client.clientId])
    if (client.hostName !== '') options.push([12, client.hostName])
    if (this.#draw(3) > 0) options.push([55, '\x01\x03\x06\x0c\x0f\x1c\x2a\x33\x36\x3a\x3b\x77'])
    if (this.#draw(4) === 0) options.push([57, '\x05\xdc'])
    return options
  }
}

/**
 * The first three have reservations; some have a client-id, no hardware address, or another type.
 */
function newClient(number: number): FuzzClient {
  const hwAddress =
    number % 16 === 15
      ? ''
      : `\x02\0\0\0\0${String.fromCharCode(number)}${'\x77'.repeat(number % 8 === 7 ? 10 : 0)}`
  const clientId =
    hwAddress === '' || number % 4 === 2 ? `\x01\x02\0\0\0\0${String.fromCharCode(number)}` : ''
  return {
    htype: number % 8 === 6 ? 32 : 1,
    hwAddress,
    clientId,
    hostName: number % 3 === 0 ? `host-${number}` : '',
    offered: 0,
    leased: 0,
    server: 0,
  }
}
