// A server for tests of the engine: a plan compiled from a document, a real lease table, and bytes
// in and out. Time stands still until a test moves it; chance always draws 0.

import { type Ipv4, ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { type Octets, octetsFromHex } from '../../lib/bytes/octets.ts'
import { compile } from '../../lib/config/compile/compile.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { Plan4 } from '../../lib/config/plan/plan4.ts'
import type { Arrival4 } from '../../lib/dhcp4/arrival.ts'
import { NOTHING_HEARD4 } from '../../lib/dhcp4/asking.ts'
import type { Checked4 } from '../../lib/dhcp4/checked.ts'
import { Engine4 } from '../../lib/dhcp4/engine4.ts'
import type { Settings4 } from '../../lib/dhcp4/exchange4.ts'
import { namedIdentity } from '../../lib/dhcp4/identify.ts'
import { type Destination4, drop, type Outcome4 } from '../../lib/dhcp4/outcome4.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { homeOf, type Keys, type Rights, type Side } from '../../lib/leases/rights.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { encodeMessage4, type MessageFields4, type OptionPair4 } from '../../lib/wire/v4/builder.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'

export const DISCOVER = MESSAGE_TYPE4.discover
export const OFFER = MESSAGE_TYPE4.offer
export const REQUEST = MESSAGE_TYPE4.request
export const DECLINE = MESSAGE_TYPE4.decline
export const ACK = MESSAGE_TYPE4.ack
export const NAK = MESSAGE_TYPE4.nak
export const RELEASE = MESSAGE_TYPE4.release
export const INFORM = MESSAGE_TYPE4.inform

/** Address of the server on its link, in the subnet of {@link DOCUMENT}. */
export const SERVER = ip('192.0.2.1')

/** A subnet with a pool of ten addresses. */
export const DOCUMENT: Dhcp4Document = {
  'valid-lifetime': 4000,
  subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }],
}

export type Options = Readonly<Record<number, Octets>>

export interface Reply {
  readonly message: Message4
  readonly bytes: Uint8Array
  readonly type: number
  readonly destination: Destination4
  readonly codes: number[]
  /** yiaddr as text. */
  readonly address: string
}

/** Chance and the numbers of changes are the test's own. */
export type TestSettings = Omit<Settings4, 'draw' | 'nextChange'>

export class TestServer {
  readonly plan: Plan4
  readonly table = leaseTable4()
  engine: Engine4
  now = 1_000_000
  /** Whose clients send: see Asked4. */
  owner = 0
  arrival: Arrival4 = {
    link: { name: 'eth0', addresses: [{ address: SERVER, length: 24 }] },
    address: 0,
    port: 68,
    to: 0,
  }
  /** What is known of addresses that are asked for on the wire: see Asked4. */
  checked: Checked4 | undefined
  outcome: Outcome4 = drop('internal')
  /** What the last message was told that was not answered. */
  notice: Reply | undefined
  #change = 0
  readonly #settings: Settings4

