// biome-ignore-all format: a table, a row a line
// Every key that Kea knows in a Dhcp4 document (2.2 to 3.3), level by level: what it means, its type and
// default, and what Whio does with it. schemas/dhcp4.json is made from this table; judge4.ts obeys it.
// A row reads: key: support(type, meaning, default, what happens instead).

import { HA_STATES } from '../plan/ha-plan.ts'
import { accepted, anyMap, bool, fraction, inner, ipv4, ipv4s, type KeyRow, type Level, list, map, millis, old, oneOf, port, refused, seconds, text, texts, UINT32, warned, whole, works } from './row.ts'
import { NO_CLASSES } from './values4.ts'

type Rows = Readonly<Record<string, KeyRow>>

const NO_DNS = 'DNS is not updated; names of clients become lower-case letters, digits, dots and hyphens'
const NAME_CHARACTERS = 'names of clients always lose all but letters, digits, dots and hyphens'
const NO_SOCKETS = 'an interface that cannot be opened is tried again for ever and reported'
const NO_MANAGEMENT = 'management commands come with a later version'
const NO_SQL = 'leases are kept in memory with an SQLite journal'

const notes: Rows = {
  'user-context': works(anyMap, 'Any map, kept and shown.'),
  comment: works(text, 'A remark, kept as user-context.comment.'),
}

const innerNotes: Rows = {
  'user-context': inner(anyMap, 'Any map, kept and shown.'),
  comment: inner(text, 'A remark, kept as user-context.comment.'),
}

const lifetimes: Rows = {
  'valid-lifetime': works(seconds, 'Lease time in seconds; 4294967295 = for ever.', 7200),
  'min-valid-lifetime': works(seconds, 'Least lease time a client may ask for; default valid-lifetime.'),
  'max-valid-lifetime': works(seconds, 'Longest lease time a client may ask for; default valid-lifetime.'),
}

const timers: Rows = {
  'renew-timer': works(seconds, 'T1 in seconds, option 58; not sent where nothing gives it.'),
  'rebind-timer': works(seconds, 'T2 in seconds, option 59; not sent where nothing gives it.'),
  'calculate-tee-times': works(bool, 'Compute T1 and T2 from the lease time where the timers are not set.', false),
  't1-percent': works(fraction, 'T1 as a fraction of the lease time.', 0.5),
  't2-percent': works(fraction, 'T2 as a fraction of the lease time.', 0.875),
}

const bootFields: Rows = {
  'next-server': works(ipv4, 'Address of the boot server, field siaddr.', '0.0.0.0'),
  'server-hostname': works({ ...text, maxLength: 63 }, 'Name of the boot server, field sname.', ''),
  'boot-file-name': works({ ...text, maxLength: 127 }, 'Boot file, field file.', ''),
}

/** Global, shared network, subnet and pool. */
const names: Rows = {
  'hostname-char-set': refused(text, 'Regular expression of characters to replace in names of clients.', '[^A-Za-z0-9.-]', NAME_CHARACTERS),
  'hostname-char-replacement': refused(text, 'What they are replaced with.', '', NAME_CHARACTERS),
  'ddns-send-updates': warned(bool, 'Register names in DNS here.', true, NO_DNS),
  'ddns-override-no-update': warned(bool, 'Update although the client asked for none.', false, NO_DNS),
  'ddns-override-client-update': warned(bool, 'Update although the client wants to do it.', false, NO_DNS),
  'ddns-replace-client-name': warned(oneOf('never', 'always', 'when-present', 'when-not-present'), 'When to make up a name.', 'never', NO_DNS),
  'ddns-generated-prefix': warned(text, 'How such a name begins.', 'myhost', NO_DNS),
  'ddns-qualifying-suffix': warned(text, 'Domain that is added to names without one.', '', NO_DNS),
  'ddns-update-on-renew': warned(bool, 'Update at each renewal.', false, NO_DNS),
  'ddns-ttl': warned(seconds, 'TTL of the records, seconds.', undefined, NO_DNS),
  'ddns-ttl-percent': warned(fraction, 'TTL as a fraction of the lease time.', undefined, NO_DNS),
  'ddns-ttl-min': warned(seconds, 'Lower bound of the TTL.', undefined, NO_DNS),
  'ddns-ttl-max': warned(seconds, 'Upper bound of the TTL.', undefined, NO_DNS),
  'ddns-conflict-resolution-mode': warned(oneOf('check-with-dhcid', 'no-check-with-dhcid', 'check-exists-with-dhcid', 'no-check-without-dhcid'), 'Whose DNS records may be replaced.', 'check-with-dhcid', NO_DNS),
  'ddns-use-conflict-resolution': old(bool, 'ddns-conflict-resolution-mode'),
}

