// The catalogue of log messages: id, level, text, and a paragraph for the operator (`whio explain
// ID`). Ids are Kea's where the meaning is the same, so that a search habit goes on working.
// Dropped messages are logged as DHCP4_PACKET_DROP with the reason's id; their rows are in
// catalogue/reasons.ts.

import { BACKEND_MESSAGES } from './messages-backend.ts'
import { MESSAGES_DATABASE } from './messages-database.ts'
import { HOOK_MESSAGES } from './messages-hooks.ts'
import { MESSAGES6 } from './messages6.ts'
import type { CatalogueRow } from './row.ts'

export const MESSAGES = {
  ...MESSAGES6,
  ...HOOK_MESSAGES,
  ...BACKEND_MESSAGES,
  ...MESSAGES_DATABASE,
  DAEMON_PROCESS: {
    level: 'info',
    text: 'this process is the server: signals go to it',
    help: 'The process field is the number for `kill`: SIGHUP reads the configuration again, SIGTERM stops in good order, SIGUSR1 logs the status, SIGUSR2 opens log files again. `whio reload FILE` and `whio stop FILE` do the same as the first two and say what came of it.',
  },
  DHCP4_STARTING: {
    level: 'info',
    text: 'starting',
    help: 'The configuration is good and the lease journal is being read. Nothing is answered yet.',
  },
  DHCP4_STARTED: {
    level: 'info',
    text: 'all leases are in memory, the interfaces are being opened',
    help: 'Clients are answered on each interface that has a line DHCP4_INTERFACE_SERVING from then on; a server of a pair besides must have met its partner (HA_NO_RIGHTS says when it waits for that).',
  },
  DHCP4_STOPPING: {
    level: 'info',
    text: 'stopping: no new messages, the replies under way still leave',
    help: 'An orderly stop was asked for (SIGTERM, SIGINT or stop()).',
  },
  DHCP4_STOPPED: {
    level: 'info',
    text: 'stopped',
    help: 'The journal is closed; every acknowledged lease is in it.',
  },
  HOSTS_DATABASE_LOST: {
    level: 'error',
    text: 'a database of reservations is away: what was read of it goes on to count',
    help: 'A database of hosts-databases does not answer, for the reason in the field trouble. Clients are served as before, with the reservations that were read last; where the database has more than Whio.hosts.load-max and each client is looked up, a client that was not looked up lately counts as one without a reservation. Nobody else gets a reserved address. The server tries again and again; HOSTS_DATABASE_RECOVERED follows.',
  },
  HOSTS_DATABASE_READ: {
    level: 'info',
    text: 'the reservations of a database are read',
    help: 'From now on they count as those of the file do. The field reservations has their number. What changes in the database is seen every Whio.hosts.refresh seconds, at once after commands of this server, and where somebody does NOTIFY whio_hosts in PostgreSQL.',
  },
  HOSTS_DATABASE_RECOVERED: {
    level: 'info',
    text: 'a database of reservations is there again',
    help: 'What has changed there meanwhile counts from now on.',
  },
  HOSTS_DATABASE_UNREAD: {
    level: 'error',
    text: 'a database of reservations cannot be read at the start',
    help: 'The field trouble says why. With on-fail stop-retry-exit, which is the default, no client is answered before the database was read once, since somebody could get what is reserved for somebody else; the partner of a pair serves meanwhile. With serve-retry-continue clients are answered without these reservations. The server tries again and again.',
  },
  HOSTS_ROW_SKIPPED: {
    level: 'warn',
    text: 'a reservation in a database is wrong: what is wrong of it is left out',
    help: 'The field row is its host_id in the table hosts, the field problem says what is wrong. What can be used of it counts all the same; nobody else gets its address.',
  },
  HOSTS_ROWS_SKIPPED: {
    level: 'warn',
    text: 'more reservations in databases are wrong',
    help: 'The field rows is how many are, beside those that were told by their numbers (HOSTS_ROW_SKIPPED).',
  },
  DDNS_CONFLICT: {
    level: 'warn',
    text: 'the name of a lease is somebody else’s in DNS and was not registered',
    help: 'DNS has the name already, with the DHCID of another client (field holder), or without one: then it was written by hand. The lease is not touched. The name is tried again when the client gets another lease or another name, after a day, when this server removes the record that is in the way, or at once with resend-ddns. Records that were written by hand are replaced only with ddns-conflict-resolution-mode no-check-with-dhcid.',
  },
  DDNS_DROPPED: {
    level: 'error',
    text: 'names that are to be removed from DNS wait for too long: the oldest are given up',
    help: 'A DNS server was away, or has refused a zone, for so long that more removals wait than Whio.ddns.queue allows. The names of leases that run are not concerned. Names that were given up stay in DNS until somebody removes them.',
  },
  DDNS_FAILED: {
    level: 'error',
    text: 'a DNS server gave an answer that does not belong to the update',
    help: 'The name was not registered, or not removed, and is not tried again by itself. The field rcode is what the server said. `resend-ddns` tries again.',
  },
  DDNS_REFUSED: {
    level: 'error',
    text: 'a DNS server refuses updates of a zone',
    help: 'REFUSED and NOTAUTH mostly mean that the server wants a key, another key, or does not have the zone; BADKEY and BADSIG that name or secret of the key differ; BADTIME that the clocks of the two hosts do. Nothing is lost: what waits is tried again every ten minutes, at a reload, and with `whio names retry`.',
  },
  DDNS_NO_ZONE: {
    level: 'warn',
    text: 'no zone of the configuration has the name of a lease, or its address',
    help: 'The direction (forward: the name, reverse: the address) is not registered; the lease is not touched. Add the zone to DhcpDdns, or give the subnet another ddns-qualifying-suffix. `whio names` lists such names as not in DNS. It is told once in a while for each subnet.',
  },
  DDNS_CLOCK: {
    level: 'error',
    text: 'the clock of a DNS server differs from the one of this host',
    help: 'The server takes no message that is signed more than five minutes off its own time (RFC 8945); the field seconds says how far it is ahead. Each message is signed once more with the time of the server, so names are registered all the same, at twice the messages. Set the clocks of both hosts.',
  },
  DDNS_SERVER_AWAY: {
    level: 'warn',
    text: 'a DNS server does not answer: what is owed to it waits',
    help: 'Clients are not concerned. Another server of the zone is asked where there is one; this one is tried again after a second, later once a minute, and then gets all that has waited.',
  },
  DDNS_SERVER_BACK: {
    level: 'info',
    text: 'a DNS server answers again',
    help: 'What has waited for it is sent now, no faster than Whio.ddns.rate.',
  },
  CONFIG_EDITED: {
    level: 'info',
    text: 'the configuration was changed by a command',
    help: 'A command has changed the configuration. The field edits is the number of edits that stand over the file. The change survives a restart, and config-write writes it into the file. A reload of the file drops what was not written.',
  },
  CONFIG_EDITS_DROPPED: {
    level: 'warn',
    text: 'edits that were not written into the file are gone: the file was read again',
    help: 'Commands had changed the configuration. What they changed and nobody wrote with config-write ends when the file is read again, here and at the partner.',
  },
  CONFIG_EDITS_OTHER_FILE: {
    level: 'warn',
    text: 'the file is another one than that over which the edits were made; they stand over this one now',
    help: 'Commands have changed the configuration, the changes were not written, and somebody changed the file since. Look with config-get whether the outcome is meant. config-write writes it, config-reload drops the edits.',
  },
  CONFIG_EDITS_STAND: {
    level: 'info',
    text: 'edits by commands stand over the file',
    help: 'They were made by commands before this start and not written into the file. config-write writes them, config-reload drops them.',
  },
  CONFIG_EDITS_UNREADABLE: {
    level: 'error',
    text: 'edits of the configuration in the lease database cannot be read and count for nothing',
    help: 'The table config_edit is damaged, or was written by a later version. Look at the configuration in force (config-get) before it is used.',
  },
  CONFIG_EDIT_UNUSABLE: {
    level: 'warn',
    text: 'an edit of the configuration is not in force here',
    help: 'It was made over another file, or at the partner, whose file is another one, or another edit excludes it. Everything else is in force.',
  },
  DHCP4_CONFIG_COMPLETE: {
    level: 'info',
    text: 'a new configuration is in force',
    help: 'The configuration was read again and replaced the former one between two batches of messages.',
  },
  DHCP4_CONFIG_RESTART: {
    level: 'warn',
    text: 'the lease database of the new configuration needs a restart',
    help: 'Everything else of the new configuration is in force. Leases go on being kept where they were.',
  },
  DHCP4_CONFIG_REFUSED: {
    level: 'error',
    text: 'the new configuration is refused, the former one stays in force',
    help: 'The file has errors, each of which has a line of its own with its place. Nothing has changed for clients.',
  },
  DHCP4_CONFIG_ERROR: {
    level: 'error',
    text: 'the configuration has an error',
    help: 'A reservation or an option that is wrong is left out and the rest is in force. With any other error the file is refused, and DHCP4_CONFIG_REFUSED follows. `whio check` lists all of them.',
  },
  DHCP4_CONFIG_NOTE: {
    level: 'warn',
    text: 'the configuration has something to look at',
    help: 'The file is usable, but a line of it does not do what its author may think. `whio check` lists all of them.',
  },
  DHCP4_INTERFACE_SERVING: {
    level: 'info',
    text: 'an interface is being served',
    help: 'The socket of the interface is open. unicast=false means that replies to clients without an address are broadcast, which every client understands.',
  },
  DHCP4_INTERFACE_TROUBLE: {
    level: 'warn',
    text: 'an interface cannot be served, it is tried again for ever',
    help: 'The interface is absent, down, has no IPv4 address, or its port is taken. The server tries again each second and says so when it succeeds; until then clients there are not answered.',
  },
  DHCP4_OWN_ADDRESS_LEASED: {
    level: 'error',
    text: "a client has a lease of a server's own address",
    help: 'Two hosts have this address: a server of this configuration, and the client of the lease. The address is given to nobody any more, and the client is refused at its next renewal and gets another one. Give the server an address outside of the pools, or end the lease at the client. A reservation of the address for the client that is the server itself lets it keep it.',
  },
  DHCP4_INTERFACES_UNKNOWN: {
    level: 'warn',
    text: 'the interfaces of this machine cannot be listed at present',
    help: 'Those that are served go on being served; changes are seen when it works again. EMFILE (24) means that the server has no file descriptor left: raise its limit (LimitNOFILE of systemd, ulimit -n) and look who connects to it.',
  },
  DHCP4_INTERFACE_NOTE: {
    level: 'warn',
    text: 'an interface is served with a restriction',
    help: 'The platform lacks something (a capability, a library) and the trouble field says what. Clients are answered.',
  },
  DHCP4_LEASE_OFFER: {
    level: 'debug',
    text: 'an address was offered',
    help: 'An OFFER left. Nothing is stored until the client asks for the address.',
  },
  DHCP4_LEASE_ALLOC: {
    level: 'info',
    text: 'a lease was given',
    help: 'A client got an address that it did not hold before; the lease is on the disk.',
  },
  DHCP4_LEASE_RENEW: {
    level: 'debug',
    text: 'a lease was renewed',
    help: 'A client extended the lease it holds; the new end is on the disk. With "Whio": { "log-renewals": true } the line is written at level info.',
  },
  DHCP4_BOOTP_REPLY: {
    level: 'info',
    text: 'a BOOTP client is answered; its lease has no end',
    help: 'libdhcp_bootp is named in hooks-libraries, and a message without option 53 came (RFC 951). The client never renews, so that its address is never free again by itself. A pool whose client-classes are BOOTP keeps such clients away from the addresses of others.',
  },
  DHCP4_LEASE_REUSE: {
    level: 'debug',
    text: 'a client keeps its lease as it is',
    help: 'The client asked again within cache-threshold or cache-max-age of its last ACK: it was told what is left of its lease, and nothing was written.',
  },
  DHCP4_LEASE_NAK: {
    level: 'info',
    text: 'a client was told that it may not use an address',
    help: 'A DHCPNAK left for the address in the line; the why field says the reason: it does not fit the place the client is at, belongs to somebody else, or a reservation moved. The client starts again.',
  },
  DHCP4_LEASE_NAK_MORE: {
    level: 'warn',
    text: 'more NAKs left than are logged',
    help: 'Lines of NAKs are limited to a few each second, so that a flood cannot fill a disk. The counters are exact.',
  },
  DHCP4_RELEASE: {
    level: 'info',
    text: 'a lease was released by its client',
    help: 'The address is free again; the former holder gets it back when it returns soon.',
  },
  DHCP4_LEASE_ADDED: {
    level: 'info',
    text: 'an operator has added a lease',
    help: 'The client has the address as if this server had given it: by lease4-add, or an update of what was no lease.',
  },
  DHCP4_LEASE_AMENDED: {
    level: 'info',
    text: 'an operator has changed a lease',
    help: 'By lease4-update. The lease ends no earlier than the client was told.',
  },
  DHCP4_LEASE_DELETED: {
    level: 'info',
    text: 'an operator has deleted a lease',
    help: 'By lease4-del or lease4-wipe. The address is free, as after a release; a client that uses the address all the same is not told.',
  },
  DHCP4_LEASE_GOES_OVER: {
    level: 'info',
    text: 'a lease goes over to another identifier of its host',
    help: 'The line names the client that had the address. Its reservation lists several identifiers, and another of them asks: the next line names it. When two interfaces of the host are up at once, the address goes to and fro; reserve an address for each of them then.',
  },
  DHCP4_LEASE_FLOOD: {
    level: 'warn',
    text: 'a subnet gives more new leases than clients come in a normal minute',
    help: 'So many new leases within a minute are a tenth of its addresses, at least 100 and at most 1000. After a power cut of the whole network that is as it should be; else look for a host that asks under ever new hardware addresses. Limits are set with libdhcp_limits. The line is written once an hour for each subnet.',
  },
  DHCP4_OTHER_SERVER: {
    level: 'warn',
    text: 'another DHCP server answers clients of this one',
    help: 'Some client has taken the offer of a server that is neither this one, nor its partner, nor a server of the configuration; it may be a router that was plugged in by its wrong side, or a machine that shares its connection. What it gives out, this server knows nothing of. Find the address that the line names in the tables of the switches. The line is written once an hour for each such server, and `whio status` names those of the last day; 256 clients are counted at most.',
  },
  DHCP4_OTHER_SERVER_MORE: {
    level: 'warn',
    text: 'clients have named more other servers than are logged',
    help: 'Ten lines an hour are written of servers that are none of this configuration. Where there are more, somebody mostly makes them up: look for one client that asks much.',
  },
  DHCP4_DECLINED_MANY: {
    level: 'warn',
    text: 'a tenth of the addresses of a subnet is declined',
    help: 'Clients have found so many addresses in use by others, or somebody declines whatever he is given in order to empty the pool. Look for hosts whose addresses were set by hand, and for the client in the lines DHCP4_DECLINE. The line is written once an hour for each subnet.',
  },
  DHCP4_DECLINE: {
    level: 'warn',
    text: 'a client declined its address because somebody else uses it',
    help: 'The line says who declined it. The address is out of use for decline-probation-period, or for the rest of the lease if that is longer: outOfUse, in seconds. Look for a host with this address set by hand. reserved: true, a reservation names the address, and its client gets another one for so long.',
  },
  DHCP4_SERVER_INITIATED_DECLINE: {
    level: 'warn',
    text: 'an address that was to be offered is in use by a host without a lease',
    help: 'Before the address was offered it was asked for on the wire (libdhcp_ping_check), and somebody answered: hwAddress is the hardware address of that host, and empty where the host is beyond a router. The address is out of use for decline-probation-period: outOfUse, in seconds. The client gets another one. Look for a host with this address set by hand.',
  },
  DHCP4_LEASE_EXPIRED: {
    level: 'debug',
    text: 'a lease ended',
    help: 'The client did not renew. Its former address is kept for it for hold-reclaimed-time as long as others are free.',
  },
  DHCP4_PACKET_DROP: {
    level: 'debug',
    text: 'a message was not answered',
    help: 'The field reason names the row of the drop reasons; `whio explain REASON` tells what it means.',
  },
  LEASE_QUERY_CLOSED: {
    level: 'info',
    text: 'queries about leases are not taken there any more',
    help: 'The configuration in force names another address or port in libdhcp_lease_query, or none. Connections were closed.',
  },
  LEASE_QUERY_OPEN: {
    level: 'info',
    text: 'queries about leases are taken over TCP',
    help: 'libdhcp_lease_query has bulk-query-enabled. Connections from the addresses in requesters are taken, all others are closed at once.',
  },
  LEASE_QUERY_REFUSED: {
    level: 'info',
    text: 'somebody who wanted to ask about leases was turned away',
    help: 'The field why says it: an address that is not in requesters, more connections than max-requester-connections, a message that is no query of RFC 6926 or did not become whole, answers that were not read. Said at once, and then once a minute with the number in count.',
  },
  LEASE_QUERY_TROUBLE: {
    level: 'error',
    text: 'queries about leases cannot be taken over TCP',
    help: 'The field trouble says why the address and port cannot be listened to: lease-query-ip must be an address of this host, and ports below 1024 need CAP_NET_BIND_SERVICE. The server tries again every few seconds. Clients are served all the same, and so are queries by UDP.',
  },
  DHCP4_REPLY_DROP: {
    level: 'warn',
    text: 'replies that were made did not leave',
    help: 'The field reason names the row of the drop reasons: the disk failed, or was so slow that the clients have repeated their messages meanwhile.',
  },
  DHCP4_PACKET_DROP_MORE: {
    level: 'warn',
    text: 'more messages were dropped for the same reason than are logged',
    help: 'Lines of one reason are limited to a few each second, so that a flood cannot fill a disk. The counters are exact.',
  },
  DHCPSRV_EVAL_ERROR: {
    level: 'warn',
    text: 'a class could not be tested for a message, so its client is not in the class',
    help: 'An expression was given what it has no answer for, such as addrtotext of 3 bytes: the why field says it. The message is handled as if the test were false. Ask first whether the option is there and as long as it should be. The line is written once an hour for each class.',
  },
  DHCP4_REPLY_UNDELIVERED: {
    level: 'warn',
    text: 'a reply left and did not reach its client or relay',
    help: 'A router, or the kernel of this host where nobody answered ARP, has said so; the why field has its words. For a relay: look at its address (giaddr) and the route there. For a client that renewed: it may have left the network, or a firewall is between. The line is written once an hour for each address; undeliverable in the traffic of status counts all.',
  },
  DHCP4_REVERSE_PATH_STRICT: {
    level: 'warn',
    text: 'the kernel throws away what reaches this interface from networks that are routed elsewhere',
    help: 'rp_filter is 1 (strict), and the default route of this host is not by this interface. Queries of relays, and renewals of clients behind routers, are lost without a trace unless a route by this interface leads back to them. Set the sysctl that the line names to 2 (loose), or add the routes. Clients on the link itself are not affected.',
  },
  DHCP4_SEND_FAIL: {
    level: 'warn',
    text: 'a reply could not be sent; further ones with this error are only counted',
    help: 'The kernel refused it; the error field has the reason: the interface went away, there is no route to the client or relay, or a firewall forbids it (EPERM). The line is written once for each error of an interface while its sockets are open. Clients repeat their messages.',
  },
  DHCP4_SOCKETS_PLAIN: {
    level: 'warn',
    text: 'sockets cannot be bound to their device: replies to clients without an address are broadcast, and with several interfaces broadcasts are not heard',
    help: 'Binding to a device needs Linux and the optional package koffi, on kernels before 5.7 also the capability CAP_NET_RAW; the reason field says which is missing. One interface, and relayed messages on any number of them, are served in full without it.',
  },
  DHCP4_SOCKETS_NO_FRAMES: {
    level: 'warn',
    text: 'replies to clients without an address are broadcast: sending frames needs root or the capability CAP_NET_RAW',
    help: 'A client without an address cannot be reached by an ordinary datagram, so such a reply goes to everybody on the link, which every client understands. To address it to the client alone, give the process CAP_NET_RAW (AmbientCapabilities= in a systemd unit).',
  },
  DHCP4_PING_CHECK_UNAVAILABLE: {
    level: 'warn',
    text: 'not every address can be asked for before it is offered',
    help: 'libdhcp_ping_check is in the configuration, and the trouble field says what this host lacks for it. Without ARP, neighbours are asked by a ping, which some hosts drop; without either, addresses are offered unasked. ARP takes CAP_NET_RAW (systemd: AmbientCapabilities=CAP_NET_RAW). A ping takes it, too, unless the group of the server is in the range of the sysctl net.ipv4.ping_group_range. Both take the package koffi.',
  },
  DHCP4_SOCKETS_PASSED_UNUSED: {
    level: 'warn',
    text: 'a descriptor from systemd is no IPv4 UDP socket bound to a device; set BindToDevice=',
    help: 'A .socket unit handed over a descriptor that cannot be used and is left alone. It needs ListenDatagram=0.0.0.0:67 and BindToDevice= with the interface; without the package koffi also FileDescriptorName= with the same name.',
  },
  JOURNAL_READY: {
    level: 'info',
    text: 'the lease journal was read',
    help: 'All usable rows are in memory.',
  },
  JOURNAL_DOWNTIME: {
    level: 'info',
    text: 'the time while the server was off counts for leases',
    help: 'It is known for certain: the host has not been started anew, or its calendar was set from the network before and after. Leases that ended meanwhile are over. Without that, leases last longer by the time that the server was off, so that none ends early.',
  },
  JOURNAL_OLDER: {
    level: 'error',
    text: 'the lease database is older than what this host has noted of it: an older copy was put back',
    help: 'Leases that were given after the copy was made are not known here. A server of a pair gets them from its partner, and answers nobody before (HA_AFTER_RESTORE). A server on its own may give addresses of such leases to other clients: where that must not be, stop it for as long as the longest lease lasts, or put the newest database back. What a database was is noted beside it, in a folder of its own (README, "Backups and snapshots"). A host that was put back as a whole is not noticed: start with --after-restore then.',
  },
  RESTORED_ALONE: {
    level: 'warn',
    text: 'there is no partner to wait for after a restore: leases given since the copy was made are not known',
    help: '--after-restore makes a server of a pair wait for its partner, which knows what was given meanwhile. A server on its own has nobody to ask: it may give addresses of such leases to other clients. Where that must not be, stop it for as long as the longest lease lasts.',
  },
  JOURNAL_ROWS_SET_ASIDE: {
    level: 'error',
    text: 'rows of the lease journal could not be used and were set aside',
    help: 'The rows stand in the table lease4_set_aside or lease6_set_aside with the reason. Their addresses count as free: look who held them. The server serves.',
  },
  JOURNAL_UNREADABLE: {
    level: 'fatal',
    text: 'the lease journal could not be read, so the server ends',
    help: 'The disk failed between opening the journal and reading its last row. Nobody was answered. Look at the disk and start again.',
  },
  JOURNAL_FAILED: {
    level: 'error',
    text: 'leases cannot be stored, so nothing is answered until they can',
    help: 'A lease is acknowledged only when it is on the disk. The trouble field has the reason: disk full, read-only, failing. It is tried again each second.',
  },
  JOURNAL_STUCK: {
    level: 'error',
    text: 'the disk does not answer, so that this server leaves its pair and answers nobody until it does',
    help: 'A batch of leases has been with the disk for longer than the time in the line, and no error was reported. The partner serves all clients. Look at the disk: storage over a network, a failing drive, another program that writes much. JOURNAL_RECOVERED follows when it answers.',
  },
  JOURNAL_RECOVERED: {
    level: 'info',
    text: 'leases can be stored again, clients are answered',
    help: 'What was waiting is on the disk now.',
  },
  JOURNAL_IMPORTED: {
    level: 'info',
    text: 'leases were read in from a CSV file of Kea',
    help: 'The journal did not exist yet, and the configuration names a CSV file, or names no database and Kea left its file in the usual place. The CSV file is never written and from now on not read either.',
  },
  JOURNAL_IMPORT_ROW: {
    level: 'warn',
    text: 'a row of the CSV file could not be used',
    help: 'The row was skipped; the others were read in.',
  },
  JOURNAL_KEA_TAKEN_OVER: {
    level: 'info',
    text: 'the leases in the tables of Kea were taken over',
    help: 'The database had tables of Kea and no schema of Whio, which was made just now. Tables lease4 and lease6 of Kea stay as they are and are not read again. shift: by how many seconds the ends in the tables were wrong, since Kea and the database had different time zones; it was taken into account.',
  },
  JOURNAL_KEA_ROW: {
    level: 'warn',
    text: 'a row in the tables of Kea could not be used',
    help: 'The lease was left out; the others were taken over.',
  },
  JOURNAL_IMPORT_LEFT: {
    level: 'warn',
    text: 'leases that Kea has left were not read in',
    help: 'The server begins to serve a second family, and its journal is that of a pair, which takes no leases from outside. Clients of Kea get other addresses when they renew theirs. Until the last lease of Kea has ended, an address of such a client may be given to another client: begin to serve the family when that time is over, or with pools that Kea did not have. The file field says which file was left.',
  },
  HA_LINK_TLS_KEPT: {
    level: 'error',
    text: 'new certificate files cannot be used, so the former ones stay in force for new connections',
    help: 'A file of trust-anchor, cert-file or key-file changed and cannot be read, or the key does not belong to the certificate. The trouble field says which. The files are looked at again whenever a connection is made; nothing needs a restart. Mend it before the former certificate ends.',
  },
  HA_LINK_TLS_RENEWED: {
    level: 'info',
    text: 'changed certificate files are in force for new connections',
    help: 'A file of trust-anchor, cert-file or key-file changed. Connections that exist are not disturbed.',
  },
  LEGAL_LOG_FAILED: {
    level: 'error',
    text: 'a line of the legal log could not be written',
    help: 'libdhcp_legal_log is to keep who had which address: output says where, and why says what happened (the folder is not there or may not be written, the disk is full, the program logger is missing). Leases are not affected; the lines are lost. The line comes once a minute at most: count is how often it was the case since the last one.',
  },
  RUN_SCRIPT_FAILED: {
    level: 'warn',
    text: 'the script that is told of leases could not be started, or failed',
    help: 'libdhcp_run_script names the script, point is the hook point that was its argument, and why says what happened: it is not there, may not be executed, or ended with a number that is not 0. Leases are not affected. The line comes once a minute at most: count is how often it was the case since the last one.',
  },
  RUN_SCRIPT_DROPPED: {
    level: 'warn',
    text: 'a script was not started, since too many wait for their turn',
    help: 'Eight scripts run at a time and 1024 wait. The script of libdhcp_run_script is too slow for the number of changes of leases. The line comes once a minute at most: count is how many were given up since the last one.',
  },
  INTERNAL_ERROR: {
    level: 'error',
    text: 'a message or a command met an error in the server',
    help: 'This is a fault of Whio; a message was dropped, a command was answered with an error, and the server goes on. Please report the line.',
  },
  SERVICE_SWITCHED: {
    level: 'warn',
    text: 'the service was switched on or off',
    help: 'By dhcp-disable and dhcp-enable, or since the period of a dhcp-disable is over. Messages of a family that is off are dropped with the reason service-disabled. In a pair a server that is off leaves the pair, and its partner serves the clients of both; of a server of both families that goes for both as soon as one is off and the partner is connected.',
  },
  CONTROL_COMMAND: {
    level: 'info',
    text: 'a command was carried out',
    help: 'Somebody has changed something through the management side: the line says who, by which door and from where, with which role, and what. Passwords and keys are left out of the arguments, and long ones are cut.',
  },
  CONTROL_COMMAND_NOT_DONE: {
    level: 'info',
    text: 'a command was not carried out',
    help: 'A command that changes something was answered with another result than 0: the answer says why. Nothing was changed, or what there was to change was not there (result 3).',
  },
  CONTROL_FORBIDDEN_MORE: {
    level: 'warn',
    text: 'a command was refused again and again: the role does not permit it',
    help: 'Of a user and a command ten lines CONTROL_FORBIDDEN are written in a minute; suppressed is the number of the others.',
  },
  CONTROL_FORBIDDEN: {
    level: 'warn',
    text: 'a command was refused: the role does not permit it',
    help: 'Who asked is known, and has a role that does not have this command. Roles are given with the users of a control socket; list-commands shows each user what it may ask.',
  },
  NAME_SINK_AWAY: {
    level: 'error',
    text: 'a place that has the names of clients does not take them',
    help: 'A file, Unbound or PowerDNS of Whio.ddns.sinks cannot be told which names there are; trouble says why. Clients are served as before. It is tried again at growing distances, at least once a minute, and then gets all that it lacks.',
  },
  NAME_SINK_BACK: {
    level: 'info',
    text: 'a place that has the names of clients takes them again',
    help: 'It has been told all names that it lacked.',
  },
  WEBHOOK_FAILED: {
    level: 'warn',
    text: 'somebody who is to be called did not take an event, which is given up',
    help: 'It was tried nine times within some three minutes; the trouble field has the last answer. The events behind it are tried in their turn; who is away for long is told `gap` instead of those that are not kept any more. See `webhooks` in the map `Whio`.',
  },
  CONTROL_LOGIN_REFUSED: {
    level: 'warn',
    text: 'somebody was refused at a socket for commands: no such user, or another password',
    help: 'The from field says where the last one asked from, the count field how many there were since the last line. Users stand in `authentication` of the socket, or of `Control-agent`; files with users are read at each reload.',
  },
  CONTROL_SOCKET_CLOSED: {
    level: 'info',
    text: 'a socket for commands is closed',
    help: 'The configuration in force does not have the socket any more, or the server stops. Who had asked was answered yet.',
  },
  CONTROL_SOCKET_OPEN: {
    level: 'info',
    text: 'commands are taken',
    help: "`control-sockets` of Dhcp4 or Dhcp6, or `Control-agent`, names this socket. Kea's clients (kea-shell, kea-ctrl-agent, Stork and others) may ask there.",
  },
  CONTROL_SOCKET_TROUBLE: {
    level: 'error',
    text: 'a socket for commands cannot be opened, or takes nobody at the moment',
    help: 'The trouble field says why: another server that has the socket, a folder that may not be written, an address that this host does not have, certificates that cannot be read. The server tries again every few seconds; clients of DHCP are served all the same.',
  },
  CONTROL_TROUBLE: {
    level: 'warn',
    text: 'orders of an operator cannot be taken: the socket beside the journal cannot be opened',
    help: 'The commands `whio status`, `whio partner-off` and the like do not reach this server. The trouble field says why; the path of a socket has at most 107 characters. Clients are served all the same.',
  },
  STATUS: {
    level: 'info',
    text: 'status',
    help: 'Written on SIGUSR1.',
  },
  HA_LISTENING: {
    level: 'info',
    text: 'listening for the other servers of the pair',
    help: 'The url of this server in the high-availability map is being listened on.',
  },
  HA_LISTENER_TROUBLE: {
    level: 'error',
    text: 'the other servers cannot connect to this one',
    help: 'The url of this server cannot be listened on: the address is not on this host, the port is taken, or a TLS file cannot be read. It is tried again for ever. While this server can reach its partner the pair works all the same.',
  },
  HA_STRANGER: {
    level: 'warn',
    text: 'somebody was turned away at the url of this server',
    help: 'A connection without the right password or certificate, or one that speaks something else. Look who it is.',
  },
  HA_PEER_REFUSED: {
    level: 'error',
    text: 'a server of the pair is refused',
    help: 'The two do not fit: the reason says why. Both go on serving what they have the right to; of two that name different lease databases as the one that both write, only the primary serves. It is told once for each reason, then counted each hour. The two are tried less and less often, every 30 seconds at last; a restart or a reload of either tries at once.',
  },
  HA_PEER_MET: {
    level: 'info',
    text: 'connected to another server of the pair',
    help: 'send and expect say what each end still has to send: a delta (what changed meanwhile) or a refill (everything).',
  },
  HA_PEER_LEAVES: {
    level: 'info',
    text: 'another server of the pair stops in good order',
    help: 'It has answered all its clients. Its part is taken over at once.',
  },
  HA_LINK_LOST: {
    level: 'warn',
    text: 'the connection to another server of the pair has ended',
    help: 'Replies no longer wait for it. It is dialled again until it answers; whether its clients are served from here, the next lines tell.',
  },
  HA_DIAL_FAILED: {
    level: 'info',
    text: 'another server of the pair cannot be reached',
    help: 'Told once for each kind of failure, then counted each hour. refused: its host answers and nobody listens there, so its process is gone and its clients are served from here at once. unreachable: no answer; its clients are served from here after max-response-delay.',
  },
  HA_DIAL_REJECTED: {
    level: 'warn',
    text: 'somebody answers at the url of another server of the pair, and does not want this one',
    help: 'The detail field has what it said. password refused: basic-auth-user and basic-auth-password of the entry of that server are not the same in the files of both hosts, or it is not the partner. user or name refused: the name of that server or its basic-auth-user differs. certificate names: it is the certificate of somebody else. TLS: a certificate that the trust-anchor there does not know, or TLS on one side only. It is tried again at the latest after 30 seconds, and meanwhile the other server may still connect to this one. Told once, then counted each hour.',
  },
  HA_MORE: {
    level: 'info',
    text: 'more lines of one kind than are logged',
    help: 'The line field names the kind. What another server can cause again and again is limited to ten lines of a kind in ten seconds, and the same refusal or failed dial to one an hour; suppressed is the number of the others; of changes of state the last one follows. A connection that comes and goes wants to be looked at: the reason is in the HA_LINK_LOST lines.',
  },
  HA_STATE_TRANSITION: {
    level: 'info',
    text: 'the state of this server has changed',
    help: "States have Kea's names. The reason is in the line.",
  },
  HA_PARTNER_DOWN: {
    level: 'warn',
    text: 'the clients of the partner are answered from here',
    help: 'The partner is away: the why field and the lines before say since when and how that is known. Known clients keep their addresses without limit; new ones get those of this server only, and `whio status` says how many are left and until when they last. Bring the partner back; where its host is off and stays off, `whio partner-off` gives every address from here. On a lease database that both servers write, every address is given from here anyway. It ends with a HA_STATE_TRANSITION to load-balancing or hot-standby.',
  },
  HA_NO_RIGHTS: {
    level: 'warn',
    text: 'no client is answered before this server has met its partner',
    help: 'because says why. fresh: a new database whose partner may have given any address. lost: the database is new or was put back to an older state, or its host crashed (HA_DATABASE_LOST). handed-over: everything was handed to the partner, for maintenance or since an operator said that this server was off. Start the partner, or look why the two do not meet (`whio status`). Where there is none yet, `whio serve-alone`; where it is lost for good, `whio partner-off`.',
  },
  HA_DATABASE_LOST: {
    level: 'error',
    text: 'this host crashed under a durability below full: leases may be missing, so the database counts as lost',
    help: "The server had not been stopped in good order when its host went down or was started anew, and with durability normal or off (the field has which) what it acknowledged last need not have reached the disk. The same is assumed of a database that was copied to another host while in use. In order that no address gets two clients, this server answers nobody until its partner has sent everything (HA_NO_RIGHTS, then HA_SHARED); then addresses that it may have given without its partner's knowledge stay unused for one longest lease time, which `whio end-doubt` ends. Where both hosts crashed, one of them goes on as soon as they meet, and for one longest lease time only renews. Where the partner is lost for good: `whio partner-off`. With durability full none of this happens.",
  },
  HA_AFTER_RESTORE: {
    level: 'warn',
    text: 'the lease database is an older copy that was put back: it counts as lost',
    help: 'because says who says so. older: this host has noted more of the database than it knows (JOURNAL_OLDER). told: it was started with --after-restore. In order that no address gets two clients, this server answers nobody until its partner has sent everything (HA_NO_RIGHTS, then HA_SHARED). Then addresses that it may have given without the knowledge of its partner stay unused for one longest lease time, which `whio end-doubt` ends. Where both databases are copies, the two go on as soon as they meet, and for one longest lease time only renew the leases that clients use. Where the partner is lost for good: `whio partner-off`.',
  },
  HA_SYNC_SENT: {
    level: 'info',
    text: 'the other server has stored what it had missed',
    help: 'Both went on serving meanwhile.',
  },
  HA_EDIT_UNUSABLE: {
    level: 'warn',
    text: 'an edit of the configuration is not in force at the other server',
    help: 'It is in force here. The file of the partner is another one, so that the edit cannot be carried out there. Bring the files together.',
  },
  HA_EDITS_NOT_SHARED: {
    level: 'warn',
    text: 'edits of the configuration stay at this server',
    help: 'The partner keeps the configuration of its file. Give it the same command, or change its file.',
  },
  HA_CONFIG_DIFFERS: {
    level: 'warn',
    text: 'the other server has other subnets, pools, guards or reserved addresses',
    help: 'The two configurations should be the same but for this-server-name. Until they are, clients may get an address from one server that the other does not want to extend, and no unknown address is refused with a NAK.',
  },
  HA_URL_DIFFERS: {
    level: 'warn',
    text: 'the other server listens elsewhere than the url of this configuration says',
    help: 'The two are connected since the other server has called. This one could not, so after a restart, or when only one direction works, they would not meet. Mend the url of that server in the file of this host, or its own. (Where something between the two translates addresses or ports, the line may be right and nothing is wrong.)',
  },
  HA_MODE_DIFFERS: {
    level: 'warn',
    text: 'the other server is configured for another mode',
    help: 'Both must have the same mode, or some clients are answered by both and some by none.',
  },
  HA_ALARM: {
    level: 'error',
    text: 'something is wrong with a lease database of the pair',
    help: 'The field alarm says what. partner-lost-database: that of the partner is new or was put back to an older state. my-database-behind: the same of this server. both-sole: each server was told that the other was off (`whio partner-off`), so that addresses may have been given to two clients: look for HA_LEASE_CONFLICT. The first two bring no address to two clients, but addresses may stay unused for one longest lease time; `whio end-doubt` ends that.',
  },
  HA_CLAIM_REFUSED: {
    level: 'error',
    text: 'another server of the pair claims what cannot be, or could not believe this one',
    help: 'The field claim says what. Nothing was changed by it, and the two go on without each other. Somebody else may speak for that server: protect the link (README, Protect the link). Lifetimes that only one of the two knows come from configurations that differ, or from such a claim in the past: give both servers the same lifetimes, or say `whio forget-lifetime` to the one that remembers them.',
  },
  HA_LIFETIME_WAITS: {
    level: 'warn',
    text: 'no lease is given for longer before the partner has heard of the new lifetime',
    help: 'The configuration allows leases of `lifetime` seconds, and the partner knows of leases of `longest` seconds. If this disk were lost, the partner would let its addresses rest for as long as it knows of. The new lifetime counts as soon as the two are connected.',
  },
  HA_LIFETIME_FORGOTTEN: {
    level: 'warn',
    text: 'an operator says that no lease lasts longer than those that are known',
    help: '`whio forget-lifetime`: the field longest has the longest lifetime that counts from now on, seconds. Addresses that rested for longer do so no more. The partner may remember the old one and must be told the same.',
  },
  HA_LEASE_CONFLICT: {
    level: 'error',
    text: 'both servers have given one address, to two clients',
    help: 'This cannot happen unless an older database was put back, an operator said that a partner was off that was not, or when-silent is "available". Both servers keep the same one of the two; the other client is moved at its next renewal.',
  },
  HA_OVER_EARLY: {
    level: 'error',
    text: 'the partner hands everything over, but not all of its leases are here',
    help: 'Nothing changes; the connection is ended, and the two meet anew.',
  },
  HA_SOLE: {
    level: 'warn',
    text: 'this server alone may give addresses',
    help: 'The partner has handed everything over, or an operator has said that it is off. It must not serve before it has met this server again.',
  },
  HA_DOUBT_ENDED: {
    level: 'warn',
    text: 'addresses that were kept out of use may be given again',
    help: 'An operator has said that no client uses a lease any more that the lost database of this server gave.',
  },
  HA_SHARED: {
    level: 'info',
    text: 'this server has its rights: all leases are here',
    help: 'doubt=true: its own database was lost, so addresses that it may have given before stay unused for one longest lease time.',
  },
  HA_DATABASE_OF_PAIR: {
    level: 'warn',
    text: 'the lease database belongs to a pair, and the configuration names no partner: it is kept to',
    help: 'To take the pair out of the file, or to change its mode, moves no right to an address: the other server may run with another file. rights says what this one has. shared: it renews leases, and gives new clients its own part of the free addresses. none: it answers nobody. sole: everything is given from here. due, where it is there, is the command that gives this server every address, when the other one is off and no client has a lease of it that this server has not heard of: `whio partner-off`; `whio serve-alone` where the two have never met.',
  },
  HA_CONFIG_RESTART: {
    level: 'warn',
    text: 'the new high-availability map needs a restart',
    help: 'Everything else of the new configuration is in force; the pair goes on as it was.',
  },
} as const satisfies Record<string, CatalogueRow>

export type MessageId = keyof typeof MESSAGES
