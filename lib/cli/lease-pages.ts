// The leases of a running server for its operator, page by page: what is in force, as records of
// leases/change-codec.ts whose times count from the moment of the page.

import { ADDRESS_BITS, lengthOf, type Prefix6, prefix6 } from '../address/prefix6.ts'
import { ALLOWED, refused } from '../catalogue/order-result.ts'
import { ChangeWriter } from '../leases/change-codec.ts'
import type { Key } from '../leases/keys/key.ts'
import { textFromKey } from '../leases/keys/key-text.ts'
import { LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { AnyTable } from '../leases/table/lease-tables.ts'
import type { ControlReply } from '../platform/control-socket.ts'
import { keyOfText } from '../server/names/ledger.ts'
import type { Server } from '../server/server.ts'

/** Leases of a page: clients are held up by well below a millisecond. */
const PAGE = 500

export interface PageWish {
  readonly family: 4 | 6
  /** Behind this address or prefix, of the family; undefined: from the first. */
  readonly behind?: string | undefined
}

export interface LeasePage {
  /** In Base64. */
  readonly records: string
  /** Behind which the next page begins; absent: this is the last one. */
  readonly next?: string
}

/** `about`: a PageWish as JSON. */
export function leasePage(server: Server, about: string): ControlReply {
  if (server.state === 'starting') return refused('the leases are being read')
  const { family, behind = '' } = JSON.parse(about) as PageWish
  if (family !== 4 && family !== 6) return refused('it is not said which leases are wanted')
  const leases = pageOf(server.tables.ofFamily(family), keyOfText(behind))
  const now = server.now()
  const writer = new ChangeWriter()
  for (const lease of leases) if (!wasTaken(lease)) writer.putRelative(lease, now)
  const records = Buffer.from(writer.bytes).toString('base64')
  const next = leases.length < PAGE ? {} : { next: textFromKey(leases.at(-1)!.address) }
  const page: LeasePage = { records, ...next }
  return { ...ALLOWED, told: page }
}

/** A row that keeps an address for the client that it was taken from, and is shown to nobody. */
function wasTaken({ state, validLifetime }: Lease<Key>): boolean {
  const mayBe = state === LEASE_STATE.released || state === LEASE_STATE.registered
  return mayBe && validLifetime === 0
}

function pageOf(table: AnyTable, behind: Key | undefined): readonly Lease<Key>[] {
  if (table.version === 4) return table.walk('leases', undefined, behind).next(PAGE)
  const last = behind as Prefix6 | undefined
  const leases: Lease<Key>[] = []
  // Addresses before prefixes, as people want them.
  const from = last === undefined ? ADDRESS_BITS : lengthOf(last)
  for (let length = from; length >= 0 && leases.length < PAGE; length--) {
    const range = { first: prefix6(FIRST6, length), last: prefix6(LAST6, length) }
    const start = length === from ? last : undefined
    if (start === range.last) continue
    leases.push(...table.walk('leases', range, start).next(PAGE - leases.length))
  }
  return leases
}

const FIRST6 = '\0'.repeat(16)
const LAST6 = '\xff'.repeat(16)
