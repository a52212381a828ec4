// A change of a lease as bytes: what each byte of a record means. Written and read by
// change-codec.ts, and word by word by whoever need not build the lease in between
// (table/lease-rows.ts, the journal, the link). Databases and partners hold such records: what
// stands here never changes, it is only added to.
//
// Records stand one behind the other without padding; all numbers are little-endian. Behind the
// fixed part of a put stand the hardware address, the client-id, the hostname and the user context.
// Of DHCPv6 the key, 17 octets, stands in front of these, and at the end of a removal.

/**
 * Where each field of a record begins. A removal has `kind`, `address` and `change`, and 0 between.
 */
export const FIELD = {
  /** 1 byte: a kind of RECORD. */
  kind: 0,
  /** 1 byte: the state in the low 4 bits, and flags of RECORD. */
  flags: 1,
  /** 1 byte. */
  htype: 2,
  /** 1 byte: length of the hardware address. */
  hwLength: 3,
  /** 4 bytes, of DHCPv4. */
  address: 4,
  /** The same 4 bytes of a put of DHCPv6, seconds. */
  preferredLifetime: 4,
  /** Number of the change: float64, a whole number. */
  change: 8,
  /** float64, milliseconds of the lease clock. */
  start: 16,
  /** The same; Infinity = never. */
  end: 24,
  /** 4 bytes, seconds. */
  validLifetime: 32,
  /** 4 bytes. */
  subnetId: 36,
  /** 4 bytes. */
  poolId: 40,
  /** 2 bytes: length of the client-id. */
  clientIdLength: 44,
  /** 2 bytes: length of the hostname, bytes of UTF-8. */
  hostnameLength: 46,
  /** 2 bytes: length of the user context, bytes of UTF-8. */
  contextLength: 48,
  /** 2 bytes that are 0. */
  zero: 50,
  /** 4 bytes. */
  gave: 52,
  /** 4 bytes. */
  got: 56,
  /** float64, a whole number. */
  knew: 60,
} as const

export const RECORD = {
  /** Kinds of DHCPv4. */
  put: 1,
  remove: 2,
  /** Kinds of DHCPv6. */
  put6: 3,
  remove6: 4,
  /** Length of a remove, and the part that both kinds share. */
  removeLength: 16,
  /** Length of the fixed part of a put. */
  putHeader: 68,
  hwAddressMax: 16,
  textMax: 0xffff,
  stateMask: 0x0f,
  fqdnFwd: 0x10,
  fqdnRev: 0x20,
  fresh: 0x40,
  givenByPartner: 0x80,
} as const

/** Octets of all texts of the put at `at`: hardware address, client-id, hostname, user context. */
export function textsLength(view: DataView, at: number): number {
  return (
    view.getUint8(at + FIELD.hwLength) +
    view.getUint16(at + FIELD.clientIdLength, true) +
    view.getUint16(at + FIELD.hostnameLength, true) +
    view.getUint16(at + FIELD.contextLength, true)
  )
}