/** Global, shared network and subnet. */
const scope: Rows = {
  ...lifetimes,
  ...timers,
  ...bootFields,
  ...names,
  ...notes,
  'option-data': works(list('optionData'), 'Options that clients get.', []),
  authoritative: works(bool, 'Answer NAK to an unknown client that asks for a wrong address.', false),
  'match-client-id': works(bool, 'False: know clients by hardware address only.', true),
  'reservations-global': works(bool, 'Look reservations up among the global ones.', false),
  'reservations-in-subnet': works(bool, 'Look reservations up in the subnet.', true),
  'reservations-out-of-pool': works(bool, 'Reserved addresses lie outside the pools.', false),
  'reservation-mode': old(oneOf('all', 'out-of-pool', 'global', 'disabled', 'off'), 'reservations-global, -in-subnet and -out-of-pool'),
  allocator: works(oneOf('iterative', 'random', 'flq', 'shared-flq'), 'How a free address is chosen.', 'iterative'),
  'offer-lifetime': accepted(seconds, 'Seconds for which an offered address is stored.', 0, 'an offered address is always held for its client for some seconds, in memory'),
  'store-extended-info': warned(bool, 'Keep relay information with the lease.', false, 'leases carry no relay information yet'),
  'cache-threshold': accepted(fraction, 'Part of the lifetime in which a lease is reused unwritten.', 0.25, 'every renewal is written; group commits make it cheap'),
  'cache-max-age': accepted(seconds, 'The same as an absolute bound.', undefined, 'every renewal is written; group commits make it cheap'),
  'adaptive-lease-time-threshold': warned({ type: 'number', minimum: 0, maximum: 1 }, 'Pool occupancy above which new clients get the shortest lifetime (allocator flq).', 1, 'lease times do not depend on how full a pool is'),
}

/** Shared network, subnet and pool: which classes may use the object. */
const guards: Rows = {
  'client-classes': works(texts, 'Only clients of one of these classes are served here; HA_ and the name of a server of the pair.', []),
  'client-class': old(text, 'client-classes'),
  'evaluate-additional-classes': refused(texts, 'Classes that are tested late.', [], NO_CLASSES),
  'require-client-classes': old(texts, 'evaluate-additional-classes'),
}

const subnets = works(list('subnet'), 'The subnets that are served.', [])

const global: Level = {
  about: 'A DHCPv4 server.',
  keys: {
    ...scope,
    'interfaces-config': works(map('interfaces'), 'Where to listen.'),
    'lease-database': works(map('leaseDatabase'), 'Where leases are kept.'),
    subnet4: subnets,
    'shared-networks': works(list('network'), 'Subnets that share a link: a client may get an address of any of them.', []),
    reservations: works(list('reservation'), 'Reservations of the global level (see reservations-global).', []),
    'client-classes': refused(list('class'), 'Definitions of classes.', [], NO_CLASSES),
    'option-def': refused(list('optionDef'), 'Definitions of options.', [], 'give such options by code with "csv-format": false and their data in hex'),
    'decline-probation-period': works(seconds, 'Seconds for which a declined address is not used; what is left of its lease counts where that is longer.', 86400),
    'expired-leases-processing': works(map('expiry'), 'How ended leases are dealt with.'),
    'echo-client-id': works(bool, 'Return option 61 (RFC 6842).', true),
    'host-reservation-identifiers': works(
      {
        type: 'array',
        items: oneOf('hw-address', 'duid', 'circuit-id', 'client-id', 'flex-id', 'auto'),
      },
      'Order in which identifiers are looked up.',
      ['hw-address', 'duid', 'circuit-id', 'client-id'],
    ),
    compatibility: works(map('compatibility'), 'Concessions to broken clients and relays.', {}),
    loggers: works(list('logger'), 'What is logged, and where to.', []),
    'hooks-libraries': works(list('hook'), 'Kea loads these; Whio judges each by its name.', []),
    'ip-reservations-unique': works(bool, 'False: several reservations may name one address.', true),
    'reservations-lookup-first': accepted(bool, 'Look reservations up before leases.', false, 'both are always looked up'),
    'early-global-reservations-lookup': accepted(bool, 'Let classes of global reservations steer the choice of subnet.', false, 'clients are not classified yet, so there is nothing to steer'),
    'stash-agent-options': warned(bool, 'Use option 82 of the first REQUEST for unicast renewals.', false, 'a renewal is judged by its own content'),
    'hosts-databases': refused(list('database'), 'Databases of reservations.', [], 'write the reservations into the file; databases are not asked yet'),
    'hosts-database': old(map('database'), 'hosts-databases'),
    'config-control': refused(map('configControl'), 'Configuration from a database.', {}, 'write the configuration into the file'),
    'server-tag': accepted(text, 'Identity in a shared configuration database.', '', 'there is no such database'),
    'dhcp-ddns': works(map('dhcpDdns'), 'Connection to the DNS updater.'),
    'dhcp4o6-port': refused(port, 'DHCPv4 over DHCPv6; 0 = off.', 0, 'DHCPv4 over DHCPv6 is not served'),
    'control-sockets': accepted(list('controlSocket'), 'Where management commands are taken.', [], NO_MANAGEMENT),
    'control-socket': old(map('controlSocket'), 'control-sockets'),
    'dhcp-queue-control': accepted(map('queueControl'), 'The receive queue.', undefined, 'the inbox is bounded and drained in batches'),
    'multi-threading': accepted(map('multiThreading'), 'Worker threads.', undefined, 'one thread answers and another writes leases'),
    'parked-packet-limit': accepted(seconds, 'The most answers that wait for hooks; 0 = no limit.', 256, 'answers that wait for the journal are bounded by the batch'),
    'sanity-checks': accepted(map('sanityChecks'), 'Checks of leases at load.', undefined, 'nothing is checked: leases of subnets that are no longer configured are kept until they end'),
    'statistic-default-sample-count': accepted(seconds, 'Samples kept of a statistic.', 20, 'a statistic has its present value only'),
    'statistic-default-sample-age': accepted(seconds, 'Seconds for which samples are kept.', 0, 'a statistic has its present value only'),
  },
}

