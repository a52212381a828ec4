// The one request of a connection that came in, read by hand: from its first byte to the empty
// line, and no further. A server of HTTP would read whatever comes in one piece, thousands of
// requests at a time.

import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Millis } from '../../time/units.ts'

const HEAD_BYTES_MAX = 8192
const END = '\r\n\r\n'

/** RFC 9110 §5.6.2 and §5.5. */
const REQUEST_LINE = /^([A-Z]+) ([\x21-\x7e]+) HTTP\/1\.[01]$/
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\x20-\x7e\x80-\xff\t]*)$/

export interface RequestEvents {
  /** `rest`: what came behind it in one piece. Nothing more is read until somebody does. */
  onRequest(request: IncomingMessage, rest: Buffer): void
  /** It is none, or not a whole one in time. */
  onTrouble(why: 'late' | 'garbage'): void
}

/**
 * Reads from a socket that nobody reads from. Who goes before the end of the request is not worth a
 * word.
 */
export function readRequest(socket: Socket, limit: Millis, events: RequestEvents): void {
  let bytes: Buffer = Buffer.alloc(0)
  const done = () => {
    clearTimeout(timer)
    socket.off('data', onData)
    socket.off('close', done)
    socket.pause()
  }
  const timer = setTimeout(() => {
    done()
    events.onTrouble('late')
  }, limit)
  const onData = (chunk: Buffer) => {
    const from = Math.max(0, bytes.length - END.length)
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const end = bytes.subarray(0, HEAD_BYTES_MAX).indexOf(END, from)
    if (end < 0 && bytes.length < HEAD_BYTES_MAX && mayBecome(bytes)) return
    done()
    const request = end < 0 ? undefined : requestOf(socket, bytes.toString('latin1', 0, end))
    if (request === undefined) events.onTrouble('garbage')
    else events.onRequest(request, bytes.subarray(end + END.length))
  }
  socket.on('data', onData)
  socket.once('close', done)
  socket.resume()
}

/** A request begins with a method: whoever says something else is not waited for. */
function mayBecome(bytes: Buffer): boolean {
  return /^[A-Z]{1,16}( |$)/.test(bytes.toString('latin1', 0, 17))
}

function requestOf(socket: Socket, head: string): IncomingMessage | undefined {
  const [first = '', ...fields] = head.split('\r\n')
  const line = REQUEST_LINE.exec(first)
  if (line === null) return undefined
  const request = new IncomingMessage(socket)
  request.method = line[1]!
  request.url = line[2]!
  for (const field of fields) {
    const [, name, value] = FIELD.exec(field) ?? []
    if (name === undefined || value === undefined) return undefined
    const key = name.toLowerCase()
    const former = request.headers[key]
    request.headers[key] = former === undefined ? value.trimEnd() : `${former}, ${value.trimEnd()}`
  }
  return request
}
