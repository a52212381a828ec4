// Where things stand in a DHCPv4 message (RFC 2131 §2, figure 1), for those who read and write it.

/** Fixed fields and cookie; the options follow. */
export const HEADER_SIZE = 240

/** RFC 2131 §3: the first four octets of the options field. */
export const MAGIC_COOKIE = 0x63825363

export const HW_ADDRESS_MAX = 16

export const CHADDR_AT = 28
export const SNAME_AT = 44
export const SNAME_SIZE = 64
export const FILE_AT = 108
export const FILE_SIZE = 128
export const COOKIE_AT = 236
