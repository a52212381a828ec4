// Reservations of databases in Whio's own API: read, and changed by Kea's commands, which say what
// may be written there and to which of the databases.

import { identifierFromText } from '../../config/compile/reservation-identity.ts'
import type { HostRow } from '../../config/plan/host-rows.ts'
import type { Members } from '../../config/text/map.ts'
import type { HostSelector } from '../../ports/hosts.ts'
import type { HostBook } from '../../server/hosts/host-book.ts'
import type { Answer } from '../command.ts'
import { findIn, storedHost } from '../commands/edit/stored-hosts.ts'
import { CommandRefused } from '../refused.ts'
import { type HostKey, listOf } from './host-places.ts'
import type { Item } from './reservation-keys.ts'
import { type ApiCall, ApiRefused, refusal, replyOf, type Say } from './route.ts'

/** As lists and `whio reservations` call it. */
export function nameOfSource(index: number): string {
  return `database ${index + 1}`
}

/** The first one of this key that a database has, with the name of that; undefined: none has. */
export function findStored(
  key: HostKey,
  call: ApiCall,
  say: Say,
  done: (found: { readonly host: Members; readonly source: string } | undefined) => void,
): void {
  const { room } = call
  const books = room.server.hosts.of(key.family.version)
  const next = (index: number): void => {
    const book = books[index]
    if (book === undefined) return done(undefined)
    const told = call.goingOn((rows: readonly HostRow[]) => {
      const [row] = rows
      if (row === undefined) return next(index + 1)
      done({ host: row.host, source: nameOfSource(index) })
    })
    findIn([book], selectorOf(key), room, sayAnswer(say), told)
  }
  next(0)
}

function selectorOf({ id, subnet, type }: HostKey): HostSelector {
  const identifier = { type, value: identifierFromText(id)! }
  return { subnetId: subnet, identifier, limit: 1 }
}

/** A database that cannot be asked is none of the asker's fault. */
function sayAnswer(say: Say): (answer: Answer) => void {
  return ({ text = 'the database cannot be asked' }) => say(refusal(503, text))
}

/** Of what is there already, it is the new version. */
export function changeStored(item: Item, call: ApiCall, say: Say): void {
  const { family, id, subnet, type, value } = item
  if (call.query.get('dry-run') === '1') return tryStored(item, call, say)
  const persona = family.version === 4 ? 'dhcp4' : 'dhcp6'
  const target = { 'operation-target': 'database' }
  const done = (counts: Partial<Counts>) => (answer: Answer) => {
    if (answer.result !== 0) return say(refused(answer))
    const all = { made: 0, changed: 0, deleted: 0, ...counts }
    say({ status: all.made > 0 ? 201 : 200, body: all })
  }
  const whose = { 'subnet-id': subnet, 'identifier-type': type, identifier: id }
  if (value === undefined)
    return call.command('reservation-del', persona, { ...whose, ...target }, done({ deleted: 1 }))
  const reservation = { ...value, [type]: id, 'subnet-id': subnet }
  findStored(item, call, say, (found) => {
    const [name, counts] =
      found === undefined
        ? (['reservation-add', { made: 1 }] as const)
        : (['reservation-update', { changed: 1 }] as const)
    call.command(name, persona, { reservation, ...target }, done(counts))
  })
}

interface Counts {
  made: number
  changed: number
  deleted: number
}

/** What is not there is said so; whatever else the database or its rules do not take is a fault. */
function refused(answer: Answer) {
  return answer.result === 3 ? replyOf(answer) : refusal(422, answer.text ?? 'it was not done')
}

function tryStored(item: Item, call: ApiCall, say: Say): void {
  const { family, id, type, value } = item
  const { document } = call.room.configuration
  findStored(item, call, say, (found) => {
    const isThere = found !== undefined
    call.demand(
      value === undefined ? 'reservation-del' : `reservation-${isThere ? 'update' : 'add'}`,
    )
    if (value === undefined && !isThere)
      throw new ApiRefused(404, `there is no reservation of ${id}`)
    const faults: string[] = []
    try {
      const list = listOf(item, document)
      if (value !== undefined)
        storedHost({ ...value, [type]: id }, list, family, document, call.room)
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error
      faults.push(error.message)
    }
    const [made, changed] = value === undefined ? [0, 0] : isThere ? [0, 1] : [1, 0]
    const counts = { made, changed, deleted: value === undefined ? 1 : 0 }
    say({ status: 200, body: { ok: faults.length === 0, ...counts, faults, warnings: [] } })
  })
}

/** Those of a database, the lowest number first; none where there are too many to be known. */
export function* rowsOfBook({ table }: HostBook): Generator<HostRow> {
  if (table.kind === 'asked') return
  for (const number of [...table.buckets.keys()].sort((a, b) => a - b))
    yield* table.buckets.get(number)!
}
