// The few calls of the Linux C library that Node has no word for, through koffi (an optional
// dependency): sockets bound to a device, frames, and many datagrams in one call. Nothing here
// knows DHCP. Numbers are those of the Linux ABI for x86-64, ARM64 and RISC-V, which agree.

import { createRequire } from 'node:module'
import os from 'node:os'
import type { Octets } from '../bytes/octets.ts'

/** Address families, types, levels and options, named as in the C headers. */
export const AF_UNIX = 1
export const AF_INET = 2
export const AF_INET6 = 10
export const AF_NETLINK = 16
export const AF_PACKET = 17
export const SOCK_DGRAM = 2
export const SOCK_RAW = 3
export const NETLINK_ROUTE = 0
export const IPPROTO_ICMP = 1
export const IPPROTO_IPV6 = 41
export const IPPROTO_ICMPV6 = 58
export const IPPROTO_RAW = 255
const SOCK_NONBLOCK_CLOEXEC = 0o2004000
const SOL_SOCKET = 1
export const SOL_RAW = 255
export const ICMP_FILTER = 1
export const ICMPV6_FILTER = 1
export const IPV6_V6ONLY = 26
export const IPV6_MULTICAST_ALL = 29
export const SO_REUSEADDR = 2
export const SO_TYPE = 3
export const SO_BROADCAST = 6
export const SO_SNDBUF = 7
export const SO_RCVBUF = 8
export const SO_NO_CHECK = 11
export const SO_BINDTODEVICE = 25
export const SO_SNDBUFFORCE = 32
export const SO_RCVBUFFORCE = 33
export const SO_DOMAIN = 39
export const SO_MEMINFO = 55
/** Bytes of a socket address of IPv6: family, port, flow, address, scope. */
export const SOCKADDR_IN6 = 28
const MSG_DONTWAIT = 0x40
const MSG_NOSIGNAL = 0x4000
/** Room for the path in a sockaddr_un. */
const SUN_PATH_MAX = 108
const F_SETFD = 2
const FD_CLOEXEC = 1
const LOCK_EX_NB = 6
const SIOCGIFFLAGS = 0x8913
const SIOCGIFHWADDR = 0x8927
const ARPHRD_ETHER = 1
const SO_ATTACH_FILTER = 26

/** Returns are 0 or more, or a negative errno; nothing throws. */
export interface Libc {
  /** A descriptor, non-blocking and closed on exec. */
  socket(family: number, type: number, protocol: number): number
  /** Binds to an IPv4 address and port. */
  bind4(fd: number, address: number, port: number): number
  /** The same for IPv6, the address as 16 octets; `scope`: the index of its device. */
  bind6(fd: number, address: Octets, port: number, scope: number): number
  /** An option of the socket level, or of another one. */
  setOption(fd: number, option: number, value: number | Uint8Array, level?: number): number
  /** Sends all that follows to the unix socket with this path; `@` begins an abstract name. */
  connectUnix(fd: number, path: string): number
  /** One datagram, without waiting. */
  send(fd: number, bytes: Uint8Array): number
  /** SO_BINDTODEVICE: hears and sends through this device only. */
  bindToDevice(fd: number, device: string): number
  /** Fills `value` with a socket option; returns how many bytes of it. */
  readOption(fd: number, option: number, value: Buffer): number
  closeOnExec(fd: number): number
  close(fd: number): number
  /** flock, exclusive: fails at once where another open file has it. */
  lockFile(fd: number): number
  /** The kernel's index of a device, 0 where there is none. */
  indexOfDevice(name: string): number
  /** IFF_ flags of a device; `fd` is any socket. */
  flagsOfDevice(fd: number, name: string): number
  /** The hardware address of an Ethernet device; undefined where it has none. */
  hwAddressOfDevice(fd: number, name: string): Uint8Array | undefined
  /** A filter in the words of classic BPF: a socket hears only what it lets pass. */
  attachFilter(fd: number, filter: readonly FilterStep[]): number
  /** Where a buffer lies. It stays there as long as somebody holds the buffer. */
  addressOf(bytes: Uint8Array): number | bigint
  /** recvmmsg and sendmmsg on `count` mmsghdr at an address; return how many were done. */
  receiveMany(fd: number, vector: number | bigint, count: number): number
  sendMany(fd: number, vector: number | bigint, count: number): number
  /** Gives the system back what this process has freed; absent where the library cannot. */
  trimMemory?(): void
}

/** An instruction: code, jump if true, jump if false, constant. */
export type FilterStep = readonly [code: number, ifTrue: number, ifFalse: number, constant: number]

let loaded: Libc | string | undefined

/** The C library, or in a few words why it cannot be called here. */
export function loadLibc(): Libc | string {
  loaded ??= load()
  return loaded
}

/** The name of a negative errno: `ENODEV`. */
export function errnoName(result: number): string {
  for (const [name, code] of Object.entries(os.constants.errno)) if (code === -result) return name
  return `errno ${-result}`
}

const MACHINES = ['x64', 'arm64', 'riscv64']

function load(): Libc | string {
  if (process.platform !== 'linux') return 'this is not Linux'
  if (!MACHINES.includes(process.arch)) return `no socket layout is known for ${process.arch}`
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
    return bindings(koffi)
  } catch (error) {
    return `the package koffi cannot be used (${firstLine(error)})`
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n', 1)[0] ?? ''
}

