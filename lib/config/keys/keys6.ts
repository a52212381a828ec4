// biome-ignore-all format: a table, a row a line
// What Kea knows in a Dhcp6 map (2.2 to 3.3), level by level: see keys.ts.

import { classRows, globalRows, guards, identityRows, type KeyFamily, named, networkRows, notes, optionLevels, poolRows, reservationRows, scopeRows, subnetRows } from './common-rows.ts'
import { interfaceRows, serverLevels } from './common-server.ts'
import { bool, fraction, ipv6, type Level, list, map, oneOf, port, type Rows, refused, seconds, text, texts, UINT32, whole, works } from './row.ts'

const FAMILY6: KeyFamily = {
  version: 6,
  suffix: '6',
  space: 'dhcp6',
  optionCodeMax: 65535,
  address: ipv6,
  example: '2001:db8::1',
  subnetExample: '2001:db8:1::/64',
  poolExamples: '2001:db8:1::10 - 2001:db8:1::ffff, or 2001:db8:1::/80',
  subnets: 'subnet6',
  relayField: 'link-address',
  timers: ['in IA_NA and IA_PD', 'in IA_NA and IA_PD', 'preferred lifetime'],
  calculatesTimers: true,
  t2: 0.8,
  allocator: undefined,
}

const allocators = oneOf('iterative', 'random', 'flq', 'shared-flq')

/** Global, shared network and subnet. */
const scope: Rows = {
  ...scopeRows(FAMILY6),
  'preferred-lifetime': works(seconds, 'Preferred lifetime in seconds; default 5/8 of the valid lifetime.'),
  'min-preferred-lifetime': works(seconds, 'Least preferred lifetime a client may ask for; default preferred-lifetime.'),
  'max-preferred-lifetime': works(seconds, 'Longest preferred lifetime a client may ask for; default preferred-lifetime.'),
  'pd-allocator': works(allocators, 'How a free prefix is chosen; where nothing is said, random in a subnet with a pd-pool of more than 65536, else iterative.'),
  'adaptive-lease-time-threshold': works(fraction, 'Part of the pools open to a client that is taken, from which on it gets min-valid-lifetime; with any allocator. 1 = off.', 1),
}

/** Shared network and subnet. */
const place: Rows = {
  'interface-id': works(text, "Clients behind this interface of a relay (option 18) belong here: text, or hex digits as 0x0102. Text of digits alone is meant as text."),
  'rapid-commit': works(bool, 'Give leases at once to clients that ask for it in SOLICIT.', false),
}

const global: Level = {
  about: 'A DHCPv6 server.',
  keys: {
    ...scope,
    ...globalRows(FAMILY6),
    'server-id': works(map('serverId'), 'The DUID of the server; once it is made it is kept.'),
    'mac-sources': works({ type: 'array', items: oneOf('any', 'raw', 'duid', 'ipv6-link-local', 'client-link-addr-option', 'rfc6939', 'remote-id', 'rfc4649', 'subscriber-id', 'rfc4580', 'docsis-cmts', 'docsis-modem') }, 'Where the hardware address of a client is looked for, in this order; any = the order of Kea.', ['client-link-addr-option', 'ipv6-link-local', 'duid']),
    'relay-supplied-options': works(texts, 'Options that relays may supply for clients (RFC 6422), by name or code; 65 always.', ['65']),
    'allow-address-registration': works(bool, 'Let hosts register addresses that they made up (RFC 9686).', true),
    'data-directory': works(text, 'Folder with the server-id of Kea, which is taken over at the first start.'),
    compatibility: works(map('compatibility6'), 'Concessions to broken clients and relays.', {}),
    'dhcp4o6-port': refused(port, 'DHCPv4 over DHCPv6; 0 = off.', 0, 'DHCPv4 over DHCPv6 is not served'),
    'host-reservation-identifiers': works(
      { type: 'array', items: oneOf('hw-address', 'duid', 'flex-id', 'auto') },
      'Order in which identifiers are looked up.',
      ['hw-address', 'duid'],
    ),
  },
}

const network: Level = {
  about: 'A shared network of DHCPv6: subnets on one link.',
  required: ['name'],
  keys: {
    ...scope,
    ...place,
    ...networkRows(FAMILY6),
    'leases-per-ia': works(oneOf('one', 'per-subnet'), 'What an IA of a client has: one lease, or one of each subnet, such as an address of each prefix of the link. Not known to Kea.', 'one'),
  },
}

