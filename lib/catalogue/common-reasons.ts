// Why a message was not answered, as far as it is the same in DHCPv4 and DHCPv6: what the pair, the
// journal, classes, limits and hooks say. Each family has its own besides: reasons.ts, reasons6.ts.

import type { CatalogueRow } from './row.ts'

export const COMMON_REASONS = {
  'service-disabled': {
    level: 'debug',
    text: 'the service is switched off',
    help: 'The command dhcp-disable has switched the service off: messages are dropped until dhcp-enable, or until the period that was given with it is over. status-get says who has done it. The other server of a pair serves the clients of both meanwhile.',
  },
  'no-rights': {
    level: 'warn',
    text: 'this server may give nothing at present',
    help: 'Its database has not met the partner yet, is new or restored, or everything was handed over to the partner. It serves again once the partner has been reached, or when it is told that there is none.',
  },
  'not-in-scope': {
    level: 'debug',
    text: 'the partner serves this client',
    help: 'The clients of a pair are shared out by a hash of their identifiers (RFC 3074), or one server serves all while the other stands by.',
  },
  'dropped-by-class': {
    level: 'debug',
    text: 'the client is in the class DROP',
    help: 'The configuration says with the class DROP whose messages are not answered: by its test, or by a reservation that names it.',
  },
  'release-too-soon': {
    level: 'info',
    text: 'the RELEASE came too soon after the last answer that gave the lease, or after a pause of the server',
    help: 'Within 12 seconds of it a RELEASE may be the late duplicate of a RELEASE that the client sent before it got the address again, so it changes nothing: the lease runs out by itself.',
  },
  'reply-too-late': {
    level: 'warn',
    text: 'the reply became too old while it waited for the disk',
    help: 'The lease is stored, but the client has long repeated its message; the answer to the repetition counts. Look at the speed of the disk.',
  },
  'journal-failed': {
    level: 'warn',
    text: 'the lease could not be stored',
    help: 'A lease is acknowledged only when it is on the disk. See the alarm of the journal: disk full, read-only, or failing.',
  },
  'database-away': {
    level: 'warn',
    text: 'the lease database does not answer',
    help: 'Several servers share the lease database, and it decides about each lease. See DATABASE_AWAY in the log. The client repeats its message.',
  },
  'database-late': {
    level: 'warn',
    text: 'the lease database did not say in time what it knows of the client',
    help: 'Before a client is refused something, the database is asked whether another server gave it. The message waited for two seconds and is not answered; the client repeats it. Look at the speed of the database.',
  },
  contended: {
    level: 'warn',
    text: 'other servers on the lease database took the address first, several times',
    help: 'Each time another address was tried. The client repeats its message. Where that happens often, the pool is nearly full, or the answers of the database are slow.',
  },
  overload: {
    level: 'warn',
    text: 'too many replies are waiting for the disk',
    help: 'The named limit of parked replies is reached; clients repeat their messages. Look at the speed of the disk.',
  },
  'rate-limit': {
    level: 'info',
    text: 'more messages came than the rate-limit allows',
    help: 'A class of the client, or the subnet, has a rate-limit (libdhcp_limits), and so many messages were taken within its time. Raise the limit, or look who sends so much.',
  },
  'refused-by-hook': {
    level: 'info',
    text: 'a hook said that the message is not to be answered',
    help: 'Somebody outside of the server is asked about messages of clients, and refused this one.',
  },
  'hook-failed': {
    level: 'warn',
    text: 'a hook failed at the message',
    help: 'A module of hooks-libraries threw an error, did what a hook may not, or gave an answer that is none. The log has a line with its name and the error.',
  },
  'waiting-room-full': {
    level: 'warn',
    text: 'too many messages wait for the answer of a hook',
    help: 'The named limit of waiting messages is reached; clients repeat their messages. Look at the speed of the hook.',
  },
  'answer-too-late': {
    level: 'warn',
    text: 'a hook did not answer in time',
    help: 'The message waited for two seconds and is not answered; the client repeats it. Look at the hook.',
  },
  'look-ups-full': {
    level: 'warn',
    text: 'too many messages wait for a database of reservations',
    help: 'The named limit of messages that wait is reached; clients repeat their messages. Look at the speed of the database, or raise Whio.hosts.load-max, so that its reservations are read at the start.',
  },
  'look-up-failed': {
    level: 'warn',
    text: 'a database of reservations did not answer in time',
    help: 'What is reserved for the client had to be looked up, and the database did not say it within two seconds. The client repeats the message. A database that is away is told in lines of its own, and keeps nobody waiting.',
  },
  stopping: {
    level: 'debug',
    text: 'the server is stopping',
    help: 'Messages that arrive during an orderly stop are left to the partner or to the next start.',
  },
  internal: {
    level: 'warn',
    text: 'the message met an error in the server',
    help: 'This is a fault of Whio. The log line carries the message in hexadecimal and the place of the error: please report both.',
  },
} as const satisfies Record<string, CatalogueRow>

/** The id of a drop reason that both families have. */
export type CommonReason = keyof typeof COMMON_REASONS
