// biome-ignore-all format: a table, a row a line
// What both families are told of a pair: the parameters of libdhcp_ha, and what Kea has no word
// for.

import { HA_STATES } from '../plan/ha-plan.ts'
import { innerNotes } from './common-rows.ts'
import { accepted, bool, inner, type Level, list, map, millis, oneOf, type Rows, seconds, text, UINT32, whole, works } from './row.ts'

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
    'lease-history': works(map('whioHistory'), 'Each version of a lease is kept, with its time, for whio history; without this map none is.'),
    'log-renewals': works(bool, 'Log renewals of leases at severity INFO, as new leases are; else at DEBUG.', false),
    'log-format': works(oneOf('json', 'kea', 'people'), "What a line of the log looks like, where no pattern says it: JSON, Kea's form, or one for people."),
    'strict-option-parsing': works(bool, 'Refuse a message whose last option runs past its end; wins over lenient-option-parsing.', false),
    'reconfigure-accept': works(bool, 'Of DHCPv6: clients that accept RECONFIGURE get a key with their leases, by which they know it. After a reload that concerns them, or by whio reconfigure, they are told to renew at once.', false),
    'max-leases-per-client6': works({ type: 'integer', minimum: 1, maximum: 256 }, 'Of DHCPv6: IAs with an address, and IAs with a prefix, that one client may have at a time.', 8),
    'verify-source': works(bool, 'Of DHCPv6: a RELEASE or DECLINE ends a lease only where it comes from where the lease does, as far as the lease tells: from the same hardware address (mac-sources), and with store-extended-info from the same port of the relay.', false),
    'witness-folder': works(text, 'Folder, by its absolute path, where this host notes what its lease database was; outside of that of the database.'),
    'kea-version': works(text, 'Version of Kea that clients of version-get are told: they decide by it what they may ask.', '3.2.0'),
    hosts: works(map('whioHosts'), 'How databases of reservations are read.'),
    'pool-low': works({ type: 'number', minimum: 0, maximum: 90 }, 'Percent of the addresses of a subnet (or of its prefixes): when no more are free, events tell of it (pool.low), and again when half as many more are (pool.recovered). 0 = never.', 10),
    roles: works(list('role'), 'Who may do what through sockets for commands. Nobody named: whoever comes in may do everything. Else who is in no role only reads, but through unix sockets.', []),
    webhooks: works(list('webhook'), 'Whom this server calls by HTTP when something happens.', []),
    ha: works(map('whioHa'), 'What the words of Kea leave open about a pair.'),
    ddns: works(map('whioDdns'), 'Names of clients outside of leases and answers.'),
  },
}

const whioHistory: Level = {
  about: 'How much of the history of leases is kept.',
  keys: {
    'max-age': works(seconds, 'For how long, seconds.', 7_776_000),
    'max-rows': works({ type: 'integer', minimum: 1, maximum: 1_000_000_000 }, 'How many versions of leases, some 150 bytes each; the oldest go.', 1_000_000),
  },
}

const whioHosts: Level = {
  about: 'How databases of reservations are read.',
  keys: {
    refresh: works({ type: 'integer', minimum: 1, maximum: 86_400 }, 'Seconds between two looks at what has changed there.', 10),
    'load-max': works({ type: 'integer', minimum: 0, maximum: 10_000_000 }, 'With more reservations than this in a database, each client is looked up when it comes; else all are read at the start.', 500_000),
    'cache-size': works({ type: 'integer', minimum: 1000, maximum: 10_000_000 }, 'So many identifiers that were looked up are remembered, until the next refresh.', 100_000),
  },
}

const whioHa: Level = {
  about: 'What the words of Kea leave open about a pair.',
  keys: {
    'when-silent': works(oneOf('safe', 'available'), 'What new clients get while the partner is away. safe: what no other client can have. available: everything, as in Kea, at the risk of one address for two clients.', 'safe'),
    'reserve-percent': works({ type: 'number', minimum: 0, maximum: 50 }, 'Part of the free addresses of a pool that a server keeps when its partner asks for more.', 20),
    'certificate-names': works(oneOf('checked', 'any'), 'Whom the certificate of another server must name. checked: that server, by its name or by the address of its url. any: whoever has a certificate of the trust anchor may speak for the partner.', 'checked'),
    'share-edits': works(bool, 'Subnets, shared networks, classes, options and reservations that a command changes here are changed at the partner, too, and what is changed there is changed here. False in either file: each server has its own.', true),
  },
}

/** Levels of a pair, by their names, and those of Whio's own. */
export const PAIR_LEVELS: Readonly<Record<string, Level>> = {
  ha,
  haPeer,
  haThreads,
  haStateMachine,
  haState,
  whio,
  whioHa,
  whioHistory,
  whioHosts,
}
