// biome-ignore-all format: a table, a row a line
// Rows of the key table that both families have, level by level; what differs between them is a
// KeyFamily.

import { accepted, anyMap, bool, fraction, inner, type JsonSchema, type Level, list, map, old, oneOf, type Rows, seconds, text, texts, UINT32, whole, works } from './row.ts'

/** What the rows of a family differ by. */
export interface KeyFamily {
  readonly version: 4 | 6
  /** Behind the names of levels that both families have, each its own. */
  readonly suffix: '' | '6'
  /** Space of the options of a message. */
  readonly space: string
  readonly optionCodeMax: number
  /** An address of a host. */
  readonly address: JsonSchema
  /** Such an address, a subnet, and a pool in two notations. */
  readonly example: string
  readonly subnetExample: string
  readonly poolExamples: string
  /** Key of a list of subnets. */
  readonly subnets: string
  /** Where a relay names itself in a message. */
  readonly relayField: string
  /** What carries T1 and T2, and from what they are computed. */
  readonly timers: readonly [t1: string, t2: string, from: string]
  /** Whether they are computed, and the part that T2 is, where nothing is said. */
  readonly calculatesTimers: boolean
  readonly t2: number
  /** How an address is chosen where nothing is said; undefined: it depends on the pool. */
  readonly allocator: string | undefined
}

export const notes: Rows = {
  'user-context': works(anyMap, 'Any map, kept and shown.'),
  comment: works(text, 'A remark, kept as user-context.comment.'),
}

export const innerNotes: Rows = {
  'user-context': inner(anyMap, 'Any map, kept and shown.'),
  comment: inner(text, 'A remark, kept as user-context.comment.'),
}

const lifetimes: Rows = {
  'valid-lifetime': works(seconds, 'Lease time in seconds; 4294967295 = for ever.', 7200),
  'min-valid-lifetime': works(seconds, 'Least lease time a client may ask for; default valid-lifetime.'),
  'max-valid-lifetime': works(seconds, 'Longest lease time a client may ask for; default valid-lifetime.'),
}

/** Global, shared network, subnet and pool. */
const names: Rows = {
  'hostname-char-set': works(text, 'Regular expression (POSIX extended) of what is replaced in names of clients; empty = nothing.', '[^A-Za-z0-9.-]'),
  'hostname-char-replacement': works(text, 'What it is replaced with.', ''),
  'ddns-send-updates': works(bool, 'Register names in DNS here.', true),
  'ddns-override-no-update': works(bool, 'Update although the client asked for none.', false),
  'ddns-override-client-update': works(bool, 'Update although the client wants to do it.', false),
  'ddns-replace-client-name': works(oneOf('never', 'always', 'when-present', 'when-not-present'), 'When a name is made up from the address: for clients that say a name, that say none, or both.', 'never'),
  'ddns-generated-prefix': works(text, 'How such a name begins.', 'myhost'),
  'ddns-qualifying-suffix': works(text, 'Domain that is added to names without one.', ''),
  'ddns-update-on-renew': works(bool, 'Update at each renewal.', false),
  'ddns-ttl': works(seconds, 'TTL of the records, seconds.'),
  'ddns-ttl-percent': works(fraction, 'TTL as a fraction of the lease time.'),
  'ddns-ttl-min': works(seconds, 'Lower bound of the TTL.'),
  'ddns-ttl-max': works(seconds, 'Upper bound of the TTL.'),
  'ddns-conflict-resolution-mode': works(oneOf('check-with-dhcid', 'no-check-with-dhcid', 'check-exists-with-dhcid', 'no-check-without-dhcid'), 'Whose DNS records may be replaced.', 'check-with-dhcid'),
  'ddns-use-conflict-resolution': old(bool, 'ddns-conflict-resolution-mode'),
}

/** Global, shared network and subnet. */
export function scopeRows(family: KeyFamily): Rows {
  return {
    ...lifetimes,
    'renew-timer': works(seconds, `T1 in seconds, ${family.timers[0]}; not sent where nothing gives it.`),
    'rebind-timer': works(seconds, `T2 in seconds, ${family.timers[1]}; not sent where nothing gives it.`),
    'calculate-tee-times': works(bool, `Compute T1 and T2 from the ${family.timers[2]} where the timers are not set.`, family.calculatesTimers),
    't1-percent': works(fraction, `T1 as a fraction of the ${family.timers[2]}.`, 0.5),
    't2-percent': works(fraction, `T2 as a fraction of the ${family.timers[2]}.`, family.t2),
    ...names,
    ...notes,
    'option-data': works(list(`optionData${family.suffix}`), 'Options that clients get.', []),
    'reservations-global': works(bool, 'Look reservations up among the global ones.', false),
    'reservations-in-subnet': works(bool, 'Look reservations up in the subnet.', true),
    'reservations-out-of-pool': works(bool, 'Reserved addresses lie outside the pools.', false),
    'reservation-mode': old(oneOf('all', 'out-of-pool', 'global', 'disabled', 'off'), 'reservations-global, -in-subnet and -out-of-pool'),
    allocator: works(oneOf('iterative', 'random', 'flq', 'shared-flq'), family.allocator === undefined ? 'How a free address is chosen; where nothing is said, random in a subnet with a pool of more than 65536, else iterative.' : 'How a free address is chosen.', family.allocator),
    'store-extended-info': works(bool, 'Keep what a relay says of a client (its option) in the user-context of the lease.', false),
    'cache-threshold': works(fraction, 'Part of the lifetime in which a client that asks again keeps its lease as it is, unwritten: it is told what is left. Only where no partner can extend the lease, too. Not given or 0: each renewal is written.'),
    'cache-max-age': works(seconds, 'The same as a greatest age of the lease in seconds; where both are given, both count.'),
  }
}

