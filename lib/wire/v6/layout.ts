// Where things stand in a DHCPv6 message (RFC 9915 §8, §9, §21), for those who read and write it.

/** Type and transaction id; the options follow. */
export const HEADER_SIZE = 4
/** Type, hop count, two addresses; the options follow. */
export const RELAY_HEADER_SIZE = 34
/** Code and length of an option. */
export const OPTION_HEAD = 4
export const LINK_ADDRESS_AT = 2
export const PEER_ADDRESS_AT = 18

/** IAID, T1 and T2 of an IA_NA or IA_PD; its options follow. */
export const IA_SIZE = 12
/** Address and lifetimes. */
export const IA_ADDRESS_SIZE = 24
/** Lifetimes, length and address. */
export const IA_PREFIX_SIZE = 25

/** Most that the length of an option can say. */
export const OPTION_LENGTH_MAX = 0xffff

/** RFC 9915 §11.1: the type and 1 to 128 octets. */
export const DUID_MIN = 3
export const DUID_MAX = 130
