// Opens the sockets of one interface. With the C library each is bound to the device, so it hears
// the broadcasts of that device only and sends through it; without, to the interface's address, and
// one to 255.255.255.255 for broadcasts, which cannot tell the device.
//
// SO_REUSEADDR stays off on purpose: sockets on different devices do not collide, and a second
// server on the same device and port gets EADDRINUSE from the kernel, also right after a SIGKILL of
// the first, instead of sharing the port in silence.

import dgram from 'node:dgram'
import { BROADCAST, type Ipv4, textFromIpv4 } from '../../address/ipv4.ts'
import {
  AF_INET,
  errnoName,
  IPPROTO_RAW,
  type Libc,
  SO_BROADCAST,
  SO_NO_CHECK,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOCK_DGRAM,
  SOCK_RAW,
} from '../libc.ts'

/** One socket; `fd` is -1 where only Node holds the descriptor. */
export interface Socket4 {
  readonly socket: dgram.Socket
  readonly fd: number
  /**
   * Hears what is sent to this address of the interface; 0 = broadcasts, and what no other socket
   * hears.
   */
  readonly address: Ipv4
}

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

/**
 * Kernel memory for datagrams that wait: a second of a busy relay, while the event loop is
 * elsewhere.
 */
const RECEIVE_BUFFER = 4 * 1024 * 1024
const SEND_BUFFER = 1024 * 1024

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

/** Either all of them or none. */
function collect(openers: readonly (() => Socket4 | string)[]): readonly Socket4[] | string {
  const sockets: Socket4[] = []
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

function openOne(wish: SocketsWish4, address: Ipv4, port: number): Socket4 | string {
  const own = address === BROADCAST ? 0 : address
  if (wish.libc === undefined) return openPlain(address, port, own)
  const fd = openOnDevice(wish.libc, wish.name, address, port, false)
  return typeof fd === 'string' ? fd : adopt(fd, wish.libc, own)
}

/**
 * A socket for one address of the device, beside `main`, which hears every address: the kernel then
 * gives each datagram to the socket of the address that it was sent to. The port is shared for the
 * length of the bind only, so a second server is refused as before.
 */
export function openBeside(
  libc: Libc,
  device: string,
  main: Socket4,
  address: Ipv4,
): Socket4 | string {
  const { port } = main.socket.address()
  libc.setOption(main.fd, SO_REUSEADDR, 1)
  const fd = openOnDevice(libc, device, address, port, true)
  libc.setOption(main.fd, SO_REUSEADDR, 0)
  if (typeof fd === 'string') return fd
  libc.setOption(fd, SO_REUSEADDR, 0)
  return adopt(fd, libc, address)
}

/** A descriptor bound to the device, or an errno name. */
function openOnDevice(
  libc: Libc,
  device: string,
  address: Ipv4,
  port: number,
  shared: boolean,
): number | string {
  const fd = libc.socket(AF_INET, SOCK_DGRAM, 0)
  if (fd < 0) return errnoName(fd)
  let result = libc.setOption(fd, SO_BROADCAST, 1)
  if (result >= 0 && shared) result = libc.setOption(fd, SO_REUSEADDR, 1)
  if (result >= 0) result = libc.bindToDevice(fd, device)
  if (result >= 0) result = libc.bind4(fd, address, port)
  if (result >= 0) return fd
  libc.close(fd)
  return errnoName(result)
}

/** Gives a bound descriptor to Node, which closes it with the socket; or an error code. */
export function adopt(fd: number, libc: Libc | undefined, address: Ipv4 = 0): Socket4 | string {
  if (libc !== undefined) enlargeBuffers(libc, fd)
  const opened = bindNow({ fd })
  if (typeof opened === 'string') {
    libc?.close(fd)
    return opened
  }
  return { socket: opened, fd: libc === undefined ? -1 : fd, address }
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

/**
 * The FORCE options pass the system's limit and need CAP_NET_ADMIN; the plain ones are cut to it.
 */
export function enlargeBuffers(libc: Libc, fd: number): void {
  if (libc.setOption(fd, SO_RCVBUFFORCE, RECEIVE_BUFFER) < 0)
    libc.setOption(fd, SO_RCVBUF, RECEIVE_BUFFER)
  if (libc.setOption(fd, SO_SNDBUFFORCE, SEND_BUFFER) < 0)
    libc.setOption(fd, SO_SNDBUF, SEND_BUFFER)
}

function openPlain(address: Ipv4, port: number, own: Ipv4): Socket4 | string {
  const opened = bindNow({ address: textFromIpv4(address), port, exclusive: true })
  if (typeof opened === 'string') return opened
  try {
    opened.setBroadcast(true)
    opened.setRecvBufferSize(RECEIVE_BUFFER)
  } catch {
    // A system that refuses the size keeps its own.
  }
  return { socket: opened, fd: -1, address: own }
}

/**
 * A bound socket, or an error code. With a descriptor or a literal address all happens in bind().
 */
function bindNow(options: dgram.BindOptions): dgram.Socket | string {
  const socket = dgram.createSocket({ type: 'udp4', lookup: lookupLiteral })
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
  callback(null, address, 4)
}
