// Run by api.test.ts in a process of its own: a listener that throws must not harm the server.

import { once } from 'node:events'
import { createServer } from '../../lib/index.ts'
import { CONFIG, RelayClient } from './relay-client.ts'

process.on('uncaughtException', (error) => console.log(`uncaught: ${error.message}`))

const server = createServer(CONFIG, { port: 0 })
server.once('lease', () => {
  throw new Error('from a listener')
})
await server.start()
const client = await RelayClient.open(server)
console.log((await client.bind()).type)
const told = once(server, 'lease')
console.log((await client.bind()).type)
await told
client.close()
await server.stop()
console.log(server.status().state)
