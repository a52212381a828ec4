// A DNS server on the loopback that answers as a test says, by UDP and TCP on one port.

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import type { NameServerPlan, TsigKeyPlan } from '../../lib/config/plan/names-plan.ts'

export interface Heard {
  readonly by: 'udp' | 'tcp'
  readonly message: Buffer
  /** How many came before it, by whatever way. */
  readonly number: number
  /** Of the asker. */
  readonly port: number
  /** Of the connections to the server, from 1; 0 = UDP. */
  readonly connection: number
  answer(...replies: Uint8Array[]): void
  /** The connection ends. */
  hangUp(): void
}

export type Behaviour = (heard: Heard) => void

export class LoopbackDns {
  readonly heard: Heard[] = []
  readonly #udp: UdpSocket
  readonly #tcp: Server
  readonly #behaviour: Behaviour
  readonly #sockets = new Set<Socket>()
  #connections = 0
  #isClosed = false

  constructor(udp: UdpSocket, tcp: Server, behaviour: Behaviour) {
    this.#udp = udp
    this.#tcp = tcp
    this.#behaviour = behaviour
    udp.on('message', (message, { port, address }) =>
      this.#hear({
        by: 'udp',
        message,
        port,
        connection: 0,
        answer: (...replies) => {
          for (const reply of replies) udp.send(reply, port, address)
        },
        hangUp: () => {},
      }),
    )
    tcp.on('connection', (socket) => this.#serve(socket, ++this.#connections))
  }

  plan(key?: TsigKeyPlan): NameServerPlan {
    return { address: '127.0.0.1', port: this.#udp.address().port, key }
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#udp.close()
    this.#tcp.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #hear(heard: Omit<Heard, 'number'>): void {
    const whole = { ...heard, number: this.heard.length }
    this.heard.push(whole)
    this.#behaviour(whole)
  }

  #serve(socket: Socket, connection: number): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    let received = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) {
        const end = 2 + received.readUInt16BE()
        const message = received.subarray(2, end)
        received = received.subarray(end)
        this.#hear({
          by: 'tcp',
          message,
          port: socket.remotePort ?? 0,
          connection,
          answer: (...replies) => {
            for (const reply of replies)
              socket.write(
                Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 255]), reply]),
              )
          },
          hangUp: () => socket.destroy(),
        })
      }
    })
  }
}

export async function loopbackDns(
  owner: { after(end: () => void): unknown },
  behaviour: Behaviour,
): Promise<LoopbackDns> {
  for (;;) {
    const udp = createSocket('udp4')
    await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
    const tcp = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      tcp.once('error', () => resolve(false))
      tcp.listen(udp.address().port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) {
      udp.close()
      continue
    }
    const server = new LoopbackDns(udp, tcp, behaviour)
    owner.after(() => server.close())
    return server
  }
}
