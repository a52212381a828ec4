// Numbers in network order: RFC 791 appendix B draws the first octet as the most significant one.

import t from 'tap'
import {
  octetsFromUint,
  readUint16,
  readUint32,
  uintFromOctets,
  writeUint16,
  writeUint32,
} from '../../lib/bytes/cursor.ts'

t.test('the first byte is the most significant one', async (t) => {
  const bytes = Uint8Array.of(9, 0xc0, 0x00, 0x02, 0x81, 9)
  t.equal(readUint16(bytes, 1), 0xc000)
  t.equal(readUint32(bytes, 1), 0xc0000281, 'above 2^31, and not negative')
  t.equal(uintFromOctets('\x09\xc0\x00\x02\x81', 1, 4), 0xc0000281)
  t.equal(uintFromOctets('\x01\x02\x03', 0, 3), 0x010203)
  t.equal(octetsFromUint(0xc0000281, 4), '\xc0\x00\x02\x81')
  t.equal(octetsFromUint(0x1ff, 2), '\x01\xff')
})

t.test('a write touches its own bytes only, and says where it ended', async (t) => {
  const bytes = new Uint8Array(8).fill(9)
  t.equal(writeUint16(bytes, 1, 0x1234), 3)
  t.equal(writeUint32(bytes, 3, 0xfedcba98), 7)
  t.same([...bytes], [9, 0x12, 0x34, 0xfe, 0xdc, 0xba, 0x98, 9])
})

t.test('what is written is read', async (t) => {
  const bytes = new Uint8Array(4)
  for (const value of [0, 1, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
    writeUint32(bytes, 0, value)
    t.equal(readUint32(bytes, 0), value)
    t.equal(uintFromOctets(octetsFromUint(value, 4), 0, 4), value)
  }
})
