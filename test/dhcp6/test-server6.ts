// A server for tests of the engine: a plan compiled from a document, a real lease table, and bytes
// in and out. Time stands still until a test moves it; chance always draws 0.

import { textFromPrefix6 } from '../../lib/address/prefix6.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import { compile } from '../../lib/config/compile/compile.ts'
import type { WhioDocument } from '../../lib/config/keys/common-document.ts'
import type { Dhcp6Document, SubnetDocument6 } from '../../lib/config/keys/document6.ts'
import type { Plan6 } from '../../lib/config/plan/plan6.ts'
import type { Arrival6, Settings6 } from '../../lib/dhcp6/asked6.ts'
import { Engine6 } from '../../lib/dhcp6/engine6.ts'
import type { Destination6, Outcome6 } from '../../lib/dhcp6/outcome6.ts'
import { bindingOf } from '../../lib/leases/binding.ts'
import { family6 } from '../../lib/leases/keys/family6.ts'
import { LEASE_STATE, type Lease6 } from '../../lib/leases/lease.ts'
import type { Keys, Rights, Side } from '../../lib/leases/rights.ts'
import { leaseTable6 } from '../../lib/leases/table/lease-table6.ts'
import { MESSAGE_TYPE6, STATUS6 } from '../../lib/wire/v6/codes.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'
import { decode6, decodeReply6, Message6 } from '../../lib/wire/v6/reader.ts'
import { duid, type Hop, key6, messageBytes, ON_LINK, SERVER_DUID } from './messages6.ts'

/** A subnet with a pool of ten addresses, and eight prefixes to delegate. */
export const SUBNET: SubnetDocument6 = {
  id: 1,
  subnet: '2001:db8:1::/64',
  interface: 'eth0',
  pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::19' }],
  'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 53, 'delegated-len': 56 }],
}

export const DOCUMENT6: Dhcp6Document = {
  'preferred-lifetime': 3000,
  'valid-lifetime': 4000,
  subnet6: [SUBNET],
}

export interface Reply6 {
  readonly message: Message6
  readonly bytes: Uint8Array
  readonly type: number
  readonly destination: Destination6
  /** The codes of its options, in order. */
  readonly codes: readonly number[]
  /** Top-level status, undefined = none. */
  readonly status: number | undefined
  /** What it says of each IA, as text. */
  readonly ias: readonly SaidIa[]
}

/** `leases`: `2001:db8::1 3000/4000`, the preferred and the valid lifetime. */
export interface SaidIa {
  readonly kind: 'na' | 'pd'
  readonly iaid: number
  readonly t1: number
  readonly t2: number
  /** '' = none. */
  readonly status: string
  readonly leases: readonly string[]
}

/** Chance and the numbers of changes are the test's own. */
export type TestSettings6 = Partial<Omit<Settings6, 'draw' | 'nextChange'>>

export class TestServer6 {
  plan: Plan6
  readonly table = leaseTable6()
  engine: Engine6
  now = 1_000_000
  /** Whose clients send: see Asked6. */
  owner = 0
  arrival: Arrival6 = ON_LINK
  outcome: Outcome6 = { kind: 'drop', reason: 'internal', wanted: [] }
  #change = 0
  readonly #settings: Settings6

  constructor(
    document: Dhcp6Document = DOCUMENT6,
    settings: TestSettings6 = {},
    whio: WhioDocument = {},
  ) {
    this.plan = planOf(document, whio)
    this.#settings = {
      serverIds: { own: SERVER_DUID, accepted: () => false },
      ...settings,
      draw: () => 0,
      nextChange: () => ++this.#change,
    }
    this.engine = new Engine6(this.plan, this.table, this.#settings)
    this.#follow()
  }

  /** Goes on with another configuration, as after a reload. */
  reload(document: Dhcp6Document): void {
    this.plan = planOf(document)
    this.engine = new Engine6(this.plan, this.table, this.#settings)
    this.#follow()
  }

  #follow(): void {
    this.table.setReserved(this.plan.reservedKeys())
    this.table.classes.follow(this.plan.classLimits.addresses)
  }

  /** One message in; the changes of the outcome are applied. The reply, or the reason for none. */
  send(
    type: number,
    options: readonly OptionPair6[],
    hops: readonly Hop[] = [],
    arrival: Partial<Arrival6> = {},
  ): Reply6 | string {
    return this.sendBytes(messageBytes(type, options, hops), arrival)
  }

  sendBytes(bytes: Uint8Array, arrival: Partial<Arrival6> = {}): Reply6 | string {
    const query = new Message6()
    const trouble = decode6(query, bytes, 0, bytes.length)
    if (trouble !== undefined) return trouble
    const out = new Uint8Array(5000).fill(0xee)
    const { now, owner } = this
    const from = { ...this.arrival, ...arrival }
    const outcome = this.engine.step({ query, owner, arrival: from, now }, out, 100)
    if (outcome.kind === 'wait' || outcome.kind === 'look-up') throw new Error('nobody is asked')
    this.outcome = outcome
    if (outcome.kind === 'drop') return outcome.reason
    for (const { change } of outcome.changes) this.table.apply(change)
    return replyOf(out.slice(100, 100 + outcome.length), outcome.destination)
  }

