// Asks a server for the same long list over and over until SIGTERM, and says then how many bytes it
// has read: in a process of its own, so that the server does not pay for it.
//
//   node list-asker.ts PATH TEXT           a unix socket
//   node list-asker.ts URL [TEXT]          POST of the text, or GET of lines of JSON

import { request } from 'node:http'
import { createConnection } from 'node:net'
import type { Readable } from 'node:stream'

const [to = '', text] = process.argv.slice(2)

let bytes = 0

async function read(answer: Readable): Promise<void> {
  for await (const part of answer) bytes += (part as Buffer).length
}

async function byUnix(): Promise<void> {
  const socket = createConnection(to)
  socket.write(text ?? '')
  await read(socket)
}

function byHttp(): Promise<void> {
  const method = text === undefined ? 'GET' : 'POST'
  const headers =
    text === undefined
      ? { Accept: 'application/x-ndjson' }
      : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
  return new Promise((resolve, reject) => {
    const asking = request(to, { method, headers }, (answer) => {
      if (answer.statusCode === 200) read(answer).then(resolve, reject)
      else reject(new Error(`${answer.statusCode}`))
    })
    asking.on('error', reject).end(text)
  })
}

process.once('SIGTERM', () => {
  console.log(bytes)
  process.exit()
})
for (;;) await (to.startsWith('/') ? byUnix() : byHttp())
