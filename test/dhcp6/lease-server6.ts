// A server for tests of the engine of DHCPv6: a plan compiled from a document, a real lease table,
// and bytes in and out. Time stands still until a test moves it; chance always draws 0.

import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { type Prefix6, prefix6FromText, textFromPrefix6 } from '../../lib/address/prefix6.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import { compile } from '../../lib/config/compile/compile.ts'
import type { WhioDocument } from '../../lib/config/keys/common-document.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import type { Plan6 } from '../../lib/config/plan/plan6.ts'
import type { Arrival6, Settings6 } from '../../lib/dhcp6/asked6.ts'
import { Engine6 } from '../../lib/dhcp6/engine6.ts'
import type { Outcome6 } from '../../lib/dhcp6/outcome6.ts'
import { bindingOf } from '../../lib/leases/binding.ts'
import { LEASE_STATE, type Lease6 } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import type { Keys, Rights, Side } from '../../lib/leases/rights.ts'
import { leaseTable6 } from '../../lib/leases/table/lease-table6.ts'
import {
  encodeMessage6,
  encodeRelayForward,
  iaEntry6,
  iaOption6,
  octetsFromCodes,
  type RelayFields6,
} from '../../lib/wire/v6/builder.ts'
import { type IaKind, MESSAGE_TYPE6, OPTION6, STATUS6 } from '../../lib/wire/v6/codes.ts'
import { duidLl } from '../../lib/wire/v6/duid.ts'
import type { Ia6 } from '../../lib/wire/v6/message.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'
import { decode6, decodeReply6, Message6 } from '../../lib/wire/v6/reader.ts'

export const { solicit: SOLICIT, advertise: ADVERTISE, request: REQUEST } = MESSAGE_TYPE6
export const { renew: RENEW, rebind: REBIND, reply: REPLY } = MESSAGE_TYPE6
export const { release: RELEASE, decline: DECLINE } = MESSAGE_TYPE6
export const NA = OPTION6.iaNa
export const PD = OPTION6.iaPd

export const SERVER_DUID: Octets = duidLl(1, '\x00\x00\x5e\x00\x53\xff')

/** A pool of ten addresses and one of sixteen prefixes, on a link. */
export const SUBNET = {
  id: 1,
  subnet: '2001:db8:1::/64',
  interface: 'eth0',
  pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::19' }],
  'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 52, 'delegated-len': 56 }],
} as const

export const DOCUMENT: Dhcp6Document = {
  'valid-lifetime': 4000,
  'preferred-lifetime': 3000,
  subnet6: [SUBNET],
}

/** The subnet of {@link DOCUMENT} with more keys, under a document with more keys. */
export function documentWith(
  subnet: Record<string, unknown>,
  global: Partial<Dhcp6Document> = {},
): Dhcp6Document {
  return { ...DOCUMENT, ...global, subnet6: [{ ...SUBNET, ...subnet }] }
}

/** Who sends, and what it always says. */
export interface Client {
  readonly duid: Octets
  /** Of its link-local address. */
  readonly mac: Octets
  readonly options?: readonly OptionPair6[]
}

/** A client with an Ethernet address that ends in `number`, by which it is known. */
export function client(number: number, fields: Partial<Client> = {}): Client {
  const mac = `\x00\x00\x5e\x00\x53${String.fromCharCode(number)}`
  return { duid: duidLl(1, mac), mac, ...fields }
}

/** An IA as a query has it: what it names, as text, with lifetimes where they matter. */
export interface Ia {
  readonly kind: IaKind
  readonly iaid: number
  readonly names: readonly (string | Named)[]
}

export interface Named {
  readonly key: string
  readonly preferred?: number
  readonly valid?: number
}

export function na(iaid = 1, ...names: Ia['names']): Ia {
  return { kind: NA, iaid, names }
}

export function pd(iaid = 1, ...names: Ia['names']): Ia {
  return { kind: PD, iaid, names }
}

export interface Reply6 {
  readonly message: Message6
  readonly type: number
  /** A line for each IA: see {@link lineOf}. */
  readonly ias: readonly string[]
}

/** Chance, numbers of changes and the DUID of the server are the test's own. */
export type LeaseSettings6 = Omit<Settings6, 'draw' | 'nextChange' | 'serverIds'>

interface Sent {
  readonly options?: readonly OptionPair6[]
  /** The one nearest the client first. */
  readonly relays?: readonly RelayFields6[]
  readonly arrival?: Partial<Arrival6>
}

