// What a DHCPv4 message says to expressions. One object serves one query after the other; what was
// read of a query is kept until the next one, since many expressions ask for the same.

import { BROADCAST } from '../address/ipv4.ts'
import { octetsFromUint } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import type { ClassSet } from '../classify/class-set.ts'
import {
  ANY_ENTERPRISE,
  type Facts,
  FIELD,
  type Field,
  isDecodedLate,
  type OptionPath,
} from '../classify/facts.ts'
import { contentAt, endOfBlock, enterpriseAt, hasWholeBlocks } from '../wire/options/enterprises.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4, type Query4 } from '../wire/v4/message.ts'
import type { Arrival4 } from './arrival.ts'

const FIELDS = 1 + Math.max(...Object.values(FIELD))
const TURNS_MAX = 2 ** 30

export class Facts4 implements Facts {
  #query!: Query4
  #arrival!: Arrival4
  #classes!: ClassSet
  #isDecoded = false
  /** Counts queries: what was read in an earlier turn is forgotten. */
  #turn = 1
  readonly #fields = new Memory(FIELDS)

  begin(query: Query4, arrival: Arrival4, classes: ClassSet): void {
    this.#query = query
    this.#arrival = arrival
    this.#classes = classes
    this.#isDecoded = false
    this.#turn++
    if (this.#turn < TURNS_MAX) return
    this.#turn = 1
    this.#fields.forget()
  }

  /** From now on there is something in options that have a meaning by vendor or site. */
  decode(): void {
    this.#isDecoded = true
  }

  option(code: number): Octets | undefined {
    return this.#query.octets(code)
  }

  subOption(path: OptionPath): Octets | undefined {
    const { codes } = path
    const outer = codes[0]!
    if (isDecodedLate(outer) && !this.#isDecoded) return undefined
    if (outer === OPTION4.relayAgentInformation && codes.length === 2)
      return this.#query.subOption(outer, codes[1]!)
    return inside(this.#query.octets(outer), path, 1)
  }

  field(field: Field): Octets {
    const known = this.#fields.get(field, this.#turn)
    if (known !== undefined) return known
    const value = this.#fieldOf(field)
    this.#fields.set(field, this.#turn, value)
    return value
  }

  vendorOptions(enterprise: number): Octets | undefined {
    const value = this.#blocks(OPTION4.vendorIdentifyingInformation)
    return value === undefined ? undefined : contentOf(value, enterprise)
  }

  vendorOption(enterprise: number, path: OptionPath): Octets | undefined {
    return inside(this.vendorOptions(enterprise), path, 0)
  }

  vendorClass(enterprise: number, index: number): Octets | undefined {
    const value = this.#blocks(OPTION4.vendorIdentifyingClass)
    return value === undefined ? undefined : contentOfBlock(value, enterprise, index)
  }

  firstEnterprise(of: 'vendor' | 'vendor-class'): Octets {
    const { vendorIdentifyingClass, vendorIdentifyingInformation } = OPTION4
    const value = this.#blocks(
      of === 'vendor' ? vendorIdentifyingInformation : vendorIdentifyingClass,
    )
    return value === undefined || value === '' ? '' : octetsFromUint(lowestEnterprise(value), 4)
  }

  /** Of DHCPv6 only. */
  relayOption(): undefined {
    return undefined
  }

  /** Of DHCPv6 only. */
  relayAddress(): Octets {
    return ''
  }

  has(classNumber: number): boolean {
    return this.#classes.has(classNumber)
  }

  /** Options of enterprises; one that is cut short is ignored as a whole. */
  #blocks(code: number): Octets | undefined {
    const value = this.#query.octets(code)
    return value !== undefined && hasWholeBlocks(value) ? value : undefined
  }

  #fieldOf(field: Field): Octets {
    const query = this.#query
    switch (field) {
      case FIELD['pkt.iface']:
        return this.#arrival.link.name
      case FIELD['pkt4.mac']:
        return query.hwAddress
      case FIELD['pkt4.sname']:
        return query.serverName()
      case FIELD['pkt4.file']:
        return query.bootFile()
      default:
        return octetsFromUint(this.#numberOf(field), 4)
    }
  }

  #numberOf(field: Field): number {
    const query = this.#query
    switch (field) {
      case FIELD['pkt.src']:
        return this.#arrival.address
      case FIELD['pkt.dst']:
        return this.#destination()
      case FIELD['pkt.len']:
        return query.packedSize
      case FIELD['pkt4.hlen']:
        return query.hwAddress.length
      case FIELD['pkt4.htype']:
        return query.htype
      case FIELD['pkt4.ciaddr']:
        return query.ciaddr
      case FIELD['pkt4.giaddr']:
        return query.giaddr
      case FIELD['pkt4.yiaddr']:
        return query.yiaddr
      case FIELD['pkt4.siaddr']:
        return query.siaddr
      case FIELD['pkt4.msgtype']:
        // To expressions BOOTP is a REQUEST, as libdhcp_bootp makes it one.
        return query.type === 0 ? MESSAGE_TYPE4.request : query.type
      case FIELD['pkt4.transid']:
        return query.xid
      case FIELD['pkt4.secs']:
        return query.secs
      case FIELD['pkt4.flags']:
        return query.flags
      case FIELD['pkt4.hops']:
        return query.hops
      default:
        return 0
    }
  }

