// Opens the sockets of one interface for DHCPv6: one for every address of this host, and beside it
// one for each group of RFC 9915 §7.1 and one for each address of the interface, so that the socket
// tells what was asked. With the C library all are bound to the device; without, those of its link
// are by their scope, and there is none for every address.
//
// The port is not shared, as in sockets4: a second server on the same interface is refused.

import type { Ipv6 } from '../../address/ipv6.ts'
import {
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_MULTICAST_ALL,
  IPV6_V6ONLY,
  type Libc,
  SO_REUSEADDR,
} from '../libc.ts'
import { ipv6FromNode, nodeFromIpv6 } from '../node-address.ts'
import {
  adopt,
  type BoundSocket,
  bindNow,
  collect,
  openBeside,
  openOnDevice,
  RECEIVE_BUFFER,
} from './open-socket.ts'

/** Its address is a group or one of the interface; '' = it hears every other address. */
export type Socket6 = BoundSocket<Ipv6>

const ALL_RELAYS_AND_SERVERS: Ipv6 = `\xff\x02${'\0'.repeat(11)}\x01\0\x02`
const ALL_SERVERS: Ipv6 = `\xff\x05${'\0'.repeat(11)}\x01\0\x03`

export interface SocketsWish6 {
  readonly name: string
  readonly index: number
  readonly port: number
  /** What clients on the link know the server by; '' on loopback. */
  readonly linkLocal: Ipv6
  /** Bound to one by one where there is no `libc`. */
  readonly addresses: readonly Ipv6[]
  /** The only link of this host that is served. */
  readonly isOnlyLink: boolean
  readonly libc: Libc | undefined
}

/** The sockets, the one that replies leave by first; or the errno name of what failed. */
export function openSockets6(wish: SocketsWish6): readonly Socket6[] | string {
  const { libc } = wish
  return libc === undefined ? openPlain6(wish) : openOnDevice6(wish, libc)
}

function openOnDevice6(wish: SocketsWish6, libc: Libc): readonly Socket6[] | string {
  const main = openMain(wish, libc)
  if (typeof main === 'string') return main
  const groups = [ALL_RELAYS_AND_SERVERS, ALL_SERVERS]
  return collect([
    () => main,
    ...groups.map((group) => () => {
      const socket = openApart6(libc, wish, main, group)
      return typeof socket === 'string' ? socket : joined(socket, wish)
    }),
  ])
}

/** Hears all that is sent to this host by this device, without groups. */
function openMain({ name, port }: SocketsWish6, libc: Libc): Socket6 | string {
  const fd = open6(libc, name, (one) => {
    // Else it would hear the groups that other sockets have joined.
    const result = libc.setOption(one, IPV6_MULTICAST_ALL, 0, IPPROTO_IPV6)
    return result < 0 ? result : libc.bind6(one, '\0'.repeat(16), port, 0)
  })
  return typeof fd === 'string' ? fd : adopt(fd, libc, 'udp6', '')
}

/** A socket for an address or a group, beside `main`, which hears every address. */
export function openApart6(
  libc: Libc,
  { name, index }: Pick<SocketsWish6, 'name' | 'index'>,
  main: Socket6,
  address: Ipv6,
): Socket6 | string {
  const { port } = main.socket.address()
  const fd = openBeside(libc, main, (share) =>
    open6(libc, name, (one) => {
      const result = share(one)
      return result < 0 ? result : libc.bind6(one, address, port, index)
    }),
  )
  return typeof fd === 'string' ? fd : adopt(fd, libc, 'udp6', address)
}

function open6(libc: Libc, device: string, bind: (fd: number) => number): number | string {
  return openOnDevice(libc, AF_INET6, device, (fd) => {
    const result = libc.setOption(fd, IPV6_V6ONLY, 1, IPPROTO_IPV6)
    return result < 0 ? result : bind(fd)
  })
}

/**
 * Sockets that somebody else has bound to the device: that for every address, and those of groups.
 * A group without one is opened here, where this process may.
 */
export function adoptSockets6(
  libc: Libc,
  descriptors: readonly number[],
  device: Pick<SocketsWish6, 'name' | 'index'>,
): readonly Socket6[] | string {
  const adopted = collect(descriptors.map((fd) => () => adoptBound(libc, fd)))
  if (typeof adopted === 'string') return adopted
  const main = adopted.find(({ address }) => address === '')
  if (main === undefined) return 'EDESTADDRREQ'
  return collect([
    () => main,
    ...[ALL_RELAYS_AND_SERVERS, ALL_SERVERS].map((group) => () => {
      const passed = adopted.find(({ address }) => address === group)
      const socket = passed ?? openApart6(libc, device, main, group)
      return typeof socket === 'string' ? socket : joined(socket, device)
    }),
  ])
}

function adoptBound(libc: Libc, fd: number): Socket6 | string {
  // Shared by systemd, so that several could be bound; from here on a second server is refused.
  libc.setOption(fd, SO_REUSEADDR, 0)
  libc.setOption(fd, IPV6_MULTICAST_ALL, 0, IPPROTO_IPV6)
  const opened = adopt<Ipv6>(fd, libc, 'udp6', '')
  if (typeof opened === 'string') return opened
  const address = ipv6FromNode(opened.socket.address().address)
  return { ...opened, address: address === UNSPECIFIED ? '' : address }
}

const UNSPECIFIED: Ipv6 = '\0'.repeat(16)

/** The membership goes with the socket; the kernel renews it when the device comes back. */
function joined(socket: Socket6, { name }: Pick<SocketsWish6, 'name'>): Socket6 | string {
  try {
    socket.socket.addMembership(nodeFromIpv6(socket.address, ''), `::%${name}`)
    return socket
  } catch (error) {
    socket.socket.close()
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message
  }
}

/**
 * Who sends to the group of all servers cannot be told by its interface, so it is heard where there
 * is one only.
 */
function openPlain6(wish: SocketsWish6): readonly Socket6[] | string {
  const { linkLocal, addresses, isOnlyLink, name } = wish
  const isLink = linkLocal !== ''
  const groups = isLink ? [ALL_RELAYS_AND_SERVERS, ...(isOnlyLink ? [ALL_SERVERS] : [])] : []
  let { port } = wish
  return collect(
    [...groups, ...addresses].map((address) => () => {
      const isScoped = address === linkLocal || address === ALL_RELAYS_AND_SERVERS
      const opened = openNow(nodeFromIpv6(address, isScoped ? name : ''), port, address)
      if (typeof opened === 'string') return opened
      // Port 0 asks for any; the others follow the first.
      port = opened.socket.address().port
      return groups.includes(address) ? joined(opened, wish) : opened
    }),
  )
}

function openNow(text: string, port: number, address: Ipv6): Socket6 | string {
  const opened = bindNow('udp6', { address: text, port, exclusive: true })
  if (typeof opened === 'string') return opened
  try {
    opened.setRecvBufferSize(RECEIVE_BUFFER)
  } catch {
    // A system that refuses the size keeps its own.
  }
  return { socket: opened, fd: -1, address }
}
