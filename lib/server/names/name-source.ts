// All names that leases ask for, for places other than DNS where people look names up.

import { ipv4FromOctets } from '../../address/ipv4.ts'
import { ADDRESS_BITS, prefix6 } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import { FORWARD, type NameEntry, REVERSE } from '../../ddns/name-record.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { NamedAddress, NameSource } from '../../ports/name-sinks.ts'
import type { NameLedger } from './ledger.ts'
import { addressOctets } from './wishes.ts'

export function nameSource(ledger: NameLedger): NameSource {
  const ofKey = (key: Key): NamedAddress[] =>
    ledger
      .of(key)
      .filter(({ wants }) => wants !== 0)
      .map((entry) => namedAddress(key, entry))
  return {
    *all() {
      for (const key of ledger.keys) yield* ofKey(key)
    },
    ofName: (name) =>
      ledger
        .keysOf(name)
        .flatMap(ofKey)
        .filter((one) => one.name === name),
    ofAddress: (address) => ofKey(keyOf(address)),
  }
}

function namedAddress(key: Key, { fqdn, ttl, wants }: NameEntry): NamedAddress {
  return {
    ...{ name: fqdn, address: addressOctets(key), ttl },
    forward: (wants & FORWARD) !== 0,
    reverse: (wants & REVERSE) !== 0,
  }
}

function keyOf(address: Octets): Key {
  return address.length === 4 ? ipv4FromOctets(address) : prefix6(address, ADDRESS_BITS)
}
