// The cable between the servers of the lab: what each calls the address of its partner is a port of
// this process, which passes bytes on. Cut, it holds them back and lets new connections hang, as a
// network does; where no process listens behind it, neither does it.

import { connect, createServer, type Server, type Socket } from 'node:net'
import { RELAY_ADDRESS } from './udp-clients.ts'

/** One end's socket and, once it was made, the one to the server behind. */
interface Wire {
  readonly near: Socket
  far: Socket | undefined
}

/** Where one server is reached by its partner. */
export class CableEnd {
  readonly port: number
  readonly #serverPort: number
  readonly #wires = new Set<Wire>()
  #listener: Server | undefined
  #isCut = false
  #isThere = false

  /** `port`: its own; `serverPort`: where the server listens. */
  constructor(port: number, serverPort: number) {
    this.port = port
    this.#serverPort = serverPort
  }

  /**
   * The server behind listens, or has ended: then its connections end, too, unless nobody can hear
   * of it.
   */
  setThere(isThere: boolean): void {
    this.#isThere = isThere
    if (!isThere && !this.#isCut) this.#endAll()
    this.#update()
  }

  setCut(isCut: boolean): void {
    if (isCut === this.#isCut) return
    this.#isCut = isCut
    this.#update()
    for (const wire of [...this.#wires]) {
      if (isCut) hold(wire)
      else if (this.#isThere && !wire.near.destroyed && wire.far?.destroyed !== true)
        this.#join(wire)
      else this.#end(wire)
    }
  }

  close(): void {
    this.#listener?.close()
    this.#endAll()
  }

  #update(): void {
    const listens = this.#isThere || this.#isCut
    if (listens === (this.#listener !== undefined)) return
    this.#listener?.close()
    this.#listener = listens
      ? createServer((near) => this.#accept(near))
          .on('error', () => {})
          .listen(this.port, RELAY_ADDRESS)
      : undefined
  }

  #accept(near: Socket): void {
    const wire: Wire = { near, far: undefined }
    this.#wires.add(wire)
    near.on('error', () => {}).on('close', () => this.#end(wire))
    if (this.#isCut) near.pause()
    else this.#join(wire)
  }

  #join(wire: Wire): void {
    const { near } = wire
    if (wire.far === undefined) {
      wire.far = connect(this.#serverPort, RELAY_ADDRESS)
      wire.far.on('error', () => {}).on('close', () => this.#end(wire))
    }
    near.pipe(wire.far)
    wire.far.pipe(near)
  }

  #end(wire: Wire): void {
    // Of an end behind a cut the other one hears nothing.
    if (!this.#isCut && this.#wires.delete(wire)) endBoth(wire)
  }

  #endAll(): void {
    for (const wire of [...this.#wires]) {
      this.#wires.delete(wire)
      endBoth(wire)
    }
  }
}

/** What one end said last is still passed on, such as that it leaves. */
function endBoth({ near, far }: Wire): void {
  near.destroySoon()
  far?.destroySoon()
}

function hold({ near, far }: Wire): void {
  near.unpipe().pause()
  far?.unpipe().pause()
}

/** Ports of loopback that nobody uses at the moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      return new Promise<Server>((resolve, reject) => {
        const server = createServer().once('error', reject)
        server.listen(0, RELAY_ADDRESS, () => resolve(server))
      })
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
