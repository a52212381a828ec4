// Why a message of DHCPv4 was not answered. Every drop names one row of this table: the id is the
// statistic and the word to search a log for, `level` the log level of its one line, the paragraph
// is for the operator.

import { COMMON_REASONS } from './common-reasons.ts'
import type { CatalogueRow } from './row.ts'

export const REASONS4 = {
  'too-short': {
    level: 'debug',
    text: 'the datagram is shorter than a BOOTP header',
    help: 'Fewer than 240 bytes arrived, so this is no DHCP message. Port scanners send such datagrams; a real client that does is broken.',
  },
  'bad-op': {
    level: 'debug',
    text: 'the message is no BOOTREQUEST',
    help: 'Only messages from clients and relays (op 1) are answered. Replies of other servers that were broadcast on the link end here; they are harmless.',
  },
  'bad-cookie': {
    level: 'debug',
    text: 'the DHCP magic cookie is missing',
    help: 'The message is not DHCP at all, or BOOTP without the cookie of RFC 1048, which is not served.',
  },
  'bad-hlen': {
    level: 'info',
    text: 'the hardware address is missing or longer than 16 bytes',
    help: 'A client without a hardware address and without a client identifier cannot be told from another and gets no lease.',
  },
  'bad-option': {
    level: 'info',
    text: 'an option has an impossible length',
    help: 'The message is malformed. With Whio.strict-option-parsing this is also said of a last option that runs past the end of the message. Set compatibility.lenient-option-parsing when a client that cannot be repaired sends it.',
  },
  'no-message-type': {
    level: 'debug',
    text: 'option 53 is missing',
    help: 'A BOOTP message or a broken DHCP message. BOOTP clients are served where hooks-libraries name libdhcp_bootp.',
  },
  'lease-never-ends': {
    level: 'warn',
    text: 'the partner does not know yet that leases without end may be given',
    help: 'A BOOTP client never renews, so that it gets a lease without end or none. Of a pair, each server gives leases as long as the partner has stored that they may be: the client is served when the two have met since libdhcp_bootp was named. HA_LIFETIME_WAITS says what is waited for.',
  },
  'not-its-address': {
    level: 'info',
    text: 'a BOOTP client names an address that it may not have',
    help: 'It asks for its boot file and the like with an address of its own in ciaddr. In BOOTP nothing can be refused, so it is not answered. Reserve the address for the client, or let the client ask for one.',
  },
  'bad-message-type': {
    level: 'debug',
    text: 'the message type is none that a server answers',
    help: 'OFFER, ACK and NAK come from servers; other types belong to extensions that are not served.',
  },
  'too-many-hops': {
    level: 'info',
    text: 'the message passed more than 16 relays',
    help: 'Two relays probably send to each other in a circle (RFC 1542 section 4.1.1).',
  },
  'too-long': {
    level: 'info',
    text: 'the datagram is longer than any DHCP message',
    help: 'More than 4096 bytes arrived on the DHCP port. No client or relay sends that; look who does.',
  },
  'bad-relay': {
    level: 'info',
    text: 'the relay address is no address of a host',
    help: 'giaddr is a multicast, broadcast or loopback address, so no reply could reach the relay. The relay is misconfigured, or the message is forged.',
  },
  'no-subnet': {
    level: 'warn',
    text: 'no subnet fits the place the message came from',
    help: 'Neither the relay address, the link-selection, the receiving interface and its addresses, nor the client address select a configured subnet. Add the subnet, or relay.ip-addresses, or interface to an existing one. A subnet whose client-classes leave the client out does not count.',
  },
  'not-for-us': {
    level: 'debug',
    text: 'the client named another server in option 54',
    help: 'The client answers the offer of another server. Harmless where two servers share a link.',
  },
  'no-client-identity': {
    level: 'info',
    text: 'the client has neither a hardware address nor a client identifier',
    help: 'Nothing tells this client from another, so it gets no lease.',
  },
  'no-free-address': {
    level: 'warn',
    text: 'no address is free in the subnet',
    help: 'Every address of every pool of the subnet is leased, reserved, declined or offered. Of a pair: at the partner, too, as far as this server knows. Enlarge a pool or shorten the lifetime.',
  },
  'no-own-address': {
    level: 'warn',
    text: 'no address that this server may give is free in the subnet',
    help: 'Of a pair, each server gives new clients the addresses whose keys it holds; the partner still has free ones. It hands some on while the two are connected, and the client is served when it asks again. While the partner is away, what is free there stays unused, lest both give one address: see the status, and confirm that the partner is off if it is.',
  },
  'no-right': {
    level: 'info',
    text: 'the partner decides about this address',
    help: 'Only the partner may give, extend or refuse the address at present, so this server stays silent: a refusal could end a good lease. The client is answered by the partner, or begins anew. A client with a reservation waits for the reserved address until the partner has handed it on. The same is said while a new database waits for the end of leases that the lost one may have given.',
  },
  'kept-for-host': {
    level: 'info',
    text: "the address stays the host's, which is known by several identifiers",
    help: 'A client released an address that another identifier of the same reservation had before. That one was not told and may use the address yet, so the lease runs to its end; each of them gets the address whenever it asks.',
  },
  'no-pool': {
    level: 'warn',
    text: 'no pool of the subnet is for this client, and it has no reservation',
    help: 'The subnet has no pool, or only pools whose client-classes leave the client out: then only clients with a reservation get an address in it.',
  },
  'unknown-client': {
    level: 'info',
    text: 'the client asks for a lease that this server does not know',
    help: 'In INIT-REBOOT or while renewing, a server that is not authoritative stays silent about leases it did not give (RFC 2131 section 4.3.2). Set authoritative to answer with a NAK.',
  },
  'rejected-by-class': {
    level: 'info',
    text: 'the client is in the class REJECT, so it is offered no address',
    help: 'The configuration says with the class REJECT who gets no lease: a DISCOVER is not answered, a REQUEST is refused with a NAK.',
  },
  'not-owner': {
    level: 'info',
    text: 'the address in a RELEASE or DECLINE is not leased to this client',
    help: 'The message is late, repeated or forged and changes nothing.',
  },
  'no-address-named': {
    level: 'debug',
    text: 'the message names no address where it must',
    help: 'DECLINE carries option 50, RELEASE and INFORM carry ciaddr; this message has none.',
  },
  'already-ended': {
    level: 'debug',
    text: 'the lease in a RELEASE or DECLINE has already ended',
    help: 'The client repeated the message, or it arrived late.',
  },
  'given-by-partner': {
    level: 'info',
    text: 'the lease in a RELEASE or DECLINE was given by the partner',
    help: 'Only the server that acknowledged a lease last knows that the message is not older than the lease. It was sent to the wrong server, or the client renewed there; the lease runs out by itself.',
  },
  'address-limit': {
    level: 'warn',
    text: 'there are as many leases as the address-limit allows',
    help: 'The subnet, or a class of the client, has an address-limit (libdhcp_limits). Clients that have a lease keep it; others wait until one ends. Of a pair, each server counts the leases that it knows.',
  },
  'addresses-in-use': {
    level: 'warn',
    text: 'each address that was to be offered is in use by a host without a lease',
    help: 'Before an address is offered it is asked for on the wire (libdhcp_ping_check). Three in a row were answered for, so the client is served when it asks again. The addresses are declined: DHCP4_SERVER_INITIATED_DECLINE says who has them. Look for hosts with addresses of the pool set by hand, or for a router that answers ARP for all of them.',
  },
  'message-repeated': {
    level: 'debug',
    text: 'the client repeated its DISCOVER while the address for it was being asked for',
    help: 'The later message is answered in place of the first one.',
  },
  'not-a-requester': {
    level: 'info',
    text: 'a query about leases comes from nobody who may ask',
    help: 'The requester is known by giaddr, to which the answer goes. List the address, or a prefix around the address, in requesters of libdhcp_lease_query.',
  },
  'bad-lease-query': {
    level: 'info',
    text: 'a query about leases asks for nothing, or for several things',
    help: 'RFC 4388 section 6.1: the query names an address in ciaddr, or a hardware address, or a client identifier in option 61, and no other of the three.',
  },
  ...COMMON_REASONS,
} as const satisfies Record<string, CatalogueRow>

/** The id of a drop reason: a key of {@link REASONS4}. */
export type Reason4 = keyof typeof REASONS4
