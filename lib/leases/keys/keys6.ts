// How a key of DHCPv6 stands in a record: 17 octets, in front of the texts of a put, at the end of
// a removal.

import { ADDRESS_BITS, PREFIX6_OCTETS, type Prefix6 } from '../../address/prefix6.ts'
import { octetsFromBytes, writeOctets } from '../../bytes/octets.ts'
import { LEASE_STATE } from '../lease.ts'
import { FIELD, RECORD } from '../record.ts'
import type { RecordKeys } from './family.ts'

export const KEYS6: RecordKeys<Prefix6> = {
  put: RECORD.put6,
  remove: RECORD.remove6,
  keyOctets: PREFIX6_OCTETS,
  stateMax: LEASE_STATE.registered,
  isSound(view, at) {
    const start = startOf(view, at)
    const length = view.getUint8(start)
    if (length > ADDRESS_BITS) return false
    for (let octet = length >> 3; octet < 16; octet++) {
      const behind = octet === length >> 3 ? 0xff >> (length & 7) : 0xff
      if ((view.getUint8(start + 1 + octet) & behind) !== 0) return false
    }
    return true
  },
  read(bytes, view, at) {
    const start = startOf(view, at)
    return octetsFromBytes(bytes, start, start + PREFIX6_OCTETS)
  },
  write(key, bytes, view, at) {
    writeOctets(key, bytes, startOf(view, at))
  },
}

function startOf(view: DataView, at: number): number {
  const isPut = view.getUint8(at + FIELD.kind) === RECORD.put6
  return at + (isPut ? RECORD.putHeader : RECORD.removeLength)
}
