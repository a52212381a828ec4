// Leases by device, over both families: what one client has under several identifiers is put
// together where that can be told.
//
//   told by            DHCPv4                            DHCPv6
//   DUID               a client-id of type 255           every lease
//                      (RFC 4361)
//   hardware address   chaddr                            option 79, the link-local address, or
//                                                        a DUID of type LL or LLT
//
// A device with several interfaces, or whose firmware has another DUID than its system, is one as
// long as one of both stays.

import type { AnyListed } from './lease-filter.ts'

export interface Device {
  readonly hwAddresses: readonly string[]
  readonly duids: readonly string[]
  readonly names: readonly string[]
  readonly leases: readonly AnyListed[]
}

/** In order of their first lease. */
export function devicesOf(leases: Iterable<AnyListed>): Device[] {
  const groups = new Set<Group>()
  const byIdentifier = new Map<string, Group>()
  for (const lease of leases) {
    const identifiers = identifiersOf(lease)
    const known = identifiers.flatMap((id) => byIdentifier.get(id) ?? [])
    const group = known[0] ?? { identifiers: new Set(), leases: [] }
    for (const other of new Set(known.slice(1))) if (other !== group) join(group, other)
    for (const id of identifiers) group.identifiers.add(id)
    for (const id of group.identifiers) byIdentifier.set(id, group)
    group.leases.push(lease)
    groups.add(group)
  }
  return [...groups].filter((group) => group.leases.length > 0).map(deviceOf)
}

interface Group {
  readonly identifiers: Set<string>
  leases: AnyListed[]
}

function join(group: Group, other: Group): void {
  for (const id of other.identifiers) group.identifiers.add(id)
  group.leases.push(...other.leases)
  other.leases = []
}

function identifiersOf(lease: AnyListed): string[] {
  const duid = duidOf(lease)
  const hwAddress = lease.hwAddress.toLowerCase()
  return [
    ...(duid === '' ? [] : [`duid ${duid}`]),
    ...(hwAddress === '' ? [] : [`hw-address ${hwAddress}`]),
    ...(duid === '' && hwAddress === '' ? [`lease ${lease.address}`] : []),
  ]
}

/** RFC 4361: the type 255, an IAID of 4 octets, the DUID. */
const RFC_4361 = /^ff[0-9a-f]{8}((?:[0-9a-f]{2}){3,130})$/

/** As text with colons, '' where nothing says one. */
function duidOf(lease: AnyListed): string {
  if ('duid' in lease) return lease.duid
  const digits = RFC_4361.exec(lease.clientId.toLowerCase())?.[1] ?? ''
  return digits.replace(/..(?=.)/g, '$&:')
}

function deviceOf({ leases }: Group): Device {
  const each = (of: (lease: AnyListed) => string) => [...new Set(leases.map(of))].filter(Boolean)
  return {
    hwAddresses: each(({ hwAddress }) => hwAddress),
    duids: each(duidOf),
    names: each(({ hostname }) => hostname),
    leases,
  }
}