/** Shared network, subnet and pool: which classes may use the object. */
export const guards: Rows = {
  'client-classes': works(texts, 'Only clients of one of these classes are served here.', []),
  'client-class': old(text, 'client-classes'),
  'evaluate-additional-classes': works(texts, 'Classes that are tested when the address of the client is known; they give options and boot fields.', []),
  'require-client-classes': old(texts, 'evaluate-additional-classes'),
}

export function globalRows(family: KeyFamily): Rows {
  return {
    [family.subnets]: works(list(`subnet${family.suffix}`), 'The subnets that are served.', []),
    'interfaces-config': works(map(`interfaces${family.suffix}`), 'Where to listen.'),
    'lease-database': works(map('leaseDatabase'), 'Where leases are kept.'),
    'shared-networks': works(list(`network${family.suffix}`), 'Subnets that share a link: a client may get an address of any of them.', []),
    reservations: works(list(`reservation${family.suffix}`), 'Reservations of the global level (see reservations-global).', []),
    'client-classes': works(list(`class${family.suffix}`), 'Definitions of classes, in the order of evaluation.', []),
    'option-def': works(list(`optionDef${family.suffix}`), 'Definitions of options.', []),
    'decline-probation-period': works(seconds, 'Seconds for which a declined address is not used; what is left of its lease counts where that is longer.', 86400),
    'expired-leases-processing': works(map('expiry'), 'How ended leases are dealt with.'),
    loggers: works(list('logger'), 'What is logged, and where to.', []),
    'hooks-libraries': works(list('hook'), 'Kea loads these; Whio judges each by its name.', []),
    'ip-reservations-unique': works(bool, 'False: several reservations may name one address.', true),
    'reservations-lookup-first': accepted(bool, 'Look reservations up before leases.', false, 'both are always looked up'),
    'early-global-reservations-lookup': works(bool, 'Let classes of global reservations steer the choice of subnet.', false),
    'hosts-databases': works(list('database'), 'Databases of reservations (tables of Kea), looked into in order behind the file.', []),
    'hosts-database': old(map('database'), 'hosts-databases'),
    'config-control': works(map('configControl'), 'More of the configuration comes from a database (tables of Kea), on top of the file.', {}),
    'server-tag': works(text, 'Name of this server among those that share its lease database, each once; where nothing is said the peer of high availability, else the name of the host. In a configuration database it gets what has this tag, beside what is for all.', ''),
    'dhcp-ddns': works(map('dhcpDdns'), 'Connection to the DNS updater.'),
    'control-sockets': works(list(`controlSocket${family.suffix}`), 'Where management commands are taken.', []),
    'control-socket': old(map(`controlSocket${family.suffix}`), 'control-sockets'),
    'dhcp-queue-control': accepted(map(`queueControl${family.suffix}`), 'The receive queue.', undefined, 'the inbox is bounded and drained in batches'),
    'multi-threading': accepted(map('multiThreading'), 'Worker threads.', undefined, 'one thread answers and another writes leases'),
    'parked-packet-limit': accepted(seconds, 'The most answers that wait for hooks; 0 = no limit.', 256, 'answers that wait for the journal are bounded by the batch'),
    'sanity-checks': accepted(map('sanityChecks'), 'Checks of leases at load.', undefined, 'nothing is checked: leases of subnets that are no longer configured are kept until they end'),
    'statistic-default-sample-count': works(seconds, 'Samples kept of a statistic.', 20),
    'statistic-default-sample-age': works(seconds, 'Seconds for which samples are kept, where statistic-default-sample-count is 0.', 0),
  }
}

export function networkRows(family: KeyFamily): Rows {
  return {
    ...guards,
    name: works(text, 'Name of the shared network, each once.'),
    interface: works(text, 'Clients on this local interface belong here.', ''),
    relay: works(map(`relay${family.suffix}`), 'Relays whose clients belong here.'),
    [family.subnets]: works(list(`subnet${family.suffix}`), 'The subnets on the link.', []),
  }
}

