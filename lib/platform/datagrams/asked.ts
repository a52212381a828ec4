// Which address of an interface was asked, and whether one was asked at all: each gets a socket of
// its own beside the one that hears everything. So the kernel tells by the socket, and no message
// costs more for it.

import type { Listener } from './listener.ts'
import type { BoundSocket } from './open-socket.ts'

/**
 * Opens and closes sockets so that `wanted` are told apart, and returns whether all of them are.
 * Where one cannot be opened (a process without rights beside a socket of systemd) its queries are
 * heard all the same.
 */
export function hearApart<Address>(
  listener: Listener<Address>,
  wanted: readonly Address[],
  open: (address: Address) => BoundSocket<Address> | string,
): boolean {
  for (const address of listener.askedApart) if (!wanted.includes(address)) listener.drop(address)
  for (const address of wanted) {
    if (listener.askedApart.includes(address)) continue
    const socket = open(address)
    if (typeof socket !== 'string') listener.add(socket)
  }
  const apart = listener.askedApart
  return wanted.every((address) => apart.includes(address))
}
