// What is wrong with an interface or with this process, in sentences for the operator.

import { type Log, tell } from '../../ports/log.ts'
import { portHolders, type SocketTable } from './port-holder.ts'
import { filterSetting, filtersStrictly } from './reverse-path.ts'
import type { SocketsWish4 } from './sockets4.ts'

/** Why sockets could not be opened; `code` is the errno name, `table` the kernel's of sockets. */
export function openTrouble(code: string, number: number, table: SocketTable): string {
  const port = `UDP port ${number}`
  if (code === 'EACCES' || code === 'EPERM')
    return `${port} may not be opened: root or the capability CAP_NET_BIND_SERVICE is needed`
  if (code !== 'EADDRINUSE') return `${port} cannot be opened (${code})`
  const holders = portHolders(number, table)
  const who = holders === '' ? 'another server' : holders
  return `${port} of this interface is already served by ${who}`
}

/** What an interface misses although it is served; '' = nothing. */
export function deafness(wish: SocketsWish4): string {
  if (wish.libc !== undefined || wish.broadcasts || wish.addresses.every(isLoopback)) return ''
  return 'only relayed and unicast messages are heard: without koffi the broadcasts of several interfaces cannot be told apart'
}

/** Says what this process cannot do: `missing` for device binding, else for frames; '' = it can. */
export function tellMissing(log: Log | undefined, missing: string, frameTrouble: string): void {
  if (missing !== '') tell(log, 'DHCP4_SOCKETS_PLAIN', { reason: missing })
  else if (frameTrouble !== '') tell(log, 'DHCP4_SOCKETS_NO_FRAMES', { error: frameTrouble })
}

/**
 * Says that the kernel will not let relayed queries in; `leads`: a way to anywhere by this
 * interface.
 */
export function tellReversePath(log: Log | undefined, name: string, leads: boolean): void {
  if (leads || !filtersStrictly(name)) return
  tell(log, 'DHCP4_REVERSE_PATH_STRICT', { interface: name, sysctl: filterSetting(name) })
}

function isLoopback(address: number): boolean {
  return address >>> 24 === 127
}
