// Commands that change leases: answered when the change is as certain as an ACK, or with the reason
// why it is not made (server/amend/).

import { registersNames } from '../../../config/plan/names-plan.ts'
import type { Key } from '../../../leases/keys/key.ts'
import type { Lease } from '../../../leases/lease.ts'
import type { Amended, Amendment } from '../../../server/amend/amendment.ts'
import type { Server } from '../../../server/server.ts'
import { type Answer, type Command, type ControlRoom, type Schema, SERVERS } from '../../command.ts'
import { Printed } from '../../print.ts'
import { CommandRefused, goingOn } from '../../refused.ts'
import * as given from './arguments.ts'
import type { LeaseFamily } from './lease-family.ts'
import { inSlicesEach, momentOf } from './lists.ts'
import { LEASE4, LEASE6, SELECTOR4, SELECTOR6, UPDATE_DDNS, withUpdateDdns } from './schemas.ts'
import { selected, selectorOf } from './selector.ts'
import { statedLease } from './stated.ts'

type Say = (answer: Answer) => void

export function get(family: LeaseFamily): Command {
  return {
    ...row(family, 'get', `Tells a lease of ${family.name}`),
    access: 'read',
    parameters: family.version === 4 ? SELECTOR4 : SELECTOR6,
    run({ arguments: value }, { server }, answer) {
      const lease = selected(selectorOf(value, family, 'Query'), family.table(server))
      if (lease === undefined) return answer({ result: 3, text: 'Lease not found.' })
      const text = `${family.name} lease found.`
      const told = new Printed(family.textOf(lease, momentOf(server)))
      answer({ result: 0, text, arguments: told })
    },
  }
}

export function add(family: LeaseFamily): Command {
  return {
    ...row(family, 'add', `Adds a lease of ${family.name}`),
    parameters: family.version === 4 ? LEASE4 : LEASE6,
    run({ arguments: value }, room, answer) {
      const { server } = room
      const members = given.membersOr(value, 'no parameters specified for the command')
      const lease = statedLease(members, family, server)
      const address = given.string(members, 'ip-address')
      const length = members.type === 'IA_PD' ? `/${given.count(members, 'prefix-len')}` : ''
      const what = length === '' ? `address ${address}` : `prefix ${address}${length}`
      amendOne(room, { kind: 'add', lease }, answer, ({ what: done, why }) => {
        if (done === 'added')
          return { result: 0, text: `Lease for ${what}, subnet-id ${lease.subnetId} added.` }
        if (done === 'exists') return { result: 4, text: `${family.name} lease already exists.` }
        return { result: 4, text: `ResourceBusy: IP address:${address} could not be added. ${why}` }
      })
    },
  }
}

export function update(family: LeaseFamily): Command {
  return {
    ...row(family, 'update', `Puts a lease of ${family.name} in the place of what there is`),
    parameters: family.version === 4 ? LEASE4 : LEASE6,
    run({ arguments: value }, room, answer) {
      const { server } = room
      const name = `${family.prefix}-update`
      const members = given.membersOr(value, `no parameters specified for ${name} command`)
      const lease = statedLease(members, family, server)
      const address = given.string(members, 'ip-address')
      const kind = given.flag(members, 'force-create', false) ? 'put' : 'update'
      amendOne(room, { kind, lease }, answer, ({ what, why }) => {
        if (what === 'added') return { result: 0, text: `${family.name} lease added.` }
        if (what === 'changed') return { result: 0, text: `${family.name} lease updated.` }
        const failed = `failed to update the lease with address ${address}`
        return { result: 4, text: what === 'missing' ? `${failed} ${GONE}` : `${failed}: ${why}` }
      })
    },
  }
}

const GONE =
  'either because the lease has been deleted or it has changed in the database, in both cases a retry might succeed'

export function del(family: LeaseFamily): Command {
  return {
    ...row(family, 'del', `Deletes a lease of ${family.name}, as if its client had released it`),
    parameters: withUpdateDdns(family.version === 4 ? SELECTOR4 : SELECTOR6),
    run({ arguments: value }, room, answer) {
      const { server } = room
      const lease = selected(selectorOf(value, family, 'Delete'), family.table(server))
      const missing = { result: 3, text: `${family.name} lease not found.` } as const
      if (lease === undefined) return answer(missing)
      const leavesName = !updatesDdns(value)
      amendOne(
        room,
        { kind: 'delete', key: lease.address, leavesName },
        answer,
        ({ what, why }) => {
          if (what === 'deleted') return { result: 0, text: `${family.name} lease deleted.` }
          return what === 'missing' ? missing : { result: 4, text: `the lease stays: ${why}` }
        },
      )
    },
  }
}

