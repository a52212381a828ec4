// biome-ignore-all format: a table, a row a line
// What both families are told of the server itself: interfaces, databases, sockets, loggers,
// libraries.

import type { KeyFamily } from './common-rows.ts'
import { innerNotes, named, notes } from './common-rows.ts'
import { AGENT_LEVELS, controlLevels } from './control-rows.ts'
import { accepted, bool, inner, type Level, list, map, old, oneOf, port, type Rows, seconds, text, texts, whole, works } from './row.ts'

const NO_SOCKETS = 'an interface that cannot be opened is tried again for ever and reported'
const NO_READING = 'a server stores each lease before it gives it; readonly counts in hosts-databases'

/** Rows of interfaces-config. */
export function interfaceRows(family: KeyFamily): Rows {
  return {
    ...notes,
    interfaces: works(texts, `"eth0", "eth0/${family.example}", or "*" for all.`, []),
    're-detect': accepted(bool, 'Look for interfaces at each configuration.', true, 'interfaces are watched all the time'),
    'service-sockets-require-all': accepted(bool, 'Do not start unless every socket opens.', false, NO_SOCKETS),
    'service-sockets-max-retries': accepted(seconds, 'How often to try to open a socket.', 0, NO_SOCKETS),
    'service-sockets-retry-wait-time': accepted(seconds, 'Milliseconds between two tries.', 5000, NO_SOCKETS),
  }
}

/**
 * Of lease-database, where they mean nothing to memfile (the type is judged), and of the other
 * databases.
 */
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
    type: works(databaseType, 'memfile: in memory, with a journal on disk. postgresql: in a database that several servers may share.'),
    name: works(text, 'Path of the file; of one that ends in .csv, the journal stands beside it. Of postgresql: name of the database.'),
    persist: works(bool, 'False: leases are in memory only.', true),
    'lfc-interval': accepted(seconds, 'Seconds between two clean-ups of the lease file.', 3600, 'the journal is kept small as it is written'),
    'max-row-errors': accepted(seconds, 'Bad rows that are tolerated at load; 0 = any number.', 0, 'a row that cannot be used is reported and set aside'),
    readonly: accepted(bool, 'Reject changes.', false, NO_READING),
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
    'config-databases': works({ ...list('database'), maxItems: 1 }, 'At most one: mysql or postgresql.', []),
    'config-fetch-wait-time': works(port, 'Seconds between two looks; 0 = at start, at a reload and by config-backend-pull only.', 30),
  },
}

const dhcpDdns: Level = {
  about: 'Connection to the DNS updater.',
  keys: {
    ...innerNotes,
    'enable-updates': works(bool, 'Register names of clients in DNS: by this process where there is a map DhcpDdns, else by kea-dhcp-ddns at server-ip.', false),
    'server-ip': inner(text, 'Address of the updater.', '127.0.0.1'),
    'server-port': inner(whole(1, 65535), 'Its port.', 53001),
    'sender-ip': inner(text, 'Own address.', ''),
    'sender-port': inner(port, 'Own port.', 0),
    'max-queue-size': inner(whole(1, 0xffff_ffff), 'Changes that may wait.', 1024),
    'ncr-protocol': inner(oneOf('UDP'), 'How changes are sent.', 'UDP'),
    'ncr-format': inner(oneOf('JSON'), 'Their form.', 'JSON'),
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

const sanityChecks: Level = {
  about: 'Checks of leases.',
  keys: {
    ...innerNotes,
    'lease-checks': inner(oneOf('none', 'warn', 'fix', 'fix-del', 'del'), 'Subnet of a lease.', 'warn'),
    'extended-info-checks': inner(oneOf('none', 'fix', 'strict', 'pedantic'), 'Relay information of a lease.', 'fix'),
  },
}

const SEVERITIES = ['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'NONE']

const outputOption: Level = {
  about: 'Where a log goes.',
  required: ['output'],
  keys: {
    ...notes,
    output: works(text, 'stdout, stderr, syslog, syslog:facility or a path.'),
    flush: accepted(bool, 'Write every line at once.', true, 'lines are written as they come'),
    maxsize: works(seconds, 'Bytes after which a new file is begun; below 204800 = never.', 10_240_000),
    maxver: works(seconds, 'Old files that are kept.', 1),
    pattern: works(text, 'Layout of a line, in the letters of log4cplus.'),
  },
}

const hook: Level = {
  about: 'A library that Kea loads, or a module that Whio loads.',
  required: ['library'],
  keys: {
    ...innerNotes,
    library: works(text, 'Path or file name; of a module that ends in .js, .mjs or .ts, its whole path, or the name of a package.'),
    parameters: works(map('hookParameters'), 'What the library is told.'),
    timeout: works(whole(1, 1900), 'Of a module: milliseconds that a message waits for it.', 1000),
    'on-timeout': works(oneOf('drop', 'continue'), 'Of a module: what becomes of a message when it does not answer in time.', 'drop'),
    'on-error': works(oneOf('drop', 'continue', 'nak'), 'Of a module: what becomes of a message when it fails.', 'drop'),
    required: works(bool, 'Of a module: once it is switched off because it fails, what it is asked about is dropped.', false),
    worker: works(bool, 'Of a module: it runs in a thread of its own, and has gates and observers alone.', false),
  },
}

const hookParameters: Level = {
  about: 'What a library is told; of libdhcp_ha, the pair.',
  further: 'allowed',
  keys: {
    'high-availability': works(list('ha'), 'The servers that serve together: one map.'),
  },
}

const logging: Level = {
  about: 'Loggers of several programs, as before Kea 1.6.',
  further: 'allowed',
  keys: { loggers: inner(list('logger'), 'What is logged, and where to.', []) },
}

const logger: Level = {
  about: 'What is logged, and where to.',
  required: ['name'],
  keys: {
    ...notes,
    name: works(text, 'kea-dhcp4 or kea-dhcp6, or a part such as kea-dhcp4.leases.'),
    severity: works(oneOf(...SEVERITIES, ...SEVERITIES.map((word) => word.toLowerCase())), 'The least severe that is logged.', 'INFO'),
    debuglevel: accepted(whole(0, 99), 'How much of DEBUG.', 0, 'DEBUG has one level'),
    'output-options': works(list('outputOption'), 'Where it goes.', []),
    output_options: old(list('outputOption'), 'output-options'),
  },
}

/** Levels of the server that are the same in both families, by their names. */
export const SERVER_LEVELS: Readonly<Record<string, Level>> = {
  leaseDatabase,
  database,
  configControl,
  dhcpDdns,
  multiThreading,
  expiry,
  ...AGENT_LEVELS,
  sanityChecks,
  logging,
  logger,
  outputOption,
  hook,
  hookParameters,
}

/** Those that differ. */
export function serverLevels(family: KeyFamily): Readonly<Record<string, Level>> {
  const queueControl: Level = {
    about: 'The receive queue; further keys go to the type of queue.',
    further: 'allowed',
    keys: {
      ...innerNotes,
      'enable-queue': inner(bool, 'Use it.', false),
      'queue-type': inner(text, 'Kind of queue.', `kea-ring${family.version}`),
      capacity: inner(seconds, 'Queries that may wait.', 64),
    },
  }

  return named({ queueControl, ...controlLevels(family) }, family)
}
