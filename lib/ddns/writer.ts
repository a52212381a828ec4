// What is said to DNS servers, as bytes (RFC 1035 §4, RFC 2136 §2). Names of records are shortened
// by pointers into what stands before them; names within data never are (RFC 3597 §4).

import { octetsFromUint } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import { labelsOfName } from '../names/labels.ts'
import { DNS_CLASS, OPCODE, RR_TYPE } from './codes.ts'
import type { DnsRecord, DnsRequest } from './message.ts'

/** Recursion desired: who is asked may have to ask a server that has the zone. */
const RECURSE = 0x0100
const POINTER = 0xc000
const POINTER_MAX = 0x3fff

/** Without a signature. Its id stands in the first two octets. */
export function encodeRequest(request: DnsRequest, id: number): Octets {
  if (request.kind === 'query') {
    const head = octetsFromUint(id, 2) + octetsFromUint((OPCODE.query << 11) | RECURSE, 2)
    return new Writer(head, [1, 0, 0, 0]).entry(request.name, request.type).octets
  }
  const { zone, prerequisites, updates } = request
  const head = octetsFromUint(id, 2) + octetsFromUint(OPCODE.update << 11, 2)
  const writer = new Writer(head, [1, prerequisites.length, updates.length, 0])
  writer.entry(zone, RR_TYPE.soa)
  for (const record of prerequisites) writer.record(record)
  for (const record of updates) writer.record(record)
  return writer.octets
}

class Writer {
  octets: Octets
  /** Where each name, and each end of one, was written. */
  readonly #places = new Map<Octets, number>()

  constructor(head: Octets, counts: readonly number[]) {
    this.octets = head + counts.map((count) => octetsFromUint(count, 2)).join('')
  }

  /** A question, or which zone. */
  entry(name: Octets, type: number): this {
    this.#name(name)
    this.octets += octetsFromUint(type, 2) + octetsFromUint(DNS_CLASS.internet, 2)
    return this
  }

  record({ name, type, dnsClass, ttl, data }: DnsRecord): void {
    this.#name(name)
    this.octets +=
      octetsFromUint(type, 2) +
      octetsFromUint(dnsClass, 2) +
      octetsFromUint(ttl, 4) +
      octetsFromUint(data.length, 2) +
      data
  }

  #name(name: Octets): void {
    let rest = encodedName(name)
    while (rest !== '\0') {
      const place = this.#places.get(rest)
      if (place !== undefined) {
        this.octets += octetsFromUint(POINTER | place, 2)
        return
      }
      if (this.octets.length <= POINTER_MAX) this.#places.set(rest, this.octets.length)
      const next = 1 + rest.charCodeAt(0)
      this.octets += rest.slice(0, next)
      rest = rest.slice(next)
    }
    this.octets += rest
  }
}

/** A name without pointers; '' is the root. */
export function encodedName(name: Octets): Octets {
  return name === '' ? '\0' : labelsOfName(name)
}