const network: Level = {
  about: 'A shared network: subnets on one link.',
  required: ['name'],
  keys: {
    ...scope,
    ...guards,
    name: works(text, 'Name of the shared network, each once.'),
    interface: works(text, 'Clients on this local interface belong here.', ''),
    relay: works(map('relay'), 'Relays whose clients belong here.'),
    subnet4: works(list('subnet'), 'The subnets on the link.', []),
  },
}

const subnet: Level = {
  about: 'A subnet.',
  required: ['subnet'],
  keys: {
    ...scope,
    ...guards,
    subnet: works(text, 'Prefix and length, as in 192.0.2.0/24.'),
    id: works(whole(0, UINT32 - 1), 'Key of the leases and reservations: 1 to 4294967294, each once, for ever the same.'),
    pools: works(list('pool'), 'Addresses to hand out.', []),
    reservations: works(list('reservation'), 'Addresses and options of known clients.', []),
    interface: works(text, 'Clients on this local interface belong here.', ''),
    relay: works(map('relay'), 'Relays whose clients belong here.'),
    '4o6-interface': refused(text, 'DHCPv4 over DHCPv6: interface.', '', 'DHCPv4 over DHCPv6 is not served'),
    '4o6-interface-id': refused(text, 'DHCPv4 over DHCPv6: interface-id of the relay.', '', 'DHCPv4 over DHCPv6 is not served'),
    '4o6-subnet': refused(text, 'DHCPv4 over DHCPv6: IPv6 subnet of the client.', '', 'DHCPv4 over DHCPv6 is not served'),
  },
}

const pool: Level = {
  about: 'A range of addresses to hand out.',
  required: ['pool'],
  keys: {
    ...notes,
    ...names,
    ...guards,
    pool: works(text, '192.0.2.10 - 192.0.2.99, or 192.0.2.64/26.'),
    'pool-id': works(whole(0, UINT32), 'Number of the pool in statistics.', 0),
    'option-data': works(list('optionData'), 'Options of clients with an address of this pool.', []),
  },
}

const relay: Level = {
  about: 'Relays, by their addresses.',
  keys: {
    'ip-addresses': works(ipv4s, 'Addresses of relays (giaddr).', []),
    'ip-address': old(ipv4, 'ip-addresses'),
  },
}

const reservation: Level = {
  about: 'What a known client gets. Exactly one identifier.',
  keys: {
    ...notes,
    ...bootFields,
    'hw-address': works(text, 'Hardware address: 1a:1b:1c:1d:1e:1f.'),
    'client-id': works(text, 'Option 61: hex digits, or text in single quotes.'),
    duid: refused(text, 'DUID in the client identifier, hex.', undefined, 'only hw-address and client-id are looked up; client-id takes the whole of option 61'),
    'circuit-id': refused(text, 'Circuit id of the relay, option 82.1.', undefined, 'only hw-address and client-id are looked up'),
    'flex-id': warned(text, 'Value computed by a hook.', undefined, 'nothing computes a flex-id, so the reservation is never found'),
    'ip-address': works(ipv4, 'The reserved address.'),
    hostname: works(text, 'Name of the client.', ''),
    'option-data': works(list('optionData'), 'Options of this client; they win over all others.', []),
    'client-classes': refused(texts, 'Classes the client belongs to.', [], NO_CLASSES),
  },
}

