// The network devices of this machine as IPv6 knows them: each with its link-local address, once
// that may be used. While the kernel still asks whether somebody else has an address (RFC 4862
// §5.4, duplicate address detection), nothing can be sent from it.

import { readFileSync } from 'node:fs'
import os from 'node:os'
import type { Ipv6 } from '../address/ipv6.ts'
import { octetsFromHex } from '../bytes/octets.ts'
import { IFF_LOOPBACK, IFF_MULTICAST, IFF_RUNNING, IFF_UP, type Interfaces } from './interfaces.ts'
import { ipv6FromNode } from './node-address.ts'
import { wordsOf } from './system-error.ts'

export interface DeviceAddress6 {
  readonly address: Ipv6
  /** Of its prefix, 0 … 128. */
  readonly length: number
}

export interface Device6 {
  readonly name: string
  readonly index: number
  readonly loopback: boolean
  /** Takes multicast. */
  readonly multicast: boolean
  /** '' = none that may be used. */
  readonly linkLocal: Ipv6
  /** Why there is none, in words; '' = there is one, or none is needed. */
  readonly trouble: string
  /** Those that may be used, in order. */
  readonly addresses: readonly DeviceAddress6[]
}

/** An address of a device, whatever its state. */
export interface Row6 extends DeviceAddress6 {
  readonly device: string
  readonly flags: number
}

const IFA_F_OPTIMISTIC = 0x04
const IFA_F_DADFAILED = 0x08
const IFA_F_TENTATIVE = 0x40

/** Devices that are up and have an IPv6 address in whatever state; or why that is not known. */
export function devices6(interfaces: Interfaces, rows: readonly Row6[]): Map<string, Device6> {
  const byName = Map.groupBy(rows, ({ device }) => device)
  const devices = new Map<string, Device6>()
  for (const [name, own] of byName) {
    const flags = interfaces.flagsOf(name)
    const isUp = flags === undefined || (flags & (IFF_UP | IFF_RUNNING)) === (IFF_UP | IFF_RUNNING)
    if (isUp) devices.set(name, deviceOf(name, interfaces.indexOf(name), flags, own))
  }
  return devices
}

function deviceOf(
  name: string,
  index: number,
  flags: number | undefined,
  rows: readonly Row6[],
): Device6 {
  const usable = rows.filter(isUsable)
  const addresses = usable.map(({ address, length }) => ({ address, length })).sort(byAddress)
  const linkLocal = addresses.find(({ address }) => isLinkLocal(address))?.address ?? ''
  const loopback = flags === undefined ? isLoopback(rows) : (flags & IFF_LOOPBACK) !== 0
  const multicast = flags === undefined || (flags & IFF_MULTICAST) !== 0
  const trouble = linkLocal !== '' || loopback ? '' : troubleOf(rows)
  return { name, index, loopback, multicast, linkLocal, trouble, addresses }
}

function isUsable({ flags }: Row6): boolean {
  if ((flags & IFA_F_DADFAILED) !== 0) return false
  return (flags & IFA_F_TENTATIVE) === 0 || (flags & IFA_F_OPTIMISTIC) !== 0
}

function troubleOf(rows: readonly Row6[]): string {
  const own = rows.filter(({ address }) => isLinkLocal(address))
  if (own.length === 0) return 'the interface has no IPv6 link-local address'
  return own.some(({ flags }) => (flags & IFA_F_DADFAILED) !== 0)
    ? 'another host on the link has the same IPv6 link-local address'
    : 'the IPv6 link-local address is still being checked for duplicates'
}

function byAddress(one: DeviceAddress6, other: DeviceAddress6): number {
  return one.address < other.address ? -1 : 1
}

function isLoopback(rows: readonly Row6[]): boolean {
  return rows.some(({ address }) => address === LOOPBACK6)
}

export const LOOPBACK6: Ipv6 = `${'\0'.repeat(15)}\x01`

/** fe80::/10. */
export function isLinkLocal(address: Ipv6): boolean {
  return address.charCodeAt(0) === 0xfe && (address.charCodeAt(1) & 0xc0) === 0x80
}

/** Every address of this host; or why they cannot be told at present. */
export function addresses6(): readonly Row6[] | string {
  if (process.platform === 'linux') {
    try {
      return rowsOfTable(readFileSync('/proc/net/if_inet6', 'latin1'))
    } catch (error) {
      // There is no such table where the kernel has no IPv6; or all file descriptors are taken.
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : wordsOf(error)
    }
  }
  try {
    return rowsOfNode(os.networkInterfaces())
  } catch (error) {
    return wordsOf(error)
  }
}

/** `/proc/net/if_inet6`: address, index, prefix length, scope and flags in hex, and the device. */
export function rowsOfTable(text: string): Row6[] {
  const lines = text.matchAll(/^([0-9a-f]{32}) \w+ (\w+) \w+ (\w+) +(\S+)$/gm)
  return [...lines].map(([, address = '', length = '', flags = '', device = '']) => ({
    device,
    address: octetsFromHex(address) ?? '',
    length: Number.parseInt(length, 16),
    flags: Number.parseInt(flags, 16),
  }))
}

function rowsOfNode(all: ReturnType<typeof os.networkInterfaces>): Row6[] {
  return Object.entries(all).flatMap(([device, infos]) =>
    (infos ?? [])
      .filter(({ family }) => family === 'IPv6')
      .map(({ address, cidr }) => ({
        device,
        address: ipv6FromNode(address),
        length: Number(cidr?.split('/')[1] ?? 128),
        flags: 0,
      })),
  )
}
