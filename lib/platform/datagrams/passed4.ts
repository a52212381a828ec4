// The sockets from systemd, by device. Each is adopted once and stays open until the end: a process
// without rights could not open it again. While its interface cannot be served, what it hears is
// thrown away, so that no stale query is answered later.

import type { Libc } from '../libc.ts'
import { adopt } from './open-socket.ts'
import type { Socket4 } from './sockets4.ts'

interface Passed {
  readonly sockets: readonly Socket4[]
  /** The kernel's index of the device when the socket was adopted. */
  readonly index: number
}

export class PassedSockets4 {
  readonly #libc: Libc | undefined
  readonly #descriptors: Map<string, number>
  readonly #adopted = new Map<string, Passed>()

  /** `descriptors` by device, as passedDevices gives them. */
  constructor(libc: Libc | undefined, descriptors: ReadonlyMap<string, number>) {
    this.#libc = libc
    this.#descriptors = new Map(descriptors)
  }

  /** The socket for a device, each time the same; undefined = none, text = why it is unusable. */
  take(name: string, index: number): readonly Socket4[] | string | undefined {
    const adopted = this.#adopted.get(name)
    if (adopted?.index === index) return adopted.sockets
    // Bound to a device that is gone: it will never hear anything again.
    if (adopted !== undefined) this.#forget(name, adopted)
    const fd = this.#descriptors.get(name)
    if (fd === undefined) return undefined
    this.#descriptors.delete(name)
    const socket = adopt(fd, this.#libc, 'udp4', 0)
    if (typeof socket === 'string') return socket
    this.#adopted.set(name, { sockets: [socket], index })
    return [socket]
  }

  /** Whether `socket` stays open when its listener ends. */
  holds(socket: Socket4): boolean {
    return this.sockets().includes(socket)
  }

  /** All that are adopted. */
  sockets(): readonly Socket4[] {
    return [...this.#adopted.values()].flatMap(({ sockets }) => sockets)
  }

  #forget(name: string, passed: Passed): void {
    for (const { socket } of passed.sockets) socket.close()
    this.#adopted.delete(name)
  }
}