const optionData: Level = {
  about: 'An option and its value; name or code.',
  keys: {
    ...notes,
    name: works(text, 'Name of the option, as in domain-name-servers.'),
    code: works(whole(1, 254), 'Code of the option.'),
    space: works(text, 'Space of the option.', 'dhcp4'),
    data: works(text, 'The value: fields separated by commas, or hex with csv-format false.'),
    'csv-format': works(bool, 'False: data is hex.', true),
    'always-send': works(bool, 'Send it to clients that do not ask for it.', false),
    'never-send': works(bool, 'Never send it; wins over always-send.', false),
    'client-classes': refused(texts, 'Only for clients of one of these classes.', [], NO_CLASSES),
  },
}

const optionDef: Level = {
  about: 'The definition of an option.',
  required: ['name', 'code', 'type'],
  keys: {
    ...innerNotes,
    name: inner(text, 'Name of the option.'),
    code: inner(whole(1, 254), 'Code of the option.'),
    type: inner(oneOf('binary', 'boolean', 'empty', 'fqdn', 'internal', 'ipv4-address', 'ipv6-address', 'ipv6-prefix', 'psid', 'string', 'tuple', 'uint8', 'uint16', 'uint32', 'int8', 'int16', 'int32', 'record'), 'Type of the value.'),
    array: inner(bool, 'The type repeats.', false),
    'record-types': inner(text, 'Types of the fields of a record, separated by commas.', ''),
    space: inner(text, 'Space of the option.', 'dhcp4'),
    encapsulate: inner(text, 'Space of its sub-options.', ''),
  },
}

const clientClass: Level = {
  about: 'The definition of a class.',
  required: ['name'],
  keys: {
    ...innerNotes,
    name: inner(text, 'Name of the class.'),
    test: inner(text, 'Expression that tells whether a client belongs to it.'),
    'template-test': inner(text, 'Expression whose value names a class.'),
    'only-in-additional-list': inner(bool, 'Test only where named in evaluate-additional-classes.', false),
    'only-if-required': inner({ ...bool, deprecated: true }, 'Old spelling of only-in-additional-list.'),
    'option-data': inner(list('optionData'), 'Options of the class.', []),
    'option-def': inner(list('optionDef'), 'Definitions of options 43 and 224 to 254.', []),
    'next-server': inner(ipv4, 'Address of the boot server.'),
    'server-hostname': inner({ ...text, maxLength: 63 }, 'Name of the boot server.'),
    'boot-file-name': inner({ ...text, maxLength: 127 }, 'Boot file.'),
    'valid-lifetime': inner(seconds, 'Lease time in seconds.'),
    'min-valid-lifetime': inner(seconds, 'Least lease time.'),
    'max-valid-lifetime': inner(seconds, 'Longest lease time.'),
    'offer-lifetime': inner(seconds, 'Seconds for which an offered address is stored.'),
  },
}

const interfaces: Level = {
  about: 'Where to listen.',
  keys: {
    ...notes,
    interfaces: works(texts, '"eth0", "eth0/192.0.2.1", or "*" for all.', []),
    'dhcp-socket-type': accepted(oneOf('raw', 'udp'), 'raw, or udp for relayed clients only.', 'raw', 'UDP sockets receive, and frames go out where a client has no address yet'),
    'outbound-interface': warned(oneOf('same-as-inbound', 'use-routing'), 'Where answers leave.', 'same-as-inbound', 'answers leave by the interface the query came in at'),
    're-detect': accepted(bool, 'Look for interfaces at each configuration.', true, 'interfaces are watched all the time'),
    'service-sockets-require-all': accepted(bool, 'Do not start unless every socket opens.', false, NO_SOCKETS),
    'service-sockets-max-retries': accepted(seconds, 'How often to try to open a socket.', 0, NO_SOCKETS),
    'service-sockets-retry-wait-time': accepted(seconds, 'Milliseconds between two tries.', 5000, NO_SOCKETS),
  },
}

