// Why a message of DHCPv6 was not answered: as reasons.ts has it for DHCPv4.

import { COMMON_REASONS } from './common-reasons.ts'
import type { CatalogueRow } from './row.ts'

export const REASONS6 = {
  'too-short': {
    level: 'debug',
    text: 'the datagram is shorter than a DHCPv6 message',
    help: 'Fewer than four bytes arrived, so this is no DHCPv6 message. Port scanners send such datagrams; a real client that does is broken.',
  },
  'too-long': {
    level: 'info',
    text: 'the message has more options than any client sends',
    help: 'More than 4096 options arrived in one message. No client or relay sends that; look who does.',
  },
  'bad-relay': {
    level: 'info',
    text: 'a relay message has no whole message of a client inside',
    help: 'The header of a relay is cut short, its option 9 is missing, empty or there twice, or what is inside comes from a server. The relay is broken, or the message is forged.',
  },
  'too-many-relays': {
    level: 'info',
    text: 'the message passed more than 32 relays',
    help: 'Two relays probably send to each other in a circle (RFC 9915 section 19.1.2).',
  },
  'bad-option': {
    level: 'info',
    text: 'an option has an impossible length',
    help: 'The message is malformed where it cannot be answered without a guess: options are nested too deep, or the identifier of the client or of the server is cut short.',
  },
  'bad-client-id': {
    level: 'info',
    text: 'the DUID of the client is no DUID',
    help: 'Option 1 has 3 to 130 bytes and is not all zero (RFC 9915 section 11.1). A client that sends something else cannot be told from another and gets no lease.',
  },
  'bad-message-type': {
    level: 'debug',
    text: 'the message type is none that a server answers',
    help: 'ADVERTISE, REPLY, RECONFIGURE and RELAY-REPL come from servers and are harmless here; other types belong to extensions that are not served.',
  },
  'bad-source': {
    level: 'info',
    text: 'the message came from an address or port that no answer can reach',
    help: 'The source port is 0, or the source address is a multicast address or none. The message is forged, or a firewall rewrites it.',
  },
  'own-address': {
    level: 'info',
    text: 'the message came from an address of this host',
    help: 'A DHCPv6 client of this host asks on an interface that the server serves. No host gets its addresses from the server on it: set them by hand and switch the client off. A relay on this host is served.',
  },
  'not-for-us': {
    level: 'debug',
    text: 'the client named another server in option 2',
    help: 'The client speaks to another server. Harmless where two servers share a link. If it names a server that is gone, it asks any server when its rebind timer (T2) has run out.',
  },
  'sent-to-one': {
    level: 'info',
    text: 'the client sent its message to an address of this server and not to all servers',
    help: 'A client sends to the multicast address ff02::1:2; only relays send to an address of the server (RFC 9915 section 16). If a relay does not mark its messages as RELAY-FORW, look at its configuration.',
  },
  'no-client-id': {
    level: 'info',
    text: 'the message has no client identifier (option 1)',
    help: 'Nothing tells this client from another. Only INFORMATION-REQUEST is answered without one.',
  },
  'several-ids': {
    level: 'info',
    text: 'the message has several client or server identifiers',
    help: 'Options 1 and 2 may each be there once (RFC 9915 section 16), so it is not clear who is meant.',
  },
  'own-duid': {
    level: 'warn',
    text: 'the client calls itself by the DUID of this server',
    help: 'A machine was cloned from this one, or a relay sends the answers of this server back to it. Give each machine a DUID of its own.',
  },
  'server-id-forbidden': {
    level: 'info',
    text: 'the message names a server where it must name none',
    help: 'SOLICIT, CONFIRM, REBIND and ADDR-REG-INFORM are for any server (RFC 9915 section 16). The client is broken.',
  },
  'no-server-id': {
    level: 'info',
    text: 'the message names no server where it must name one',
    help: 'REQUEST, RENEW, RELEASE and DECLINE are for one server, which option 2 names (RFC 9915 section 16). The client is broken.',
  },
  'lease-forbidden': {
    level: 'info',
    text: 'the message asks for leases where it must not',
    help: 'INFORMATION-REQUEST and ADDR-REG-INFORM carry no IA_NA and IA_PD (RFC 9915 section 16.12, RFC 9686 section 4.2). Set compatibility.lenient-option-parsing when a client that cannot be repaired sends an INFORMATION-REQUEST with one.',
  },
  'bad-fqdn': {
    level: 'info',
    text: 'the client wants the server to update DNS and not to, at once',
    help: 'The flags N and S of option 39 exclude each other (RFC 4704 section 4.1). Set compatibility.lenient-option-parsing when a client that cannot be repaired sends both.',
  },
  'no-address-named': {
    level: 'debug',
    text: 'the message names no address where it must',
    help: 'CONFIRM names the addresses that the client wants to know about, in IA_NA (RFC 9915 section 18.3.3); ADDR-REG-INFORM names one, outside of any IA (RFC 9686 section 4.2). This message does not.',
  },
  'no-subnet': {
    level: 'warn',
    text: 'no subnet fits the place the message came from',
    help: 'Neither the interface identifier and the link address of the relay nor the receiving interface and the source address select a configured subnet. Add the subnet, or interface-id, relay.ip-addresses or interface to an existing one. A subnet whose client-classes leave the client out does not count.',
  },
  'link-in-doubt': {
    level: 'info',
    text: 'the partner may know the link better',
    help: 'The client asks whether its addresses fit the link (CONFIRM), and they are in no subnet here. The configuration of the partner is another one, or not known yet, and may have a subnet for them. The client keeps its addresses until then.',
  },
  'no-right': {
    level: 'info',
    text: 'the partner decides about this address or prefix',
    help: 'Only the partner may give, extend or refuse it at present, so this server stays silent: a refusal could end a good lease. The client keeps what it has, and is answered by the partner or begins anew. A client with a reservation waits for what is reserved until the partner has handed it on. The same is said while a new database waits for the end of leases that the lost one may have given.',
  },
  'no-own-address': {
    level: 'warn',
    text: 'no address or prefix that this server may give is free in the subnet',
    help: 'Of a pair, each server gives new clients what it holds the keys of; the partner still has something free. It hands some on while the two are connected, and the client is served when it asks again. While the partner is away, what is free there stays unused, lest both give it: see the status, and confirm that the partner is off if it is.',
  },
  'no-registration': {
    level: 'debug',
    text: 'addresses that hosts chose themselves are not registered here',
    help: 'The client tells which address it has (RFC 9686), and allow-address-registration is false.',
  },
  'not-its-address': {
    level: 'info',
    text: 'the client registers an address that it does not send from',
    help: 'A client may register only the address that the message comes from (RFC 9686 section 4.2.1), lest somebody register that of another. The message is forged, or an address is translated on its way.',
  },
  'not-on-link': {
    level: 'info',
    text: 'the client registers an address that is not of its link',
    help: 'The address is in no subnet of the link that the message came from and in no prefix that was delegated to the client. Add the prefix that the router announces as a subnet of the shared network.',
  },
  'address-leased': {
    level: 'info',
    text: 'the client registers an address that is leased',
    help: 'The address was given by DHCPv6, or is declined, so it cannot be one that a host chose itself (RFC 9686 section 4.2.1). Look for a host whose address was set by hand.',
  },
  'address-reserved': {
    level: 'info',
    text: 'the client registers an address that is reserved for another client',
    help: 'A reservation names the address, and it is not for this client. Look for a host whose address was set by hand.',
  },
  'registration-limit': {
    level: 'warn',
    text: 'the client, or its subnet, has registered as many addresses as are kept',
    help: 'At most 64 addresses of one client and 65536 of one subnet are kept. A host with temporary addresses has about eight; look who registers so many.',
  },
  'reply-too-long': {
    level: 'warn',
    text: 'the answer does not fit into the messages of the relays',
    help: 'With all that the relays want back the answer is longer than a datagram. The relays are broken, or the message is forged.',
  },
  ...COMMON_REASONS,
} as const satisfies Record<string, CatalogueRow>

/** The id of a drop reason: a key of {@link REASONS6}. */
export type Reason6 = keyof typeof REASONS6
