// IPv4: a key is an address, a number of 32 bits. Rows are found by pages of neighbours, sets are
// bitmaps.

import type { Ipv4 } from '../../address/ipv4.ts'
import { LEASE_STATE } from '../lease.ts'
import { FIELD, RECORD } from '../record.ts'
import { homeOf } from '../rights.ts'
import { AddressBitmap } from './address-bitmap.ts'
import { AddressIndex } from './address-index.ts'
import type { Family, RecordKeys } from './family.ts'

export const KEYS4: RecordKeys<Ipv4> = {
  put: RECORD.put,
  remove: RECORD.remove,
  keyOctets: 0,
  stateMax: LEASE_STATE.free,
  isSound: () => true,
  read: (_bytes, view, at) => view.getUint32(at + FIELD.address, true),
  write: (address, _bytes, view, at) => view.setUint32(at + FIELD.address, address, true),
}

export const family4: Family<Ipv4> = {
  ...KEYS4,
  secondKey: 'hw-address',
  nesting: undefined,
  all: { first: 0, last: 0xffffffff },
  space: () => ({ rows: new AddressIndex(), set: () => new AddressBitmap() }),
  index: () => new AddressIndex(),
  after: (address) => address + 1,
  at: ({ first }, index) => first + index,
  any: ({ first, last }, draw) => first + draw(last - first + 1),
  sizeOf: ({ first, last }) => last - first + 1,
  homeOf,
  keyOf: (rows, row) => rows.addressWord(row),
  isKeyOf: (rows, row, address) => rows.addressWord(row) === address,
}
