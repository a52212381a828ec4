// `whio partner-off -c FILE` and the like: an operator's word to the server that runs with this file on this
// machine, through the socket beside its journal. `whio status FILE` asks the same way.

import type { Plan4 } from '../config/plan4.ts'
import { askControl, type ControlReply, controlPathOf } from '../platform/control-socket.ts'
import type { PairStatus } from '../server/pair-status.ts'
import type { ServerStatus, SubnetStatus } from '../server/status.ts'
import { CONTROL_COMMANDS } from './control.ts'
import { healthOf, healthOfSilence } from './health.ts'
import { loadForAnother } from './load.ts'
import { pairLines } from './pair-lines.ts'
import { configFileFrom, UsageError } from './usage.ts'

/** Exit code 0: it is done and stored; 1: refused, or nobody is there to do it. */
export async function order(name: string, args: string[]): Promise<number> {
  const reply = await ask(name, args)
  if (!isAnswer(reply)) return fail(name, reply.why)
  if (!reply.done) return fail(name, reply.why)
  const { done } = CONTROL_COMMANDS.get(name)!
  process.stdout.write(`${reply.why === '' ? '' : `${reply.why}: `}${done}\n`)
  return 0
}

const STATUS_FORMS = ['--json', '--check'] as const

/**
 * The status in words, exit code 0: the server has answered, however it is; 1: it has not. With --json all of
 * it. With --check one line and the exit code of a monitoring plugin.
 */
export async function status(args: string[]): Promise<number> {
  const [form, ...more] = STATUS_FORMS.filter((form) => args.includes(form))
  if (more.length > 0) throw new UsageError('--json or --check, not both')
  const question = args.filter((arg) => arg !== form)
  const reply = await ask('status', question)
  if (form === '--check') return check(reply)
  if (!isAnswer(reply)) return fail('status', reply.why)
  const status = statusIn(reply)
  const lines = form === '--json' ? [JSON.stringify(status, undefined, 2)] : wordsOf(status)
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

/** A plugin says everything on its standard output. */
function check(reply: ControlReply | Silence): number {
  const health = isAnswer(reply) ? healthOf(statusIn(reply)) : healthOfSilence(reply)
  process.stdout.write(`${health.line}\n`)
  return health.level
}

function statusIn(reply: ControlReply): ServerStatus {
  return (reply as { status: ServerStatus }).status
}

/** Nobody has answered; `isDown`: because no server runs. */
interface Silence {
  readonly isDown: boolean
  readonly why: string
}

function isAnswer(reply: ControlReply | Silence): reply is ControlReply {
  return 'done' in reply
}

async function ask(name: string, args: string[]): Promise<ControlReply | Silence> {
  const config = configFileFrom(args)
  const plan = loadForAnother(config)
  if (plan === undefined) return { isDown: false, why: `${config.file} cannot be used` }
  try {
    return await askControl(controlPathOf(plan.leaseDatabase.path), name)
  } catch (error) {
    return whyNobody(error as NodeJS.ErrnoException, plan)
  }
}

function whyNobody({ code, message }: NodeJS.ErrnoException, plan: Plan4): Silence {
  const { persist, path } = plan.leaseDatabase
  const door = controlPathOf(path)
  if (!persist)
    return { isDown: false, why: 'a server that keeps leases in memory only takes no orders' }
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return { isDown: true, why: `no server runs with ${path}` }
  if (code === 'EACCES')
    return { isDown: false, why: `${door} is for the user that the server runs as` }
  return { isDown: true, why: `${door}: ${message}` }
}

function wordsOf(status: ServerStatus): string[] {
  const { interfaces, subnets, ha } = status
  return [
    stateWords(status),
    ...interfaces.map(
      ({ name, serving, trouble }) =>
        `interface ${name}: ${serving ? 'served' : 'not served'}${trouble === '' ? '' : `, ${trouble}`}`,
    ),
    ...subnets.map((subnet) => subnetWords(subnet, ha)),
    ...(ha === undefined ? [] : pairLines(ha)),
  ]
}

function stateWords({ state, journalTrouble, ha }: ServerStatus): string {
  if (journalTrouble !== '') return `server ${state} (${journalTrouble})`
  const isIdle = state === 'serving' && ha?.scopes.length === 0
  return isIdle ? 'server running, it answers no client at present' : `server ${state}`
}

/** What is free is told here where there are several subnets: one may run out before the others. */
function subnetWords({ id, subnet, assigned, addresses }: SubnetStatus, ha?: PairStatus): string {
  const words = `${subnet}: ${assigned} of ${addresses} leased`
  const free = ha?.free.find((row) => row.subnet === id)
  if (free === undefined || ha?.free.length === 1) return words
  return `${words}, free ${free.here} here, ${free.partner} through the partner`
}

function fail(name: string, why: string): number {
  process.stderr.write(`whio ${name}: ${why}\n`)
  return 1
}
