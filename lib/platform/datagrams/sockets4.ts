// Opens the sockets of one interface. With the C library each is bound to the device, so it hears
// the broadcasts of that device only and sends through it; without, to the interface's address, and
// one to 255.255.255.255 for broadcasts, which cannot tell the device.
//
// SO_REUSEADDR stays off on purpose: sockets on different devices do not collide, and a second
// server on the same device and port gets EADDRINUSE from the kernel, also right after a SIGKILL of
// the first, instead of sharing the port in silence.

import { BROADCAST, type Ipv4, textFromIpv4 } from '../../address/ipv4.ts'
import { AF_INET, IPPROTO_RAW, type Libc, SO_BROADCAST, SO_NO_CHECK, SOCK_RAW } from '../libc.ts'
import {
  adopt,
  type BoundSocket,
  bindNow,
  collect,
  enlargeBuffers,
  openBeside,
  openOnDevice,
  RECEIVE_BUFFER,
} from './open-socket.ts'

/**
 * Hears what is sent to its address, one of the interface's; 0 = broadcasts, and what no other
 * socket hears.
 */
export type Socket4 = BoundSocket<Ipv4>

export interface SocketsWish4 {
  readonly name: string
  readonly port: number
  /** Bind to these; empty = to every address, which needs `libc`. */
  readonly addresses: readonly Ipv4[]
  /** Hear broadcasts although `addresses` is not empty. */
  readonly broadcasts: boolean
  /** Present: bind to the device. */
  readonly libc: Libc | undefined
}

/**
 * What to open for an interface. `hears`: its broadcasts, which without the device cannot be told
 * from those of another interface.
 */
export function socketsWish(
  name: string,
  port: number,
  own: readonly Ipv4[],
  isWhole: boolean,
  hears: boolean,
  libc: Libc | undefined,
): SocketsWish4 {
  const addresses = libc !== undefined && isWhole ? [] : own
  return { name, port, addresses, broadcasts: hears, libc }
}

/** The sockets, the one that replies leave by first; or the errno name of what failed. */
export function openSockets4(wish: SocketsWish4): readonly Socket4[] | string {
  const targets = wish.addresses.length === 0 ? [0] : [...wish.addresses]
  if (wish.broadcasts && wish.addresses.length > 0) targets.push(BROADCAST)
  let port = wish.port
  return collect(
    targets.map((address) => () => {
      const opened = openOne(wish, address, port)
      // Port 0 asks for any; the others follow the first.
      if (typeof opened !== 'string') port = opened.socket.address().port
      return opened
    }),
  )
}

function openOne(wish: SocketsWish4, address: Ipv4, port: number): Socket4 | string {
  const own = address === BROADCAST ? 0 : address
  if (wish.libc === undefined) return openPlain(address, port, own)
  const fd = open4(wish.libc, wish.name, address, port)
  return typeof fd === 'string' ? fd : adopt(fd, wish.libc, 'udp4', own)
}

/** A socket for one address of the device, beside `main`, which hears every address. */
export function openApart4(
  libc: Libc,
  device: string,
  main: Socket4,
  address: Ipv4,
): Socket4 | string {
  const { port } = main.socket.address()
  const fd = openBeside(libc, main, (share) => open4(libc, device, address, port, share))
  return typeof fd === 'string' ? fd : adopt(fd, libc, 'udp4', address)
}

function open4(
  libc: Libc,
  device: string,
  address: Ipv4,
  port: number,
  share?: (fd: number) => number,
): number | string {
  return openOnDevice(libc, AF_INET, device, (fd) => {
    let result = libc.setOption(fd, SO_BROADCAST, 1)
    if (result >= 0 && share !== undefined) result = share(fd)
    return result < 0 ? result : libc.bind4(fd, address, port)
  })
}

/**
 * A descriptor that sends whole packets with headers of ours by the device, or by any for ''; or
 * -1. It hears nothing. Needs CAP_NET_RAW.
 */
export function openPackets4(libc: Libc, device: string): number {
  const fd = libc.socket(AF_INET, SOCK_RAW, IPPROTO_RAW)
  if (fd < 0) return -1
  let result = libc.setOption(fd, SO_BROADCAST, 1)
  if (result >= 0 && device !== '') result = libc.bindToDevice(fd, device)
  if (result >= 0) {
    enlargeBuffers(libc, fd)
    return fd
  }
  libc.close(fd)
  return -1
}

/**
 * No UDP sums in what these sockets send. The kernel leaves a sum to the device, and a virtual one
 * to nobody: clients that read raw packets drop what has a wrong sum. None at all is right by RFC
 * 768.
 */
export function sendWithoutSums(libc: Libc, sockets: readonly Socket4[]): void {
  for (const { fd } of sockets) libc.setOption(fd, SO_NO_CHECK, 1)
}

function openPlain(address: Ipv4, port: number, own: Ipv4): Socket4 | string {
  const opened = bindNow('udp4', { address: textFromIpv4(address), port, exclusive: true })
  if (typeof opened === 'string') return opened
  try {
    opened.setBroadcast(true)
    opened.setRecvBufferSize(RECEIVE_BUFFER)
  } catch {
    // A system that refuses the size keeps its own.
  }
  return { socket: opened, fd: -1, address: own }
}
