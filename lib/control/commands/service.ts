// Whether the server serves: dhcp-disable and dhcp-enable, with who says so, and shutdown.

import { ORIGIN } from '../../server/service-switch.ts'
import { type Arguments, isInteger, optionalMapOf } from '../arguments.ts'
import {
  type Asked,
  type Command,
  type Parameters,
  type Persona,
  PROGRAMS,
  type Schema,
  SERVERS,
} from '../command.ts'
import { CommandRefused } from '../refused.ts'

const ORIGINS: Readonly<Record<string, Schema>> = {
  'origin-id': { type: 'integer', description: 'Who says so, as a number: 1 is the user' },
  origin: {
    anyOf: [{ type: 'string', enum: ['user', 'ha-partner'] }, { type: 'integer' }],
    description: 'The same by name; origin-id counts before it',
    default: 'user',
  },
}

const DISABLE: Parameters = {
  type: 'object',
  properties: {
    'max-period': { type: 'integer', minimum: 1, description: 'Seconds until it serves again' },
    ...ORIGINS,
  },
}

export const SERVICE: readonly Command[] = [
  {
    name: 'dhcp-disable',
    access: 'write',
    library: 'built-in',
    personas: SERVERS,
    summary: 'Stops answering clients, until dhcp-enable or for a time',
    parameters: DISABLE,
    run(asked, { server }, answer) {
      const given = mapOf(asked)
      const period = periodIn(given)
      const origin = originIn(given)
      // There is no lease clock yet on which a period could end.
      if (period !== undefined && server.state === 'starting')
        throw new CommandRefused('the lease database is being read: ask again')
      const family = familyOf(asked.persona)
      server.switches.disable(family, origin, period)
      const time = period === undefined ? '' : ` for ${period} seconds`
      answer({ result: 0, text: `DHCPv${family} service disabled${time}` })
    },
  },
  {
    name: 'dhcp-enable',
    access: 'write',
    library: 'built-in',
    personas: SERVERS,
    summary: 'Answers clients again, if nobody else wants it otherwise',
    parameters: { type: 'object', properties: ORIGINS },
    run(asked, { server }, answer) {
      server.switches.enable(familyOf(asked.persona), originIn(mapOf(asked)))
      answer({ result: 0, text: 'DHCP service successfully enabled' })
    },
  },
  {
    name: 'leases-reclaim',
    access: 'write',
    library: 'built-in',
    personas: SERVERS,
    summary: 'Reclaims all leases that have ended, at once',
    parameters: {
      type: 'object',
      required: ['remove'],
      properties: {
        remove: { type: 'boolean', description: 'Also forget what is kept for former clients' },
      },
    },
    run(asked, { server }, answer) {
      const { remove } = mapOf(asked)
      if (remove === undefined) throw new CommandRefused("Missing mandatory 'remove' parameter.")
      if (typeof remove !== 'boolean')
        throw new CommandRefused("'remove' parameter expected to be a boolean.")
      server.reclaimNow(familyOf(asked.persona), remove, (why) =>
        answer(
          why === ''
            ? { result: 0, text: 'Reclamation of expired leases is complete.' }
            : { result: 1, text: why },
        ),
      )
    },
  },
  {
    name: 'kea-lfc-start',
    access: 'write',
    library: 'built-in',
    personas: SERVERS,
    summary: 'Would clean up the lease file; the journal is kept small as it is written',
    parameters: undefined,
    run: (_asked, { server }, answer) =>
      answer(
        server.plan.database.persist
          ? { result: 0, text: 'kea-lfc is not needed: the journal is kept small as it is written' }
          : { result: 2, text: 'leases are in memory only: there is no lease file' },
      ),
  },
  {
    name: 'shutdown',
    access: 'write',
    library: 'built-in',
    personas: PROGRAMS,
    summary: 'Stops the process in good order, with all that it serves',
    parameters: {
      type: 'object',
      properties: {
        'exit-value': { type: 'integer', description: 'Exit code of the process', default: 0 },
      },
    },
    run(asked, { host }, answer) {
      const { 'exit-value': value = 0 } = optionalMapOf(asked, 'Argument must be a map')
      if (!isInteger(value)) throw new CommandRefused("parameter 'exit-value' is not an integer")
      answer({ result: 0, text: 'Shutting down.' })
      host.stop(Number(BigInt(value) & 0xffn))
    },
  },
]

function mapOf(asked: Asked): Arguments {
  return optionalMapOf(asked, `arguments for the '${asked.command}' command must be a map`)
}

function familyOf(persona: Persona): 4 | 6 {
  return persona === 'dhcp6' ? 6 : 4
}

/** As far as a clock reckons. */
const PERIOD_MAX = 2 ** 32

function periodIn({ 'max-period': period }: Arguments): number | undefined {
  if (period === undefined) return undefined
  if (!isInteger(period)) throw new CommandRefused("'max-period' argument must be a number")
  if (period <= 0) throw new CommandRefused("'max-period' must be positive integer")
  return Math.min(Number(period), PERIOD_MAX)
}

function originIn({ 'origin-id': id, origin = 'user' }: Arguments): number {
  if (id !== undefined) {
    if (!isInteger(id)) throw new CommandRefused("'origin-id' argument must be a number")
    return Number(id)
  }
  if (isInteger(origin)) return Number(origin)
  if (typeof origin !== 'string')
    throw new CommandRefused("'origin' argument must be a string or a number")
  const known = NAMED.get(origin)
  if (known !== undefined) return known
  const told = origin === '' ? '(empty string)' : origin
  throw new CommandRefused(`invalid value used for 'origin' parameter: ${told}`)
}

const NAMED: ReadonlyMap<string, number> = new Map([
  ['user', ORIGIN.user],
  ['ha-partner', ORIGIN.remote],
])
