// Every network interface of this machine, for whoever wants to see them all: those that are down
// or have no address, too, as far as the system tells.

import { readdirSync, readFileSync } from 'node:fs'
import os from 'node:os'
import type { HostInterface } from '../ports/host-interface.ts'
import { IFF_BROADCAST, IFF_LOOPBACK, IFF_MULTICAST, IFF_RUNNING, IFF_UP } from './interfaces.ts'

const FOLDER = '/sys/class/net'

/** By index. */
export function hostInterfaces(): readonly HostInterface[] {
  const known = nodeInterfaces()
  const names = new Set([...namesOfFolder(), ...known.keys()])
  return [...names]
    .map((name) => interfaceOf(name, known.get(name) ?? []))
    .sort((a, b) => a.index - b.index || (a.name < b.name ? -1 : 1))
}

/** What Node lists: interfaces with an address, a label of one (`eth0:1`) as one of its own. */
function nodeInterfaces(): Map<string, os.NetworkInterfaceInfo[]> {
  const found = new Map<string, os.NetworkInterfaceInfo[]>()
  let all: ReturnType<typeof os.networkInterfaces> = {}
  try {
    all = os.networkInterfaces()
  } catch {
    // It opens a socket, so it fails when all file descriptors are taken.
  }
  for (const [label, infos] of Object.entries(all)) {
    const name = label.split(':', 1)[0]!
    found.set(name, [...(found.get(name) ?? []), ...(infos ?? [])])
  }
  return found
}

function namesOfFolder(): readonly string[] {
  try {
    return readdirSync(FOLDER, { withFileTypes: true })
      .filter((entry) => !entry.isFile())
      .map(({ name }) => name)
  } catch {
    return []
  }
}

function interfaceOf(name: string, infos: readonly os.NetworkInterfaceInfo[]): HostInterface {
  const isLoopback = infos[0]?.internal ?? false
  const assumed = IFF_UP | IFF_RUNNING | (isLoopback ? IFF_LOOPBACK : IFF_MULTICAST | IFF_BROADCAST)
  const flags = Number(read(name, 'flags') ?? assumed)
  const isDown = read(name, 'operstate') === 'down'
  return {
    name,
    index: Number(read(name, 'ifindex') ?? 0),
    mac: read(name, 'address') ?? infos[0]?.mac ?? '',
    type: Number(read(name, 'type') ?? 1),
    isLoopback: (flags & IFF_LOOPBACK) !== 0,
    isUp: (flags & IFF_UP) !== 0,
    // The kernel's file does not show it with the other flags.
    isRunning: (flags & IFF_UP) !== 0 && !isDown,
    takesMulticast: (flags & IFF_MULTICAST) !== 0,
    takesBroadcast: (flags & IFF_BROADCAST) !== 0,
    addresses: infos.map(({ address }) => address.split('%', 1)[0]!),
  }
}

function read(name: string, field: string): string | undefined {
  try {
    return readFileSync(`${FOLDER}/${name}/${field}`, 'latin1').trim()
  } catch {
    return undefined
  }
}
