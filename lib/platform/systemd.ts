// Sockets handed over by systemd (sd_listen_fds): a .socket unit opens them, so that the service
// needs no right to bind port 67 and no query is lost while it restarts. One .socket unit an
// interface:
//
//   [Socket]
//   ListenDatagram=0.0.0.0:67
//   BindToDevice=eth0
//   Broadcast=yes
//   FileDescriptorName=eth0
//   Service=whio.service
//
// The device is read from the socket itself where koffi is there; else FileDescriptorName= names
// it.

import { type Log, tell } from '../ports/log.ts'
import { deviceOfDescriptor } from './device-binding.ts'
import type { Libc } from './libc.ts'

/** A descriptor from systemd and the name it was given ('' where it has none). */
export interface PassedDescriptor {
  readonly fd: number
  readonly name: string
}

const FIRST = 3

/**
 * The descriptors meant for this process (LISTEN_PID says so). The variables are removed from
 * `environment`, so that no child takes them for its own.
 */
export function passedDescriptors(
  environment: NodeJS.ProcessEnv,
  pid: number,
): readonly PassedDescriptor[] {
  const count = Number(environment.LISTEN_FDS ?? 0)
  const meant = Number(environment.LISTEN_PID) === pid
  const names = (environment.LISTEN_FDNAMES ?? '').split(':')
  if (!meant || !Number.isInteger(count) || count <= 0) return []
  delete environment.LISTEN_FDS
  delete environment.LISTEN_PID
  delete environment.LISTEN_FDNAMES
  return Array.from({ length: count }, (_, index) => ({
    fd: FIRST + index,
    name: names[index] ?? '',
  }))
}

/** The passed descriptors by the device they are bound to; one that is bound to none is told. */
export function passedDevices(
  libc: Libc | undefined,
  environment: NodeJS.ProcessEnv,
  pid: number,
  log: Log | undefined,
): Map<string, number> {
  const passed = new Map<string, number>()
  for (const { fd, name } of passedDescriptors(environment, pid)) {
    const device = libc === undefined ? name : deviceOfDescriptor(libc, fd)
    libc?.closeOnExec(fd)
    if (device !== '') passed.set(device, fd)
    else tell(log, 'DHCP4_SOCKETS_PASSED_UNUSED', { descriptor: fd, descriptorName: name })
  }
  return passed
}
