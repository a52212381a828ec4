// The leases of the server that runs with a configuration on this machine, as `whio leases` lists
// them: what is in force there, whichever database it is stored in.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Prefix6 } from '../address/prefix6.ts'
import { forEachMixedChange } from '../leases/change-codec.ts'
import { CSV4_HEADER } from '../leases/csv4.ts'
import { CSV6_HEADER } from '../leases/csv6.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Lease } from '../leases/lease.ts'
import type { ControlReply } from '../platform/control-socket.ts'
import type { Millis } from '../time/units.ts'
import { askDoor, askServer, isAnswer, type Silence } from './find-server.ts'
import type { LeasePage, PageWish } from './lease-pages.ts'
import { csvLine4, csvLine6, type Listing, listed4, listed6 } from './listing.ts'
import type { ConfigFile } from './usage.ts'

const PATIENCE: Millis = 10_000

/** Undefined where no server answers, or none that can. `name`: of its leases, for people. */
export async function serverListing(
  config: ConfigFile,
  name: string,
): Promise<Listing | undefined> {
  let door = ''
  const through = (path: string): void => {
    door = path
  }
  const wish: PageWish = { family: 4 }
  const reply = await askServer(config, 'leases', PATIENCE, JSON.stringify(wish), through)
  if (!isAnswer(reply)) tellDeaf(reply)
  const first = pageIn(reply)
  if (typeof first === 'string') return undefined
  const four = () => leasesOf<Ipv4>(door, 4, first)
  const six = () => leasesOf<Prefix6>(door, 6)
  return {
    name,
    four: () => mapped(four(), listed4),
    six: () => mapped(six(), listed6),
    csv: (version) =>
      version === 4
        ? lines(CSV4_HEADER, mapped(four(), csvLine4))
        : lines(CSV6_HEADER, mapped(six(), csvLine6)),
  }
}

/** Times of the leases count from `now`. */
interface Page {
  readonly leases: readonly Lease<Key>[]
  readonly now: number
  readonly next: string | undefined
}

/** Rejects where the server answers no more, so that what was listed is not taken for all. */
async function* leasesOf<A extends Key>(
  door: string,
  family: 4 | 6,
  first?: Page,
): AsyncGenerator<readonly [Lease<A>, number]> {
  let page: Page | string = first ?? (await pageOf(door, { family }))
  for (;;) {
    if (typeof page === 'string') throw new Error(page)
    const { leases, next, now } = page
    for (const lease of leases) yield [lease as Lease<A>, now]
    if (next === undefined) return
    page = await pageOf(door, { family, behind: next })
  }
}

async function pageOf(door: string, wish: PageWish): Promise<Page | string> {
  return pageIn(await askDoor(door, 'leases', PATIENCE, JSON.stringify(wish)))
}

/** Or why there is none. */
function pageIn(reply: ControlReply | Silence): Page | string {
  if (!isAnswer(reply) || !reply.allowed) return reply.why
  const { next, records } = reply.told as LeasePage
  const leases: Lease<Key>[] = []
  forEachMixedChange(Buffer.from(records, 'base64'), (change) => {
    if (change.kind === 'put') leases.push(change.lease)
  })
  return { leases, now: Date.now(), next }
}

/** What is stored is listed in the place of what is in force. */
function tellDeaf({ kind, why }: Silence): void {
  if (kind === 'deaf') process.stderr.write(`whio leases: ${why}; these are the stored ones\n`)
}

async function* mapped<A extends Key, T>(
  leases: AsyncIterable<readonly [Lease<A>, number]>,
  shown: (lease: Lease<A>, now: number) => T,
): AsyncGenerator<T> {
  for await (const [lease, now] of leases) yield shown(lease, now)
}

async function* lines(header: string, rows: AsyncIterable<string>): AsyncGenerator<string> {
  yield header
  for await (const row of rows) if (row !== '') yield row
}
