// Which address of an interface was asked: where it has several, each gets a socket of its own beside the
// one that hears all of them. So the kernel tells by the socket, and no message costs more for it.

import type { Listener4 } from './datagrams4-listener.ts'
import { openBeside } from './datagrams4-sockets.ts'
import type { Libc } from './libc.ts'

/**
 * Opens and closes sockets so that the addresses of the listener are told apart. Where one cannot be opened
 * (a process without rights beside a socket of systemd) its queries are heard all the same.
 */
export function hearApart(libc: Libc, listener: Listener4): void {
  const { reply, name } = listener
  // It was opened for one address in the first place.
  if (reply.address !== 0) return
  const addresses = listener.from.addresses.map(({ address }) => address)
  const wanted = addresses.length > 1 ? addresses : []
  for (const address of listener.askedApart) if (!wanted.includes(address)) listener.drop(address)
  for (const address of wanted) {
    if (listener.askedApart.includes(address)) continue
    const socket = openBeside(libc, name, reply, address)
    if (typeof socket !== 'string') listener.add(socket)
  }
}