/** Of lease-database, where they mean nothing to memfile (the type is judged), and of the other databases. */
const sql: Rows = {
  host: inner(text, 'Host of the database; empty = local socket.', 'localhost'),
  port: inner(port, 'Port of the database.'),
  user: inner(text, 'User.'),
  password: inner(text, 'Password.'),
  'password-file': inner(text, 'File that holds the password.'),
  'connect-timeout': inner(seconds, 'Seconds.', 5),
  'read-timeout': inner(seconds, 'Seconds (MySQL).'),
  'write-timeout': inner(seconds, 'Seconds (MySQL).'),
  'tcp-user-timeout': inner(seconds, 'Seconds (PostgreSQL).'),
  'max-reconnect-tries': inner(seconds, '0 = no recovery.', 0),
  'reconnect-wait-time': inner(seconds, 'Milliseconds.', 0),
  'on-fail': inner(oneOf('stop-retry-exit', 'serve-retry-exit', 'serve-retry-continue'), 'What to do while it is lost.', 'stop-retry-exit'),
  'retry-on-startup': inner(bool, 'Try the first connection again, too.', false),
  'trust-anchor': inner(text, 'TLS: certificate authority.'),
  'cert-file': inner(text, 'TLS: certificate.'),
  'key-file': inner(text, 'TLS: key.'),
  'cipher-list': inner(text, 'TLS: ciphers (MySQL).'),
  'ssl-mode': inner(oneOf('disable', 'prefer', 'require', 'verify-ca', 'verify-full'), 'TLS (PostgreSQL).'),
}

const databaseType = oneOf('memfile', 'mysql', 'postgresql')

const leaseDatabase: Level = {
  about: 'Where leases are kept.',
  required: ['type'],
  keys: {
    ...notes,
    ...sql,
    type: works(databaseType, 'memfile: in memory, with a journal on disk.'),
    name: works(text, 'Path of the file; of one that ends in .csv, the journal stands beside it.'),
    persist: works(bool, 'False: leases are in memory only.', true),
    'lfc-interval': accepted(seconds, 'Seconds between two clean-ups of the lease file.', 3600, 'the journal is kept small as it is written'),
    'max-row-errors': accepted(seconds, 'Bad rows that are tolerated at load; 0 = any number.', 0, 'a row that cannot be used is reported and set aside'),
    readonly: accepted(bool, 'Reject changes.', false, NO_SQL),
  },
}

const database: Level = {
  about: 'A database.',
  required: ['type'],
  keys: {
    ...innerNotes,
    ...sql,
    type: inner(databaseType, 'Kind of database.'),
    name: inner(text, 'Name of the database.'),
    persist: inner(bool, 'memfile only.', true),
    'lfc-interval': inner(seconds, 'memfile only.', 3600),
    'max-row-errors': inner(seconds, 'memfile only.', 0),
    readonly: inner(bool, 'Reject changes.', false),
  },
}

const configControl: Level = {
  about: 'Configuration from a database.',
  keys: {
    ...innerNotes,
    'config-databases': inner({ ...list('database'), maxItems: 1 }, 'At most one.', []),
    'config-fetch-wait-time': inner(port, 'Seconds between two looks; 0 = at start only.', 30),
  },
}

const dhcpDdns: Level = {
  about: 'Connection to the DNS updater.',
  keys: {
    ...innerNotes,
    'enable-updates': warned(bool, 'Send name changes.', false, NO_DNS),
    'server-ip': inner(text, 'Address of the updater.', '127.0.0.1'),
    'server-port': inner(port, 'Its port.', 53001),
    'sender-ip': inner(text, 'Own address.', ''),
    'sender-port': inner(port, 'Own port.', 0),
    'max-queue-size': inner(seconds, 'Changes that may wait.', 1024),
    'ncr-protocol': inner(oneOf('UDP', 'TCP'), 'Only UDP works.', 'UDP'),
    'ncr-format': inner(oneOf('JSON'), 'Only JSON works.', 'JSON'),
    'qualifying-suffix': old(text, 'ddns-qualifying-suffix of the global level'),
    'override-no-update': old(bool, 'ddns-override-no-update of the global level'),
    'override-client-update': old(bool, 'ddns-override-client-update of the global level'),
    'replace-client-name': old(oneOf('never', 'always', 'when-present', 'when-not-present'), 'ddns-replace-client-name of the global level'),
    'generated-prefix': old(text, 'ddns-generated-prefix of the global level'),
    'hostname-char-set': old(text, 'hostname-char-set of the global level'),
    'hostname-char-replacement': old(text, 'hostname-char-replacement of the global level'),
  },
}

const multiThreading: Level = {
  about: 'Worker threads.',
  keys: {
    ...innerNotes,
    'enable-multi-threading': inner(bool, 'Use them.', true),
    'thread-pool-size': inner(port, '0 = as many as there are cores.', 0),
    'packet-queue-size': inner(port, 'Queries that may wait for each; 0 = any number.', 64),
  },
}

