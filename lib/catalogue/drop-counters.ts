// Under which of Kea's statistics a message counts that was not answered. Kea counts a drop where
// it gives up on a message; where it has worked at one and has nothing to say, none.

import type { Reason4 } from './reasons.ts'
import type { Reason6 } from './reasons6.ts'

/** Behind `pkt4-` and `pkt6-`. Each counts in `receive-drop`, too, and some in that alone. */
export const DROP_COUNTERS = [
  'service-disabled',
  'parse-failed',
  'queue-full',
  'duplicate',
  'rfc-violation',
  'admin-filtered',
  'not-for-us',
  'processing-failed',
  'limit-exceeded',
  'receive-drop',
] as const

export type DropCounter = (typeof DROP_COUNTERS)[number]

/** Undefined: the message was worked at, and no answer was due or to be had. */
type Counted = DropCounter | undefined

const COMMON = {
  'no-rights': 'service-disabled',
  'service-disabled': 'service-disabled',
  'not-in-scope': 'not-for-us',
  'dropped-by-class': 'admin-filtered',
  'release-too-soon': undefined,
  'reply-too-late': 'processing-failed',
  'journal-failed': 'processing-failed',
  'database-away': 'processing-failed',
  'database-late': 'processing-failed',
  contended: 'processing-failed',
  overload: 'queue-full',
  'rate-limit': 'limit-exceeded',
  'refused-by-hook': 'processing-failed',
  'hook-failed': 'processing-failed',
  'waiting-room-full': 'queue-full',
  'answer-too-late': 'processing-failed',
  'look-ups-full': 'queue-full',
  'look-up-failed': 'processing-failed',
  stopping: 'service-disabled',
  internal: 'processing-failed',
} as const satisfies Partial<Record<Reason4 & Reason6, Counted>>

export const DROP_COUNTERS4: Readonly<Record<Reason4, Counted>> = {
  ...COMMON,
  'too-short': 'parse-failed',
  'bad-op': 'rfc-violation',
  'bad-cookie': 'parse-failed',
  'bad-hlen': 'parse-failed',
  'bad-option': 'parse-failed',
  'no-message-type': 'rfc-violation',
  'lease-never-ends': undefined,
  'not-its-address': undefined,
  'bad-message-type': 'rfc-violation',
  'too-many-hops': 'rfc-violation',
  'too-long': 'parse-failed',
  'bad-relay': 'rfc-violation',
  'no-subnet': undefined,
  'not-for-us': 'not-for-us',
  'no-client-identity': 'rfc-violation',
  'no-free-address': undefined,
  'no-own-address': undefined,
  'no-right': 'not-for-us',
  'kept-for-host': undefined,
  'no-pool': undefined,
  'unknown-client': undefined,
  'rejected-by-class': 'admin-filtered',
  'not-owner': undefined,
  'no-address-named': 'rfc-violation',
  'already-ended': undefined,
  'given-by-partner': 'not-for-us',
  'address-limit': 'limit-exceeded',
  'addresses-in-use': undefined,
  'message-repeated': 'duplicate',
  'not-a-requester': 'admin-filtered',
  'bad-lease-query': 'rfc-violation',
}

export const DROP_COUNTERS6: Readonly<Record<Reason6, Counted>> = {
  ...COMMON,
  'too-short': 'parse-failed',
  'too-long': 'parse-failed',
  'bad-relay': 'parse-failed',
  'too-many-relays': 'parse-failed',
  'bad-option': 'parse-failed',
  'bad-client-id': 'parse-failed',
  'bad-message-type': 'receive-drop',
  'bad-source': 'rfc-violation',
  'own-address': 'rfc-violation',
  'not-for-us': 'not-for-us',
  'sent-to-one': 'rfc-violation',
  'no-client-id': 'rfc-violation',
  'several-ids': 'rfc-violation',
  'own-duid': 'rfc-violation',
  'server-id-forbidden': 'rfc-violation',
  'no-server-id': 'rfc-violation',
  'lease-forbidden': 'rfc-violation',
  'bad-fqdn': 'rfc-violation',
  'no-address-named': 'rfc-violation',
  'no-subnet': undefined,
  'link-in-doubt': 'not-for-us',
  'no-right': 'not-for-us',
  'no-own-address': undefined,
  'no-registration': undefined,
  'not-its-address': 'rfc-violation',
  'not-on-link': 'rfc-violation',
  'address-leased': 'rfc-violation',
  'address-reserved': 'rfc-violation',
  'registration-limit': 'limit-exceeded',
  'reply-too-long': 'processing-failed',
}

/** The reasons that count in one of Kea's statistics. */
export function reasonsOf<Reason extends string>(
  counters: Readonly<Record<Reason, Counted>>,
  name: DropCounter,
): readonly Reason[] {
  const reasons = Object.keys(counters) as Reason[]
  return reasons.filter((reason) => {
    const counter = counters[reason]
    return counter !== undefined && (name === 'receive-drop' || counter === name)
  })
}

/** How often each of Kea's statistics counts, and `receive-drop` all of them. */
export function dropsByCounter<Reason extends string>(
  dropped: Readonly<Record<Reason, number>>,
  counters: Readonly<Record<Reason, Counted>>,
): Record<DropCounter, number> {
  const sums = DROP_COUNTERS.map((name) => {
    const reasons = reasonsOf(counters, name)
    return [name, reasons.reduce((sum, reason) => sum + dropped[reason], 0)] as const
  })
  return Object.fromEntries(sums) as Record<DropCounter, number>
}