  constructor(document: Dhcp4Document = DOCUMENT, settings: TestSettings = { serverPort: 67 }) {
    this.plan = planOf(document)
    this.#settings = { ...settings, draw: () => 0, nextChange: () => ++this.#change }
    this.engine = new Engine4(this.plan, this.table, this.#settings)
    this.#follow(this.plan)
  }

  /** Goes on with another configuration, as after a reload. */
  reload(document: Dhcp4Document): void {
    const plan = planOf(document)
    this.engine = new Engine4(plan, this.table, this.#settings)
    this.#follow(plan)
  }

  #follow(plan: Plan4): void {
    this.table.setReserved(plan.reservedAddresses())
    this.table.classes.follow(plan.classLimits.addresses)
  }

  /** One message in; the changes of the outcome are applied. */
  send(
    type: number,
    fields: MessageFields4,
    options: Options = {},
    arrival: Partial<Arrival4> = {},
  ): Reply | string {
    const pairs: OptionPair4[] = type === 0 ? [] : [[53, String.fromCharCode(type)]]
    for (const [code, data] of Object.entries(options)) pairs.push([Number(code), data])
    return this.sendBytes(encodeMessage4(fields, pairs), arrival)
  }

  /** The reply, the id of the drop reason, or 'changes'. */
  sendBytes(bytes: Uint8Array, arrival: Partial<Arrival4> = {}): Reply | string {
    const query = new Message4()
    const reason = decode4(query, bytes, 0, bytes.length, 'usual')
    if (reason !== undefined) return reason
    const out = new Uint8Array(2000).fill(0xee)
    const { owner, now } = this
    const from = { ...this.arrival, ...arrival }
    const asked = {
      query,
      client: namedIdentity(query),
      owner,
      arrival: from,
      now,
      heard: this.checked && { ...NOTHING_HEARD4, isCounted: true, checked: this.checked },
    }
    this.outcome = this.engine.step(asked, out, 100)
    const { outcome } = this
    this.notice = undefined
    if (outcome.kind === 'drop') {
      const { notice } = outcome
      if (notice !== undefined)
        this.notice = replyOf(out.slice(100, 100 + notice.length), notice.destination)
      return outcome.reason
    }
    if (outcome.kind === 'wait' || outcome.kind === 'look-up')
      throw new Error('nobody is asked here')
    if (outcome.kind === 'check') return 'check'
    for (const change of outcome.changes) this.table.apply(change)
    if (outcome.kind === 'changes') return 'changes'
    return replyOf(out.slice(100, 100 + outcome.length), outcome.destination)
  }

  /** As send, where only a reply will do. */
  reply(...query: Parameters<TestServer['send']>): Reply {
    const reply = this.send(...query)
    if (typeof reply === 'string') throw new Error(`no reply: ${reply}`)
    return reply
  }

  discover(client: MessageFields4, options: Options = {}): Reply {
    return this.reply(DISCOVER, client, options)
  }

  /** DISCOVER, OFFER, REQUEST, ACK; the address as text. */
  lease(client: MessageFields4, options: Options = {}): string {
    const offer = this.discover(client, options)
    const ack = this.select(client, offer.address, options)
    if (typeof ack === 'string' || ack.type !== ACK) throw new Error('no lease')
    return ack.address
  }

  /** REQUEST in the state SELECTING. */
  select(client: MessageFields4, address: string, options: Options = {}): Reply | string {
    const server = uint32(SERVER)
    return this.send(REQUEST, client, { 50: uint32(ip(address)), 54: server, ...options })
  }

  /** REQUEST in the state INIT-REBOOT. */
  reboot(client: MessageFields4, address: string, options: Options = {}): Reply | string {
    return this.send(REQUEST, client, { 50: uint32(ip(address)), ...options })
  }

  /** REQUEST in the state RENEWING. */
  renew(client: MessageFields4, address: string, options: Options = {}): Reply | string {
    const ciaddr = ip(address)
    return this.send(REQUEST, { ...client, ciaddr }, options, { address: ciaddr })
  }

  row(address: string): Lease | undefined {
    return this.table.byAddress(ip(address))
  }

  /** One of a pair from now on: it has the keys that the rows say. */
  pair(side: Side, rights: Partial<Rights> = {}): this {
    this.table.setRights({ kind: 'keys', side, paired: true, doubtUntil: 0, ...rights })
    return this
  }

  /** Keys of the address here, as its row says. */
  keys(address: string): Keys {
    return this.table.keysOf(ip(address), this.row(address))
  }

  /**
   * Writes the row of the address, with as many keys here as are given. Without fields it is free
   * and over, as after keys have moved.
   */
  set(address: string, keys: Keys, fields: Partial<Lease> = {}): void {
    const isHome = homeOf(ip(address)) === this.table.rights.side
    const former = this.row(address)
    const counters = isHome ? { gave: 2 - keys, got: 0 } : { gave: 0, got: keys }
    const lease = { ...FREE_ROW, ...former, ...counters, address: ip(address), ...fields }
    this.table.apply({ kind: 'put', lease: { ...lease, change: ++this.#change } })
  }

  advance(seconds: number): void {
    this.now += seconds * 1000
  }
}

/** A row of an address that nobody uses. */
const FREE_ROW: Lease = {
  address: 0,
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

/** A client with an Ethernet address that ends in `number`. */
export function client(number: number, fields: MessageFields4 = {}): MessageFields4 {
  const hwAddress = `\x02\x00\x5e\x10${String.fromCharCode(number >> 8, number & 255)}`
  return { hwAddress, xid: 0x1000 + number, ...fields }
}

/** The type of the reply, or what came instead of one. */
export function kindOf(reply: Reply | string): string {
  if (typeof reply === 'string') return reply
  return Object.entries(MESSAGE_TYPE4).find(([, type]) => type === reply.type)?.[0] ?? 'unknown'
}

export function addressOf(reply: Reply | string): string {
  return typeof reply === 'string' ? reply : reply.address
}

export function ip(text: string): Ipv4 {
  const address = ipv4FromText(text)
  if (address === undefined) throw new Error(`no address: ${text}`)
  return address
}

export function hex(text: string): Octets {
  const octets = octetsFromHex(text)
  if (octets === undefined) throw new Error(`no hexadecimal: ${text}`)
  return octets
}

export function uint32(value: number): Octets {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

export function uint16(value: number): Octets {
  return String.fromCharCode(value >>> 8, value & 255)
}

/** Option 55. */
export function requestList(...codes: number[]): Options {
  return { 55: String.fromCharCode(...codes) }
}

/** The subnet of {@link DOCUMENT} with more keys, under a document with more keys. */
export function documentWith(
  subnet: Record<string, unknown>,
  global: Partial<Dhcp4Document> = {},
): Dhcp4Document {
  return { ...DOCUMENT, ...global, subnet4: [{ ...DOCUMENT.subnet4![0]!, ...subnet }] }
}

function planOf(document: Dhcp4Document): Plan4 {
  const { plan, problems } = compile({ Dhcp4: document }, { stateDirectory: '/tmp' })
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (plan === undefined || errors.length > 0) throw new Error(JSON.stringify(errors))
  return plan.dhcp4!
}

function replyOf(bytes: Uint8Array, destination: Destination4): Reply {
  const message = new Message4()
  const trouble = decode4(message, bytes, 0, bytes.length, 'strict')
  if (trouble !== undefined) throw new Error(`undecodable reply: ${trouble}`)
  const { type } = message
  const address = textFromIpv4(message.yiaddr)
  return { message, bytes, type, destination, codes: message.codes(), address }
}
