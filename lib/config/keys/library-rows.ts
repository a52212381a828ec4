// biome-ignore-all format: a table, a row a line
// What those of Kea's libraries are told that Whio has a counterpart of, and what they read in the
// user-context of subnets and classes. Their maps stand where any map may, so each is judged apart
// (config/compile/library.ts). The parameters of libdhcp_ha are in common-ha.ts.

import { innerNotes } from './common-rows.ts'
import { accepted, anyMap, bool, ipv4, type Level, millis, oneOf, type Rows, refused, seconds, text, texts, UINT32, whole, works } from './row.ts'

const FACILITIES = ['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7']

const pingCheck: Rows = {
  'enable-ping-check': works(bool, 'Ask whether somebody has an address before it is offered.', true),
  'min-ping-requests': works(whole(1, UINT32), 'How often is asked before nobody has it.', 1),
  'reply-timeout': works(millis, 'Milliseconds that each answer is waited for.', 100),
  'ping-cltt-secs': works(seconds, 'Seconds since its last ACK for which a client gets its former address back unasked.', 60),
}

const flexDeeds = (codeMax: number) => ({
  code: works(whole(0, codeMax), 'Code of the option.'),
  name: works(text, 'Its name.'),
  'csv-format': works(bool, 'The value is text, in the form of option-data; else it is sent as it is.', false),
  add: works(text, 'Expression: the value of the option where the reply has none.'),
  supersede: works(text, 'Expression: the value of the option, whatever the reply has.'),
  remove: works(text, 'Expression: whether the option is taken out.'),
  'client-class': works(text, 'Only for clients of this class.', ''),
})

/** An element of options of libdhcp_flex_option. */
const flexOption = (space: string, codeMax: number): Level => ({
  about: 'What is done to an option of the reply.',
  keys: {
    ...innerNotes,
    ...flexDeeds(codeMax),
    space: works(oneOf(space), 'Space of the option.', space),
    'sub-options': works({ type: 'array', items: anyMap }, 'What is done to sub-options.'),
    source: works(oneOf('query'), 'The message that expressions are about.', 'query'),
    destination: works(oneOf('response'), 'The message that is changed.', 'response'),
  },
})

/** An element of sub-options of such an option. */
const flexSubOption = (codeMax: number): Level => ({
  about: 'What is done to a sub-option.',
  keys: {
    ...innerNotes,
    ...flexDeeds(codeMax),
    space: works(text, 'Space of the sub-option; that of the option where it has one.'),
    'container-add': works(bool, 'Make the option where there is none.', true),
    'container-remove': works(bool, 'Take the option out where it is left empty.', true),
  },
})

/** The levels of an element of options, and of its sub-options, by family. */
export const FLEX_LEVELS = {
  4: { option: flexOption('dhcp4', 255), subOption: flexSubOption(255) },
  6: { option: flexOption('dhcp6', 65535), subOption: flexSubOption(65535) },
} as const

/** The parameters of a library, by its name. */
export const LIBRARIES4 = {
  libdhcp_ping_check: {
    about: 'What is done before an address is offered.',
    keys: {
      ...innerNotes,
      ...pingCheck,
      'ping-channel-threads': accepted(seconds, 'Threads that send and receive; 0 = as many as the server has.', 0, 'one thread asks and reads'),
    },
  },
  libdhcp_run_script: {
    about: 'A program that is started when leases change.',
    required: ['name'],
    keys: {
      ...innerNotes,
      name: works(text, 'Absolute path of the program; its argument is the hook point.'),
      sync: works(bool, 'True is not possible, as in Kea.', false),
    },
  },
  libdhcp_legal_log: {
    about: 'Where it is kept who had which address.',
    keys: {
      ...innerNotes,
      type: works(oneOf('logfile', 'syslog'), 'Files, or the syslog of the host.', 'logfile'),
      path: works(text, 'Folder of the files, by its absolute path.', '/var/log/kea'),
      'base-name': works({ ...text, minLength: 1 }, 'How names of files begin.', 'kea-legal'),
      'time-unit': works(oneOf('second', 'day', 'month', 'year'), 'In what the age of a file is counted.', 'day'),
      count: works(seconds, 'So many units after a file was begun, the next one is; 0 = never.', 1),
      prerotate: works(text, 'Program that is started with the name of a file that ends.', ''),
      postrotate: works(text, 'Program that is started with the name of a file that begins.', ''),
      'timestamp-format': works(text, 'How a line of a file begins, in the letters of strftime.', '%Y-%m-%d %H:%M:%S %Z'),
      facility: works(oneOf(...FACILITIES), 'Facility of syslog.', 'local0'),
      pattern: accepted(text, 'Layout of a line in syslog.', undefined, 'a line is the text alone'),
      'mark-continuation-lines': accepted(bool, 'Mark lines that are continued.', true, 'each line has its own time'),
      'request-parser-format': works(text, 'Expression on the query whose value a line says.', ''),
      'response-parser-format': works(text, 'Expression on the reply whose value stands behind it.', ''),
    },
  },
  libdhcp_flex_id: {
    about: 'By what clients are known beside their own words.',
    keys: {
      ...innerNotes,
      'identifier-expression': works(text, 'Expression whose value is the flex-id of reservations.', ''),
      'replace-client-id': works(bool, 'Leases go by the value instead of option 61; the client gets its own back.', false),
      'cid-as-rfc4361-duid': works(bool, 'The value takes the place as a DUID (type 255), not as type 0.', false),
      'ignore-iaid': accepted(bool, 'For DHCPv6: the IAID of an IA counts as 0.', false, 'DHCPv4 has no IAs'),
    },
  },
  libdhcp_flex_option: {
    about: 'What is done to options of a reply when it is finished.',
    required: ['options'],
    keys: {
      ...innerNotes,
      options: works({ type: 'array', items: anyMap }, 'What is done, option by option.'),
    },
  },
  libdhcp_ddns_tuning: {
    about: 'What clients are called.',
    keys: {
      ...innerNotes,
      'hostname-expr': works(text, 'Expression whose value is the name of the client; where it is empty, the name is as it would be.', ''),
    },
  },
  libdhcp_bootp: {
    about: 'BOOTP clients are served; there is nothing to say about it.',
    keys: innerNotes,
  },
  libdhcp_limits: {
    about: 'Limits stand in the user-context of subnets and classes.',
    keys: innerNotes,
  },
  libdhcp_lease_query: {
    about: 'Who may ask the server about its leases.',
    required: ['requesters'],
    keys: {
      ...innerNotes,
      requesters: works(texts, 'Addresses or prefixes of relays and concentrators that are answered.'),
      advanced: works(anyMap, 'Queries in bulk, over TCP.'),
    },
  },
} as const satisfies Readonly<Record<string, Level>>

