// MD5 and HMAC-MD5, by the vectors of RFC 1321 and RFC 2202, and beside another implementation.

import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { hmacMd5, md5 } from '../../lib/bytes/md5.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')

t.test('RFC 1321 appendix A.5', async (t) => {
  t.equal(hex(md5(bytes(''))), 'd41d8cd98f00b204e9800998ecf8427e')
  t.equal(hex(md5(bytes('abc'))), '900150983cd24fb0d6963f7d28e17f72')
  t.equal(hex(md5(bytes('1234567890'.repeat(8)))), '57edf4a22be3c955ac49da2e2107b67a')
})

t.test('RFC 2202 §2', async (t) => {
  const key = new Uint8Array(16).fill(0x0b)
  t.equal(hex(hmacMd5(key, bytes('Hi There'))), '9294727a3638bb1c13f48ef8158bfc9d')
  const long = new Uint8Array(80).fill(0xaa)
  const text = 'Test Using Larger Than Block-Size Key - Hash Key First'
  t.equal(hex(hmacMd5(long, bytes(text))), '6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd')
})

t.test('as another implementation has it, of any length', async () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 100 }),
      (data, key) => {
        const isSame = hex(md5(data)) === createHash('md5').update(data).digest('hex')
        const signed = createHmac('md5', key).update(data).digest('hex')
        return isSame && hex(hmacMd5(key, data)) === signed
      },
    ),
  )
})
