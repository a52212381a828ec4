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
// Of DHCPv6 a unit has the socket for all addresses, [::]:547, and one for each group that clients
// and relays ask, which tell what was asked (examples/systemd/whio6.socket).
//
// The device is read from the socket itself where koffi is there; else FileDescriptorName= names
// it.

import { type Log, tell } from '../ports/log.ts'
import { boundDescriptor } from './device-binding.ts'
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

/** Taken once: those of both families come together. */
const taken = new WeakMap<NodeJS.ProcessEnv, readonly PassedDescriptor[]>()

function takenOnce(environment: NodeJS.ProcessEnv, pid: number): readonly PassedDescriptor[] {
  const known = taken.get(environment) ?? passedDescriptors(environment, pid)
  taken.set(environment, known)
  return known
}

/**
 * The passed descriptors of a family by the device they are bound to; one that is bound to none is
 * told. Without the C library nothing is known of them but their names: they count as DHCPv4's.
 */
export function passedDevices(
  family: 4 | 6,
  libc: Libc | undefined,
  environment: NodeJS.ProcessEnv,
  pid: number,
  log: Log | undefined,
): Map<string, readonly number[]> {
  const passed = new Map<string, readonly number[]>()
  for (const { fd, name } of takenOnce(environment, pid)) {
    const bound = libc === undefined ? { family: 4, device: name } : boundDescriptor(libc, fd)
    // What is of no family is told of by DHCPv4.
    if ((bound.family ?? 4) !== family) continue
    libc?.closeOnExec(fd)
    if (bound.family !== undefined && bound.device !== '')
      passed.set(bound.device, [...(passed.get(bound.device) ?? []), fd])
    else tell(log, 'DHCP4_SOCKETS_PASSED_UNUSED', { descriptor: fd, descriptorName: name })
  }
  return passed
}
