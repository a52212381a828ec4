// What is wrong with an interface or with this process, in sentences for the operator.

import type { Log } from '../ports/log.ts'
import type { SocketsWish4 } from './datagrams4-sockets.ts'
import { portHolders } from './port-holder.ts'

/** Why sockets could not be opened; `code` is the errno name. */
export function openTrouble(code: string, wish: SocketsWish4): string {
  const port = `UDP port ${wish.port}`
  if (code === 'EACCES' || code === 'EPERM')
    return `${port} may not be opened: root or the capability CAP_NET_BIND_SERVICE is needed`
  if (code !== 'EADDRINUSE') return `${port} cannot be opened (${code})`
  const holders = portHolders(wish.port)
  const who = holders === '' ? 'another server' : holders
  return `${port} of this interface is already served by ${who}`
}

/** What an interface misses although it is served; '' = nothing. */
export function deafness(wish: SocketsWish4): string {
  if (wish.libc !== undefined || wish.broadcasts || wish.addresses.every(isLoopback)) return ''
  return 'only relayed and unicast messages are heard: without koffi the broadcasts of several interfaces cannot be told apart'
}

/** Says what this process cannot do and what follows: `missing` for device binding, else frames. */
export function tellMissing(log: Log | undefined, missing: string, frameTrouble: string): void {
  if (missing !== '')
    log?.write(
      'warn',
      'datagrams-plain',
      'sockets cannot be bound to their device: replies to clients without an address are broadcast, and with several interfaces broadcasts are not heard',
      { reason: missing },
    )
  else if (frameTrouble !== '')
    log?.write(
      'warn',
      'datagrams-no-frames',
      'replies to clients without an address are broadcast: sending frames needs root or the capability CAP_NET_RAW',
      { error: frameTrouble },
    )
}

function isLoopback(address: number): boolean {
  return address >>> 24 === 127
}
