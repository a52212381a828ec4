// Asks a RADIUS server (RFC 2865) whether the client of a hardware address may have a lease:
// Access-Accept gives it, Access-Reject refuses it.
//
//   {
//     "library": "/.../hooks/radius.mjs",
//     "parameters": { "address": "192.0.2.5", "port": 1812, "secret": "..." },
//     "required": true
//   }

import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIP } from 'node:net'

const REQUEST = 1
const ACCEPT = 2
const REJECT = 3
const USER_NAME = 1
const CALLING_STATION_ID = 31
const MESSAGE_AUTHENTICATOR = 80
const AUTHENTICATOR_AT = 4
const HEAD = 20

const attribute = (type, value) => Buffer.concat([Buffer.of(type, value.length + 2), value])

/** RFC 2869 §5.14: the message authenticator goes over the whole, itself as zeros. */
function request(id, authenticator, station, secret) {
  const name = Buffer.from(station)
  const attributes = Buffer.concat([
    attribute(MESSAGE_AUTHENTICATOR, Buffer.alloc(16)),
    attribute(USER_NAME, name),
    attribute(CALLING_STATION_ID, name),
  ])
  const packet = Buffer.concat([Buffer.of(REQUEST, id, 0, 0), authenticator, attributes])
  packet.writeUInt16BE(packet.length, 2)
  createHmac('md5', secret)
    .update(packet)
    .digest()
    .copy(packet, HEAD + 2)
  return packet
}

/** RFC 2865 §3: who knows the secret has answered this request. */
function isAnswer(reply, authenticator, secret) {
  if (reply.length < HEAD || reply.readUInt16BE(2) !== reply.length) return false
  const signed = Buffer.concat([reply.subarray(0, AUTHENTICATOR_AT), authenticator])
  const hash = createHash('md5').update(signed).update(reply.subarray(HEAD)).update(secret)
  return hash.digest().equals(reply.subarray(AUTHENTICATOR_AT, HEAD))
}

export default {
  name: 'radius',
  apiVersion: 1,
  setup4({ address, port = 1812, secret }) {
    const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4')
    /** By the identifier of the request: there are 256. */
    const waiting = new Map()
    let last = 0
    socket.on('message', (reply) => {
      const asked = waiting.get(reply[1])
      if (asked !== undefined && isAnswer(reply, asked.authenticator, secret))
        asked.answer(reply[0])
    })
    return {
      async grant({ query }, signal) {
        const id = last++ & 255
        const authenticator = randomBytes(16)
        const code = await new Promise((answer) => {
          const asked = { authenticator, answer }
          waiting.set(id, asked)
          // Nobody waits any more: what comes now is nobody's.
          signal.addEventListener('abort', () => {
            if (waiting.get(id) === asked) waiting.delete(id)
            answer(undefined)
          })
          socket.send(request(id, authenticator, query.hwAddress, secret), port, address)
        })
        waiting.delete(id)
        if (code === ACCEPT) return
        if (code === REJECT) return { nak: 'rejected by RADIUS' }
        throw new Error(`RADIUS answered with code ${code}`)
      },
      dispose: () => socket.close(),
    }
  },
}
