// `whio ctl COMMAND`: one of Kea's commands to a server of this machine, through the door for its
// operator, which every server has; or through a socket, or to a port that takes such commands.

import { text as textOf } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { parsed } from '../control/parse.ts'
import { printed } from '../control/print.ts'
import { COMMANDS } from '../control/table.ts'
import { wordsOf } from '../platform/system-error.ts'
import { askHttp, askUnix } from './ctl-doors.ts'
import { helpOf, pairsFrom } from './ctl-words.ts'
import { askOnlyServer, askServer, isAnswer } from './find-server.ts'
import { CONFIG_OPTIONS, oneConfigFile, UsageError } from './usage.ts'

const PATIENCE = 60_000

/** Nothing was found, or nothing changed. */
const EMPTY = 3

/** What `whio ctl COMMAND --help` tells; undefined: no command is named that is known. */
export function helpFor(args: readonly string[]): string | undefined {
  const command = args.flatMap((word) => COMMANDS.get(word) ?? [])[0]
  return command && helpOf(command)
}

/** Exit code 0: it is done; 3: nothing was found; 1: it is not done. */
export async function ctl(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONFIG_OPTIONS,
      socket: { type: 'string' },
      url: { type: 'string' },
      service: { type: 'string' },
      user: { type: 'string' },
      'password-file': { type: 'string' },
      ca: { type: 'string' },
      cert: { type: 'string' },
      key: { type: 'string' },
    },
  })
  const [command, ...words] = positionals
  if (command === undefined) throw new UsageError('name a command; `whio ctl list-commands`')
  const given = await argumentsFrom(command, words)
  const service = values.service === undefined ? {} : { service: [values.service] }
  const request = printed({
    command,
    ...(given === undefined ? {} : { arguments: given }),
    ...service,
  })
  try {
    const answer =
      values.url !== undefined
        ? await askHttp({ ...values, url: values.url, request })
        : values.socket !== undefined
          ? await askUnix(values.socket, request)
          : await askOperatorsDoor(values, request)
    return show(answer)
  } catch (error) {
    const at = values.socket === undefined ? '' : `${values.socket}: `
    process.stderr.write(`whio ctl: ${at}${wordsOf(error)}\n`)
    return 1
  }
}

async function askOperatorsDoor(
  values: Parameters<typeof oneConfigFile>[0],
  request: string,
): Promise<string> {
  const reply =
    values.config === undefined
      ? await askOnlyServer('ctl', PATIENCE, request)
      : await askServer(oneConfigFile(values), 'ctl', PATIENCE, request)
  if (!isAnswer(reply) || !reply.allowed) throw new Error(reply.why)
  return String(reply.told)
}

/** JSON, or `-` for standard input, or a word for each argument. */
async function argumentsFrom(command: string, words: readonly string[]): Promise<unknown> {
  const [first, ...more] = words
  if (first === undefined) return undefined
  if (first !== '-' && !/^\s*[{[]/.test(first)) return pairsFrom(command, words)
  if (more.length > 0) throw new UsageError('one JSON text, or NAME=VALUE for each argument')
  const { value, trouble } = parsed(first === '-' ? await textOf(process.stdin) : first)
  if (trouble !== undefined) throw new UsageError(`the arguments are no JSON: ${trouble}`)
  return value
}

function show(answer: string): number {
  const { value, trouble } = parsed(answer)
  if (trouble !== undefined) throw new Error(`the answer is no JSON: ${answer.slice(0, 200)}`)
  process.stdout.write(`${JSON.stringify(value, asDigits, 2)}\n`)
  const answers = (Array.isArray(value) ? value : [value]) as { result?: unknown }[]
  const worst = answers.map(({ result }) => result).find((result) => result !== 0)
  return worst === undefined ? 0 : worst === EMPTY ? EMPTY : 1
}

function asDigits(_key: string, value: unknown): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }
  return typeof value === 'bigint' ? rawJSON(`${value}`) : value
}
