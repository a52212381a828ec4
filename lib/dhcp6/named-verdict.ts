// What a RENEW or REBIND is told of a key that it names and does not keep (RFC 9915 §18.3.4,
// §18.3.5), as a table.
//
//   zero   both lifetimes 0: the client is to stop using it
//   -      nothing: it runs out where it is used, and the client may hear of it elsewhere
//
// All of it as far as this server has the right (rights6.ts). What only the partner may judge is
// said nothing of; where the IA would get something else for it, nothing is said of the IA at all:
// the partner may have extended this very key, and a client keeps what its server is silent about
// (RFC 9915 §18.2.10.1).

import { UNSPECIFIED6 } from '../address/ipv6.ts'
import type { Prefix6 } from '../address/prefix6.ts'
import { addressOf } from '../address/prefix6.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Choosing6 } from './choosing6.ts'
import { ownRowAt, rowAt } from './claim6.ts'
import { isOnLink, placeOf } from './places6.ts'
import { mayHave, mayRefuse } from './rights6.ts'
import { isAllowed, isReserved } from './whose-key.ts'

type Answer = 'zero' | '-'

interface Line {
  readonly renew: Answer
  readonly rebind: Answer
  /** The row shows that it is this server's to judge, whoever has the keys (rule 3b). */
  readonly isOwn: boolean
}

const own = (renew: Answer, rebind: Answer): Line => ({ renew, rebind, isOwn: true })
const line = (renew: Answer, rebind: Answer): Line => ({ renew, rebind, isOwn: false })

/** How a key that is not kept stands for an IA, and what follows. */
export const ANSWERS6 = {
  /**
   * Its own, but no pool or reservation gives it to the client any more, or another one that is
   * reserved for it is given in its place.
   */
  moved: own('zero', 'zero'),
  /** Its own, of another link. */
  ownElsewhere: own('zero', 'zero'),
  /** Another IA of the message got it, or one above or below it. */
  taken: own('zero', 'zero'),
  /**
   * In use by another client, or declined: two clients would have it. Or its own, and not this
   * server's to extend.
   */
  inUse: line('zero', 'zero'),
  /** In a pool or reserved here, but for others: no other server can have given it. */
  withheld: line('zero', 'zero'),
  /** Free or offered to another, but the IA gets another one. */
  passedOver: line('zero', 'zero'),
  /** An address of the link in no pool: perhaps another server's, which shares the prefix. */
  unpooled: line('-', '-'),
  /**
   * A prefix in no pool. Who renews has it from here; who asks any server may have it from another
   * one, and no link says which prefixes are its own.
   */
  unpooledPrefix: line('zero', '-'),
  /** An address of no subnet of the link. */
  elsewhere: line('zero', 'zero'),
  /** No address: a wish for a length. */
  wish: own('-', '-'),
} as const satisfies Record<string, Line>

export type Standing6 = keyof typeof ANSWERS6

/** `unknown`: only the partner may judge. */
export type Verdict6 = Answer | 'unknown'

export function verdictOnNamed(
  choosing: Choosing6,
  key: Prefix6,
  state: 'renew' | 'rebind',
): Verdict6 {
  const { exchange, places, claim } = choosing
  const standing = standingOfNamed(choosing, key)
  const { [state]: answer, isOwn } = ANSWERS6[standing]
  if (answer === '-' || isOwn) return answer
  const place = placeOf(exchange, places, claim, key)
  return mayRefuse(choosing, place, key) ? answer : 'unknown'
}

function standingOfNamed(choosing: Choosing6, key: Prefix6): Standing6 {
  const { exchange, allotment, places, claim } = choosing
  if (addressOf(key) === UNSPECIFIED6) return 'wish'
  if (allotment.overlaps(key)) return 'taken'
  const place = placeOf(exchange, places, claim, key)
  const { subnet } = place
  const isMeant = isAllowed(exchange, claim, place, key)
  const ownRow = ownRowAt(exchange, claim, key)
  if (ownRow !== undefined) {
    if (isMeant) return mayHave(choosing, place, key) ? 'moved' : 'inUse'
    const isHere = places.some((each) => each.subnet.id === ownRow.subnetId)
    return isHere ? 'moved' : 'ownElsewhere'
  }
  const row = rowAt(exchange, claim, key)
  if (!exchange.leases.isOver(row, exchange.now)) return 'inUse'
  if (isMeant) return 'passedOver'
  if (subnet.isDynamic(key, exchange.classes) || isReserved(exchange, subnet, key))
    return 'withheld'
  if (poolHolds(choosing, key)) return 'withheld'
  if (claim.kind === OPTION6.iaPd) return 'unpooledPrefix'
  return places.some((each) => isOnLink(each.subnet, claim.kind, key)) ? 'unpooled' : 'elsewhere'
}

/** Whether a pool of the link holds the key, for whatever clients. */
function poolHolds({ places, claim }: Choosing6, key: Prefix6): boolean {
  for (const { subnet } of places)
    if (claim.kind === OPTION6.iaPd ? subnet.pdPoolOf(key) : subnet.poolOf(key)) return true
  return false
}
