// What Whio has of its own, under names that no command of Kea has: its status whole, what it knows
// of a client, and the words of an operator that no timer and no inference can replace
// (lib/ha/README.md, rules 8e, 9a, 9g and 9l). The operator's door of the command line has the
// same.

import { octetsFromHex } from '../../bytes/octets.ts'
import type { OrderResult } from '../../catalogue/order-result.ts'
import type { OperatorOrders } from '../../server/pair/orders.ts'
import type { ReconfigureOrder } from '../../server/reconfigure/reconfigurer6.ts'
import { MESSAGE_TYPE6 } from '../../wire/v6/codes.ts'
import { type Arguments, isInteger, mapOf, optionalMapOf } from '../arguments.ts'
import { type Answer, type Command, type Persona, SERVERS } from '../command.ts'
import { CommandRefused } from '../refused.ts'

export const WHIO: readonly Command[] = [
  {
    name: 'whio-status-get',
    access: 'read',
    library: 'whio',
    personas: SERVERS,
    summary: 'Tells how the server is, with interfaces, subnets, its pair and what is left there',
    parameters: undefined,
    run: (_asked, { server }, answer) => answer({ result: 0, arguments: server.status() }),
  },
  {
    name: 'whio-hooks-get',
    access: 'read',
    library: 'whio',
    personas: SERVERS,
    summary: 'Tells which modules of hooks-libraries are in force, and what came of their calls',
    parameters: undefined,
    run(asked, { server }, answer) {
      const family = asked.persona === 'dhcp6' ? 6 : 4
      const all = server.measures.hooks?.status?.() ?? []
      const hooks = all.filter((hook) => hook.family === family)
      answer({ result: hooks.length === 0 ? 3 : 0, arguments: { hooks } })
    },
  },
  {
    name: 'whio-why-get',
    access: 'read',
    library: 'whio',
    personas: SERVERS,
    summary: 'Tells what is remembered of a client, and why it was answered as it was',
    parameters: {
      type: 'object',
      required: ['about'],
      properties: {
        about: { type: 'string', description: 'An address, hardware address, identifier or name' },
      },
    },
    run(asked, { server }, answer) {
      const { about } = mapOf(asked)
      if (typeof about !== 'string') throw new CommandRefused("missing parameter 'about'")
      const told = server.why(about)
      answer({ result: told.clients.length === 0 ? 3 : 0, arguments: told })
    },
  },
  {
    name: 'whio-reconfigure',
    access: 'write',
    library: 'whio',
    personas: ['dhcp6'],
    summary: 'Has clients of DHCPv6 told to ask again',
    parameters: {
      type: 'object',
      properties: {
        asks: {
          type: 'string',
          enum: ['renew', 'rebind', 'information-request'],
          description: 'What they are to send',
          default: 'renew',
        },
        duid: { type: 'string', description: 'One client alone' },
        'subnet-id': { type: 'integer', minimum: 1, description: 'Those of one subnet' },
      },
    },
    run(asked, { server }, answer) {
      const given = optionalMapOf(asked, 'arguments must be a map')
      const { allowed, why } = server.reconfigure(reconfigureOrder(given))
      answer({ result: allowed ? 0 : 1, text: why || 'the clients are told to ask again' })
    },
  },
  toPair(
    'whio-partner-off',
    'The partner is off: every address is given from here',
    (orders) => orders.confirmPartnerOff,
  ),
  toPair(
    'whio-serve-alone',
    'Serves though the partner has never been met',
    (orders) => orders.serveAlone,
  ),
  {
    ...ofOrders(
      'whio-end-doubt',
      'Gives addresses again that rest since a database was lost, or its clock jumped',
    ),
    isHere: ({ server }) =>
      server.pairing.orders !== undefined || server.sharedStatus !== undefined,
    run: (_asked, { server }, answer) => server.endDoubt((result) => answer(said(result))),
  },
  toPair(
    'whio-forget-lifetime',
    'No client has a longer lease than leases and subnets show',
    (orders) => orders.forgetLifetime,
  ),
]

type Order = OperatorOrders[keyof OperatorOrders]

/** A server of a pair, by its file or by its database, has them. */
function toPair(name: string, summary: string, pick: (orders: OperatorOrders) => Order): Command {
  return {
    ...ofOrders(name, summary),
    isHere: ({ server }) => server.pairing.orders !== undefined,
    run(_asked, { server }, answer) {
      const orders = server.pairing.orders!
      pick(orders).call(orders, (result) => answer(said(result)))
    },
  }
}

function ofOrders(name: string, summary: string): Omit<Command, 'isHere' | 'run'> {
  return {
    ...{ name, summary, parameters: undefined },
    access: 'write',
    library: 'whio',
    personas: SERVERS as readonly Persona[],
  }
}

function said({ allowed, why }: OrderResult): Answer {
  return { result: allowed ? 0 : 4, ...(why === '' ? {} : { text: why }) }
}

const ASKS: ReadonlyMap<unknown, ReconfigureOrder['asks']> = new Map([
  ['renew', MESSAGE_TYPE6.renew],
  ['rebind', MESSAGE_TYPE6.rebind],
  ['information-request', MESSAGE_TYPE6.informationRequest],
])

function reconfigureOrder(given: Arguments): ReconfigureOrder {
  const { asks = 'renew', duid = '', 'subnet-id': subnet = 0 } = given
  const type = ASKS.get(asks)
  if (type === undefined) throw new CommandRefused("'asks' names no message that clients send")
  const client = typeof duid === 'string' ? octetsFromHex(duid) : undefined
  if (client === undefined) throw new CommandRefused("'duid' is no identifier")
  if (!isInteger(subnet)) throw new CommandRefused("'subnet-id' is no integer")
  return { asks: type, client, subnet: Number(subnet) }
}
