// Rules of a shared database that are taken away, to show that a broken promise is found. Each is
// put back by what is returned.

import { SharedDatabase } from '../../lib/lab/shared-database.ts'
import type { ServerPorts } from '../../lib/server/settings.ts'
import { DatabaseClock } from '../../lib/server/shared/database-clock.ts'
import { RecentWrites } from '../../lib/server/shared/lost-writes.ts'

export type Restore = () => void

/** It stores whatever comes, over whatever is there. */
export function storesAnything(): Restore {
  const { commit } = SharedDatabase.prototype
  SharedDatabase.prototype.commit = function (member, number, rows, batch, ...records) {
    const expected = Float64Array.from(rows, ({ address }) => this.row(address)?.lease.change ?? 0)
    const isForced = new Uint8Array(rows.length).fill(1)
    return commit.call(this, member, number, rows, { ...batch, expected, isForced }, ...records)
  }
  return () => {
    SharedDatabase.prototype.commit = commit
  }
}

/** Each key is looked at by itself. */
export function seesNoOverlaps(): Restore {
  const { isOverlapped } = SharedDatabase.prototype
  SharedDatabase.prototype.isOverlapped = () => false
  return () => {
    SharedDatabase.prototype.isOverlapped = isOverlapped
  }
}

/** Nobody sees that the clock of the database jumps. */
export function seesNoJump(): Restore {
  const { heard } = DatabaseClock.prototype
  DatabaseClock.prototype.heard = () => 0
  return () => {
    DatabaseClock.prototype.heard = heard
  }
}

/** What is told of jumps of the clock comes to nobody. */
export function tellsNoJump(): Restore {
  const { tellJump } = SharedDatabase.prototype
  SharedDatabase.prototype.tellJump = () => {}
  return () => {
    SharedDatabase.prototype.tellJump = tellJump
  }
}

/** Who starts does not know that others are quiet. */
export function missesNobody(): Restore {
  const { absent } = SharedDatabase.prototype
  SharedDatabase.prototype.absent = () => 0
  return () => {
    SharedDatabase.prototype.absent = absent
  }
}

/** What a failover has lost is not stored again. */
export function mendsNothing(): Restore {
  const { pages } = RecentWrites.prototype
  RecentWrites.prototype.pages = () => []
  return () => {
    RecentWrites.prototype.pages = pages
  }
}

/** Servers are told that the database has no more than they know, whatever they ask. */
export function confirmsAtOnce(own: ServerPorts): ServerPorts {
  const { journal } = own
  const shared = journal.shared!
  let ask: (ticket: number) => void = () => {}
  return {
    ...own,
    journal: {
      open: (sink) => journal.open(sink),
      commit: (...batch) => journal.commit(...batch),
      close: (done) => journal.close(done),
      shared: {
        listen: (sink) => {
          const jumps = { count: 0, last: 0, doubt: 0 }
          const answer = { time: 0, took: 0, rank: 0, members: 1, jumps }
          ask = (ticket) => sink.onConfirmed(ticket, new Uint8Array(0), answer)
          shared.listen({
            onOthers: (rows, told, isPartial) => {
              Object.assign(answer, told)
              sink.onOthers(rows, told, isPartial)
            },
            onConfirmed: (ticket, rows, told) => sink.onConfirmed(ticket, rows, told),
            onAway: (trouble) => sink.onAway(trouble),
            onBack: (told, how) => sink.onBack(told, how),
            onMembers: (others) => sink.onMembers(others),
            onNamesLeft: (names) => sink.onNamesLeft(names),
            onWarning: (text) => sink.onWarning(text),
          })
        },
        confirm: (ticket) => ask(ticket),
        doubt: (jump) => shared.doubt?.(jump),
        endDoubt: () => shared.endDoubt?.(),
        fingerprint: (text) => shared.fingerprint?.(text),
      },
    },
  }
}
