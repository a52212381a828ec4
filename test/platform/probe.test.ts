// What is sent to ask whether somebody has an address, and what counts as an answer.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { octetsFromBytes, octetsFromHex } from '../../lib/bytes/octets.ts'
import { replyIn, writeProbe } from '../../lib/platform/probe/arp.ts'
import { isReply, writeEcho } from '../../lib/platform/probe/echo.ts'

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(octetsFromHex(hex)!, (octet) => octet.charCodeAt(0))
}

function hexOf(data: Uint8Array): string {
  return Buffer.from(data).toString('hex')
}

const OWN = '02005e100001'
const OTHER = '02fe00000001'
const ADDRESS = 'c000020a'

t.test('RFC5227 §2.1.1: an ARP probe names no sender address', async (t) => {
  const probe = new Uint8Array(28).fill(0xee)
  writeProbe(probe, bytes(OWN), ipv4FromText('192.0.2.10')!)
  t.equal(hexOf(probe), `0001080006040001${OWN}00000000000000000000${ADDRESS}`)
})

t.test('RFC826: a reply tells who has the address', async (t) => {
  const head = '000108000604'
  const rest = `${OTHER}${ADDRESS}${OWN}00000000`
  t.same(replyIn(bytes(`${head}0002${rest}`), 7), {
    address: ipv4FromText('192.0.2.10'),
    hwAddress: octetsFromBytes(bytes(OTHER), 0, 6),
    index: 7,
  })
  const others: Record<string, string> = {
    'a request': `${head}0001${rest}`,
    'another kind of hardware': `0006080006040002${rest}`,
    'another protocol': `000186dd06040002${rest}`,
    'another length of hardware addresses': `0001080008040002${rest}`,
    'half of one': `${head}0002${OTHER}`,
    nothing: '',
  }
  for (const [what, hex] of Object.entries(others)) t.equal(replyIn(bytes(hex), 7), undefined, what)
})

t.test('RFC792: an echo that only this process knows the answer to', async (t) => {
  const secret = bytes('00112233445566778899aabbccddeeff')
  const echo = new Uint8Array(24).fill(0xee)
  writeEcho(echo, 0x0102, secret)
  t.match(hexOf(echo), /^0800....0011010200112233445566778899aabbccddeeff$/)
  let sum = 0
  for (let at = 0; at < echo.length; at += 2) sum += (echo[at]! << 8) | echo[at + 1]!
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  t.equal(sum, 0xffff, 'RFC1071')
  t.equal(isReply(echo, secret), false, 'its own question is no answer')
  const reply = Uint8Array.from(echo)
  reply[0] = 0
  t.equal(isReply(reply, secret), true)
  t.equal(isReply(reply.subarray(0, 23), secret), false)
  reply[23]! ^= 1
  t.equal(isReply(reply, secret), false, 'of another process')
})
