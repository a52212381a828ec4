// `whio reconfigure FILE`: has the server that runs with the file tell clients to ask again.

import { parseArgs } from 'node:util'
import { octetsFromHex } from '../bytes/octets.ts'
import type { ReconfigureOrder } from '../server/reconfigure/reconfigurer6.ts'
import type { Millis } from '../time/units.ts'
import { askServer, isAnswer } from './find-server.ts'
import { RECONFIGURED, subnetFromText, textFromOrder } from './reconfigure-words.ts'
import { CONFIG_OPTIONS, oneConfigFile, UsageError } from './usage.ts'

const PATIENCE: Millis = 5000

/** Exit code 0: the server has begun with it; 1: refused, or nobody is there. */
export async function reconfigure(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONFIG_OPTIONS,
      client: { type: 'string' },
      subnet: { type: 'string' },
      ask: { type: 'string', default: 'renew' },
    },
  })
  const config = oneConfigFile(values, positionals)
  const order = orderOf(values)
  const reply = await askServer(config, 'reconfigure', PATIENCE, textFromOrder(order))
  if (!isAnswer(reply) || !reply.allowed) {
    process.stderr.write(`whio reconfigure: ${reply.why}\n`)
    return 1
  }
  const whom = order.client === '' ? 'clients are' : 'the client is'
  process.stdout.write(`${whom} told to ask again\n`)
  return 0
}

function orderOf(values: {
  readonly ask: string
  readonly client?: string | undefined
  readonly subnet?: string | undefined
}): ReconfigureOrder {
  const { ask, client: duid, subnet: id } = values
  if (duid !== undefined && id !== undefined) throw new UsageError('--client or --subnet, not both')
  if (!Object.hasOwn(RECONFIGURED, ask))
    throw new UsageError(`--ask: one of ${Object.keys(RECONFIGURED).join(', ')}`)
  const asks = RECONFIGURED[ask as keyof typeof RECONFIGURED]
  const client = duid === undefined ? '' : octetsFromHex(duid)
  if (client === undefined || (duid !== undefined && client === ''))
    throw new UsageError(`--client: '${duid}' is no DUID in hexadecimal`)
  const subnet = id === undefined ? 0 : subnetFromText(id)
  if (subnet === undefined) throw new UsageError(`--subnet: '${id}' is no id of a subnet`)
  return { asks, client, subnet }
}