/** Of glibc alone. */
function trimOf(library: ReturnType<typeof import('koffi').load>) {
  try {
    return library.func('int malloc_trim(size_t)')
  } catch {
    return undefined
  }
}

function bindings(koffi: typeof import('koffi')): Libc {
  const library = koffi.load(null)
  const socket = library.func('int socket(int, int, int)')
  const bind = library.func('int bind(int, const void *, uint32_t)')
  const connect = library.func('int connect(int, const void *, uint32_t)')
  const send = library.func('long send(int, const void *, size_t, int)')
  const setsockopt = library.func('int setsockopt(int, int, int, const void *, uint32_t)')
  const getsockopt = library.func('int getsockopt(int, int, int, _Out_ void *, void *)')
  const fcntl = library.func('int fcntl(int, int, int)')
  const close = library.func('int close(int)')
  const flock = library.func('int flock(int, int)')
  const ioctl = library.func('int ioctl(int, unsigned long, void *)')
  const ifNameToIndex = library.func('unsigned int if_nametoindex(const char *)')
  const memmove = library.func('uintptr_t memmove(void *, const void *, size_t)')
  const vector = 'int, uintptr_t, uint32_t, int'
  const recvmmsg = library.func(`int recvmmsg(${vector}, uintptr_t)`)
  const sendmmsg = library.func(`int sendmmsg(${vector})`)
  const checked = (result: number): number => (result < 0 ? -koffi.errno() : result)
  const set = (fd: number, level: number, option: number, value: Buffer): number =>
    checked(setsockopt(fd, level, option, value, value.length))

  const trim = trimOf(library)
  return {
    ...(trim && { trimMemory: () => void trim(0) }),
    socket: (family, type, protocol) =>
      checked(socket(family, type | SOCK_NONBLOCK_CLOEXEC, protocol)),
    bind4: (fd, address, port) => {
      const name = Buffer.alloc(16)
      name.writeUInt16LE(AF_INET, 0)
      name.writeUInt16BE(port, 2)
      name.writeUInt32BE(address, 4)
      return checked(bind(fd, name, name.length))
    },
    bind6: (fd, address, port, scope) => {
      const name = Buffer.alloc(SOCKADDR_IN6)
      name.writeUInt16LE(AF_INET6, 0)
      name.writeUInt16BE(port, 2)
      name.write(address, 8, 'latin1')
      name.writeUInt32LE(scope, 24)
      return checked(bind(fd, name, name.length))
    },
    connectUnix: (fd, path) => {
      const isAbstract = path.startsWith('@')
      const text = Buffer.from(isAbstract ? `\0${path.slice(1)}` : `${path}\0`)
      if (text.length > SUN_PATH_MAX) return -os.constants.errno.ENAMETOOLONG
      const name = Buffer.concat([Buffer.from([AF_UNIX, 0]), text])
      return checked(connect(fd, name, name.length))
    },
    send: (fd, bytes) =>
      checked(Number(send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL))),
    setOption: (fd, option, value, level = SOL_SOCKET) => {
      if (typeof value !== 'number') return set(fd, level, option, Buffer.from(value))
      const bytes = Buffer.alloc(4)
      bytes.writeInt32LE(value)
      return set(fd, level, option, bytes)
    },
    bindToDevice: (fd, device) => set(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`)),
    readOption: (fd, option, value) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(value.length)
      const result = checked(getsockopt(fd, SOL_SOCKET, option, value, length))
      return result < 0 ? result : length.readUInt32LE()
    },
    closeOnExec: (fd) => checked(fcntl(fd, F_SETFD, FD_CLOEXEC)),
    close: (fd) => checked(close(fd)),
    lockFile: (fd) => checked(flock(fd, LOCK_EX_NB)),
    indexOfDevice: (name) => ifNameToIndex(name),
    flagsOfDevice: (fd, name) => {
      const request = Buffer.alloc(40)
      request.write(name.slice(0, 15), 'latin1')
      const result = checked(ioctl(fd, SIOCGIFFLAGS, request))
      return result < 0 ? result : request.readUInt16LE(16)
    },
    hwAddressOfDevice: (fd, name) => {
      const request = Buffer.alloc(40)
      request.write(name.slice(0, 15), 'latin1')
      if (ioctl(fd, SIOCGIFHWADDR, request) < 0) return undefined
      return request.readUInt16LE(16) === ARPHRD_ETHER ? request.subarray(18, 24) : undefined
    },
    attachFilter: (fd, filter) => {
      const steps = new Uint8Array(new ArrayBuffer(filter.length * 8))
      const view = new DataView(steps.buffer)
      for (const [n, [code, ifTrue, ifFalse, constant]] of filter.entries()) {
        view.setUint16(n * 8, code, true)
        view.setUint8(n * 8 + 2, ifTrue)
        view.setUint8(n * 8 + 3, ifFalse)
        view.setUint32(n * 8 + 4, constant, true)
      }
      // struct sock_fprog: how many, and where.
      const program = Buffer.alloc(16)
      program.writeUInt16LE(filter.length, 0)
      program.writeBigUInt64LE(BigInt(memmove(steps, steps, 0)), 8)
      return set(fd, SOL_SOCKET, SO_ATTACH_FILTER, program)
    },
    addressOf: (bytes) => memmove(bytes, bytes, 0),
    receiveMany: (fd, at, count) => checked(recvmmsg(fd, at, count, MSG_DONTWAIT, 0)),
    sendMany: (fd, at, count) => checked(sendmmsg(fd, at, count, MSG_DONTWAIT)),
  }
}
