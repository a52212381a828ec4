// `whio dns check FILE`: names in DNS, compared with what leases want there; `whio dns repair FILE`
// puts right what is not as it should be. Both wait for the end of it, and the server goes on where
// nobody waits. Exit codes as of a monitoring plugin.

import { parseArgs } from 'node:util'
import { wordsOf } from '../platform/system-error.ts'
import { askUnix } from './ctl-doors.ts'
import { type Sweep, type SweepAnswer, sweepHealth, sweepLines } from './dns-lines.ts'
import { LEVELS } from './health.ts'
import { printable } from './printable.ts'
import { type Family, ServerCommands, type Told } from './server-commands.ts'
import { CONFIG_OPTIONS, UsageError } from './usage.ts'

/** Between two questions for how far it is: short at first, since most sweeps are. */
const WAITS = [100, 200, 400, 1000] as const

type Ask = (command: string, given?: object) => Promise<Told>

/**
 * Exit code 0: all is as it should be; 1: it is not; 2: not all could be looked at; 3: there is no
 * server.
 */
export async function dns(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...CONFIG_OPTIONS, socket: { type: 'string' }, json: { type: 'boolean' } },
  })
  const [what, ...files] = positionals
  if (what !== 'check' && what !== 'repair') throw new UsageError('whio dns check, or repair')
  const named = [...(values.config ?? []), ...files]
  if (values.socket !== undefined && named.length > 0)
    throw new UsageError('--socket, or a configuration file')
  const ask =
    values.socket === undefined
      ? ofServer({ ...values, ...(named.length === 0 ? {} : { config: named }) })
      : ofSocket(values.socket)
  try {
    const sweep = await swept(ask, what)
    const { level, line } = sweepHealth(sweep)
    const lines = values.json ? [JSON.stringify(sweep)] : [...sweepLines(sweep), line]
    for (const one of lines) process.stdout.write(`${printable(one)}\n`)
    return level
  } catch (error) {
    const line = `${LEVELS[3]}: ${wordsOf(error)}`
    const text = values.json ? JSON.stringify({ state: 'unknown', why: wordsOf(error) }) : line
    process.stdout.write(`${printable(text)}\n`)
    return 3
  }
}

async function swept(ask: Ask, what: 'check' | 'repair'): Promise<Sweep> {
  await done(ask, `whio-dns-${what}`)
  for (let turn = 0; ; turn++) {
    const { state } = (await done(ask, 'whio-dns-get', { limit: 0 })) as unknown as SweepAnswer
    if (state !== 'runs') break
    const wait = WAITS[Math.min(turn, WAITS.length - 1)]
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
  const findings: Sweep['findings'][number][] = []
  for (let from: number | undefined = 0, told: SweepAnswer; ; from = told.next) {
    told = (await done(ask, 'whio-dns-get', { from })) as unknown as SweepAnswer
    findings.push(...told.findings)
    if (told.next === undefined) return { ...told, findings }
  }
}

async function done(ask: Ask, command: string, given?: object): Promise<Told['arguments']> {
  const told = await ask(command, given)
  if (told.result !== 0) throw new Error(told.text)
  return told.arguments
}

/** The process has one answer, whichever family it serves. */
function ofServer(named: ConstructorParameters<typeof ServerCommands>[0]): Ask {
  const server = new ServerCommands(named)
  return async (command, given) => {
    const family = async (version: Family) => await server.ask(version, command, given)
    const four = await family(4)
    if (four.result === 0 || four.result > 2) return four
    const six = await family(6)
    return six.result === 1 && NOT_SERVED.test(six.text) ? four : six
  }
}

/** What an agent says of a server that is not there. */
const NOT_SERVED = /^forwarding socket is not configured/

function ofSocket(path: string): Ask {
  return async (command, given) => {
    const request = JSON.stringify({ command, ...(given && { arguments: given }) })
    const answer = JSON.parse(await askUnix(path, request))
    const { result, text = '', arguments: found = {} } = answer
    return { result, text, arguments: found }
  }
}