export function wipe(family: LeaseFamily): Command {
  return {
    ...row(family, 'wipe', `Deletes all leases of ${family.name} of a subnet, or of all subnets`),
    parameters: {
      type: 'object',
      properties: {
        'subnet-id': { type: 'integer', minimum: 0, maximum: 0xffffffff },
        'update-ddns': UPDATE_DDNS,
      },
    },
    run({ arguments: value }, room, answer) {
      const { server } = room
      const members = value === undefined ? {} : given.membersOr(value, 'arguments must be a map')
      const id = given.has(members, 'subnet-id') ? given.count(members, 'subnet-id') : 0
      const ids = id === 0 ? family.subnets(server.plan).map((subnet) => subnet.id) : [id]
      const keys: Key[] = []
      const leavesName = !updatesDdns(members)
      // Of all subnets in one walk.
      const sought = id === 0 ? [{}] : [{ subnetId: id }]
      inSlicesEach(server, family, sought, keys, answer, () => {
        const amendments = keys.map((key) => ({ kind: 'delete', key, leavesName }) as const)
        const tell = (amended: readonly Amended[]) => answer(wiped(amended, ids, family))
        server.amend(amendments, goingOn(room, answer, tell))
      })
    },
  }
}

function wiped(amended: readonly Amended[], ids: readonly number[], { name }: LeaseFamily): Answer {
  const count = amended.filter(({ what }) => what === 'deleted').length
  const where = [...ids]
    .sort((one, other) => one - other)
    .map((id) => ` ${id}`)
    .join('')
  const text = `Deleted ${count} ${name} lease(s) from subnet(s)${where}`
  const kept = amended.filter(({ what }) => what === 'conflict' || what === 'failed')
  const [first] = kept
  if (first === undefined) return { result: count === 0 ? 3 : 0, text }
  const rest = `; ${kept.length} stay, the first one since ${first.why}`
  return { result: first.what === 'failed' ? 1 : 4, text: `${text}${rest}` }
}

export function resendDdns(family: LeaseFamily): Command {
  return {
    ...row(family, 'resend-ddns', `Updates DNS with the name of a lease of ${family.name} again`),
    parameters: {
      type: 'object',
      properties: { 'ip-address': { type: 'string' } },
      required: ['ip-address'],
    },
    run({ arguments: value }, { server }, answer) {
      const members = given.membersOr(value, 'Parameters missing or are not a map.')
      if (!given.has(members, 'ip-address'))
        throw new CommandRefused("'ip-address' parameter is missing.")
      const address = members['ip-address']
      const selector = selectorOf({ 'ip-address': address }, family, 'Query')
      if (!registersNames(server.plan.names, family.version))
        throw new CommandRefused('DDNS updating is not enabled', 4)
      const lease = selected(selector, family.table(server))
      if (lease === undefined) return answer({ result: 3, text: `No lease found for: ${address}` })
      answer(resent(lease, String(address), server))
    },
  }
}

/** Told before it is done: DNS may be away for long. */
function resent(lease: Lease<Key>, address: string, { names }: Server): Answer {
  const { fqdnFwd, fqdnRev, hostname } = lease
  if (hostname === '')
    return { result: 4, text: `Lease for: ${address}, has no hostname, nothing to update` }
  if (!fqdnFwd && !fqdnRev) {
    const text = `Neither forward nor reverse updates enabled for lease for: ${address}`
    return { result: 4, text }
  }
  if (names.resend(lease.address))
    return { result: 0, text: `NCR generated for: ${address}, hostname: ${hostname}` }
  return { result: 4, text: `Lease for: ${address}, has no name of a host: ${hostname}` }
}

/** Unlike in Kea, names go with their lease unless that is forbidden: nobody else removes them. */
function updatesDdns(value: unknown): boolean {
  const members = value as given.Members
  if (!given.has(members, 'update-ddns')) return true
  if (typeof members['update-ddns'] === 'boolean') return members['update-ddns']
  throw new CommandRefused("'update-ddns' is not a boolean")
}