export function subnetRows(family: KeyFamily): Rows {
  return {
    ...guards,
    subnet: works(text, `Prefix and length, as in ${family.subnetExample}.`),
    id: works(whole(0, UINT32 - 1), 'Key of the leases and reservations: 1 to 4294967294, each once, for ever the same.'),
    pools: works(list(`pool${family.suffix}`), 'Addresses to hand out.', []),
    reservations: works(list(`reservation${family.suffix}`), 'Addresses and options of known clients.', []),
    interface: works(text, 'Clients on this local interface belong here.', ''),
    relay: works(map(`relay${family.suffix}`), 'Relays whose clients belong here.'),
  }
}

export function poolRows(family: KeyFamily): Rows {
  return {
    ...notes,
    ...names,
    ...guards,
    pool: works(text, `${family.poolExamples}.`),
    'pool-id': works(whole(0, UINT32), 'Number of the pool in statistics.', 0),
    'option-data': works(list(`optionData${family.suffix}`), 'Options of clients with an address of this pool.', []),
  }
}

/** By what clients are known. */
export const identityRows: Rows = {
  'hw-address': works(text, 'Hardware address: 1a:1b:1c:1d:1e:1f.'),
  duid: works(text, 'DUID: hex digits. With DHCPv4 it is the one in option 61 of type 255.'),
  'flex-id': works(text, 'Value that libdhcp_flex_id computes: hex digits, or text in single quotes.'),
}

/** Of every reservation; what identifies a client, and its addresses, are the family's. */
export function reservationRows(family: KeyFamily): Rows {
  return {
    ...notes,
    hostname: works(text, 'Name of the client.', ''),
    'option-data': works(list(`optionData${family.suffix}`), 'Options of this client; they win over all others.', []),
    'client-classes': works(texts, 'Classes the client belongs to.', []),
  }
}

/** Of the definition of a class; what it gives beside options and lifetimes is the family's. */
export function classRows(family: KeyFamily): Rows {
  return {
    ...notes,
    name: works(text, 'Name of the class.'),
    test: works(text, 'Expression that tells whether a client belongs to it.'),
    'template-test': works(text, 'Expression whose value names a further class, SPAWN_ and the name of this one before it.'),
    'only-in-additional-list': works(bool, 'Test only where named in evaluate-additional-classes.', false),
    'only-if-required': old(bool, 'only-in-additional-list'),
    'option-data': works(list(`optionData${family.suffix}`), 'Options of the class; those of subnets win over them.', []),
    'valid-lifetime': works(seconds, 'Lease time in seconds; it wins over that of the subnet.'),
    'min-valid-lifetime': works(seconds, 'Least lease time a client may ask for.'),
    'max-valid-lifetime': works(seconds, 'Longest lease time a client may ask for.'),
  }
}

/** Levels of what clients are given, by their names. */
export function optionLevels(family: KeyFamily): Readonly<Record<string, Level>> {
  const code = whole(0, family.optionCodeMax)
  const optionData: Level = {
    about: 'An option and its value; name or code.',
    keys: {
      ...notes,
      name: works(text, 'Name of the option, as in domain-name-servers.'),
      code: works(code, 'Code of the option.'),
      space: works(text, 'Space of the option.', family.space),
      data: works(text, 'The value: fields separated by commas, or hex with csv-format false.'),
      'csv-format': works(bool, 'False: data is hex.', true),
      'always-send': works(bool, 'Send it to clients that do not ask for it.', false),
      'never-send': works(bool, 'Never send it; wins over always-send.', false),
      'client-classes': works(texts, 'Only for clients of one of these classes.', []),
    },
  }

  const optionDef: Level = {
    about: 'The definition of an option.',
    required: ['name', 'code', 'type'],
    keys: {
      ...notes,
      name: works(text, 'Name of the option.'),
      code: works(code, 'Code of the option.'),
      type: works(oneOf('binary', 'boolean', 'empty', 'fqdn', 'internal', 'ipv4-address', 'ipv6-address', 'ipv6-prefix', 'psid', 'string', 'tuple', 'uint8', 'uint16', 'uint32', 'int8', 'int16', 'int32', 'record'), 'Type of the value.'),
      array: works(bool, 'The type repeats.', false),
      'record-types': works(text, 'Types of the fields of a record, separated by commas.', ''),
      space: works(text, 'Space of the option.', family.space),
      encapsulate: works(text, 'Space of its sub-options.', ''),
    },
  }

  const relay: Level = {
    about: 'Relays, by their addresses.',
    keys: {
      'ip-addresses': works({ type: 'array', items: family.address }, `Addresses of relays (${family.relayField}).`, []),
      'ip-address': old(family.address, 'ip-addresses'),
    },
  }

  return named({ relay, optionData, optionDef }, family)
}

/** The levels by the names that they have in this family. */
export function named(levels: Readonly<Record<string, Level>>, { suffix }: KeyFamily): Readonly<Record<string, Level>> {
  return Object.fromEntries(Object.entries(levels).map(([name, level]) => [`${name}${suffix}`, level]))
}
