// Which address of an interface was asked, and whether one was asked at all: each gets a socket of
// its own beside the one that hears everything. So the kernel tells by the socket, and no message
// costs more for it.

import type { Libc } from '../libc.ts'
import type { Listener4 } from './listener4.ts'
import { openBeside, sendWithoutSums } from './sockets4.ts'

/**
 * Opens and closes sockets so that the addresses of the listener are told apart. Where one cannot
 * be opened (a process without rights beside a socket of systemd) its queries are heard all the
 * same.
 */
export function hearApart(libc: Libc, listener: Listener4): void {
  const { reply, name } = listener
  // It was opened for one address in the first place.
  if (reply.address !== 0) return
  const wanted = listener.from.addresses.map(({ address }) => address)
  for (const address of listener.askedApart) if (!wanted.includes(address)) listener.drop(address)
  for (const address of wanted) {
    if (listener.askedApart.includes(address)) continue
    const socket = openBeside(libc, name, reply, address)
    if (typeof socket === 'string') continue
    if (listener.packetFd < 0 && !listener.loopback) sendWithoutSums(libc, [socket])
    listener.add(socket)
  }
  const apart = listener.askedApart
  listener.hearsApart = wanted.every((address) => apart.includes(address))
}