export class LeaseServer6 {
  readonly table = leaseTable6()
  plan: Plan6
  engine: Engine6
  now = 1_000_000
  outcome: Outcome6 = { kind: 'drop', reason: 'internal', wanted: [] }
  #change = 0
  readonly #settings: Settings6

  constructor(
    document: Dhcp6Document = DOCUMENT,
    settings: LeaseSettings6 = {},
    whio: WhioDocument = {},
  ) {
    this.#settings = {
      ...settings,
      draw: () => 0,
      nextChange: () => ++this.#change,
      serverIds: { own: SERVER_DUID, accepted: () => false },
    }
    this.plan = planOf(document, whio)
    this.engine = new Engine6(this.plan, this.table, this.#settings)
    this.table.setReserved(this.plan.reservedKeys())
  }

  /** Goes on with another configuration, as after a reload. */
  reload(document: Dhcp6Document): void {
    this.plan = planOf(document)
    this.engine = new Engine6(this.plan, this.table, this.#settings)
    this.table.setReserved(this.plan.reservedKeys())
  }

  /** One message in; the changes of the outcome are applied. The reply, or why there is none. */
  send(type: number, from: Client, ias: readonly Ia[], sent: Sent = {}): Reply6 | string {
    const toServer = NAMING_A_SERVER.has(type) ? [[OPTION6.serverId, SERVER_DUID] as const] : []
    const options: OptionPair6[] = [
      [OPTION6.clientId, from.duid],
      ...toServer,
      ...ias.map((ia) => optionOf(ia)),
      ...(from.options ?? []),
      ...(sent.options ?? []),
    ]
    let bytes = encodeMessage6(type, 0x123456, options)
    for (const relay of sent.relays ?? []) bytes = encodeRelayForward(bytes, relay)
    return this.sendBytes(bytes, { address: linkLocalOf(from.mac), ...sent.arrival })
  }

  sendBytes(bytes: Uint8Array, arrival: Partial<Arrival6> = {}): Reply6 | string {
    const query = new Message6()
    const trouble = decode6(query, bytes, 0, bytes.length)
    if (trouble !== undefined) return trouble
    const out = new Uint8Array(66_000).fill(0xee)
    const asked = {
      query,
      owner: 0,
      arrival: { ...ARRIVAL, ...arrival },
      now: this.now,
    }
    const outcome = this.engine.step(asked, out, 100)
    if (outcome.kind === 'wait' || outcome.kind === 'look-up') throw new Error('nobody is asked')
    this.outcome = outcome
    if (outcome.kind === 'drop') return outcome.reason
    for (const { change } of outcome.changes) this.table.apply(change)
    return replyOf(out.slice(100, 100 + outcome.length))
  }

  /** As send, where only a reply will do: a line for each IA. */
  ias(type: number, from: Client, ias: readonly Ia[], sent: Sent = {}): readonly string[] {
    const reply = this.send(type, from, ias, sent)
    if (typeof reply === 'string') throw new Error(`no reply: ${reply}`)
    return reply.ias
  }

  /** SOLICIT, ADVERTISE, REQUEST, REPLY: the key that each IA got, as text. */
  lease(from: Client, ...ias: readonly Ia[]): string[] {
    const offered = this.send(SOLICIT, from, ias)
    if (typeof offered === 'string') throw new Error(`no offer: ${offered}`)
    const named = offered.message.ias.map(({ kind, iaid, entries }) => ({
      kind,
      iaid,
      names: entries.map(({ key }) => textFromPrefix6(key)),
    }))
    const given = this.send(REQUEST, from, named)
    if (typeof given === 'string') throw new Error(`no lease: ${given}`)
    return given.message.ias.map(({ entries }) => textFromPrefix6(entries[0]!.key))
  }

  row(text: string): Lease6 | undefined {
    return this.table.byAddress(key6(text))
  }

  /** One of a pair from now on: it has the keys that the rows say. */
  pair(side: Side, rights: Partial<Rights> = {}): this {
    this.table.setRights({ kind: 'keys', side, paired: true, doubtUntil: 0, ...rights })
    return this
  }

  /** Keys of the address or prefix here, as its row says. */
  keys(text: string): Keys {
    return this.table.keysOf(key6(text), this.row(text))
  }

  /**
   * Writes the row of the key, with as many keys here as are given. Without fields it is free and
   * over, as after keys have moved.
   */
  set(text: string, keys: Keys, fields: Partial<Lease6> = {}): void {
    const key = key6(text)
    const isHome = this.table.homeOf(key) === this.table.rights.side
    const counters = isHome ? { gave: 2 - keys, got: 0 } : { gave: 0, got: keys }
    const former = this.row(text) ?? { ...freeRow(key), subnetId: 1 }
    const lease = { ...former, ...counters, ...fields, address: key, change: ++this.#change }
    this.table.apply({ kind: 'put', lease })
  }

  advance(seconds: number): void {
    this.now += seconds * 1000
  }
}

const NAMING_A_SERVER = new Set<number>([REQUEST, RENEW, RELEASE, DECLINE])

const SERVER_ADDRESS = address('2001:db8:1::1')

const ARRIVAL: Arrival6 = {
  link: {
    name: 'eth0',
    index: 2,
    linkLocal: address('fe80::1'),
    addresses: [{ address: SERVER_ADDRESS, length: 64 }],
  },
  address: address('fe80::2'),
  port: 546,
  to: address('ff02::1:2'),
}

/** A row that the client has by this IA, for {@link LeaseServer6.set}. */
export function held(by: Client, ia: Ia, fields: Partial<Lease6> = {}): Partial<Lease6> {
  return {
    clientId: bindingOf(ia.kind, ia.iaid, by.duid),
    htype: 1,
    hwAddress: by.mac,
    state: LEASE_STATE.assigned,
    validLifetime: 4000,
    preferredLifetime: 3000,
    start: 1_000_000,
    end: 5_000_000,
    ...fields,
  }
}

/** The option request option. */
export function asksFor(...codes: readonly number[]): OptionPair6 {
  return [OPTION6.optionRequest, octetsFromCodes(codes)]
}

export function key6(text: string): Prefix6 {
  const key = prefix6FromText(text)
  if (key === undefined) throw new Error(`no prefix: ${text}`)
  return key
}

export function address(text: string): Octets {
  const found = ipv6FromText(text)
  if (found === undefined) throw new Error(`no address: ${text}`)
  return found
}

function linkLocalOf(mac: Octets): Octets {
  const first = String.fromCharCode(mac.charCodeAt(0) ^ 2)
  return `${address('fe80::').slice(0, 8)}${first}${mac.slice(1, 3)}\xff\xfe${mac.slice(3)}`
}

function optionOf({ kind, iaid, names }: Ia): OptionPair6 {
  const entries = names.map((one) => {
    const { key, preferred, valid } = typeof one === 'string' ? { key: one } : one
    return iaEntry6(kind, key6(key), preferred, valid)
  })
  return iaOption6(kind, iaid, entries)
}

function replyOf(bytes: Uint8Array): Reply6 {
  const message = new Message6()
  const trouble = decodeReply6(message, bytes, 0, bytes.length)
  if (trouble !== undefined) throw new Error(`undecodable reply: ${trouble}`)
  const ias = message.ias.map((ia) => lineOf(ia))
  return { message, type: message.type, ias }
}

/** `NA 1: 2001:db8::1 3000/4000, 0/0 2001:db8::2` or `PD 1: NoPrefixAvail`. */
function lineOf(ia: Ia6): string {
  const status = ia.option(OPTION6.statusCode)
  const said = ia.entries.map(({ key, preferred, valid }) => {
    const text = textFromPrefix6(key)
    return valid === 0 ? `0/0 ${text}` : `${text} ${preferred}/${valid}`
  })
  if (status !== undefined) said.unshift(statusName(status.charCodeAt(1)))
  return `${ia.kind === NA ? 'NA' : 'PD'} ${ia.iaid}: ${said.join(', ')}`
}

function statusName(code: number): string {
  const name = Object.entries(STATUS6).find(([, value]) => value === code)?.[0] ?? `${code}`
  return name.replace(/^./, (first) => first.toUpperCase())
}

function planOf(document: Dhcp6Document, whio: WhioDocument = {}): Plan6 {
  const { plan } = compile({ Dhcp6: document, Whio: whio }, { stateDirectory: '/tmp' })
  const problems = problemsOf(document)
  if (plan?.dhcp6 === undefined || problems.length > 0) throw new Error(problems.join('; '))
  return plan.dhcp6
}

/** What is wrong with the document. */
export function problemsOf(document: Dhcp6Document): string[] {
  const { problems } = compile({ Dhcp6: document }, { stateDirectory: '/tmp' })
  return problems.filter(({ severity }) => severity === 'error').map(({ message }) => message)
}