const queueControl: Level = {
  about: 'The receive queue; further keys go to the type of queue.',
  further: 'allowed',
  keys: {
    ...innerNotes,
    'enable-queue': inner(bool, 'Use it.', false),
    'queue-type': inner(text, 'Kind of queue.', 'kea-ring4'),
    capacity: inner(seconds, 'Queries that may wait.', 64),
  },
}

const expiry: Level = {
  about: 'How ended leases are dealt with.',
  keys: {
    'reclaim-timer-wait-time': works(port, 'Seconds between two rounds; 0 = no pause (Kea: no rounds at all).', 10),
    'flush-reclaimed-timer-wait-time': accepted(port, 'Seconds between two deletions of old leases; 0 = off.', 25, 'ended leases are removed when hold-reclaimed-time has passed, in bounded rounds'),
    'hold-reclaimed-time': works(seconds, 'Seconds for which an ended lease is kept for its client.', 3600),
    'max-reclaim-leases': works(seconds, 'Leases of one round; 0 = any number.', 100),
    'max-reclaim-time': accepted(whole(0, 10_000), 'Milliseconds of one round; 0 = no limit.', 250, 'a round is bounded by max-reclaim-leases'),
    'unwarned-reclaim-cycles': accepted(port, 'Full rounds before a warning.', 5, 'a round costs what has ended, not what there is'),
  },
}

const controlSocket: Level = {
  about: 'Where management commands are taken.',
  required: ['socket-type'],
  keys: {
    ...innerNotes,
    'socket-type': inner(oneOf('unix', 'http', 'https'), 'Kind of socket.'),
    'socket-name': inner(text, 'unix: path.'),
    'socket-address': inner(text, 'http: address.', '127.0.0.1'),
    'socket-port': inner(port, 'http: port.', 8000),
    'http-headers': inner(list('httpHeader'), 'Further headers of answers.', []),
    authentication: inner(map('authentication'), 'Who may send commands.'),
    'trust-anchor': inner(text, 'TLS: certificate authority.'),
    'cert-file': inner(text, 'TLS: certificate.'),
    'key-file': inner(text, 'TLS: key.'),
    'cert-required': inner(bool, 'TLS: clients show a certificate.', true),
  },
}

const httpHeader: Level = {
  about: 'A header of an answer.',
  required: ['name', 'value'],
  keys: {
    ...innerNotes,
    name: inner(text, 'Name of the header.'),
    value: inner(text, 'Its value.'),
  },
}

const authentication: Level = {
  about: 'Who may send commands.',
  required: ['type'],
  keys: {
    ...innerNotes,
    type: inner(oneOf('basic'), 'Basic HTTP authentication.'),
    realm: inner(text, 'Realm that is shown.', 'kea-dhcpv4-server'),
    directory: inner(text, 'Directory of the files.'),
    clients: inner(list('authClient'), 'Users and their passwords.', []),
  },
}

const authClient: Level = {
  about: 'A user.',
  keys: {
    ...innerNotes,
    user: inner(text, 'Name.'),
    'user-file': inner(text, 'File that holds the name.'),
    password: inner(text, 'Password.'),
    'password-file': inner(text, 'File that holds the password.'),
  },
}

const sanityChecks: Level = {
  about: 'Checks of leases.',
  keys: {
    ...innerNotes,
    'lease-checks': inner(oneOf('none', 'warn', 'fix', 'fix-del', 'del'), 'Subnet of a lease.', 'warn'),
    'extended-info-checks': inner(oneOf('none', 'fix', 'strict', 'pedantic'), 'Relay information of a lease.', 'fix'),
  },
}