const subnet: Level = {
  about: 'A subnet of DHCPv6.',
  required: ['subnet'],
  keys: {
    ...scope,
    ...place,
    ...subnetRows(FAMILY6),
    'pd-pools': works(list('pdPool6'), 'Prefixes to delegate.', []),
    'prefix-from': works(text, 'Whio: the interface of this host whose prefix this subnet has, as in eth1; only the rest stands in subnet (::/64), pools (::1000 - ::1fff), pd-pools and reservations (::1234). eth1/56 = the first 56 bits of it. Follows when the prefix changes.'),
  },
}

const pool: Level = {
  about: 'A range of IPv6 addresses to hand out.',
  required: ['pool'],
  keys: poolRows(FAMILY6),
}

const pdPool: Level = {
  about: 'Prefixes to delegate.',
  required: ['prefix', 'prefix-len', 'delegated-len'],
  keys: {
    ...notes,
    ...guards,
    prefix: works(ipv6, 'Where the pool begins, as in 2001:db8:8000::.'),
    'prefix-len': works(whole(1, 128), 'Length of the pool.'),
    'delegated-len': works(whole(1, 128), 'Length of each prefix that is delegated; at least prefix-len.'),
    'excluded-prefix': works(ipv6, 'What clients leave out of their prefix (RFC 6603).'),
    'excluded-prefix-len': works(whole(0, 128), 'Length of it; above delegated-len.', 0),
    'pool-id': works(whole(0, UINT32), 'Number of the pool in statistics.', 0),
    'option-data': works(list('optionData6'), 'Options of clients with a prefix of this pool.', []),
  },
}

const reservation: Level = {
  about: 'What a known client of DHCPv6 gets. Exactly one identifier, or several of one host in identifiers.',
  keys: {
    ...reservationRows(FAMILY6),
    ...identityRows,
    identifiers: works(list('reservationIdentity6'), 'Whio: several identifiers of one host, instead of one. What is reserved goes over when another of them asks.'),
    'ip-addresses': works({ type: 'array', items: ipv6 }, 'The reserved addresses.', []),
    prefixes: works(texts, 'The reserved prefixes, as in 2001:db8:8000::/56.', []),
    'excluded-prefixes': works(texts, 'For each prefix what its client leaves out, "" for nothing.', []),
  },
}

const reservationIdentity: Level = {
  about: 'One of the identifiers of a host of DHCPv6. Exactly one member.',
  keys: identityRows,
}

const clientClass: Level = {
  about: 'The definition of a class of DHCPv6.',
  required: ['name'],
  keys: {
    ...classRows(FAMILY6),
    'preferred-lifetime': works(seconds, 'Preferred lifetime in seconds; it wins over that of the subnet.'),
    'min-preferred-lifetime': works(seconds, 'Least preferred lifetime a client may ask for.'),
    'max-preferred-lifetime': works(seconds, 'Longest preferred lifetime a client may ask for.'),
  },
}

const interfaces: Level = {
  about: 'Where to listen for DHCPv6.',
  keys: interfaceRows(FAMILY6),
}

const compatibility: Level = {
  about: 'Concessions to broken clients and relays of DHCPv6.',
  keys: {
    'lenient-option-parsing': works(bool, 'Tolerate malformed options.', false),
  },
}

const serverId: Level = {
  about: 'How the DUID of the server is made (RFC 9915 §11).',
  required: ['type'],
  keys: {
    ...notes,
    type: works(oneOf('LLT', 'EN', 'LL'), 'LLT and LL: link-layer address, with or without the time. EN: enterprise number.'),
    identifier: works(text, 'Hex digits: of EN the identifier, else the link-layer address; empty = found, or drawn.', ''),
    htype: works(whole(0, 65535), 'Hardware type; 0 = that of the interface.', 0),
    time: works(seconds, 'Seconds since 2000; 0 = now.', 0),
    'enterprise-id': works(seconds, 'Enterprise number; 0 = 2495.', 0),
    persist: works(bool, 'Write it into a file, too.', true),
  },
}

/** Level name -> level. */
export const LEVELS6: Readonly<Record<string, Level>> = {
  ...named({ global, network, subnet, pool, pdPool, reservation, reservationIdentity, class: clientClass, interfaces, compatibility }, FAMILY6),
  ...optionLevels(FAMILY6),
  ...serverLevels(FAMILY6),
  serverId,
}
