// The words of the tables (modes.ts) as records of an update (RFC 2136 §2.4, §2.5).

import type { Octets } from '../bytes/octets.ts'
import { DNS_CLASS, RR_TYPE } from './codes.ts'
import type { DnsRecord, DnsUpdate } from './message.ts'
import type { Change, Prerequisite, Step } from './modes.ts'
import type { Order } from './order.ts'
import { encodedName } from './writer.ts'

/** `dhcid`: whose the name is taken to be. */
export function updateOf(step: Step, order: Order, zone: Octets, dhcid: Octets): DnsUpdate {
  return {
    kind: 'update',
    zone,
    prerequisites: step.prerequisites.map((one) => prerequisite(one, order, dhcid)),
    updates: step.changes.flatMap((one) => changes(one, order, step)),
  }
}

function prerequisite(one: Prerequisite, order: Order, dhcid: Octets): DnsRecord {
  const { any, none, internet } = DNS_CLASS
  switch (one) {
    case 'name is used':
      return record(order, any, RR_TYPE.any)
    case 'name is free':
      return record(order, none, RR_TYPE.any)
    case 'has a DHCID':
      return record(order, any, RR_TYPE.dhcid)
    case 'DHCID is the client’s':
      return record(order, internet, RR_TYPE.dhcid, dhcid)
    case 'PTR is the name':
      return record(order, internet, RR_TYPE.ptr, encodedName(order.registration.fqdn))
    case 'no A':
      return record(order, none, RR_TYPE.a)
    case 'no AAAA':
      return record(order, none, RR_TYPE.aaaa)
    case 'no CNAME':
      return record(order, none, RR_TYPE.cname)
  }
}

function changes(one: Change, order: Order, { prerequisites }: Step): readonly DnsRecord[] {
  const { registration, beside, action } = order
  const { address, dhcid, fqdn } = registration
  const { any, none, internet } = DNS_CLASS
  const type = addressType(address)
  const added = (of: number, data: Octets): DnsRecord => ({
    ...record(order, internet, of, data),
    ttl: registration.ttl,
  })
  const isLeft = action === 'remove' && beside.length > 0
  switch (one) {
    case 'add address':
      return [address, ...beside].map((each) => added(type, each))
    case 'add DHCID':
      return [added(RR_TYPE.dhcid, dhcid)]
    case 'add PTR':
      return [added(RR_TYPE.ptr, encodedName(fqdn))]
    case 'delete addresses':
      return [isLeft ? record(order, none, type, address) : record(order, any, type)]
    case 'delete this address':
      return [record(order, none, type, address)]
    case 'delete DHCID':
      // What is to be left may not stand yet: then it is added to a name that is free.
      return isLeft && !prerequisites.includes('no A') ? [] : [record(order, any, RR_TYPE.dhcid)]
    case 'delete PTR':
      return [record(order, any, RR_TYPE.ptr)]
  }
}

export function addressType(address: Octets): number {
  return address.length === 4 ? RR_TYPE.a : RR_TYPE.aaaa
}

function record({ name }: Order, dnsClass: number, type: number, data = ''): DnsRecord {
  return { name, type, dnsClass, ttl: 0, data }
}
