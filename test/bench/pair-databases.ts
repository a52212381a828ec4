// A journal with a million leases of a server that belongs to a pair, as if it had given them all.

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { openJournal } from '../../lib/platform/journal.ts'

const FIRST = ipv4FromText('10.16.0.1')!

/** Shorter than any test, and longer than what servers give: renewals leave `end` alone. */
const LIFETIME = 86_400

export function addressOf(client: number): Ipv4 {
  return FIRST + client
}

export function hwAddressOf(client: number): Octets {
  return `\x02\x00${String.fromCharCode(client >>> 24, (client >>> 16) & 255, (client >>> 8) & 255, client & 255)}`
}

/** Leases 0 to `count` of the primary, whose partner has a key of each; its database is unknown by now. */
export async function fillPrimary(path: string, count: number): Promise<void> {
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
    writer.put({ kind: 'put', lease: leaseOf(client) })
    if (writer.count < 10_000 && client < count - 1) continue
    const { promise, resolve } = Promise.withResolvers<void>()
    committed = resolve
    journal.commit(writer.copy(), writer.count, 1, RECORD)
    writer.clear()
    await promise
  }
  await new Promise<void>((resolve) => journal.close(resolve))
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
  clocks: {},
}

/** A client with a MAC address and the usual client-id of type 1. */
function leaseOf(client: number): Lease {
  const address = addressOf(client)
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
    start: 0,
    end: LIFETIME * 1000,
    userContext: '',
    change: client + 1,
    // One key stays here, one went to the partner; those of a foreign address had come before.
    gave: 1,
    got: homeOf(address) === RECORD.side ? 0 : 2,
    givenBy: 'us',
    knew: 0,
  }
}
