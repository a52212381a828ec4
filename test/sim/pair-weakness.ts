// Rules of safety, taken away from outside of the product: each schedule runs once more without the
// rule that it is about, and must then be found out. A weakness begins when the schedule says so.

import type { PairRecord } from '../../lib/ha/pair-record.ts'
import type { LabSettings } from '../../lib/lab/lab.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import { familyOf } from '../../lib/leases/keys/families.ts'
import type { Key, Range } from '../../lib/leases/keys/key.ts'
import type { Lease } from '../../lib/leases/lease.ts'
import type { Keys } from '../../lib/leases/rights.ts'
import type { AnyTable } from '../../lib/leases/table/lease-tables.ts'
import type { FreeSearch } from '../../lib/leases/view.ts'
import type { JournalInfo, JournalSink } from '../../lib/ports/journal.ts'
import type { LinkConnection, LinkSink } from '../../lib/ports/link.ts'
import type { ServerPorts } from '../../lib/server/settings.ts'

export interface Weakness {
  /** Names of the servers that have it; default: both. */
  readonly servers?: readonly string[]
  /** Changes each lease table of a life, before its rows are read. */
  readonly table?: (table: AnyTable, isOn: () => boolean) => void
  /** Changes what is said of the journal when it has been read. */
  readonly info?: (info: JournalInfo, own: ServerPorts) => JournalInfo
  /** Changes each message from another server, before this one hears it. */
  readonly hears?: (message: string | Uint8Array) => string | Uint8Array | undefined
}

/** What a server has heard from another one, and may be made to hear again. */
export interface Heard {
  readonly by: string
  readonly message: string | Uint8Array
  readonly again: () => void
}

/**
 * Ports by which servers get a weakness; `isOn` is asked whenever it would show. What they hear of
 * each other is kept on the tape.
 */
export function weakPorts(
  weakness: Weakness,
  isOn: () => boolean,
  tape: Heard[],
): LabSettings['ports'] {
  return (own, server) => {
    const isWeak = () => isOn() && weakness.servers?.includes(server.name) !== false
    return weakened(own, server, weakness, isWeak, tape)
  }
}

function weakened(
  own: ServerPorts,
  server: VirtualServer,
  { table, info = (said) => said, hears = (message) => message }: Weakness,
  isOn: () => boolean,
  tape: Heard[],
): ServerPorts {
  const { journal, link } = own
  const open = (sink: JournalSink) => {
    for (const one of server.server!.tables.all) table?.(one, isOn)
    journal.open({
      onRows: (rows) => sink.onRows(rows),
      onReady: (said) => sink.onReady(isOn() ? info(said, own) : said),
      onCommitted: () => sink.onCommitted(),
      onFailed: (trouble) => sink.onFailed(trouble),
    })
  }
  return {
    ...own,
    journal: {
      open,
      commit: (changes, count, stamp, pair) => journal.commit(changes, count, stamp, pair),
      close: (done) => journal.close(done),
    },
    link: link && {
      open: (sink) =>
        link.open(tapped(sink, server.name, (said) => (isOn() ? hears(said) : said), tape)),
      dial: (peer) => link.dial(peer),
      close: (done) => link.close(done),
    },
  }
}

function tapped(
  sink: LinkSink,
  by: string,
  hears: Weakness['hears'] & object,
  tape: Heard[],
): LinkSink {
  const hear = (connection: LinkConnection, message: string | Uint8Array) => {
    const heard = hears(message)
    if (heard !== undefined) sink.onLinkMessage(connection, heard)
  }
  let latest: LinkConnection
  return {
    onLinkOpened: (connection) => sink.onLinkOpened(connection),
    onLinkMessage: (connection, message) => {
      const copy = typeof message === 'string' ? message : message.slice()
      latest = connection
      tape.push({ by, message: copy, again: () => hear(latest, copy) })
      hear(connection, message)
    },
    onLinkClosed: (connection, reason) => sink.onLinkClosed(connection, reason),
    onDialFailed: (peer, failure, detail) => sink.onDialFailed(peer, failure, detail),
    onListener: (trouble) => sink.onListener(trouble),
    onStranger: (remote, why) => sink.onStranger(remote, why),
  }
}

/** Whatever its rows call over is given: keys play no part. */
export function freeHand(...servers: string[]): Weakness {
  return { servers, table: (table, isOn) => setKeys(table, isOn, () => 2) }
}

/** A server believes in other keys than it has. */
export function setKeys(
  table: AnyTable,
  isOn: () => boolean,
  rule: (address: Key, lease: Lease<Key> | undefined) => Keys,
): void {
  const { keysOf, mayGive, findFree } = table
  table.keysOf = (address, lease) =>
    isOn() ? rule(address, lease) : keysOf.call(table, address, lease)
  table.mayGive = (address, lease, now) =>
    isOn()
      ? rule(address, lease) === 2 && table.isOver(lease, now)
      : mayGive.call(table, address, lease, now)
  table.findFree = (ranges: readonly Range<Key>[], search: FreeSearch, now) =>
    isOn() ? firstGivable(table, ranges, now) : findFree.call(table, ranges, search, now)
}

function firstGivable(table: AnyTable, ranges: readonly Range<Key>[], now: number) {
  const nobody = { htype: 1, hwAddress: '', clientId: '' }
  for (const { first, last } of ranges)
    for (let address = first; address <= last; address = familyOf(first).after(address))
      if (
        table.mayGive(address, table.byAddress(address), now) &&
        !table.isOfferedToOther(address, nobody, now)
      )
        return address
  return undefined
}

/** The table shows other rows than it has. */
export function rewriteRows(
  table: AnyTable,
  rewrite: (lease: Lease<Key>) => Lease<Key> | undefined,
): void {
  const byAddress = table.byAddress.bind(table)
  table.byAddress = (address: Key) => {
    const lease = byAddress(address)
    return lease === undefined ? undefined : rewrite(lease)
  }
}

/** A server that believes in a record that is not its own. */
export function recordOf(side: 0 | 1, more: Partial<PairRecord> = {}): PairRecord {
  return {
    pairId: 'made up',
    side,
    partnerDatabase: 'made up',
    rights: 'shared',
    noneBecause: 'fresh',
    handOver: 0,
    longestLifetime: 3600,
    doubtUntil: 0,
    applied: {},
    doubtFrom: 0,
    toldLifetime: 0,
    whole: [],
    partnerDuids: [],
    clocks: {},
    lives: [],
    heard: {},
    ...more,
  }
}
