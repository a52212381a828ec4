// A client behind a relay agent on loopback, made of nothing but the public API: RFC 8357 lets the
// replies come to the relay's own port, so no privilege is needed.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  type DecodedMessage4,
  type DhcpServer,
  decodeMessage4,
  encodeMessage4,
  MESSAGE_TYPE4,
  type OptionPair4,
  octetsFromIpv4,
} from '../../lib/index.ts'

const LOOPBACK = '127.0.0.1'

/**
 * One subnet behind the relay; leases in memory unless a state directory is given. A server gives
 * no client an address that its host has, and no host has one of 198.18.0.0/15 (RFC 2544).
 */
export const CONFIG = {
  Dhcp4: {
    'interfaces-config': { interfaces: [`lo/${LOOPBACK}`] },
    'valid-lifetime': 3600,
    subnet4: [
      {
        id: 1,
        subnet: '198.18.0.0/24',
        relay: { 'ip-addresses': [LOOPBACK] },
        pools: [{ pool: '198.18.0.10 - 198.18.0.99' }],
      },
    ],
  },
}

export class RelayClient {
  readonly #socket: Socket
  readonly #port: number

  constructor(socket: Socket, port: number) {
    this.#socket = socket
    this.#port = port
  }

  static async open(server: DhcpServer): Promise<RelayClient> {
    const socket = createSocket('udp4').bind(0, LOOPBACK)
    await once(socket, 'listening')
    return new RelayClient(socket, server.ports()[0]!.port)
  }

  /** Sends and waits for the answer. */
  async ask(type: number, options: readonly OptionPair4[], hardware = 1): Promise<DecodedMessage4> {
    this.send(type, options, hardware)
    const [bytes] = (await once(this.#socket, 'message')) as [Uint8Array]
    return decodeMessage4(bytes)
  }

  send(type: number, options: readonly OptionPair4[], hardware = 1): void {
    const hwAddress = `02:00:00:00:00:${hardware.toString(16).padStart(2, '0')}`
    const fields = { xid: 7, hops: 1, giaddr: LOOPBACK, hwAddress }
    const all: OptionPair4[] = [[53, String.fromCharCode(type)], ...options, [82, '\x13\0']]
    this.sendRaw(encodeMessage4(fields, all))
  }

  sendRaw(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#port, LOOPBACK)
  }

  /** DISCOVER to ACK. */
  async bind(hardware = 1): Promise<DecodedMessage4> {
    const offer = await this.ask(MESSAGE_TYPE4.discover, [], hardware)
    return this.request(offer.yiaddr, offer.octets(54)!, hardware)
  }

  request(address: string, serverId: string, hardware = 1): Promise<DecodedMessage4> {
    const options: OptionPair4[] = [
      [54, serverId],
      [50, octetsFromIpv4(address)],
    ]
    return this.ask(MESSAGE_TYPE4.request, options, hardware)
  }

  close(): void {
    this.#socket.close()
  }
}
