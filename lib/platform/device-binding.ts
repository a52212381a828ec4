// Whether this process can bind sockets to a device, and which device a passed descriptor is bound
// to.

import {
  AF_INET,
  errnoName,
  type Libc,
  loadLibc,
  SO_BINDTODEVICE,
  SO_DOMAIN,
  SO_TYPE,
  SOCK_DGRAM,
} from './libc.ts'

/** The C library if it can bind a socket to a device here; else why not. */
export function libcForDevices(): Libc | string {
  const libc = loadLibc()
  if (typeof libc === 'string') return libc
  const fd = libc.socket(AF_INET, SOCK_DGRAM, 0)
  if (fd < 0) return errnoName(fd)
  const result = libc.bindToDevice(fd, 'lo')
  libc.close(fd)
  // Linux before 5.7 wants CAP_NET_RAW for it.
  return result < 0 ? `SO_BINDTODEVICE: ${errnoName(result)}, CAP_NET_RAW may be missing` : libc
}

/** The device an IPv4 UDP descriptor is bound to; '' when it is none or bound to no device. */
export function deviceOfDescriptor(libc: Libc, fd: number): string {
  const value = Buffer.alloc(16)
  const numberOf = (option: number): number =>
    libc.readOption(fd, option, value) === 4 ? value.readUInt32LE() : -1
  if (numberOf(SO_DOMAIN) !== AF_INET || numberOf(SO_TYPE) !== SOCK_DGRAM) return ''
  const length = libc.readOption(fd, SO_BINDTODEVICE, value)
  return length <= 1 ? '' : value.toString('latin1', 0, length - 1)
}
