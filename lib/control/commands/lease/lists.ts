// Commands that list leases, all or a page of them. Lists are read when they are printed, some
// leases at a time; what takes a walk over all rows is found in slices.

import { addressOf } from '../../../address/prefix6.ts'
import type { Key } from '../../../leases/keys/key.ts'
import type { Lease } from '../../../leases/lease.ts'
import { isShown } from '../../../leases/lifecycle.ts'
import type { Sought } from '../../../leases/table/row-scan.ts'
import type { Server } from '../../../server/server.ts'
import type { Lost } from '../../../server/slices.ts'
import type { Answer, Command, Schema } from '../../command.ts'
import { SERVERS } from '../../command.ts'
import { Listing, Printed } from '../../print.ts'
import { CommandRefused, INTERNAL } from '../../refused.ts'
import * as given from './arguments.ts'
import { inOrder, type Next } from './in-order.ts'
import type { LeaseFamily } from './lease-family.ts'
import type { Moment } from './lease-words.ts'

/** Leases of one turn of printing, and rows of one slice of a search: a millisecond or two. */
export const LISTED = 100
export const SCANNED = 4096

type Say = (answer: Answer) => void

export function momentOf(server: Server): Moment {
  return { wall: server.wall(), now: server.now() }
}

/** `count` of them at most, whatever comes or goes meanwhile. */
export function listing(next: Next, count: number, family: LeaseFamily, server: Server): Listing {
  let left = count
  return new Listing(() => {
    const leases = next(Math.min(left, LISTED))
    left -= leases.length
    const moment = momentOf(server)
    return leases.map((lease) => new Printed(family.textOf(lease, moment)))
  })
}

export function found(count: number, more: string, list: unknown, { name }: LeaseFamily): Answer {
  return {
    result: count === 0 ? 3 : 0,
    text: `${count} ${name} lease(s) found${more}.`,
    arguments: { leases: count === 0 ? [] : list },
  }
}

// ---- all, and pages

export function getAll(family: LeaseFamily): Command {
  return {
    ...row(family, 'get-all', `Lists all leases of ${family.name}, or those of some subnets`),
    parameters: { type: 'object', properties: { subnets: LIST_OF_IDS }, required: ['subnets'] },
    run({ arguments: value }, { server }, answer) {
      const table = family.table(server)
      if (value === undefined) {
        const { size } = table
        return answer(
          found(size, '', listing(inOrder(table, undefined), size, family, server), family),
        )
      }
      const ids = subnetsIn(value)
      // Of one subnet after the other, as they are named.
      const keys: Key[] = []
      inSlicesEach(
        server,
        family,
        [...ids].map((subnetId) => ({ subnetId })),
        keys,
        answer,
        () =>
          answer(
            found(
              keys.length,
              '',
              listing(fromKeys(keys, family, server), keys.length, family, server),
              family,
            ),
          ),
      )
    },
  }
}

function subnetsIn(value: unknown): readonly number[] {
  const members = given.membersOr(value, NO_MAP)
  if (!given.has(members, 'subnets')) throw new CommandRefused("'subnets' parameter not specified")
  const { subnets } = members
  if (!Array.isArray(subnets)) throw new CommandRefused("'subnets' parameter must be a list")
  const ids: readonly unknown[] = subnets
  if (ids.some((id) => !Number.isInteger(id)))
    throw new CommandRefused('listed subnet identifiers must be numbers')
  if (ids.length > SUBNETS_MAX) throw new CommandRefused(`more than ${SUBNETS_MAX} subnets`)
  return ids as number[]
}

/** Of one command: each is a walk over all rows. */
const SUBNETS_MAX = 1024

export const NO_MAP = 'Command arguments missing or a not a map.'

export function getPage(family: LeaseFamily): Command {
  const name = `${family.prefix}-get-page`
  return {
    ...row(family, 'get-page', `Lists leases of ${family.name} in the order of their addresses`),
    parameters: {
      type: 'object',
      properties: {
        from: { type: 'string', description: '`start`, or the last address of the page before' },
        limit: { type: 'integer', minimum: 1, maximum: 0xffffffff },
      },
      required: ['from', 'limit'],
    },
    run({ arguments: value }, { server }, answer) {
      const members = given.membersOr(value, `no parameters specified for the ${name} command`)
      const behind = fromIn(members, family)
      const limit = limitIn(members)
      const table = family.table(server)
      if (limit <= LISTED) {
        const moment = momentOf(server)
        const leases = inOrder(table, behind)(limit)
        return answer(
          page(
            leases.length,
            leases.map((lease) => new Printed(family.textOf(lease, moment))),
            family,
          ),
        )
      }
      // How many there are is told before them.
      let count = 0
      const next = inOrder(table, behind)
      inSlices(server, answer, () => {
        const { length } = next(Math.min(limit - count, PASSED))
        count += length
        const isOver = length === 0 || count === limit
        if (isOver)
          answer(page(count, listing(inOrder(table, behind), count, family, server), family))
        return isOver
      })
    },
  }
}

