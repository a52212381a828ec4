// Numbers of DNS, by their names in the RFCs cited.

/** Kinds of messages. */
export const OPCODE = { query: 0, update: 5 } as const

/** Types of records. */
export const RR_TYPE = {
  a: 1,
  cname: 5,
  soa: 6,
  ptr: 12,
  aaaa: 28,
  /** RFC 4701. */
  dhcid: 49,
  /** RFC 8945. */
  tsig: 250,
  /** Of a question for all records of a zone (RFC 5936). */
  axfr: 252,
  any: 255,
} as const

/** Classes; the last two mean something of their own in an update (RFC 2136 §2.4, §2.5). */
export const DNS_CLASS = { internet: 1, none: 254, any: 255 } as const

/**
 * What a server answers: RCODEs (RFC 1035 §4.1.1, RFC 2136 §2.2), and beyond 15 the errors of
 * TSIG (RFC 8945 §3), which come with NOTAUTH and say more.
 */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADSIG: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADTRUNC: 22,
} as const

const NAMES = new Map(Object.entries(RCODE).map(([name, code]) => [code as number, name]))

export function rcodeName(rcode: number): string {
  return NAMES.get(rcode) ?? `RCODE ${rcode}`
}