/** The member advanced of libdhcp_lease_query. */
export const ADVANCED_QUERIES: Level = {
  about: 'Queries in bulk, over TCP.',
  keys: {
    ...innerNotes,
    'bulk-query-enabled': works(bool, 'Connections of requesters are taken.', false),
    'active-query-enabled': refused(bool, 'Requesters are told of changes as they come.', false, 'leave it false, as in Kea'),
    'extended-info-tables-enabled': accepted(bool, 'Tables by relay and remote id are kept.', false, 'leases are looked through, a slice at a time'),
    'lease-query-ip': works(ipv4, 'Address that is listened to.', '127.0.0.1'),
    'lease-query-tcp-port': works(whole(1, 65_535), 'TCP port that is listened to.', 67),
    'max-bulk-query-threads': accepted(seconds, 'Threads that answer; 0 = as many as the server has.', 0, 'one thread serves all'),
    'max-requester-connections': works(whole(1, UINT32), 'Connections at a time.', 10),
    'max-concurrent-queries': works(whole(0, UINT32), 'Queries of one connection that are answered at a time; 0 = 4.', 0),
    'max-requester-idle-time': works(whole(1, 2_147_483), 'Seconds after which a requester that says nothing, or reads nothing, is left.', 300),
    'max-leases-per-fetch': works(whole(1, UINT32), 'Leases that are sent in one go.', 100),
    'trust-anchor': refused(text, 'File of certificates.', undefined, 'connections of requesters have no TLS'),
    'cert-file': refused(text, 'File of the certificate.', undefined, 'connections of requesters have no TLS'),
    'key-file': refused(text, 'File of the key.', undefined, 'connections of requesters have no TLS'),
    'cert-required': refused(bool, 'Requesters must show a certificate.', undefined, 'connections of requesters have no TLS'),
  },
}

/** Where a library of DHCPv6 is told something else. */
export const FLEX_ID6: Level = {
  about: 'By what clients of DHCPv6 are known beside their own words.',
  keys: {
    ...LIBRARIES4.libdhcp_flex_id.keys,
    'replace-client-id': works(bool, 'Leases go by the value, as a DUID of type 0, instead of the DUID; the client gets its own back.', false),
    'cid-as-rfc4361-duid': accepted(bool, 'For DHCPv4: the value takes the place as a DUID.', false, 'nothing takes the place of a DUID'),
    'ignore-iaid': works(bool, 'The IAID of an IA that is the only one of its kind in a message counts as 0 for leases; the client gets its own back.', false),
  },
}

/** Limits of DHCPv6. */
export const LIMITS6: Level = {
  about: 'How much is given at most.',
  keys: {
    'rate-limit': works(text, 'Messages that are taken: "100 packets per second", minute, hour, day, week, month or year.'),
    'address-limit': works(seconds, 'Addresses at a time.'),
    'prefix-limit': works(seconds, 'Delegated prefixes at a time.'),
  },
}

/** Members of user-context, by their name. */
export const CONTEXTS4 = {
  'ddns-tuning': {
    about: 'What is different in this subnet.',
    keys: { 'hostname-expr': works(text, 'Expression whose value is the name of the client; an empty one takes back that of the global level.') },
  },
  'ping-check': { about: 'What is different in this subnet.', keys: pingCheck },
  limits: {
    about: 'How much is given at most.',
    keys: {
      'rate-limit': works(text, 'Messages that are taken: "100 packets per second", minute, hour, day, week, month or year.'),
      'address-limit': works(seconds, 'Leases at a time.'),
      'prefix-limit': accepted(seconds, 'Delegated prefixes at a time.', undefined, 'DHCPv4 delegates none'),
    },
  },
} as const satisfies Readonly<Record<string, Level>>
