// Journals with a million leases, and the clients that have them.

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'

const FIRST = ipv4FromText('10.16.0.1')!

/** Shorter than any test, and longer than what servers give: renewals leave `end` alone. */
const LIFETIME = 86_400

const BATCH = 10_000

export function addressOf(client: number): Ipv4 {
  return FIRST + client
}

export function hwAddressOf(client: number): Octets {
  return `\x02\x00${String.fromCharCode(client >>> 24, (client >>> 16) & 255, (client >>> 8) & 255, client & 255)}`
}

/** A lease of a client with a MAC address and the usual client-id of type 1. */
export function leaseOf(client: number, address = addressOf(client)): Lease {
  const hwAddress = hwAddressOf(client)
  return {
    address,
    state: LEASE_STATE.assigned,
    subnetId: 1,
    poolId: 0,
    htype: 1,
    hwAddress,
    clientId: `\x01${hwAddress}`,
    hostname: '',
    fqdnFwd: false,
    fqdnRev: false,
    fresh: false,
    validLifetime: LIFETIME,
    preferredLifetime: 0,
    start: 0,
    end: LIFETIME * 1000,
    userContext: '',
    change: client + 1,
    gave: 0,
    got: 0,
    givenBy: 'us',
    knew: 0,
  }
}

/** A new journal with the leases of clients 0 to `count`. */
export async function fillJournal(
  path: string,
  count: number,
  lease: (client: number) => Lease<Key>,
  record?: PairRecord,
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const journal = await openJournal({ path, durability: 'off' })
  let committed = () => {}
  await new Promise<void>((resolve) =>
    journal.open({
      onRows: () => {},
      onReady: () => resolve(),
      onCommitted: () => committed(),
      onFailed: (trouble) => {
        throw new Error(trouble)
      },
    }),
  )
  const writer = new ChangeWriter()
  for (let client = 0; client < count; client++) {
    writer.put({ kind: 'put', lease: lease(client) })
    if (writer.count < BATCH && client < count - 1) continue
    const { promise, resolve } = Promise.withResolvers<void>()
    committed = resolve
    journal.commit(writer.copy(), writer.count, 1, record)
    writer.clear()
    await promise
  }
  await new Promise<void>((resolve) => journal.close(resolve))
}

/**
 * The primary of a pair has given them all; its partner has a key of each, and its database is
 * unknown by now.
 */
export function fillPrimary(path: string, count: number): Promise<void> {
  return fillJournal(path, count, sharedLeaseOf, RECORD)
}

const RECORD: PairRecord = {
  pairId: '00000000000000aa',
  side: 0,
  partnerDatabase: 'lost',
  rights: 'shared',
  noneBecause: 'fresh',
  handOver: 0,
  longestLifetime: LIFETIME,
  doubtUntil: 0,
  applied: { lost: 1 },
  doubtFrom: 0,
  toldLifetime: 0,
  whole: [],
  partnerDuids: [],
  clocks: {},
  lives: [],
  heard: {},
}

/** One key stays here, one went to the partner; those of a foreign address had come before. */
function sharedLeaseOf(client: number): Lease {
  const lease = leaseOf(client)
  return { ...lease, gave: 1, got: homeOf(lease.address) === RECORD.side ? 0 : 2 }
}
