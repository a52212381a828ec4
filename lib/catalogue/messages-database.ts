// Lines of the log about a lease database that several servers share.

import type { CatalogueRow } from './row.ts'

export const MESSAGES_DATABASE = {
  DATABASE_AWAY: {
    level: 'error',
    text: 'the lease database does not answer: no lease is given until it does',
    help: 'The trouble field says what was seen last. The server tries to reach the database again and again, for ever. on-fail says what becomes of clients meanwhile: with stop-retry-exit nobody is answered, and a partner that reaches the database serves the clients of both; with serve-retry-exit or serve-retry-continue a client that renews its lease is told the time that is left of it, and nobody gets a new one. DATABASE_BACK follows.',
  },
  DATABASE_BACK: {
    level: 'info',
    text: 'the lease database answers again, and what other servers stored meanwhile is known',
    help: 'seconds is how long it was away, bridged how many renewals were answered without it since the start.',
  },
  DATABASE_CLOCK_AHEAD: {
    level: 'error',
    text: 'the clock of the lease database has jumped ahead, or this machine stood still',
    help: 'Leases that were stored before seem to end so many seconds too early. This server and others that run go by their own steady clocks, so that no address goes to a second client; one that starts from now on only renews leases, until the longest lease has ended that was stored before. A server that says so at its own start has found that the clock jumped while no server ran, and only renews leases itself. Where the clock is right now and was wrong before, `whio end-doubt` at each server that only renews ends that: a client whose lease runs on may lose its address to another then. Look at the time service of the host of the database: after a failover it may be another host.',
  },
  DATABASE_CLOCK_BACK: {
    level: 'warn',
    text: 'the clock of the lease database was put back',
    help: 'Leases that were stored before last so many seconds longer than their clients were told. Nothing else follows. Look at the time service of the host of the database.',
  },
  DATABASE_DOUBT_ENDED: {
    level: 'warn',
    text: 'addresses whose leases seem to have ended by the clock of the database are given again',
    help: 'An operator has said so (`whio end-doubt`). A server on the database that has another doubt of its own is told by itself.',
  },
  DATABASE_FAILED_OVER: {
    level: 'warn',
    text: 'another copy of the lease database took over',
    help: 'batches is how many commits of this server the new copy did not have, though clients had been answered: with synchronous replication there are none. What was written within the last ten minutes is compared and stored again. Until then, and for ten seconds at least, only leases that exist are renewed. DATABASE_LEASE_LOST follows where an address has got a second client.',
  },
  DATABASE_LEASE_LOST: {
    level: 'error',
    text: 'a lease was lost by the failover of the database, and its address has been given to another client',
    help: 'Two clients count on the address in the line. The new copy of the database had not got the lease, and a server that did not know of it either gave the address away. Let one of the two clients renew its lease. Synchronous replication of the database makes sure that this cannot happen.',
  },
  DATABASE_CONFIG_DIFFERS: {
    level: 'warn',
    text: 'other servers on the lease database have other subnets, pools, reserved addresses or lifetimes',
    help: 'members has their names in the database. No address gets two clients by that, but a client is given at one server what another one refuses, and leases of a subnet that a server does not have are renewed elsewhere only. While the servers are told of a change one after the other this is said once and means nothing. Otherwise give all of them the same file: `whio status` of each names those that differ.',
  },
  DATABASE_WARNING: {
    level: 'warn',
    text: 'something about the lease database is not as it should be',
    help: 'The warning field says what.',
  },
} as const satisfies Record<string, CatalogueRow>
