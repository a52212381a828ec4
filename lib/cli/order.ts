// `whio partner-off -c FILE` and the like: an operator's word to the server that runs with this
// file on this machine, through the socket beside its journal. Without a file the only server of
// the machine is meant: messages name these commands without one. `whio status` asks the same way.

import type { ControlReply } from '../platform/control-socket.ts'
import { needsRestartWords } from '../server/same-plan.ts'
import type { ServerStatus } from '../server/status.ts'
import type { Millis } from '../time/units.ts'
import { CONTROL_COMMANDS } from './control.ts'
import type { DaemonStatus } from './daemon.ts'
import { askServerOf, isAnswer, type Silence } from './find-server.ts'
import { healthOf, healthOfSilence, OLDER } from './health.ts'
import { troubleOfFile } from './load.ts'
import { namesLines } from './names-lines.ts'
import { formerPairLines, pairLines } from './pair-lines.ts'
import {
  configDatabaseLines,
  databaseLines,
  hookLines,
  hostLines,
  interfaceLines,
  otherServerLines,
  subnetLines,
} from './status-lines.ts'
import { type ConfigFile, configFileOrNone, UsageError } from './usage.ts'

/** Exit code 0: it is done and stored; 1: refused, or nobody is there to do it. */
export async function order(name: string, args: string[]): Promise<number> {
  const { done, patience } = CONTROL_COMMANDS.get(name)!
  const reply = await askServerOf(configFileOrNone(args).config, name, patience)
  if (!isAnswer(reply)) return fail(name, reply.why)
  for (const problem of reply.problems ?? []) process.stderr.write(`${problem}\n`)
  if (!reply.allowed) return fail(name, reply.why)
  const words = done(reply.partner ?? 'the other server')
  process.stdout.write(`${words}${reply.why === '' ? '' : `; ${reply.why}`}\n`)
  return 0
}

const STATUS_FORMS = ['--json', '--check'] as const

/** A monitor gives a plugin ten seconds at most; a server that lives answers at once. */
const STATUS_PATIENCE: Millis = 2000

/**
 * The status in words, exit code 0: the server has answered, however it is; 1: it has not. With
 * --json all of it. With --check one line and the exit code of a monitoring plugin.
 */
export async function status(args: string[]): Promise<number> {
  const [form, ...more] = STATUS_FORMS.filter((form) => args.includes(form))
  if (more.length > 0) throw new UsageError('--json or --check, not both')
  const { config, thisServer } = configFileOrNone(args.filter((arg) => arg !== form))
  const reply = await askServerOf(config, 'status', STATUS_PATIENCE)
  const fileTrouble = (): string => troubleOfFile(config ?? filesOf(statusIn(reply), thisServer))
  if (form === '--check') return check(reply, fileTrouble)
  if (!isAnswer(reply)) return fail('status', reply.why)
  const status = statusIn(reply)
  const lines =
    form === '--json' ? [JSON.stringify(status, undefined, 2)] : wordsOf(status, fileTrouble())
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

/** A plugin says everything on its standard output. */
function check(reply: ControlReply | Silence, fileTrouble: () => string): number {
  const health = isAnswer(reply) ? healthOf(statusIn(reply), fileTrouble()) : healthOfSilence(reply)
  process.stdout.write(`${health.line}\n`)
  return health.level
}

function statusIn(reply: ControlReply | Silence): DaemonStatus {
  return (reply as { status: DaemonStatus }).status
}

/** What the server runs with, as it was named at its start. */
function filesOf({ configuration }: DaemonStatus, thisServer: string | undefined): ConfigFile {
  const { file, files } = configuration
  return { file, files, thisServer }
}

function wordsOf(status: DaemonStatus, fileTrouble: string): string[] {
  const { subnets, ha, formerPair } = status
  return [
    stateWords(status),
    ...processLines(status, fileTrouble),
    ...copyWords(status),
    ...interfaceLines(status),
    ...configDatabaseLines(status.configuration),
    ...databaseLines(status),
    ...hostLines(status),
    ...otherServerLines(status),
    ...hookLines(status),
    ...subnets.flatMap((subnet) => subnetLines(subnet, ha)),
    ...namesLines(status.names),
    ...(ha === undefined ? [] : pairLines(ha, new Date(), !servesAny(status))),
    ...(formerPair === undefined ? [] : formerPairLines(formerPair)),
  ]
}

/** Whom to signal, and what it serves. */
function processLines({ process, configuration }: DaemonStatus, fileTrouble: string): string[] {
  const { files, refused, needsRestart, edits, unusable } = configuration
  return [
    `process ${process.pid} since ${minuteOf(process.since)} UTC, whio ${process.version}`,
    `configuration ${files.join(' and ')}, read ${minuteOf(configuration.read)} UTC`,
    ...(needsRestart.length === 0 ? [] : [`of it, ${needsRestartWords(needsRestart)}`]),
    ...(edits === 0 ? [] : [`edits by commands that are not in the file: ${edits}`]),
    ...unusable.map((why) => `of these, one is not in force: ${why}`),
    ...(refused === '' ? [] : [`the last reload was refused, since ${refused}`]),
    ...(fileTrouble === '' ? [] : [`the next start would fail: ${fileTrouble}`]),
  ]
}

/** `2026-02-03 14:05`. */
function minuteOf(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

export function stateWords(status: ServerStatus): string {
  const { state, journalTrouble, ha, hosts = [], switchedOff } = status
  if (journalTrouble !== '') return `server ${state} (${journalTrouble})`
  if (state !== 'serving') return `server ${state}`
  if (hosts.some(({ isAwaited }) => isAwaited))
    return 'server running, it waits for a database of reservations'
  if (switchedOff.length > 0) return `server running, ${offWords(switchedOff, ha?.isOff)}`
  const idle = servesAny(status) ? IDLE.get(ha?.state ?? '') : undefined
  if (ha?.scopes.length === 0) return idle ?? 'server running, it answers no client at present'
  return servesAny(status) ? 'server serving' : 'server running, it serves no interface at present'
}

/** `DHCPv6 is switched off until dhcp-enable`. `isAway`: the server has left its pair for it. */
function offWords(families: readonly number[], isAway = false): string {
  const names = families.map((family) => `DHCPv${family}`).join(' and ')
  const verb = families.length === 1 ? 'is' : 'are'
  return `${names} ${verb} switched off until dhcp-enable${isAway ? ', the partner serves' : ''}`
}

/** By state: it is as it should be, and answers nobody. */
const IDLE: ReadonlyMap<string, string> = new Map([
  ['hot-standby', 'server standing by'],
  ['backup', 'server keeping copies'],
])

function servesAny({ interfaces }: ServerStatus): boolean {
  return interfaces.some(({ serving }) => serving)
}

/** A server of a pair is brought up to date, or says that it waits for that. */
function copyWords({ hasOlderDatabase, ha }: DaemonStatus): string[] {
  if (!hasOlderDatabase || ha?.partner !== undefined) return []
  return [OLDER, 'next: `whio explain JOURNAL_OLDER`']
}

function fail(name: string, why: string): number {
  process.stderr.write(`whio ${name}: ${why}\n`)
  return 1
}
