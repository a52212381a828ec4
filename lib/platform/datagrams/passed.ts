// The sockets from systemd, by device. Each is adopted once and stays open until the end: a process
// without rights could not open it again. While its interface cannot be served, what it hears is
// thrown away, so that no stale query is answered later.

import type { BoundSocket } from './open-socket.ts'

interface Passed<Address> {
  readonly sockets: readonly BoundSocket<Address>[]
  /** The kernel's index of the device when the sockets were adopted. */
  readonly index: number
}

/** Makes sockets of the descriptors of a device, or says why it cannot. */
export type Adopt<Address> = (
  descriptors: readonly number[],
  device: { readonly name: string; readonly index: number },
) => readonly BoundSocket<Address>[] | string

export class PassedSockets<Address> {
  readonly #descriptors: Map<string, readonly number[]>
  readonly #adopt: Adopt<Address>
  readonly #adopted = new Map<string, Passed<Address>>()

  /** `descriptors` by device, as passedDevices gives them. */
  constructor(descriptors: ReadonlyMap<string, readonly number[]>, adopt: Adopt<Address>) {
    this.#descriptors = new Map(descriptors)
    this.#adopt = adopt
  }

  /** The sockets for a device, each time the same; undefined = none, text = why not. */
  take(name: string, index: number): readonly BoundSocket<Address>[] | string | undefined {
    const adopted = this.#adopted.get(name)
    if (adopted?.index === index) return adopted.sockets
    // Bound to a device that is gone: they will never hear anything again.
    if (adopted !== undefined) this.#forget(name, adopted)
    const descriptors = this.#descriptors.get(name)
    if (descriptors === undefined) return undefined
    this.#descriptors.delete(name)
    const sockets = this.#adopt(descriptors, { name, index })
    if (typeof sockets !== 'string') this.#adopted.set(name, { sockets, index })
    return sockets
  }

  /** Whether `socket` stays open when its listener ends. */
  holds(socket: BoundSocket<Address>): boolean {
    return this.sockets().includes(socket)
  }

  /** All that are adopted. */
  sockets(): readonly BoundSocket<Address>[] {
    return [...this.#adopted.values()].flatMap(({ sockets }) => sockets)
  }

  /** Closes all, each as the keeper of interfaces wants it. */
  get closers(): readonly ((closed: () => void) => void)[] {
    return this.sockets().map(
      ({ socket }) =>
        (closed: () => void) =>
          socket.close(closed),
    )
  }

  #forget(name: string, passed: Passed<Address>): void {
    for (const { socket } of passed.sockets) socket.close()
    this.#adopted.delete(name)
  }
}
