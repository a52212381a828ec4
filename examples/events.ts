// What a server tells: its states, every lease, and why a message was not answered. Here with a log
// of one's own, and with a disk that fails when the test wants it: the journal is one of the parts
// of the platform that can be replaced.
//
//   node examples/events.ts

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  createServer,
  encodeMessage4,
  type Journal,
  type JournalSink,
  type Log,
  octetsFromIpv4,
  REASONS4,
} from 'whio'

const LOOPBACK = '127.0.0.1'

/** Keeps nothing. `isFull` makes it refuse, as a full disk does. */
class TestJournal implements Journal {
  isFull = false
  #sink: JournalSink | undefined

  open(sink: JournalSink): void {
    this.#sink = sink
    // Answers come later, never inside of the call.
    const info = { stamp: 0, change: 0, setAside: 0, database: 'none', pair: undefined }
    queueMicrotask(() => sink.onReady(info))
  }

  commit(): void {
    const { isFull } = this
    queueMicrotask(() =>
      isFull ? this.#sink?.onFailed('the disk is full') : this.#sink?.onCommitted(),
    )
  }

  close(done: () => void): void {
    queueMicrotask(done)
  }
}

/** Warnings and worse go to the console. */
const log: Log = {
  enabled: (level) => level !== 'debug' && level !== 'info',
  write: (level, id, text) => console.log(`log ${level} ${id}: ${text}`),
}

const journal = new TestJournal()
const server = createServer(
  {
    Dhcp4: {
      'interfaces-config': { interfaces: ['lo/127.0.0.1'] },
      subnet4: [
        {
          id: 1,
          subnet: '192.0.2.0/24',
          relay: { 'ip-addresses': ['127.0.0.1'] },
          pools: [{ pool: '192.0.2.10 - 192.0.2.99' }],
        },
      ],
    },
  },
  { port: 0, log, platform: { journal } },
)
server.on('state', (state) => console.log(`state ${state}`))
server.on('lease', ({ action, lease }) => console.log(`${action} ${lease.address}`))
server.on('drop', (drop) => {
  if (drop.family === 4) console.log(`no answer: ${REASONS4[drop.reason].text}`)
})

await server.start()
const socket = createSocket('udp4')

await send(once(server, 'drop'), new Uint8Array(12))
await send(once(server, 'drop'), discover('10.0.0.1')) // a relay that nobody knows
await send(once(server, 'lease'), request(1))
journal.isFull = true
await send(once(server, 'state'), request(2)) // a good one, but its lease cannot be stored
await send(once(server, 'drop'), request(3)) // so from here on nobody is answered
journal.isFull = false
await once(server, 'state')
socket.close()
await server.stop()

/** Sends a datagram and waits for what the server tells of it. */
async function send(told: Promise<unknown>, bytes: Uint8Array): Promise<void> {
  socket.send(bytes, server.ports()[0]!.port, '127.0.0.1')
  await told
}

/** A DISCOVER that comes through a relay. */
function discover(giaddr: string): Uint8Array {
  return encodeMessage4({ xid: 9, giaddr, hwAddress: '02:00:00:00:00:09' }, [[53, '\x01']])
}

/** A REQUEST of client 1, 2, … for 192.0.2.11, 12, … that comes through a relay. */
function request(client: number): Uint8Array {
  const hwAddress = `02:00:00:00:00:0${client}`
  return encodeMessage4({ xid: client, giaddr: LOOPBACK, hwAddress }, [
    [53, '\x03'],
    [54, octetsFromIpv4(LOOPBACK)],
    [50, octetsFromIpv4(`192.0.2.${10 + client}`)],
    [82, '\x13\x00'], // RFC 8357: answer to the port this comes from
  ])
}
