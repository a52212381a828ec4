// The lines of the log that only DHCPv6 has: see messages.ts. Reasons why messages are not answered
// are in reasons6.ts.

import type { CatalogueRow } from './row.ts'

export const MESSAGES6 = {
  DHCP6_STARTING: {
    level: 'info',
    text: 'DHCPv6 is starting',
    help: 'The configuration is good and the lease journal is being read. Nothing is answered yet.',
  },
  DHCP6_STARTED: {
    level: 'info',
    text: 'all leases of DHCPv6 are in memory, the interfaces are being opened',
    help: 'Clients are answered on each interface that is said to be served from then on; a server of a pair besides must have met its partner (HA_NO_RIGHTS says when it waits for that).',
  },
  DHCP6_STOPPING: {
    level: 'info',
    text: 'DHCPv6 is stopping: no new messages, the replies under way still leave',
    help: 'An orderly stop was asked for (SIGTERM, SIGINT or stop()).',
  },
  DHCP6_STOPPED: {
    level: 'info',
    text: 'DHCPv6 has stopped',
    help: 'The journal is closed; every acknowledged lease is in it.',
  },
  DHCP6_PREFIX_MOVED: {
    level: 'info',
    text: 'an interface has other prefixes of IPv6, and its subnets follow',
    help: 'Subnets with prefix-from are in force with the prefix that the interface has now. Clients get addresses and prefixes of it when they renew, and are told to stop using the former ones.',
  },
  DHCP6_CONFIG_COMPLETE: {
    level: 'info',
    text: 'a new configuration of DHCPv6 is in force',
    help: 'The configuration was read again and replaced the former one between two batches of messages.',
  },
  DHCP6_CONFIG_RESTART: {
    level: 'warn',
    text: 'the lease database of the new configuration needs a restart',
    help: 'Everything else of the new configuration is in force. Leases go on being kept where they were.',
  },
  DHCP6_CONFIG_REFUSED: {
    level: 'error',
    text: 'the new configuration of DHCPv6 is refused, the former one stays in force',
    help: 'The file has errors, each of which has a line of its own with its place. Nothing has changed for clients.',
  },
  DHCP6_CONFIG_ERROR: {
    level: 'error',
    text: 'the configuration of DHCPv6 has an error',
    help: 'A reservation or an option that is wrong is left out and the rest is in force. With any other error the file is refused, and DHCP6_CONFIG_REFUSED follows. `whio check` lists all of them.',
  },
  DHCP6_CONFIG_NOTE: {
    level: 'warn',
    text: 'the configuration of DHCPv6 has something to look at',
    help: 'The file is usable, but a line of it does not do what its author may think. `whio check` lists all of them.',
  },
  FAMILY_RESTART: {
    level: 'warn',
    text: 'the new configuration begins or ends to serve a family of addresses, which needs a restart',
    help: 'The file names Dhcp4 or Dhcp6 and did not before, or the other way round. Whether a family is served is decided when the server starts; everything else of the new configuration is in force.',
  },
  DHCP6_INTERFACE_SERVING: {
    level: 'info',
    text: 'serving DHCPv6 on an interface',
    help: 'Messages of clients and relays on it are answered from now on. The address is the link-local one by which clients know the server.',
  },
  DHCP6_INTERFACE_TROUBLE: {
    level: 'warn',
    text: 'DHCPv6 is not served on an interface',
    help: 'The trouble field says why. The server goes on trying once a second, so a cable, an address or a port that becomes free is enough. A link-local address that is still being checked for duplicates takes a second or two; one that another host has must be changed.',
  },
  DHCP6_INTERFACE_NOTE: {
    level: 'warn',
    text: 'DHCPv6 is served on an interface, but something is missing',
    help: 'The trouble field says what.',
  },
  DHCP6_INTERFACES_UNKNOWN: {
    level: 'warn',
    text: 'the IPv6 addresses of this machine cannot be listed at present',
    help: 'Interfaces that are served go on being served; changes are seen when it works again. EMFILE (24) means that the server has no file descriptor left: raise its limit (LimitNOFILE of systemd, ulimit -n) and look who connects to it.',
  },
  DHCP6_REPLY_UNDELIVERED: {
    level: 'warn',
    text: 'a reply did not reach the address that it was sent to',
    help: 'The why field has what a router or this kernel answered. A relay must accept replies at the address that it sends from, and a route must lead there. The line is written once an hour for each address.',
  },
  DHCP6_RELAY_NAMES_NOTHING: {
    level: 'warn',
    text: 'a relay does not say on which link its clients are',
    help: 'Its messages have no link address that routers know, and no interface-id, so that its clients count as clients of the interface that the messages come in by. If that is not their link, let the relay name the link, or let it send an interface-id, or name the relay in relay.ip-addresses of the subnet. The line is written once an hour for each relay.',
  },
  DHCP6_LEASE_FLOOD: {
    level: 'warn',
    text: 'a subnet gives more new leases than clients come in a normal minute',
    help: 'So many new leases within a minute are a tenth of its addresses, at least 100. After a power cut of the whole network that is as it should be; else look for a host that asks for ever new identity associations or under ever new DUIDs. Limits are set with libdhcp_limits. The line is written once an hour for each subnet.',
  },
  DHCP6_OTHER_SERVER: {
    level: 'warn',
    text: 'another DHCP server answers clients of this one',
    help: 'Some client has taken the offer of a server that is neither this one, nor its partner, nor a server of the configuration; it may be a router that was plugged in by its wrong side, or a machine that shares its connection. What it gives out, this server knows nothing of. Find the DUID that the line names in the tables of the switches. The line is written once an hour for each such server, and `whio status` names those of the last day; 256 clients are counted at most.',
  },
  DHCP6_OTHER_SERVER_MORE: {
    level: 'warn',
    text: 'clients have named more other servers than are logged',
    help: 'Ten lines an hour are written of servers that are none of this configuration. Where there are more, somebody mostly makes them up: look for one client that asks much.',
  },
  DHCP6_DECLINED_MANY: {
    level: 'warn',
    text: 'a tenth of the addresses of a subnet is declined',
    help: 'Clients have found so many addresses in use by others, or somebody declines whatever he is given in order to empty the pool. Look for hosts whose addresses were set by hand, and for the client in the lines DHCP6_DECLINE. Of larger subnets 103 declined addresses are told. The line is written once an hour for each subnet.',
  },
  DHCP6_RELAY_MANY_HOPS: {
    level: 'warn',
    text: 'a message passed more relays than the standard lets pass',
    help: 'It says that more than 8 relays passed it on (RFC 9915 section 19.1.2), so that relays of other makes would have dropped it. It is answered. Look for relays that send to each other in a circle. The line is written once an hour for each relay; the statistic pkt6-many-hops has all of them.',
  },
  DHCP6_REPLY_LONG: {
    level: 'warn',
    text: 'a reply is longer than what reaches every host in one piece',
    help: 'It has more than 1232 bytes, which is what the smallest MTU of IPv6 leaves for a message. It goes in fragments, and many firewalls and boot loaders drop those. Look at the options that the client gets (whio explain), and leave out what it need not have. The line is written once an hour for each interface.',
  },
  DHCP6_SEND_FAIL: {
    level: 'warn',
    text: 'a reply of DHCPv6 could not be sent; further ones with this error are only counted',
    help: 'The kernel refused it; the error field has the reason: the interface went away, there is no route to the relay, or a firewall forbids it (EPERM). The line is written once for each error of an interface while its sockets are open. Clients repeat their messages.',
  },
  DHCP6_SERVER_ID_MADE: {
    level: 'info',
    text: 'this server has a DUID from now on',
    help: 'Clients know a server of DHCPv6 by its DUID. It was made since none was kept, and stays what it is: in the lease database, and in the file beside it whose name ends in .duid.',
  },
  DHCP6_SERVER_ID_TAKEN_OVER: {
    level: 'info',
    text: 'the DUID of Kea on this host is that of this server from now on',
    help: 'Clients go on to renew as before. Kea must not run any more, here or with this DUID elsewhere.',
  },
  DHCP6_SERVER_ID_CONFLICT: {
    level: 'warn',
    text: 'the lease database and the file beside it have different DUIDs: that of the database counts',
    help: 'The database was copied from another server, or the file was. Where the DUID of the file is the right one, name it in server-id (type and identifier); else remove the file, and it is written anew.',
  },
  DHCP6_SERVER_ID_CHANGED: {
    level: 'warn',
    text: 'this server has another DUID than before',
    help: 'server-id of the configuration says so. Clients that know the former one are answered under it until their leases would have ended; those that come later than that must look for a server anew.',
  },
  DHCP6_SERVER_ID_FILE: {
    level: 'warn',
    text: 'the file with the DUID of this server cannot be used',
    help: 'The DUID is kept in the lease database all the same. The file is there for a database that is lost: without it the server would be another one to its clients then.',
  },
  DHCP6_OWN_ADDRESS_LEASED: {
    level: 'warn',
    text: 'a client has a lease of an address that this server has itself',
    help: 'The address was given before the server had it. It is not given again; the client loses it at its next RENEW. Until then two hosts have one address: take the address from the pool or from the server.',
  },
  DHCP6_LEASE_ADVERT: {
    level: 'debug',
    text: 'leases are advertised',
    help: 'An answer to a SOLICIT. Nothing is stored until the client asks for what it was offered.',
  },
  DHCP6_LEASE_ALLOC: {
    level: 'info',
    text: 'an address or prefix was given to a client',
    help: 'The lease is on the disk, and at the partner where there is one; the client is told now.',
  },
  DHCP6_LEASE_RENEW: {
    level: 'debug',
    text: 'a client goes on to use its address or prefix',
    help: 'By RENEW or REBIND, or since it asked for it again. `Whio.log-renewals` raises the line to info.',
  },
  DHCP6_LEASE_REUSE: {
    level: 'debug',
    text: 'a client was told of its leases again, and nothing was stored',
    help: 'It asked again soon after it was answered (cache-threshold).',
  },
  DHCP6_LEASE_NONE: {
    level: 'warn',
    text: 'there is no address or prefix for a client',
    help: 'why: none-free, every one that its classes may have is taken or reserved; no-pool, no pool of its link is for it; none-own, the partner has free ones, and hands some over. The client was answered with NoAddrsAvail or NoPrefixAvail and asks again.',
  },
  DHCP6_LEASE_NONE_MORE: {
    level: 'warn',
    text: 'more clients got no address or prefix; these lines were left out',
    help: 'Ten lines a second are written; the statistics v6-allocation-fail… have all of them.',
  },
  DHCP6_CONFIRM: {
    level: 'debug',
    text: 'a client was told whether its addresses fit the link that it is on',
    help: 'After it woke up or moved. Where there is a why, they do not, and it asks for others.',
  },
  DHCP6_INFORMATION: {
    level: 'debug',
    text: 'a client without a lease got its options',
    help: 'An answer to INFORMATION-REQUEST: mostly a host that makes its addresses by itself.',
  },
  DHCP6_RECONFIGURE: {
    level: 'debug',
    text: 'a client is told to ask again',
    help: 'By a RECONFIGURE, which only clients with a key obey (Whio.reconfigure-accept): after a reload that concerns the client, or by an operator (whio reconfigure).',
  },
  DHCP6_RECONFIGURED: {
    level: 'info',
    text: 'clients were told to ask again',
    help: 'asked: how many. answered: by a RENEW, REBIND or INFORMATION-REQUEST. silent: those that did not within eight tries, about nine minutes; they renew in their own time. unreachable: not told, since the way to them is not known; behind relays that takes store-extended-info.',
  },
  DHCP6_RELEASE: {
    level: 'info',
    text: 'a client has given its address or prefix back',
    help: 'It is kept for the client for a while, if expired-leases-processing says so.',
  },
  DHCP6_LEASE_KEPT: {
    level: 'info',
    text: 'a lease goes on though its client has given it up',
    help: 'The RELEASE or DECLINE was answered, and the lease runs out by itself. why: release-too-soon, within 12 seconds of the last REPLY, or after a pause of the server, it may be the late duplicate of one that was sent before the lease was given again; given-by-partner, the partner extended the lease last and it alone knows that the message is not older; kept-for-host, another DUID or IAID of the same host had the lease before, was not told and may use it yet; from-elsewhere, with verify-source, the message came from another hardware address, or another port of a relay, than the lease.',
  },
  DHCP6_LEASE_ADDED: {
    level: 'info',
    text: 'an operator has added a lease',
    help: 'The client has the address or prefix as if this server had given it: by lease6-add, or an update of what was no lease.',
  },
  DHCP6_LEASE_AMENDED: {
    level: 'info',
    text: 'an operator has changed a lease',
    help: 'By lease6-update. The lease ends no earlier than the client was told.',
  },
  DHCP6_LEASE_DELETED: {
    level: 'info',
    text: 'an operator has deleted a lease',
    help: 'By lease6-del or lease6-wipe. The address or prefix is free, as after a release; a client that uses the address or prefix all the same is not told.',
  },
  DHCP6_LEASE_GOES_OVER: {
    level: 'info',
    text: 'a lease ends since its host gets the address or prefix under another identifier',
    help: 'The host came with another DUID or IAID than before, as a firmware and the system that it starts do, or after a new installation. What it has goes over.',
  },
  DHCP6_DECLINE: {
    level: 'warn',
    text: 'a client says that somebody else uses the address that it was given',
    help: 'The address stays out of use for decline-probation-period. Look for the host that has it without a lease. reserved: true, a reservation names the address, and its client gets another one for so long.',
  },
  DHCP6_LEASE_EXPIRED: {
    level: 'info',
    text: 'a lease has ended: its client did not renew it',
    help: 'The address or prefix may be given to somebody else from now on, unless it is kept for its former client for a while.',
  },
  DHCP6_ADDRESS_REGISTERED: {
    level: 'info',
    text: 'a host has registered an address that it made itself',
    help: 'RFC 9686: so that it is known who uses the address. It is in no pool and was not given by this server.',
  },
  DHCP6_PACKET_DROP: {
    level: 'info',
    text: 'a message was not answered',
    help: 'The reason field says why: `whio explain REASON` has a paragraph for each.',
  },
  DHCP6_PACKET_DROP_MORE: {
    level: 'info',
    text: 'more messages were not answered for the same reason; these lines were left out',
    help: 'Ten lines a second are written for each reason; the statistics pkt6-drop-… have all of them.',
  },
  DHCP6_REPLY_DROP: {
    level: 'warn',
    text: 'replies that were ready have not left',
    help: 'reply-too-late: the disk or the partner took longer than clients wait. journal-failed: what they say could not be stored. Clients repeat their messages.',
  },
} as const satisfies Record<string, CatalogueRow>
