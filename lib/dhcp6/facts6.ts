// What a DHCPv6 message says to expressions. One object serves one query after the other.

import { octetsFromUint, uintFromOctets } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import type { ClassSet } from '../classify/class-set.ts'
import {
  ANY_ENTERPRISE,
  type Facts,
  FIELD,
  type Field,
  type OptionPath,
} from '../classify/facts.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Query6, Relay6 } from '../wire/v6/message.ts'
import { itemsInOctets, optionAt6 } from '../wire/v6/octets6.ts'
import type { Arrival6 } from './asked6.ts'

/** Octets of the number of an enterprise, in front of what is of it. */
const ENTERPRISE_SIZE = 4

export class Facts6 implements Facts {
  #query!: Query6
  #arrival!: Arrival6
  #classes!: ClassSet

  begin(query: Query6, arrival: Arrival6, classes: ClassSet): void {
    this.#query = query
    this.#arrival = arrival
    this.#classes = classes
  }

  option(code: number): Octets | undefined {
    return this.#query.option(code)
  }

  subOption(path: OptionPath): Octets | undefined {
    return inside(this.#query.option(path.codes[0]!), path, 1)
  }

  field(field: Field): Octets {
    const arrival = this.#arrival
    const query = this.#query
    switch (field) {
      case FIELD['pkt.iface']:
        return arrival.link.name
      case FIELD['pkt.src']:
        return arrival.address
      case FIELD['pkt.dst']:
        return arrival.to
      case FIELD['pkt.len']:
        return octetsFromUint(query.size, 4)
      case FIELD['pkt6.msgtype']:
        return octetsFromUint(query.type, 4)
      case FIELD['pkt6.transid']:
        return octetsFromUint(query.xid, 4)
      default:
        return ''
    }
  }

  vendorOptions(enterprise: number): Octets | undefined {
    return ofEnterprise(this.#query.all(OPTION6.vendorOptions), enterprise)
  }

  vendorOption(enterprise: number, path: OptionPath): Octets | undefined {
    return inside(this.vendorOptions(enterprise), path, 0)
  }

  vendorClass(enterprise: number, index: number): Octets | undefined {
    const value = ofEnterprise(this.#query.all(OPTION6.vendorClass), enterprise)
    return value === undefined ? undefined : itemsInOctets(value)?.[index]
  }

  firstEnterprise(of: 'vendor' | 'vendor-class'): Octets {
    const code = of === 'vendor' ? OPTION6.vendorOptions : OPTION6.vendorClass
    for (const value of this.#query.all(code))
      if (value.length >= ENTERPRISE_SIZE) return value.slice(0, ENTERPRISE_SIZE)
    return ''
  }

  relayOption(hop: number, path: OptionPath): Octets | undefined {
    return inside(this.#relay(hop)?.option(path.codes[0]!), path, 1)
  }

  relayAddress(hop: number, of: 'peeraddr' | 'linkaddr'): Octets {
    const relay = this.#relay(hop)
    if (relay === undefined) return ''
    return of === 'peeraddr' ? relay.peerAddress : relay.linkAddress
  }

  has(classNumber: number): boolean {
    return this.#classes.has(classNumber)
  }

  #relay(hop: number): Relay6 | undefined {
    return this.#query.relays.at(hop)
  }
}

/** What stands in the first option of the enterprise, behind its number. */
function ofEnterprise(values: readonly Octets[], enterprise: number): Octets | undefined {
  for (const value of values) {
    if (value.length < ENTERPRISE_SIZE) continue
    if (enterprise === ANY_ENTERPRISE || uintFromOctets(value, 0, ENTERPRISE_SIZE) === enterprise)
      return value.slice(ENTERPRISE_SIZE)
  }
  return undefined
}

/** The option at the end of the path; `at` is the first step that is still to be taken. */
function inside(value: Octets | undefined, path: OptionPath, at: number): Octets | undefined {
  const { codes, heads } = path
  let found = value
  for (let step = at; step < codes.length && found !== undefined; step++) {
    const start = optionAt6(found, step === 0 ? 0 : heads[step - 1]!, codes[step]!)
    found = start < 0 ? undefined : found.slice(start, start + uintFromOctets(found, start - 2, 2))
  }
  return found
}
