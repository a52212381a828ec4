// How an address stands for the client of a REQUEST, and what follows from that and the state of
// the REQUEST; that it was offered gives no right to it, but where a reservation came in between.
// Beside each line stands why. RFC 2131 §4.3.2 leaves most of it open; the table in lib/README.md
// says where Kea answers otherwise.
//
//   grant     ACK
//   NAK       the client begins anew at once
//   known     NAK if the client is known here: it has a row in the subnet (or its shared network),
//             or the subnet is authoritative; else silence, because the lease may be another
//             server's (a MUST of INIT-REBOOT)

/** Why a REQUEST is refused, with the text of option 56. */
export const REFUSALS = {
  'wrong-network': 'the address is not on this network',
  'in-use': 'the address is in use by another client',
  moved: 'another address is meant for this client',
  unavailable: 'the address is not available',
  unknown: 'the lease is not known',
  'none-free': 'no address is free',
  'no-subnet': 'this network is not served here',
  rejected: 'clients of this kind are not served here',
  'refused-by-hook': 'the lease was refused',
} as const

export type Refusal = keyof typeof REFUSALS

/** The states of a REQUEST that names an address; RENEWING stands for REBINDING, too. */
export type AddressedState = 'selecting' | 'init-reboot' | 'renewing'

type Answer = 'grant' | 'NAK' | 'known'

interface Line {
  readonly selecting: Answer
  readonly 'init-reboot': Answer
  readonly renewing: Answer
  readonly refusal: Refusal
}

function line(
  selecting: Answer,
  initReboot: Answer,
  renewing: Answer,
  refusal: Refusal = 'unknown',
): Line {
  return { selecting, 'init-reboot': initReboot, renewing, refusal }
}

/**
 * How an address stands for a client, and what follows: SELECTING, INIT-REBOOT, RENEWING or
 * REBINDING.
 */
export const ANSWERS = {
  /** Its own by its row, live or ended. */
  own: line('grant', 'grant', 'grant'),
  /**
   * Its own, but its reservation is another address, or no pool or reservation gives it to the
   * client any more.
   */
  moved: line('NAK', 'NAK', 'NAK', 'moved'),
  /** Its own, but on another link: the row shows that the address is this server's to judge. */
  ownElsewhere: line('NAK', 'NAK', 'NAK', 'wrong-network'),
  /** In use by another client, or declined: two clients would have it. */
  inUse: line('NAK', 'known', 'NAK', 'in-use'),
  /** On another link. Who chose this server waits for nobody else (§3.1 step 4). */
  elsewhere: line('NAK', 'known', 'known', 'wrong-network'),
  /** In no pool of the link: perhaps another server's, which shares the prefix. */
  unpooled: line('NAK', 'known', 'known', 'unavailable'),
  /** In a pool or reserved here, but for others: no other server can have given it. */
  withheld: line('NAK', 'known', 'NAK', 'unavailable'),
  /**
   * Reserved for the client, and free or another identifier's of its host: a reservation is a
   * record of it, too.
   */
  reserved: line('grant', 'grant', 'grant'),
  /**
   * Free, but another address is reserved for the client and can be had: it would have to move at
   * its renewal.
   */
  awaited: line('NAK', 'known', 'NAK', 'moved'),
  /**
   * As `withheld` or `awaited` since a reload a moment ago, and before that it was offered to the
   * client: to refuse what was offered helps nobody, the next renewal moves it. INIT-REBOOT takes
   * an offer, too (request.ts).
   */
  promised: line('grant', 'grant', 'NAK', 'moved'),
  /** Free, but kept for another client by an offer. */
  offered: line('NAK', 'known', 'known', 'unavailable'),
  /** Free, but the client has another lease: who selects moves, a renewal is of what one has. */
  another: line('grant', 'known', 'NAK'),
  /**
   * Free. A lease that was lost here (new database, other server before) is taken up again, as in
   * Kea.
   */
  free: line('grant', 'known', 'grant'),
} as const satisfies Record<string, Line>

export type Standing = keyof typeof ANSWERS
