// Clients of pair-memory.ts, each a new one, as perfdhcp's are: what they send, made of bytes.

import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { encodeMessage6, iaOption6 } from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'

export interface Exchanging {
  discovers(count: number): Uint8Array[]
  /** Each for the offer at its place. */
  requests(offers: readonly Uint8Array[]): Uint8Array[]
  /** Throws where one is no lease. */
  answered(acks: readonly Uint8Array[]): void
}

const MAC_AT = 30
const REQUESTED_AT = 240 + 3 + 2

/** Behind a relay. */
export class Clients4 implements Exchanging {
  readonly #discover: Uint8Array
  readonly #request: Uint8Array
  #client = 0

  constructor(relay: number) {
    const of = (type: number, more: [number, string][]) =>
      encodeMessage4({ hwAddress: '\x02\0\0\0\0\0', giaddr: relay, xid: 7 }, [
        [53, String.fromCharCode(type)],
        ...more,
        [55, '\x01\x03\x06\x0f'],
      ])
    this.#discover = of(1, [])
    this.#request = of(3, [
      [50, '\0\0\0\0'],
      [54, '\x0a\x00\x00\x01'],
    ])
  }

  discovers(count: number): Uint8Array[] {
    return Array.from({ length: count }, () => {
      const bytes = this.#discover.slice()
      new DataView(bytes.buffer).setUint32(MAC_AT, ++this.#client)
      return bytes
    })
  }

  requests(offers: readonly Uint8Array[]): Uint8Array[] {
    return offers.map((offer) => {
      const bytes = this.#request.slice()
      bytes.set(offer.subarray(MAC_AT - 2, MAC_AT + 4), MAC_AT - 2)
      bytes.set(offer.subarray(16, 20), REQUESTED_AT)
      return bytes
    })
  }

  answered(acks: readonly Uint8Array[]): void {
    for (const ack of acks) if (ack[242] !== 5) throw new Error(`no ACK: type ${ack[242]}`)
  }
}

/** On the link of the server. */
export class Clients6 implements Exchanging {
  readonly #solicit: Uint8Array
  #client = 0

  constructor(wantsPrefix: boolean) {
    const ias = [iaOption6(OPTION6.iaNa, 1)]
    if (wantsPrefix) ias.push(iaOption6(OPTION6.iaPd, 1))
    this.#solicit = encodeMessage6(MESSAGE_TYPE6.solicit, 7, [
      [OPTION6.clientId, DUID],
      [OPTION6.elapsedTime, '\0\0'],
      [OPTION6.optionRequest, '\0\x17\0\x18'],
      ...ias,
    ])
  }

  discovers(count: number): Uint8Array[] {
    return Array.from({ length: count }, () => {
      const bytes = this.#solicit.slice()
      new DataView(bytes.buffer).setUint32(CLIENT_AT, ++this.#client)
      return bytes
    })
  }

  /** Of the offer it keeps both identifiers and the IAs. */
  requests(offers: readonly Uint8Array[]): Uint8Array[] {
    return offers.map((offer) => {
      const kept: Uint8Array[] = [this.#header(offer)]
      const view = new DataView(offer.buffer, offer.byteOffset, offer.length)
      for (let at = 4; at < offer.length; ) {
        const end = at + 4 + view.getUint16(at + 2)
        if (KEPT.includes(view.getUint16(at))) kept.push(offer.subarray(at, end))
        at = end
      }
      kept.push(this.#solicit.subarray(ELAPSED_AT, ELAPSED_AT + 14))
      return Buffer.concat(kept)
    })
  }

  #header(offer: Uint8Array): Uint8Array {
    return Uint8Array.of(MESSAGE_TYPE6.request, offer[1]!, offer[2]!, offer[3]!)
  }

  answered(acks: readonly Uint8Array[]): void {
    for (const ack of acks)
      if (ack[0] !== MESSAGE_TYPE6.reply) throw new Error(`no REPLY: type ${ack[0]}`)
  }
}

/** By hardware and time, as perfdhcp's are. */
const DUID = '\0\x01\0\x01\x2d\0\0\0\x02\0\0\0\0\0'
const CLIENT_AT = 4 + 4 + 10
const ELAPSED_AT = 4 + 4 + DUID.length
const KEPT: readonly number[] = [OPTION6.clientId, OPTION6.serverId, OPTION6.iaNa, OPTION6.iaPd]