// ---- several at once

const NO_MAP = 'Command arguments missing or a not a map.'

interface Item {
  readonly amendment: Amendment | undefined
  readonly list: 'failed-deleted-leases' | 'failed-leases'
  /** Who reads the answer knows it by that. */
  readonly told: object
}

export function bulkApply(family: LeaseFamily): Command {
  return {
    ...row(family, 'bulk-apply', `Deletes and puts many leases of ${family.name}`),
    parameters: {
      type: 'object',
      properties: {
        'deleted-leases': { type: 'array', items: SELECTOR6 as Schema },
        leases: { type: 'array', items: LEASE6 as Schema },
      },
    },
    run({ arguments: value }, room, answer) {
      const { server } = room
      const members = given.membersOr(value, NO_MAP)
      const deleted = listIn(members, 'deleted-leases')
      const leases = listIn(members, 'leases')
      if (deleted === undefined && leases === undefined)
        throw new CommandRefused("neither 'deleted-leases' nor 'leases' parameter specified")
      // What cannot be read is told before anything is done.
      const items = [
        ...(deleted ?? []).map((one) => deletion(one, family, server)),
        ...(leases ?? []).map((one) => addition(one, family, server)),
      ]
      const amendments = items.flatMap(({ amendment }) => amendment ?? [])
      if (amendments.length === 0) return answer(applied(items, [], family))
      const tell = (amended: readonly Amended[]) => answer(applied(items, amended, family))
      server.amend(amendments, goingOn(room, answer, tell))
    },
  }
}

function listIn(members: given.Members, name: string): readonly unknown[] | undefined {
  if (!given.has(members, name)) return undefined
  const list = members[name]
  if (!Array.isArray(list)) throw new CommandRefused(`the '${name}' parameter must be a list`)
  return list
}

function deletion(value: unknown, family: LeaseFamily, server: Server): Item {
  const selector = selectorOf(value, family, 'Delete')
  const lease = selected(selector, family.table(server))
  return {
    amendment: lease === undefined ? undefined : { kind: 'delete', key: lease.address },
    list: 'failed-deleted-leases',
    told: { type: selector.type, ...selector.told },
  }
}

function addition(value: unknown, family: LeaseFamily, server: Server): Item {
  const lease = statedLease(value, family, server)
  const { 'ip-address': address, type = 'IA_NA' } = value as given.Members
  return {
    amendment: { kind: 'put', lease },
    list: 'failed-leases',
    told: { type, 'ip-address': address },
  }
}

function applied(
  items: readonly Item[],
  amended: readonly Amended[],
  { name }: LeaseFamily,
): Answer {
  const failed: Partial<Record<Item['list'], object[]>> = {}
  let count = 0
  let at = 0
  for (const { amendment, list, told } of items) {
    const one: Amended = amendment === undefined ? MISSING : amended[at++]!
    if (one.what === 'deleted' || one.what === 'added' || one.what === 'changed') {
      count++
      continue
    }
    const result = one.what === 'missing' ? 3 : one.what === 'failed' ? 1 : 4
    const why = one.what === 'missing' ? 'lease not found' : one.why
    failed[list] = [...(failed[list] ?? []), { ...told, result, 'error-message': why }]
  }
  return {
    result: count === 0 ? 3 : 0,
    text: `Bulk apply of ${count} ${name} leases completed.`,
    ...(Object.keys(failed).length > 0 && { arguments: failed }),
  }
}

const MISSING: Amended = { what: 'missing', why: 'there is no lease' }

// ---- what they share

/** Where it failed the reason says all. */
function amendOne(
  room: ControlRoom,
  amendment: Amendment,
  answer: Say,
  say: (amended: Amended) => Answer,
): void {
  const tell = ([amended]: readonly Amended[]): void => {
    const { what, why } = amended!
    answer(what === 'failed' ? { result: 1, text: why } : say(amended!))
  }
  room.server.amend([amendment], goingOn(room, answer, tell))
}

function row({ prefix }: LeaseFamily, name: string, summary: string) {
  return {
    name: `${prefix}-${name}`,
    access: 'write' as Command['access'],
    library: 'lease_cmds',
    personas: SERVERS,
    summary,
  } as const
}
