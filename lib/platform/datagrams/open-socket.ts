// Sockets of Node that are bound at once, with memory for bursts. Where the C library made the
// descriptor, Node is given it, and the number is kept for recvmmsg and sendmmsg.

import dgram from 'node:dgram'
import {
  errnoName,
  type Libc,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOCK_DGRAM,
} from '../libc.ts'

/** One socket; `fd` is -1 where only Node holds the descriptor. */
export interface BoundSocket<Address> {
  readonly socket: dgram.Socket
  readonly fd: number
  /** What it hears is sent to this address; which is none of them, sockets4 and sockets6 say. */
  readonly address: Address
}

/**
 * Kernel memory for datagrams that wait: a second of a busy relay, while the event loop is
 * elsewhere.
 */
export const RECEIVE_BUFFER = 4 * 1024 * 1024
const SEND_BUFFER = 1024 * 1024

/** Either all of them or none. */
export function collect<Socket extends BoundSocket<unknown>>(
  openers: readonly (() => Socket | string)[],
): readonly Socket[] | string {
  const sockets: Socket[] = []
  for (const open of openers) {
    const opened = open()
    if (typeof opened === 'string') {
      for (const { socket } of sockets) socket.close()
      return opened
    }
    sockets.push(opened)
  }
  return sockets
}

/**
 * A descriptor of UDP that is bound to the device, or an errno name. `bind` does the rest, returns
 * a negative errno where it fails.
 */
export function openOnDevice(
  libc: Libc,
  family: number,
  device: string,
  bind: (fd: number) => number,
): number | string {
  const fd = libc.socket(family, SOCK_DGRAM, 0)
  if (fd < 0) return errnoName(fd)
  let result = libc.bindToDevice(fd, device)
  if (result >= 0) result = bind(fd)
  if (result >= 0) return fd
  libc.close(fd)
  return errnoName(result)
}

/**
 * Has `open` bind a descriptor beside `main`, which hears every address: the kernel then gives each
 * datagram to the socket of the address that it was sent to. The port is shared for the length of
 * the bind only, so a second server is refused as before.
 */
export function openBeside(
  libc: Libc,
  main: BoundSocket<unknown>,
  open: (share: (fd: number) => number) => number | string,
): number | string {
  libc.setOption(main.fd, SO_REUSEADDR, 1)
  const fd = open((one) => libc.setOption(one, SO_REUSEADDR, 1))
  libc.setOption(main.fd, SO_REUSEADDR, 0)
  if (typeof fd === 'number') libc.setOption(fd, SO_REUSEADDR, 0)
  return fd
}

/** Gives a bound descriptor to Node, which closes it with the socket; or an error code. */
export function adopt<Address>(
  fd: number,
  libc: Libc | undefined,
  type: dgram.SocketType,
  address: Address,
): BoundSocket<Address> | string {
  if (libc !== undefined) enlargeBuffers(libc, fd)
  const opened = bindNow(type, { fd })
  if (typeof opened === 'string') {
    libc?.close(fd)
    return opened
  }
  return { socket: opened, fd: libc === undefined ? -1 : fd, address }
}

/**
 * The FORCE options pass the system's limit and need CAP_NET_ADMIN; the plain ones are cut to it.
 */
export function enlargeBuffers(libc: Libc, fd: number): void {
  if (libc.setOption(fd, SO_RCVBUFFORCE, RECEIVE_BUFFER) < 0)
    libc.setOption(fd, SO_RCVBUF, RECEIVE_BUFFER)
  if (libc.setOption(fd, SO_SNDBUFFORCE, SEND_BUFFER) < 0)
    libc.setOption(fd, SO_SNDBUF, SEND_BUFFER)
}

/**
 * A bound socket, or an error code. With a descriptor or a literal address all happens in bind().
 */
export function bindNow(type: dgram.SocketType, options: dgram.BindOptions): dgram.Socket | string {
  const socket = dgram.createSocket({ type, ipv6Only: type === 'udp6', lookup: lookupLiteral })
  let failure = 'EINVAL'
  let listening = false
  const onError = (error: NodeJS.ErrnoException): void => {
    failure = error.code ?? error.message
  }
  socket.once('listening', () => {
    listening = true
  })
  socket.on('error', onError)
  try {
    socket.bind(options)
  } catch (error) {
    onError(error as NodeJS.ErrnoException)
  }
  if (listening) return socket.off('error', onError)
  socket.close()
  return failure
}

/** Every address given to dgram is a literal; asking the resolver would cost 2 us a datagram. */
function lookupLiteral(
  address: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, address, address.includes(':') ? 6 : 4)
}
