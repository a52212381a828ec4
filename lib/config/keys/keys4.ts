// biome-ignore-all format: a table, a row a line
// What Kea knows in a Dhcp4 map (2.2 to 3.3), level by level: see keys.ts. What DHCPv6 has, too,
// stands in common-rows.ts, common-server.ts and common-ha.ts.

import { classRows, globalRows, identityRows, type KeyFamily, networkRows, optionLevels, poolRows, reservationRows, scopeRows, subnetRows } from './common-rows.ts'
import { interfaceRows, serverLevels } from './common-server.ts'
import { accepted, bool, fraction, ipv4, type Level, list, map, oneOf, port, type Rows, refused, seconds, text, warned, works } from './row.ts'

const FAMILY4: KeyFamily = {
  version: 4,
  suffix: '',
  space: 'dhcp4',
  optionCodeMax: 255,
  address: ipv4,
  example: '192.0.2.1',
  subnetExample: '192.0.2.0/24',
  poolExamples: '192.0.2.10 - 192.0.2.99, or 192.0.2.64/26',
  subnets: 'subnet4',
  relayField: 'giaddr',
  timers: ['option 58', 'option 59', 'lease time'],
  calculatesTimers: false,
  t2: 0.875,
  allocator: 'iterative',
}

const bootFields: Rows = {
  'next-server': works(ipv4, 'Address of the boot server, field siaddr.', '0.0.0.0'),
  'server-hostname': works({ ...text, maxLength: 63 }, 'Name of the boot server, field sname.', ''),
  'boot-file-name': works({ ...text, maxLength: 127 }, 'Boot file, field file.', ''),
}

/** Global, shared network and subnet. */
const scope: Rows = {
  ...scopeRows(FAMILY4),
  ...bootFields,
  authoritative: works(bool, 'Answer NAK to an unknown client that asks for a wrong address.', false),
  'match-client-id': works(bool, 'False: know clients by hardware address only.', true),
  'offer-lifetime': works(seconds, 'Seconds for which an offered address is kept for its client, in memory; 0 = 30.', 0),
  'adaptive-lease-time-threshold': works(fraction, 'Part of the pools open to a client that is taken, from which on it gets min-valid-lifetime; with any allocator. 1 = off.', 1),
}

const global: Level = {
  about: 'A DHCPv4 server.',
  keys: {
    ...scope,
    ...globalRows(FAMILY4),
    'echo-client-id': works(bool, 'Return option 61 (RFC 6842).', true),
    compatibility: works(map('compatibility'), 'Concessions to broken clients and relays.', {}),
    'stash-agent-options': works(bool, 'A client that renews past its relay is judged by what the relay said before; needs store-extended-info.', false),
    'dhcp4o6-port': refused(port, 'DHCPv4 over DHCPv6; 0 = off.', 0, 'DHCPv4 over DHCPv6 is not served'),
    'host-reservation-identifiers': works(
      {
        type: 'array',
        items: oneOf('hw-address', 'duid', 'circuit-id', 'client-id', 'flex-id', 'auto'),
      },
      'Order in which identifiers are looked up.',
      ['hw-address', 'duid', 'circuit-id', 'client-id'],
    ),
  },
}

const network: Level = {
  about: 'A shared network: subnets on one link.',
  required: ['name'],
  keys: { ...scope, ...networkRows(FAMILY4) },
}

const subnet: Level = {
  about: 'A subnet.',
  required: ['subnet'],
  keys: {
    ...scope,
    ...subnetRows(FAMILY4),
    '4o6-interface': accepted(text, 'DHCPv4 over DHCPv6: interface.', '', 'it counts with dhcp4o6-port only'),
    '4o6-interface-id': accepted(text, 'DHCPv4 over DHCPv6: interface-id of the relay.', '', 'it counts with dhcp4o6-port only'),
    '4o6-subnet': accepted(text, 'DHCPv4 over DHCPv6: IPv6 subnet of the client.', '', 'it counts with dhcp4o6-port only'),
  },
}

const pool: Level = {
  about: 'A range of addresses to hand out.',
  required: ['pool'],
  keys: poolRows(FAMILY4),
}

const identity: Rows = {
  ...identityRows,
  'client-id': works(text, 'Option 61: hex digits, or text in single quotes.'),
  'circuit-id': works(text, 'Circuit id of the relay, option 82.1: hex digits, or text in single quotes.'),
}

const reservation: Level = {
  about: 'What a known client gets. Exactly one identifier, or several of one host in identifiers.',
  keys: {
    ...reservationRows(FAMILY4),
    ...bootFields,
    ...identity,
    identifiers: works(list('reservationIdentity'), 'Whio: several identifiers of one host, instead of one. The address goes over when another of them asks.'),
    'ip-address': works(ipv4, 'The reserved address.'),
  },
}

const reservationIdentity: Level = {
  about: 'One of the identifiers of a host. Exactly one member.',
  keys: identity,
}

const clientClass: Level = {
  about: 'The definition of a class.',
  required: ['name'],
  keys: {
    ...classRows(FAMILY4),
    'option-def': works(list('optionDef'), 'Definitions of options 43 and 224 to 254, as clients of the class mean them.', []),
    'next-server': works(ipv4, 'Address of the boot server; it wins over that of the subnet.'),
    'server-hostname': works({ ...text, maxLength: 63 }, 'Name of the boot server.'),
    'boot-file-name': works({ ...text, maxLength: 127 }, 'Boot file.'),
    'offer-lifetime': works(seconds, 'Seconds for which an offered address is kept for the client.'),
  },
}

const interfaces: Level = {
  about: 'Where to listen.',
  keys: {
    ...interfaceRows(FAMILY4),
    'dhcp-socket-type': accepted(oneOf('raw', 'udp'), 'raw, or udp for relayed clients only.', 'raw', 'UDP sockets receive, and frames go out where a client has no address yet'),
    'outbound-interface': warned(oneOf('same-as-inbound', 'use-routing'), 'Where answers leave.', 'same-as-inbound', 'answers leave by the interface the query came in at'),
  },
}

const compatibility: Level = {
  about: 'Concessions to broken clients and relays.',
  keys: {
    'lenient-option-parsing': works(bool, 'Tolerate malformed options.', false),
    'ignore-dhcp-server-identifier': works(bool, 'Answer requests that name another server.', false),
    'ignore-rai-link-selection': works(bool, 'Ignore sub-option 5 of option 82.', false),
    'exclude-first-last-24': works(bool, 'In subnets of /24 and larger .0 and .255 are given to nobody who does not ask for them.', false),
  },
}

/** Level name -> level. */
export const LEVELS4: Readonly<Record<string, Level>> = {
  global,
  network,
  subnet,
  pool,
  reservation,
  reservationIdentity,
  ...optionLevels(FAMILY4),
  class: clientClass,
  interfaces,
  ...serverLevels(FAMILY4),
  compatibility,
}