  /** As send, where only a reply will do. */
  reply(...query: Parameters<TestServer6['send']>): Reply6 {
    const reply = this.send(...query)
    if (typeof reply === 'string') throw new Error(`no reply: ${reply}`)
    return reply
  }

  /** The row of an address, or of a prefix. */
  row(key: string): Lease6 | undefined {
    return this.table.byAddress(key6(key))
  }

  /** One of a pair from now on: it has the keys that the rows say. */
  pair(side: Side, rights: Partial<Rights> = {}): this {
    this.table.setRights({ kind: 'keys', side, paired: true, doubtUntil: 0, ...rights })
    return this
  }

  /** Keys here, as the row says. */
  keys(key: string): Keys {
    return this.table.keysOf(key6(key), this.row(key))
  }

  /**
   * Writes the row of the address or prefix, with as many keys here as are given. Without fields it
   * is free and over, as after keys have moved.
   */
  set(text: string, keys: Keys, fields: Partial<Lease6> = {}): void {
    const key = key6(text)
    const isHome = family6.homeOf(key) === this.table.rights.side
    const counters = isHome ? { gave: 2 - keys, got: 0 } : { gave: 0, got: keys }
    const lease = { ...FREE_ROW, ...this.row(text), ...counters, address: key, ...fields }
    this.table.apply({ kind: 'put', lease: { ...lease, change: ++this.#change } })
  }

  /** Writes a lease that client `number` has of IA_NA (3) or IA_PD (25) `iaid`. */
  give(
    text: string,
    number: number,
    fields: Partial<Lease6> = {},
    kind: 3 | 25 = 3,
    iaid = 1,
  ): void {
    this.set(text, 2, {
      clientId: bindingOf(kind, iaid, duid(number)),
      state: LEASE_STATE.assigned,
      validLifetime: 4000,
      preferredLifetime: 3000,
      start: this.now,
      end: this.now + 4_000_000,
      ...fields,
    })
  }

  advance(seconds: number): void {
    this.now += seconds * 1000
  }
}

/** A row of a key that nobody uses. */
const FREE_ROW: Lease6 = {
  address: key6('::'),
  htype: 0,
  hwAddress: '',
  clientId: '',
  state: LEASE_STATE.free,
  subnetId: 1,
  poolId: 0,
  hostname: '',
  fqdnFwd: false,
  fqdnRev: false,
  fresh: false,
  validLifetime: 0,
  preferredLifetime: 0,
  start: 0,
  end: -10_000,
  userContext: '',
  change: 0,
  gave: 0,
  got: 0,
  givenBy: 'us',
  knew: 0,
}

/** The type of the reply, or what came instead of one. */
export function kindOf(reply: Reply6 | string): string {
  if (typeof reply === 'string') return reply
  return Object.entries(MESSAGE_TYPE6).find(([, type]) => type === reply.type)?.[0] ?? 'unknown'
}

/** The leases that a reply gives, with lifetimes, or what came instead of one. */
export function leasesOf(reply: Reply6 | string): readonly string[] | string {
  return typeof reply === 'string' ? reply : reply.ias.flatMap(({ leases }) => leases)
}

/** The subnet of {@link DOCUMENT6} with more keys, under a document with more keys. */
export function documentWith(
  subnet: Partial<SubnetDocument6>,
  global: Partial<Dhcp6Document> = {},
): Dhcp6Document {
  return { ...DOCUMENT6, ...global, subnet6: [{ ...SUBNET, ...subnet }] }
}

export function planOf(document: Dhcp6Document, whio: WhioDocument = {}): Plan6 {
  const { plan, problems } = compile({ Dhcp6: document, Whio: whio }, { stateDirectory: '/tmp' })
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (plan === undefined || errors.length > 0) throw new Error(JSON.stringify(errors))
  return plan.dhcp6!
}

function replyOf(bytes: Uint8Array, destination: Destination6): Reply6 {
  const message = new Message6()
  const trouble = decodeReply6(message, bytes, 0, bytes.length)
  if (trouble !== undefined) throw new Error(`undecodable reply: ${trouble}`)
  const status = statusIn(message.option(13))
  const ias = message.ias.map((ia) => ({
    kind: ia.kind === 3 ? ('na' as const) : ('pd' as const),
    iaid: ia.iaid,
    t1: ia.t1,
    t2: ia.t2,
    status: statusName(statusIn(ia.option(13))),
    leases: ia.entries.map(
      ({ key, preferred, valid }) => `${textFromPrefix6(key)} ${preferred}/${valid}`,
    ),
  }))
  return { message, bytes, type: message.type, destination, codes: message.codes(), status, ias }
}

function statusIn(option: Octets | undefined): number | undefined {
  return option === undefined ? undefined : (option.charCodeAt(0) << 8) | option.charCodeAt(1)
}

export function statusName(status: number | undefined): string {
  return Object.entries(STATUS6).find(([, code]) => code === status)?.[0] ?? ''
}
