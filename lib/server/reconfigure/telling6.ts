// One RECONFIGURE as what it takes: the rows that keep its replay value, and where it goes.

import { type Ipv6, isLinkLocal } from '../../address/ipv6.ts'
import { isInside, type Prefix6, prefix6 } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Plan6, Subnet6 } from '../../config/plan/plan6.ts'
import { keptRelays } from '../../dhcp6/kept-relay.ts'
import { nextReplay } from '../../dhcp6/reconfigure6.ts'
import type { StatelessClient6 } from '../../dhcp6/stateless6.ts'
import { isLive } from '../../leases/holding.ts'
import type { Lease6 } from '../../leases/lease.ts'
import {
  type ReconfigureNote,
  type ReconfigurePath,
  reconfigureNoteOf,
  withReconfigureNote,
} from '../../leases/reconfigure-note.ts'
import type { LeaseTable } from '../../leases/table/lease-table.ts'
import type { Interface6 } from '../../ports/datagrams6.ts'
import type { Instant } from '../../time/units.ts'
import type { Relay6 } from '../../wire/v6/message.ts'
import type { Told6 } from './reconfigurer6.ts'

export interface Telling6 {
  /** With the replay value; the numbers of their changes are those of before. */
  readonly rows: readonly Lease6[]
  readonly key: Octets
  readonly replay: number
  readonly through: Interface6
  readonly address: Ipv6
  /** 0 = that of clients. */
  readonly relayPort: number
  /** The one nearest this server first. */
  readonly relays: readonly Relay6[]
}

interface Noted {
  readonly row: Lease6
  readonly note: ReconfigureNote
}

/** What it takes to tell the client, or why it cannot be told. */
export function tellingFor(
  table: LeaseTable<Prefix6>,
  plan: Plan6,
  interfaces: readonly Interface6[],
  duid: Octets,
  replayFrom: number,
  now: Instant,
): Telling6 | Exclude<Told6, 'told'> {
  const rows = table.byDuid(duid)
  const noted = rows.flatMap((row): Noted[] => {
    const note = isLive(row, now) ? reconfigureNoteOf(row.userContext) : undefined
    return note === undefined ? [] : [{ row, note }]
  })
  // What was said last counts, of the key and of the way.
  noted.sort((one, other) => other.row.start - one.row.start)
  const [latest] = noted
  if (latest === undefined) return 'no-key'
  const own = noted.filter(({ row }) => table.keysOf(row.address, row) > 0)
  if (own.length === 0) return 'no-right'
  const way = wayTo(latest, plan, interfaces)
  if (way === undefined) return 'no-way'
  const { key } = latest.note
  const replay = nextReplay(rows, replayFrom)
  const kept = own.map(({ row, note }) => ({
    ...row,
    userContext: withReconfigureNote(row.userContext, { ...note, replay }),
  }))
  return { rows: kept, key, replay, ...way }
}

/** The same for a client without leases; the rows are none. */
export function tellingStateless(
  client: StatelessClient6,
  plan: Plan6,
  interfaces: readonly Interface6[],
  replayFrom: number,
): { telling: Telling6; client: StatelessClient6 } | 'no-key' | 'no-way' {
  const note = reconfigureNoteOf(client.userContext)
  if (note === undefined) return 'no-key'
  const way = wayTo({ row: client, note }, plan, interfaces)
  if (way === undefined) return 'no-way'
  const replay = nextReplay([client], replayFrom)
  const userContext = withReconfigureNote(client.userContext, { ...note, replay })
  return {
    telling: { rows: [], key: note.key, replay, ...way },
    client: { ...client, userContext },
  }
}

type Way = Pick<Telling6, 'through' | 'address' | 'relayPort' | 'relays'>

function wayTo(
  { row, note }: { row: Pick<Lease6, 'subnetId' | 'userContext'>; note: ReconfigureNote },
  plan: Plan6,
  interfaces: readonly Interface6[],
) {
  const { path } = note
  if (path === undefined) return undefined
  const { address, relayPort } = path
  const relays = relayPort === 0 ? [] : keptRelays(row.userContext)
  const through = interfaceFor(path, plan.subnetById(row.subnetId), interfaces)
  if (through === undefined || (relayPort !== 0 && relays.length === 0)) return undefined
  return { through, address, relayPort, relays } satisfies Way
}

/**
 * The one by which the client was heard. A partner's may have another name: then the one that is in
 * the subnet, or for a relay that can be routed to any that has an address that routers know.
 */
function interfaceFor(
  { address, interface: name, relayPort }: ReconfigurePath,
  subnet: Subnet6 | undefined,
  interfaces: readonly Interface6[],
): Interface6 | undefined {
  const named = interfaces.find((one) => one.name === name)
  if (named !== undefined) return named
  if (relayPort !== 0)
    return isLinkLocal(address) ? undefined : interfaces.find((one) => hasGlobal(one))
  if (subnet === undefined) return undefined
  const beside = subnet.network?.subnets ?? [subnet]
  return interfaces.find((one) => beside.some((each) => isOn(one, each)))
}

function hasGlobal({ addresses }: Interface6): boolean {
  return addresses.some(({ address }) => !isLinkLocal(address))
}

function isOn({ addresses, name }: Interface6, { interface: bound, network, prefix }: Subnet6) {
  const own = bound === '' ? (network?.interface ?? '') : bound
  if (own !== '') return own === name
  return addresses.some(({ address }) => isInside(prefix6(address, 128), prefix))
}
