// Who else holds a UDP port of this machine, for the sentence that tells the operator. Reads /proc;
// other people's processes are visible to root only.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/** The kernel's tables of UDP sockets, by what they are bound to. */
export type SocketTable = 'udp' | 'udp6'

/** `dnsmasq (pid 812)`, several with commas; '' when it cannot be learned. */
export function portHolders(port: number, table: SocketTable): string {
  try {
    const inodes = socketInodes(port, table)
    if (inodes.size === 0) return ''
    const holders = readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
      .filter((pid) => holdsAny(pid, inodes))
    return holders.map((pid) => `${commandOf(pid)} (pid ${pid})`).join(', ')
  } catch {
    return ''
  }
}

/** Inodes of the UDP sockets of this network namespace that are bound to `port`. */
function socketInodes(port: number, table: SocketTable): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const inodes = new Set<string>()
  for (const line of readFileSync(`/proc/net/${table}`, 'latin1').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    if (fields[1]?.endsWith(suffix) && fields[9] !== undefined) inodes.add(`socket:[${fields[9]}]`)
  }
  return inodes
}

function holdsAny(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(linkOf(`/proc/${pid}/fd/${fd}`)))
  } catch {
    // It ended, or is not ours to look at.
    return false
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function commandOf(pid: string): string {
  try {
    const command = readFileSync(`/proc/${pid}/comm`, 'latin1').trim()
    return command === OF_NODE ? nameOfScript(pid) : command
  } catch {
    return 'a program'
  }
}

/** What Node calls itself, whatever it runs; another server of this kind, mostly. */
const OF_NODE = 'MainThread'

function nameOfScript(pid: string): string {
  const [node = '', script = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  return basename(script === '' || script.startsWith('-') ? node : script)
}
