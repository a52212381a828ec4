// What holds for leases: a second, simple book of what is durable and what clients were told. No
// address is given to somebody while another may use it, none outside of pools and reservations,
// and nobody is told what is not durable.

import type { Ipv4 } from '../../lib/address/ipv4.ts'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import {
  type Change,
  type ClientIdentity,
  LEASE_STATE,
  type Lease,
} from '../../lib/leases/lease.ts'
import type { LeaseTable } from '../../lib/leases/table/lease-table.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import type { Message4 } from '../../lib/wire/v4/reader.ts'
import type { Asked } from './reply-judge.ts'
import { Violation } from './violation.ts'

interface Promise4 {
  /** Who holds it by now: a client may change one of its identifiers and go on with the other. */
  client: ClientIdentity
  /** Counted by the client from when it asked. */
  readonly until: number
}

export class LeaseJudge {
  /** What is durable. */
  readonly book = new Map<Ipv4, Lease>()
  readonly #plan: Plan
  readonly #promises = new Map<Ipv4, Promise4>()
  #change = 0

  constructor(plan: Plan) {
    this.#plan = plan
  }

  /** A change is durable. True when it is what a RELEASE or DECLINE did. */
  stored(change: Change, now: number): boolean {
    const number = change.kind === 'put' ? change.lease.change : change.change
    if (number <= this.#change) throw new Violation(`change ${number} behind ${this.#change}`)
    this.#change = number
    if (change.kind === 'remove') return this.#removed(change.address, now)
    const { lease } = change
    const former = this.book.get(lease.address)
    this.book.set(lease.address, lease)
    if (lease.state === LEASE_STATE.assigned) this.#granted(lease, former)
    if (lease.state === LEASE_STATE.expired && lease.end > now)
      throw violation('ended early', lease)
    const ended = lease.state === LEASE_STATE.released || lease.state === LEASE_STATE.declined
    if (ended) this.#promises.delete(lease.address)
    return ended
  }

  /** An OFFER, ACK or NAK leaves. */
  told(reply: Message4, asked: Asked): void {
    if (reply.type === MESSAGE_TYPE4.nak || reply.yiaddr === 0) return
    const lifetime = reply.uint(51)
    if (lifetime === undefined) throw new Violation('an address without a lease time')
    // An OFFER binds nobody; it may follow a RELEASE that is not durable yet.
    if (reply.type !== MESSAGE_TYPE4.ack) return
    const client = this.#identity(asked)
    const promise = this.#promises.get(reply.yiaddr)
    if (promise !== undefined && promise.until > asked.at && !isSame(promise.client, client))
      throw new Violation(`${textFromIpv4(reply.yiaddr)} is promised to another client`)
    const until = lifetime === 0xffffffff ? Number.POSITIVE_INFINITY : asked.at + lifetime * 1000
    if (this.#isKept(reply.yiaddr, client, until))
      this.#promises.set(reply.yiaddr, { client, until: Math.max(until, promise?.until ?? 0) })
  }

  /**
   * Its row is durable, is the client's, and lasts as long as the client was told. False where the
   * client has given it up in the same breath, behind its REQUEST and before the ACK.
   */
  #isKept(address: Ipv4, client: ClientIdentity, until: number): boolean {
    const row = this.book.get(address)
    if (row === undefined) throw new Violation(`${textFromIpv4(address)} is not durable`)
    if (row.state === LEASE_STATE.declined) return false
    if (row.state === LEASE_STATE.released && isSame(row, client)) return false
    if (row.state !== LEASE_STATE.assigned || !isSame(row, client))
      throw violation('acknowledged to another client', row)
    if (row.end < until) throw violation('ends before what was told', row)
    return true
  }

  #granted(lease: Lease, former: Lease | undefined): void {
    if (lease.hwAddress === '' && lease.clientId === '') throw violation('is nobody’s', lease)
    if (!/^[a-z0-9.-]{0,253}$/.test(lease.hostname)) throw violation('has a wild name', lease)
    if (!this.#mayHave(lease)) throw violation('outside of pools and reservations', lease)
    if (former === undefined) return
    const { assigned, released } = LEASE_STATE
    if (former.state === released) return
    if (former.state === assigned && isSame(former, lease)) {
      const promise = this.#promises.get(lease.address)
      if (promise !== undefined) promise.client = lease
      if (lease.end < former.end) throw violation('ends earlier than promised', lease)
    } else if (former.state !== LEASE_STATE.expired || !isSame(former, lease)) {
      if (former.end > lease.start) throw violation('taken from another client', lease)
    }
  }

  #mayHave(lease: Lease): boolean {
    const subnet = this.#plan.dhcp4!.subnetById(lease.subnetId)
    if (subnet === undefined) return false
    const reserved = this.#plan.dhcp4!.reservations.at(lease.address, subnet)
    if (reserved.length === 0) return subnet.poolOf(lease.address) !== undefined
    return reserved.some(({ identifiers }) =>
      identifiers.some(({ kind, value }) => {
        if (kind === 'hw-address') return value.slice(-lease.hwAddress.length) === lease.hwAddress
        return lease.clientId === '' || lease.clientId === value
      }),
    )
  }

  #removed(address: Ipv4, now: number): boolean {
    const row = this.book.get(address)
    if (row !== undefined && row.end > now && row.state !== LEASE_STATE.released)
      throw violation('removed before its end', row)
    this.book.delete(address)
    return false
  }

  #identity({ htype, hwAddress, clientId }: Asked): ClientIdentity {
    const matches = this.#plan.dhcp4!.subnets.every(({ matchClientId }) => matchClientId)
    return { htype, hwAddress, clientId: matches || hwAddress === '' ? clientId : '' }
  }
}

/** The table agrees with the book where nothing is under way, and with itself. */
export function judgeTable(table: LeaseTable, { book }: LeaseJudge, plan: Plan): void {
  const rows = table.walk('leases').next(1_000_000)
  if (rows.length !== table.size) throw new Violation(`${rows.length} rows of ${table.size}`)
  if (rows.length !== book.size) throw new Violation(`${rows.length} rows, ${book.size} durable`)
  for (const row of rows) {
    const same = book.get(row.address)
    if (JSON.stringify(same) !== JSON.stringify(row)) throw violation('is not what is durable', row)
    if (JSON.stringify(table.byAddress(row.address)) !== JSON.stringify(row))
      throw violation('is not found by address', row)
    if (row.state === LEASE_STATE.declined) continue
    const found = table.byClient(row, row.subnetId)
    if (found === undefined || !table.belongsTo(found, row)) throw violation('is not found', row)
  }
  for (const { id } of plan.dhcp4!.subnets) {
    const { assigned, declined, expired, released } = table.counts(id)
    const counted = rows.filter(({ subnetId }) => subnetId === id).length
    if (assigned + declined + expired + released !== counted)
      throw new Violation(`subnet ${id} counts wrong`)
  }
}

/** Equal client-ids, or where one side has none equal hardware addresses. */
function isSame(a: ClientIdentity, b: ClientIdentity): boolean {
  if (a.clientId !== '' && b.clientId !== '') return a.clientId === b.clientId
  return a.hwAddress !== '' && a.hwAddress === b.hwAddress && a.htype === b.htype
}

function violation(what: string, lease: Lease): Violation {
  return new Violation(`${textFromIpv4(lease.address)} ${what}: ${JSON.stringify(lease)}`)
}
