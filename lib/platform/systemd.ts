// Sockets handed over by systemd (sd_listen_fds): a .socket unit opens them, so that the service needs
// no right to bind port 67 and no query is lost while it restarts. One .socket unit an interface:
//
//   [Socket]
//   ListenDatagram=0.0.0.0:67
//   BindToDevice=eth0
//   Broadcast=yes
//   FileDescriptorName=eth0
//   Service=whio.service
//
// The device is read from the socket itself where koffi is there; else FileDescriptorName= names it.

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
