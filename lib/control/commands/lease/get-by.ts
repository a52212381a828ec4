// Commands that list the leases of a client, of a name, or in a state.

import type { Key } from '../../../leases/keys/key.ts'
import { LEASE_STATE, type LeaseState } from '../../../leases/lease.ts'
import { isShown } from '../../../leases/lifecycle.ts'
import type { Sought } from '../../../leases/table/row-scan.ts'
import type { Server } from '../../../server/server.ts'
import type { Command, Schema } from '../../command.ts'
import { CommandRefused } from '../../refused.ts'
import * as given from './arguments.ts'
import type { LeaseFamily } from './lease-family.ts'
import { found, fromKeys, ID, inSlicesEach, listing, NO_MAP, row, sorted } from './lists.ts'

/** What is asked for, and what is said behind the number of those that are found. */
interface Wish {
  readonly sought: Sought
  readonly more?: string
  /** Where an index knows them. */
  readonly keys?: (server: Server) => readonly Key[]
}

function getBy(
  family: LeaseFamily,
  by: string,
  summary: string,
  properties: Readonly<Record<string, Schema>>,
  wishOf: (members: given.Members) => Wish,
): Command {
  return {
    ...row(family, `get-by-${by}`, summary),
    parameters: { type: 'object', properties, required: [by] },
    run({ arguments: value }, { server }, answer) {
      const members = given.membersOr(value, NO_MAP)
      if (!given.has(members, by)) throw new CommandRefused(`'${by}' parameter not specified`)
      const { keys: known, more = '', sought } = wishOf(members)
      const keys: Key[] = []
      const tell = () =>
        answer(
          found(
            keys.length,
            more,
            listing(fromKeys(keys, family, server), keys.length, family, server),
            family,
          ),
        )
      if (known === undefined) return inSlicesEach(server, family, [sought], keys, answer, tell)
      keys.push(...sorted(known(server)))
      tell()
    },
  }
}

export function getByHwAddress(family: LeaseFamily): Command {
  const by = 'hw-address'
  const summary = `Lists leases of ${family.name} of a hardware address; of none: those without one`
  return getBy(family, by, summary, { [by]: TEXT }, (members) => ({
    sought: { hwAddress: given.hardware(textIn(members, by)) },
  }))
}

export function getByClientId(family: LeaseFamily): Command {
  const by = 'client-id'
  const summary = `Lists leases of ${family.name} of a client identifier`
  return getBy(family, by, summary, { [by]: TEXT }, (members) => ({
    sought: { clientId: given.identifier(textIn(members, by)) },
  }))
}

export function getByDuid(family: LeaseFamily): Command {
  const by = 'duid'
  return getBy(family, by, 'Lists leases of a DUID', { [by]: TEXT }, (members) => {
    const duid = given.identifier(textIn(members, by))
    // What was declined is nobody's.
    if (/^\0*$/.test(duid)) return { sought: { clientId: '' } }
    const keys = (server: Server) =>
      family
        .table(server)
        .byDuid(duid)
        .filter(isShown)
        .map(({ address }) => address)
    return { sought: {}, keys }
  })
}

export function getByHostname(family: LeaseFamily): Command {
  const by = 'hostname'
  const summary = `Lists leases of ${family.name} of a host name`
  return getBy(family, by, summary, { [by]: TEXT }, (members) => {
    const hostname = textIn(members, by)
    if (hostname === '') throw new CommandRefused("'hostname' parameter is empty")
    return { sought: { hostname: hostname.toLowerCase().replace(/\.$/, '') } }
  })
}

export function getByState(family: LeaseFamily): Command {
  const by = 'state'
  const summary = `Lists leases of ${family.name} in a state`
  const properties = { [by]: { type: ['string', 'integer'] }, 'subnet-id': ID } as const
  return getBy(family, by, summary, properties, (members) => {
    const number = stateIn(members)
    const subnetId = given.has(members, 'subnet-id') ? given.count(members, 'subnet-id') : 0
    const name = STATES[number]
    const words = name === undefined ? `${number}` : `${name} (${number})`
    const where = subnetId === 0 ? '' : ` in subnet ${subnetId}`
    const more = ` with state ${words}${where}`
    if (name === undefined) return { sought: {}, keys: () => [], more }
    const state = (number === 4 ? LEASE_STATE.registered : number) as LeaseState
    return { sought: { state, ...(subnetId === 0 ? {} : { subnetId }) }, more }
  })
}

const STATES = ['default', 'declined', 'expired-reclaimed', 'released', 'registered']

/** As Kea takes them, numbers are of 32 bits. */
function stateIn({ state }: given.Members): number {
  if (typeof state === 'string') {
    const number = state === 'assigned' ? 0 : STATES.indexOf(state)
    if (number >= 0) return number
    throw new CommandRefused(`'state' parameter value (${state}) is not recognized`)
  }
  if (typeof state === 'bigint' || Number.isInteger(state))
    return Number(BigInt.asUintN(32, BigInt(state as number)))
  throw new CommandRefused("'state' parameter must be a number or a string")
}

function textIn(members: given.Members, name: string): string {
  const text = members[name]
  if (typeof text !== 'string') throw new CommandRefused(`'${name}' parameter must be a string`)
  return text
}

const TEXT: Schema = { type: 'string' }