/** Leases of one slice that are only counted. */
const PASSED = 1000

function page(count: number, leases: unknown, { name }: LeaseFamily): Answer {
  const list = count === 0 ? [] : leases
  return {
    result: count === 0 ? 3 : 0,
    text: `${count} ${name} lease(s) found.`,
    arguments: { count, leases: list },
  }
}

function fromIn(members: given.Members, { isOther, keyOf, name }: LeaseFamily): Key | undefined {
  if (!given.has(members, 'from')) throw new CommandRefused("'from' parameter not specified")
  const { from } = members
  if (typeof from !== 'string') throw new CommandRefused("'from' parameter must be a string")
  if (from === 'start') return undefined
  const key = keyOf(from)
  if (key !== undefined) return key
  throw new CommandRefused(
    isOther(from)
      ? `'from' parameter value ${from} is not an ${name} address`
      : `'from' parameter value is neither 'start' keyword nor a valid ${name} address`,
  )
}

function limitIn(members: given.Members): number {
  if (!given.has(members, 'limit')) throw new CommandRefused("'limit' parameter not specified")
  const { limit } = members
  if (typeof limit !== 'bigint' && !Number.isInteger(limit))
    throw new CommandRefused("'limit' parameter must be a number")
  const size = limit as number | bigint
  if (size === 0) throw new CommandRefused('page size of retrieved leases must not be 0')
  if (size < 0 || size > 0xffffffff)
    throw new CommandRefused('page size of retrieved leases must not be greater than 4294967295')
  return Number(size)
}

// ---- what they share

/** Looks for each of them over all rows; what is found is put to `keys`. */
export function inSlicesEach(
  server: Server,
  family: LeaseFamily,
  sought: readonly Sought[],
  keys: Key[],
  answer: Say,
  then: () => void,
): void {
  const rest = sought.map((one) => family.table(server).scans.sought(one))
  inSlices(server, answer, () => {
    const [scan] = rest
    if (scan?.advance(SCANNED) === true) {
      for (const key of sorted(scan.found())) keys.push(key)
      rest.shift()
    }
    if (rest.length > 0) return false
    then()
    return true
  })
}

export function inSlices(server: Server, answer: Say, slice: () => boolean): void {
  const lost = (why: Lost) => answer({ result: 1, text: LOST[why] })
  if (!server.inSlices(slice, lost))
    answer({ result: 1, text: 'too many leases are being listed already: ask again' })
}

const LOST: Readonly<Record<Lost, string>> = { stopped: 'the server stops', failed: INTERNAL }

/** By addresses alone, whatever the lengths of prefixes. */
export function sorted(keys: readonly Key[]): readonly Key[] {
  if (typeof keys[0] === 'number') return keys
  return [...keys].sort((one, other) =>
    addressOf(one as string) < addressOf(other as string) ? -1 : 1,
  )
}

/** Those that are leases yet. */
export function fromKeys(keys: readonly Key[], family: LeaseFamily, server: Server): Next {
  let at = 0
  return (limit) => {
    const leases: Lease<Key>[] = []
    while (at < keys.length && leases.length < limit) {
      const lease = family.table(server).byAddress(keys[at++]!)
      if (lease !== undefined && isShown(lease)) leases.push(lease)
    }
    return leases
  }
}

export function row({ prefix }: LeaseFamily, name: string, summary: string) {
  return {
    name: `${prefix}-${name}`,
    access: 'read' as Command['access'],
    library: 'lease_cmds',
    personas: SERVERS,
    summary,
  } as const
}

export const ID: Schema = { type: 'integer', minimum: 0, maximum: 0xffffffff }
const LIST_OF_IDS: Schema = { type: 'array', items: ID, maxItems: SUBNETS_MAX }
