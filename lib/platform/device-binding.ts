// Whether this process can bind sockets to a device, and which device a passed descriptor is bound
// to.

import {
  AF_INET,
  AF_INET6,
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

/** What a passed descriptor is. */
export interface BoundDescriptor {
  /** Undefined where it is no socket of UDP. */
  readonly family: 4 | 6 | undefined
  /** '' where it is bound to none. */
  readonly device: string
}

export function boundDescriptor(libc: Libc, fd: number): BoundDescriptor {
  const value = Buffer.alloc(16)
  const numberOf = (option: number): number =>
    libc.readOption(fd, option, value) === 4 ? value.readUInt32LE() : -1
  const domain = numberOf(SO_DOMAIN)
  const family = domain === AF_INET ? 4 : domain === AF_INET6 ? 6 : undefined
  if (numberOf(SO_TYPE) !== SOCK_DGRAM) return { family: undefined, device: '' }
  const length = libc.readOption(fd, SO_BINDTODEVICE, value)
  return { family, device: length <= 1 ? '' : value.toString('latin1', 0, length - 1) }
}