  /** Where the system does not say which address of the link was asked, it is the first. */
  #destination(): number {
    const { to, link } = this.#arrival
    if (to !== 0) return to
    return this.#query.giaddr === 0 ? BROADCAST : (link.addresses[0]?.address ?? 0)
  }
}

/** Values by small numbers, each with the turn in which it was read. */
class Memory {
  readonly #values: (Octets | undefined)[]
  readonly #turns: Int32Array

  constructor(size: number) {
    this.#values = new Array<Octets | undefined>(size).fill(undefined)
    this.#turns = new Int32Array(size)
  }

  get(at: number, turn: number): Octets | undefined {
    return this.#turns[at] === turn ? this.#values[at] : undefined
  }

  set(at: number, turn: number, value: Octets): void {
    this.#values[at] = value
    this.#turns[at] = turn
  }

  forget(): void {
    this.#turns.fill(0)
  }
}

/** Octets before the value of an option inside of another: its code and its length. */
const HEAD = 2

/** The option at the end of the path; `at` is the first step that is still to be taken. */
function inside(value: Octets | undefined, path: OptionPath, at: number): Octets | undefined {
  const { codes, heads } = path
  let found = value
  for (let step = at; step < codes.length && found !== undefined; step++) {
    const hasPads = step === 1 && codes[0] === OPTION4.vendorInformation
    found = optionIn(found, step === 0 ? 0 : heads[step - 1]!, codes[step]!, hasPads)
  }
  return found
}

/** RFC 2132 §8.4: in option 43 as in the message, 0 is padding and 255 the end. */
function optionIn(
  value: Octets,
  start: number,
  code: number,
  hasPads: boolean,
): Octets | undefined {
  let at = start
  while (at < value.length) {
    const found = value.charCodeAt(at)
    if (hasPads && found === OPTION4.end) return undefined
    if (hasPads && found === OPTION4.pad) {
      at++
      continue
    }
    if (at + HEAD > value.length) return undefined
    const end = at + HEAD + value.charCodeAt(at + 1)
    if (end > value.length) return undefined
    if (found === code) return value.slice(at + HEAD, end)
    at = end
  }
  return undefined
}

/** Of the enterprises that are named the one with the lowest number, as Kea sorts them. */
function lowestEnterprise(value: Octets): number {
  let lowest = ANY_ENTERPRISE
  for (let at = 0; at < value.length; at = endOfBlock(value, at)) {
    const enterprise = enterpriseAt(value, at)
    if (lowest === ANY_ENTERPRISE || enterprise < lowest) lowest = enterprise
  }
  return lowest
}

/** What stands in all blocks of the enterprise. */
function contentOf(value: Octets, enterprise: number): Octets | undefined {
  const wanted = enterprise === ANY_ENTERPRISE ? lowestEnterprise(value) : enterprise
  let found: Octets | undefined
  for (let at = 0; at < value.length; at = endOfBlock(value, at))
    if (enterpriseAt(value, at) === wanted) found = (found ?? '') + contentAt(value, at)
  return found
}

/** What stands in the block of this number, from 0. */
function contentOfBlock(value: Octets, enterprise: number, index: number): Octets | undefined {
  const wanted = enterprise === ANY_ENTERPRISE ? lowestEnterprise(value) : enterprise
  let number = 0
  for (let at = 0; at < value.length; at = endOfBlock(value, at))
    if (enterpriseAt(value, at) === wanted && number++ === index) return contentAt(value, at)
  return undefined
}
