// `whio partner-off -c FILE` and the like: an operator's word to the server that runs with this file on this
// machine, through the socket beside its journal. `whio status FILE` asks the same way.

import type { Plan4 } from '../config/plan4.ts'
import { askControl, type ControlReply, controlPathOf } from '../platform/control-socket.ts'
import type { ServerStatus } from '../server/status.ts'
import { CONTROL_COMMANDS } from './control.ts'
import { loadOrTell } from './load.ts'
import { pairLines } from './pair-lines.ts'
import { configFileFrom } from './usage.ts'

/** Exit code 0: it is done and stored; 1: refused, or nobody is there to do it. */
export async function order(name: string, args: string[]): Promise<number> {
  const reply = await ask(name, args)
  if (reply === undefined) return 1
  if (!reply.done) return fail(name, reply.why)
  const { done } = CONTROL_COMMANDS.get(name)!
  process.stdout.write(`${reply.why === '' ? '' : `${reply.why}: `}${done}\n`)
  return 0
}

/** The status in words; with --json all of it. */
export async function status(args: string[]): Promise<number> {
  const isJson = args.includes('--json')
  const reply = await ask(
    'status',
    args.filter((arg) => arg !== '--json'),
  )
  if (reply === undefined) return 1
  const { status } = reply as { status: ServerStatus }
  const lines = isJson ? [JSON.stringify(status, undefined, 2)] : wordsOf(status)
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

async function ask(name: string, args: string[]): Promise<ControlReply | undefined> {
  const plan = loadOrTell(configFileFrom(args))
  if (plan === undefined) return undefined
  const path = controlPathOf(plan.leaseDatabase.path)
  try {
    return await askControl(path, name)
  } catch (error) {
    fail(name, whyNobody(error as NodeJS.ErrnoException, plan))
    return undefined
  }
}

function whyNobody({ code, message }: NodeJS.ErrnoException, plan: Plan4): string {
  const { persist, path } = plan.leaseDatabase
  if (!persist) return 'a server that keeps leases in memory only takes no orders'
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return `no server runs with ${path}`
  if (code === 'EACCES') return `${controlPathOf(path)} is for the user that the server runs as`
  return `${controlPathOf(path)}: ${message}`
}

function wordsOf({ state, journalTrouble, interfaces, subnets, ha }: ServerStatus): string[] {
  const trouble = journalTrouble === '' ? '' : ` (${journalTrouble})`
  return [
    `server ${state}${trouble}`,
    ...interfaces.map(
      ({ name, serving, trouble }) =>
        `interface ${name}: ${serving ? 'served' : 'not served'}${trouble === '' ? '' : `, ${trouble}`}`,
    ),
    ...subnets.map(
      ({ subnet, assigned, addresses }) => `${subnet}: ${assigned} of ${addresses} leased`,
    ),
    ...(ha === undefined ? [] : pairLines(ha)),
  ]
}

function fail(name: string, why: string): number {
  process.stderr.write(`whio ${name}: ${why}\n`)
  return 1
}
