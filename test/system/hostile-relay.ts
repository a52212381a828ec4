// For hostile.test.ts, run in a namespace: a relay of clients that say what no client says, and of
// one that behaves. Arguments: own address, server's address, seed, rounds. In each round it sends
// a burst of hostile messages, then the good client asks until it has an OFFER. Standard output
// tells {"round":n} after each, and the number of hostile messages that were answered at the end.

import dgram from 'node:dgram'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import { bytesFromPacket, type Packet4, packetFromBytes } from '../../lib/lab/packet4.ts'

const [own = '', server = '', seed = '1', rounds = '1'] = process.argv.slice(2)
const BURST = 50
const PORT = 67
/** The option area begins behind it. */
const HEADER = 240
const OFFER = 2
const GOOD_HW = '\x02\x57\xff\xff\xff\xff'

const socket = dgram.createSocket('udp4')
let answered = 0
let offered: (() => void) | undefined

socket.on('message', (bytes) => {
  const reply = packetFromBytes(bytes)
  if (reply?.hwAddress !== GOOD_HW) answered++
  else if (reply.options.get(53)?.charCodeAt(0) === OFFER) offered?.()
})
socket.bind(PORT, own, run)

async function run(): Promise<void> {
  console.log('"ready"')
  for (let round = 0; round < Number(rounds); round++) {
    for (let count = 0; count < BURST; count++) socket.send(hostile(), PORT, server)
    await goodClient(round)
    console.log(JSON.stringify({ round }))
  }
  console.log(JSON.stringify({ answered }))
  socket.close()
}

/** It asks again each second, as clients do. */
async function goodClient(round: number): Promise<void> {
  const query = bytesFromPacket(message(round, GOOD_HW, new Map([[53, '\x01']])))
  await new Promise<void>((resolve) => {
    offered = resolve
    const ask = (): void => socket.send(query, PORT, server)
    const timer = setInterval(ask, 1000)
    offered = () => {
      clearInterval(timer)
      resolve()
    }
    ask()
  })
}

function message(xid: number, hwAddress: Octets, options: Map<number, Octets>): Packet4 {
  const giaddr = ipv4FromText(own)!
  const zeros = { secs: 0, flags: 0, ciaddr: 0, yiaddr: 0, siaddr: 0 }
  return { op: 1, hops: 1, xid, ...zeros, giaddr, hwAddress, options }
}

let state = Number(seed) >>> 0

/** Below `bound`; the same again with the same seed (mulberry32). */
function draw(bound: number): number {
  state = (state + 0x6d2b79f5) >>> 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
}

function noise(length: number): Octets {
  let octets = ''
  while (octets.length < length) octets += String.fromCharCode(draw(256))
  return octets
}

function option(code: number, value: Octets): Octets {
  return String.fromCharCode(code, value.length) + value
}

const LENGTHS = [0, 1, 2, 3, 4, 5, 16, 127, 253, 254, 255]
const length = (): number => LENGTHS[draw(LENGTHS.length)]!

/** Sub-options whose last one, now and then, says more than there is. */
function subOptions(): Octets {
  let octets = ''
  while (octets.length < 240 && draw(8) !== 0)
    octets += option(draw(24), draw(3) === 0 ? '' : noise(draw(12)))
  return draw(3) === 0 ? `${octets}${String.fromCharCode(1, 255)}${noise(draw(4))}` : octets
}

/** One in another, as deep as the bytes go. */
function nested(code: number): Octets {
  let octets = noise(2)
  while (octets.length < 250) octets = option(code, octets)
  return octets.slice(0, 255)
}

const many = (count: number, part: (index: number) => Octets): Octets =>
  Array.from({ length: count }, (_, index) => part(index)).join('')

const enterprise = (): Octets =>
  draw(2) === 0 ? '\0\0\x11\x8b' : `\0\0${String.fromCharCode(draw(3), draw(256))}`

const KINDS: readonly (() => Octets)[] = [
  () => option(82, subOptions().slice(0, 255)),
  () => option(82, nested(draw(3))) + option(82, subOptions().slice(0, 255)),
  () => option(60, 'ubnt') + option(43, subOptions().slice(0, 255)),
  () => option(60, 'ubnt') + option(43, nested(1)) + option(43, noise(draw(256))),
  // Truncated, and with hundreds of enterprises.
  () => many(3, () => option(draw(2) + 124, enterprise() + noise(draw(9)))),
  () =>
    many(5, (at) =>
      option(
        125,
        many(50, (n) => `\0\0${String.fromCharCode(at, n)}\0`),
      ),
    ),
  () => option(125, `\0\0\x11\x8b\xff${noise(draw(200))}`),
  () => option(124, `\0\0\x11\x8b${String.fromCharCode(draw(256))}${noise(draw(200))}`),
  () => option(61, `\xff${noise(254)}`),
  () => option(61, `\xff${noise(4)}`.slice(0, length())),
  () => many(draw(4) + 1, () => option(61, noise(length()))),
  () =>
    option(
      12,
      many(255, (at) => String.fromCharCode(at + draw(2))),
    ),
  () => option(12, noise(length())) + option(12, noise(length())),
  () => option(81, String.fromCharCode(draw(256), 0, 0) + noise(draw(253))),
  () => option(81, `\x04\0\0${many(20, () => option(draw(64), '').slice(1) + noise(9))}`),
  () => option(81, `\x04\0\0${'\xc0\0'.repeat(draw(100))}`),
  () => many(600, (at) => option((at % 250) + 1, '')),
  () => many(600, () => option(82, '')),
  () => option(60, noise(length())) + option(77, noise(length())) + option(93, noise(draw(5))),
  () => option(175, nested(1)) + option(77, many(255, () => '\x01').slice(0, 255)),
  () => many(5, () => option(55, noise(255))),
  () => many(6, () => option([50, 51, 54, 57, 116, 118][draw(6)]!, noise(draw(9)))),
  () => noise(draw(1000)),
  () => option(draw(254) + 1, noise(length())) + String.fromCharCode(draw(255) + 1, 255),
]

/** A message of any type with one or two of these, by one of so many clients. */
function hostile(): Uint8Array {
  const types = [1, 1, 1, 3, 3, 3, 4, 7, 8, 8, draw(256)]
  const hwAddress = `\x02\x57\0\0${noise(1)}`
  const packet = message(draw(2 ** 32), hwAddress, new Map())
  packet.ciaddr = draw(3) === 0 ? ipv4FromText('10.0.1.0')! + draw(1000) : 0
  const options =
    option(53, String.fromCharCode(types[draw(types.length)]!)) +
    KINDS[draw(KINDS.length)]!() +
    (draw(2) === 0 ? KINDS[draw(KINDS.length)]!() : '')
  const header = bytesFromPacket(packet).subarray(0, HEADER)
  return Buffer.concat([header, Buffer.from(`${options}\xff`, 'latin1')])
}