const SEVERITIES = ['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'NONE']

const logger: Level = {
  about: 'What is logged, and where to.',
  required: ['name'],
  keys: {
    ...notes,
    name: works(text, 'kea-dhcp4, or a part such as kea-dhcp4.leases.'),
    severity: works(oneOf(...SEVERITIES, ...SEVERITIES.map((word) => word.toLowerCase())), 'The least severe that is logged.', 'INFO'),
    debuglevel: accepted(whole(0, 99), 'How much of DEBUG.', 0, 'DEBUG has one level'),
    'output-options': works(list('outputOption'), 'Where it goes.', []),
    output_options: old(list('outputOption'), 'output-options'),
  },
}

const outputOption: Level = {
  about: 'Where a log goes.',
  required: ['output'],
  keys: {
    ...notes,
    output: works(text, 'stdout, stderr, syslog, syslog:facility or a path.'),
    flush: accepted(bool, 'Write every line at once.', true, 'lines are written as they come'),
    maxsize: accepted(seconds, 'Bytes after which a new file is begun; 0 = never.', 10_240_000, 'files are not rotated; logrotate does it'),
    maxver: accepted(seconds, 'Old files that are kept.', 1, 'files are not rotated; logrotate does it'),
    pattern: accepted(text, 'Layout of a line.', undefined, 'a line is JSON, or a readable form on a terminal'),
  },
}

const compatibility: Level = {
  about: 'Concessions to broken clients and relays.',
  keys: {
    'lenient-option-parsing': works(bool, 'Tolerate malformed options.', false),
    'ignore-dhcp-server-identifier': works(bool, 'Answer requests that name another server.', false),
    'ignore-rai-link-selection': works(bool, 'Ignore sub-option 5 of option 82.', false),
    'exclude-first-last-24': works(bool, 'Never lease .0 and .255 in subnets of /24 and larger.', false),
  },
}

const hook: Level = {
  about: 'A library that Kea loads.',
  required: ['library'],
  keys: {
    ...innerNotes,
    library: works(text, 'Path or file name.'),
    parameters: works(map('hookParameters'), 'What the library is told.'),
  },
}

const hookParameters: Level = {
  about: 'What a library is told; of libdhcp_ha, the pair.',
  further: 'allowed',
  keys: {
    'high-availability': works(list('ha'), 'The servers that serve together: one map.'),
  },
}

const tls: Rows = {
  'trust-anchor': works(text, 'File or folder with the certificate authority; all three of TLS, or none.'),
  'cert-file': works(text, 'File with the certificate, PEM.'),
  'key-file': works(text, 'File with its key, PEM, without a password.'),
}

const ha: Level = {
  about: 'Servers that serve together, each of them named.',
  required: ['mode', 'peers'],
  further: 'warned',
  keys: {
    ...innerNotes,
    ...tls,
    'this-server-name': works(text, 'Which of the peers this server is; left out: the one whose url has an address of this machine.'),
    mode: works(oneOf('load-balancing', 'hot-standby', 'passive-backup'), 'Who serves: both, one while the other waits, or one alone.'),
    peers: works(list('haPeer'), 'All servers, this one among them.'),
    'heartbeat-delay': works(seconds, 'Milliseconds between two signs of life.', 500),
    'max-response-delay': works(millis, 'Milliseconds of silence after which the partner counts as silent; where the file says nothing, at least six heartbeats.', 3000),
    'max-ack-delay': works(seconds, 'Milliseconds that a client of a silent partner may have waited (field secs) before it counts as unserved; also how long replies wait for the partner to store their rows.', 3000),
    'max-unacked-clients': works(seconds, 'More clients than this must go unserved before a silent partner is held for down; 0 = silence is enough.', 0),
    'max-rejected-lease-updates': accepted(seconds, 'Rejected updates after which Kea ends its service.', 10, 'a row that differs is settled row by row, and service goes on'),
    'send-lease-updates': works(bool, 'Tell the partner of every lease as it is given.', true),
    'sync-leases': works(bool, 'A server that returns waits, in the state syncing, for the leases that it missed. It is sent them in any case.', true),
    'sync-timeout': accepted(millis, 'Milliseconds that a page of a resync may take.', 60_000, 'who does not acknowledge within max-ack-delay is dropped and meets anew'),
    'sync-page-limit': works(whole(1, UINT32), 'Leases of a page of a resync; never more than 500, so that clients are served in between.', 10_000),
    'delayed-updates-limit': works(seconds, 'Above 0: servers in load-balancing that lose contact go on in communication-recovery; how far above plays no part, since nothing is queued. Default 100 in load-balancing, else 0.'),
    'wait-backup-ack': works(bool, 'Wait for backups before a client is answered; passive-backup only.', false),
    'require-client-certs': works(bool, 'TLS: who dials this server shows a certificate.', true),
    'restrict-commands': accepted(bool, 'Take only the commands of a pair on its port.', true, 'the port of a pair takes nothing else'),
    'multi-threading': accepted(map('haThreads'), 'Threads of the pair.', undefined, 'one connection carries everything, on the url of the peer'),
    'state-machine': works(map('haStateMachine'), 'Where the machine waits for ha-continue.'),
  },
}

const haPeer: Level = {
  about: 'A server of the pair, or a backup.',
  required: ['name', 'url', 'role'],
  further: 'warned',
  keys: {
    ...innerNotes,
    ...tls,
    name: works(text, 'Its name, each once.'),
    url: works(text, 'Where it listens: http://192.0.2.1:8000/, or https with TLS.'),
    role: works(oneOf('primary', 'secondary', 'standby', 'backup'), 'What it does.'),
    'auto-failover': works(bool, 'It serves the clients of the partner when that is down.', true),
    'basic-auth-user': works(text, 'Who calls it must say this name.'),
    'basic-auth-user-file': works(text, 'File whose first line is the name.'),
    'basic-auth-password': works(text, 'And this password.'),
    'basic-auth-password-file': works(text, 'File whose first line is the password.'),
  },
}

const haThreads: Level = {
  about: 'Threads of the pair.',
  further: 'allowed',
  keys: {
    ...innerNotes,
    'enable-multi-threading': inner(bool, 'Use them.', true),
    'http-dedicated-listener': inner(bool, 'Listen on the url of the peer.', true),
    'http-listener-threads': inner(seconds, '0 = as many as the server has.', 0),
    'http-client-threads': inner(seconds, '0 = as many as the server has.', 0),
  },
}

const haStateMachine: Level = {
  about: 'Where the machine waits for ha-continue.',
  further: 'warned',
  keys: {
    ...innerNotes,
    states: works(list('haState'), 'States, each once.', []),
  },
}

const haState: Level = {
  about: 'A state of the machine.',
  required: ['state'],
  further: 'warned',
  keys: {
    ...innerNotes,
    state: works(oneOf(...HA_STATES), 'Its name.'),
    pause: works(oneOf('never', 'once', 'always'), 'When the machine waits there.', 'never'),
  },
}

const whio: Level = {
  about: 'What Kea has no word for.',
  keys: {
    durability: works(oneOf('full', 'normal', 'off'), 'What an acknowledged lease survives: full = loss of power, normal = end of the process, off = nothing for sure.', 'full'),
    'log-renewals': works(bool, 'Log renewals of leases at severity INFO, as new leases are; else at DEBUG.', false),
    'strict-option-parsing': works(bool, 'Refuse a message whose last option runs past its end; wins over lenient-option-parsing.', false),
    'witness-folder': works(text, 'Folder, by its absolute path, where this host notes what its lease database was; outside of that of the database.'),
    ha: works(map('whioHa'), 'What the words of Kea leave open about a pair.'),
  },
}

const whioHa: Level = {
  about: 'What the words of Kea leave open about a pair.',
  keys: {
    'when-silent': works(oneOf('safe', 'available'), 'What new clients get while the partner is away. safe: what no other client can have. available: everything, as in Kea, at the risk of one address for two clients.', 'safe'),
    'reserve-percent': works({ type: 'number', minimum: 0, maximum: 50 }, 'Part of the free addresses of a pool that a server keeps when its partner asks for more.', 20),
    'certificate-names': works(oneOf('checked', 'any'), 'Whom the certificate of another server must name. checked: that server, by its name or by the address of its url. any: whoever has a certificate of the trust anchor may speak for the partner.', 'checked'),
  },
}

const logging: Level = {
  about: 'Loggers of several programs, as before Kea 1.6.',
  further: 'allowed',
  keys: { loggers: inner(list('logger'), 'What is logged, and where to.', []) },
}

const ONLY_DHCP4 = 'this version serves Dhcp4 only'

const root: Level = {
  about: "Configuration of Whio, in the form of Kea's.",
  required: ['Dhcp4'],
  keys: {
    Dhcp4: works(map('global'), 'The DHCPv4 server.'),
    Whio: works(map('whio'), 'What Kea has no word for.'),
    $schema: works(text, 'Where an editor finds this schema.'),
    Dhcp6: accepted(anyMap, 'The DHCPv6 server.', undefined, ONLY_DHCP4),
    Netconf: accepted(anyMap, "Kea's NETCONF agent.", undefined, ONLY_DHCP4),
    Logging: old(map('logging'), 'write its loggers into Dhcp4'),
    DhcpDdns: accepted(anyMap, 'The DNS updater.', undefined, ONLY_DHCP4),
    'Control-agent': accepted(anyMap, "Kea's control agent.", undefined, ONLY_DHCP4),
  },
}

/** Level name -> level. The document starts at `root`. */
export const KEYS4: Readonly<Record<string, Level>> = {
  root,
  global,
  network,
  subnet,
  pool,
  relay,
  reservation,
  optionData,
  optionDef,
  class: clientClass,
  interfaces,
  leaseDatabase,
  database,
  configControl,
  dhcpDdns,
  multiThreading,
  queueControl,
  expiry,
  controlSocket,
  httpHeader,
  authentication,
  authClient,
  sanityChecks,
  logging,
  logger,
  outputOption,
  compatibility,
  hook,
  hookParameters,
  ha,
  haPeer,
  haThreads,
  haStateMachine,
  haState,
  whio,
  whioHa,
}
