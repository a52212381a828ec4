// The network devices of this machine as they are at this moment: index, up or down, IPv4
// addresses. Node alone does not see devices that are down; with the C library (or /sys) they are
// told apart.

import { readFileSync } from 'node:fs'
import os from 'node:os'
import { type Ipv4, ipv4FromText } from '../address/ipv4.ts'
import { AF_INET, type Libc, SOCK_DGRAM } from './libc.ts'
import { wordsOf } from './system-error.ts'

export interface DeviceAddress {
  readonly address: Ipv4
  /** Of its prefix, 0 … 32. */
  readonly length: number
}

export interface Device {
  readonly name: string
  /** The kernel's index; 0 where it cannot be learned. */
  readonly index: number
  readonly loopback: boolean
  /** Reaches more than one neighbour by broadcast. */
  readonly broadcast: boolean
  /** Kernel's order; never empty. */
  readonly addresses: readonly DeviceAddress[]
}

export const IFF_UP = 1
export const IFF_BROADCAST = 2
export const IFF_LOOPBACK = 8
export const IFF_RUNNING = 0x40
export const IFF_MULTICAST = 0x1000

export class Interfaces {
  readonly #libc: Libc | undefined
  /** Any socket does for asking about devices; opened once. */
  #control: number

  constructor(libc: Libc | undefined) {
    this.#libc = libc
    this.#control = libc?.socket(AF_INET, SOCK_DGRAM, 0) ?? -1
  }

  /**
   * Every device that is up and has an IPv4 address, by name; or why they cannot be told at
   * present.
   */
  list(): Map<string, Device> | string {
    const devices = new Map<string, Device>()
    let all: ReturnType<typeof os.networkInterfaces>
    try {
      all = os.networkInterfaces()
    } catch (error) {
      // It opens a socket, so it fails when all file descriptors are taken.
      return wordsOf(error)
    }
    for (const [label, infos] of Object.entries(all)) {
      // Linux lists an address with a label (`eth0:1`) as if it were a device.
      const name = label.split(':', 1)[0]!
      const found = (infos ?? []).filter((info) => info.family === 'IPv4')
      if (found.length === 0) continue
      const addresses = [...(devices.get(name)?.addresses ?? []), ...found.map(addressOf)]
      const loopback = found[0]!.internal
      const broadcast = !loopback && this.#broadcasts(name)
      devices.set(name, { name, index: this.indexOf(name), loopback, broadcast, addresses })
    }
    return devices
  }

  /**
   * The kernel's index of a device that need not be up; 0 where there is none or it is not known.
   */
  indexOf(name: string): number {
    if (this.#libc !== undefined) return this.#libc.indexOfDevice(name)
    return Number(readDevice(name, 'ifindex') ?? 0)
  }

  /**
   * Why a device that is not served cannot be, in words for the operator; `wanted`: what it lacks
   * if it is up.
   */
  trouble(name: string, wanted: string): string {
    const flags = this.flagsOf(name)
    if (flags === undefined)
      return process.platform === 'linux'
        ? 'the interface does not exist'
        : `the interface does not exist, is down or has no ${wanted}`
    if ((flags & IFF_UP) === 0) return 'the interface is down'
    if ((flags & IFF_RUNNING) === 0) return 'the interface has no carrier'
    return `the interface has no ${wanted}`
  }

  /** Whether the device exists and is up, as far as that can be learned. */
  isUp(name: string): boolean {
    const wanted = IFF_UP | IFF_RUNNING
    return ((this.flagsOf(name) ?? 0) & wanted) === wanted
  }

  close(): void {
    if (this.#control >= 0) this.#libc?.close(this.#control)
    this.#control = -1
  }

  #broadcasts(name: string): boolean {
    const flags = this.flagsOf(name)
    return flags === undefined || (flags & IFF_BROADCAST) !== 0
  }

  /** IFF_ flags of a device; undefined where there is none, or it cannot be learned. */
  flagsOf(name: string): number | undefined {
    if (this.#libc !== undefined && this.#control >= 0) {
      const flags = this.#libc.flagsOfDevice(this.#control, name)
      return flags < 0 ? undefined : flags
    }
    const text = readDevice(name, 'flags')
    if (text === undefined) return undefined
    return Number(text) | (readDevice(name, 'operstate') === 'down' ? 0 : IFF_RUNNING)
  }
}

interface Prefixed {
  readonly address: unknown
  readonly length: number
}

export function sameAddresses(a: readonly Prefixed[], b: readonly Prefixed[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, at) => one.address === b[at]?.address && one.length === b[at]?.length)
  )
}

function addressOf(info: os.NetworkInterfaceInfo): DeviceAddress {
  const hostBits = ~(ipv4FromText(info.netmask) ?? 0xffffffff) >>> 0
  return { address: ipv4FromText(info.address) ?? 0, length: Math.clz32(hostBits) }
}

/** A line of /sys/class/net; undefined where there is none, as on other systems than Linux. */
function readDevice(name: string, field: string): string | undefined {
  try {
    return readFileSync(`/sys/class/net/${name}/${field}`, 'latin1').trim()
  } catch {
    return undefined
  }
}
