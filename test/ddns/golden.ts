// Messages between Kea's updater and BIND, as they were captured. Kea's own compression is that of
// ours, so that where both say the same, it is the same octets.

import { type Octets, octetsFromBytes, octetsFromHex } from '../../lib/bytes/octets.ts'
import { RCODE } from '../../lib/ddns/codes.ts'
import type { DnsRecord, DnsReply } from '../../lib/ddns/message.ts'
import type { Order } from '../../lib/ddns/order.ts'
import type { Registration } from '../../lib/ddns/registration.ts'
import { reverseNameOf } from '../../lib/ddns/reverse-name.ts'
import { startTransaction, type Transaction, type Verdict } from '../../lib/ddns/transaction.ts'

export function hex(text: string): Octets {
  return octetsFromHex(text)!
}

export function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}

export function fromBase64(text: string): Octets {
  return octetsFromBytes(Buffer.from(text, 'base64'))
}

/** Of client-id 01525400aa0001 and pc1.open.test. */
export const PC1 = hex('000101cabaf68a311b4935c8da074cbbef85413918ac949f821d1f6eb3c18a5bb52bca')
/** Of DUID 000100012b3c4d5e525400aa0003 and dual.open.test. */
export const DUAL = hex('000201510d34d123748532745cfebac5a3c23eb66082007fba6c456946ca2303bf44e2')
/** Of another client's hardware address and dual.open.test. */
export const OTHER = hex('000001c94b656083825786f343f7ab756a5a1ab7b5e0f29f23cfe29dfc1de019321017')

export const V4_10 = hex('c000020a')
export const V6_20 = hex('20010db8000100000000000000000020')

export const REGISTRATION: Registration = {
  address: V4_10,
  fqdn: 'pc1.open.test',
  forward: true,
  reverse: true,
  ttl: 1200,
  mode: 'check-with-dhcid',
  dhcid: PC1,
  aliases: [],
  known: [],
}

const REVERSE_ZONES = { 4: '2.0.192.in-addr.arpa', 16: '1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa' }

export interface OrderOptions extends Partial<Omit<Order, 'registration'>> {
  readonly registration?: Partial<Registration>
}

export function order(options: OrderOptions = {}): Order {
  const registration = { ...REGISTRATION, ...options.registration }
  const { direction = 'forward' } = options
  const isReverse = direction === 'reverse'
  return {
    action: 'add',
    direction,
    zone: isReverse ? REVERSE_ZONES[registration.address.length as 4 | 16] : 'open.test',
    name: isReverse ? reverseNameOf(registration.address) : registration.fqdn,
    beside: [],
    ...options,
    registration,
  }
}

export function begin(options: OrderOptions = {}): Transaction {
  return startTransaction(order(options))
}

export function reply(
  rcode: keyof typeof RCODE,
  answers: readonly DnsRecord[] = [],
  authority: readonly DnsRecord[] = [],
): DnsReply {
  return { kind: 'reply', rcode: RCODE[rcode], answers, authority, clockAhead: 0 }
}

/** The transaction after these answers: what came of the last one. */
export function after(
  transaction: Transaction,
  ...rcodes: (keyof typeof RCODE)[]
): Verdict | undefined {
  let verdict: Verdict | undefined
  for (const rcode of rcodes) verdict = transaction.take(reply(rcode))
  return verdict
}
