// Names in DNS by command: what is owed, to whom, and why it is not done yet.

import type { Key } from '../../leases/keys/key.ts'
import { textFromKey } from '../../leases/keys/key-text.ts'
import { octetsOfName } from '../../names/names.ts'
import { keyOfText } from '../../server/names/ledger.ts'
import type { NamesQuery } from '../../server/names/names-status.ts'
import { type Arguments, isInteger, optionalMapOf } from '../arguments.ts'
import { type Command, EVERYWHERE } from '../command.ts'
import { shownName, shownNames } from '../names-view.ts'
import { CommandRefused } from '../refused.ts'

const PAGE_MAX = 1000

const PERSONAS = EVERYWHERE.filter((persona) => persona !== 'ca')

export const NAMES: readonly Command[] = [
  {
    name: 'whio-names-get',
    access: 'read',
    library: 'whio',
    personas: PERSONAS,
    summary: 'Tells what of names in DNS is owed, to whom, and why it is not done yet',
    parameters: {
      type: 'object',
      properties: {
        name: { type: 'string', description: 'Only this name, or names below it' },
        'ip-address': { type: 'string', description: 'Only of this address' },
        all: {
          type: 'boolean',
          default: false,
          description: 'With those that are as they should be',
        },
        from: { type: 'string', description: 'Behind this address: the next page' },
        limit: { type: 'integer', minimum: 1, maximum: PAGE_MAX, default: PAGE_MAX },
      },
    },
    run(asked, { server }, answer) {
      const query = queryOf(optionalMapOf(asked, 'arguments must be a map'))
      const { names, next } = server.names.list(query)
      const more = next === undefined ? {} : { next: textFromKey(next) }
      const told = { ...shownNames(server.names.status()), names: names.map(shownName), ...more }
      answer({ result: 0, arguments: told })
    },
  },
  {
    name: 'whio-names-retry',
    access: 'write',
    library: 'whio',
    personas: PERSONAS,
    summary: 'Tries at once what waits for servers of DNS that do not answer, or refuse',
    parameters: undefined,
    run(_asked, { server }, answer) {
      server.names.retry()
      answer({ result: 0, text: 'what waits is tried at once' })
    },
  },
]

export function queryOf(given: Arguments): NamesQuery {
  const { all = false, from, 'ip-address': address, limit = PAGE_MAX, name = '' } = given
  if (typeof all !== 'boolean') throw new CommandRefused("'all' is not a boolean")
  if (typeof name !== 'string') throw new CommandRefused("'name' is not a string")
  if (!isInteger(limit) || limit < 1 || limit > PAGE_MAX)
    throw new CommandRefused(`'limit' is no integer from 1 to ${PAGE_MAX}`)
  return {
    after: from === undefined ? undefined : keyIn('from', from),
    max: Number(limit),
    isOwed: !all,
    name: octetsOfName(name.toLowerCase().replace(/\.$/, '')),
    key: address === undefined ? undefined : keyIn('ip-address', address),
  }
}

function keyIn(what: string, text: unknown): Key {
  const key = typeof text === 'string' ? keyOfText(text) : undefined
  if (key === undefined) throw new CommandRefused(`'${what}' is no address`)
  return key
}
