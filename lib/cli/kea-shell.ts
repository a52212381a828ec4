// `kea-shell`, as scripts know it: a command to a port that takes such commands. Its arguments come
// from standard input, as what stands within the braces of a map; whatever is answered is printed,
// and the exit code is 0.

import { readFileSync } from 'node:fs'
import { text as textOf } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { askHttp } from './ctl-doors.ts'
import { KEA_VERSION } from './version.ts'

const OPTIONS = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '8000' },
  path: { type: 'string', default: '' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  timeout: { type: 'string', default: '60' },
  'auth-user': { type: 'string' },
  'auth-password': { type: 'string' },
  'auth-password-file': { type: 'string' },
  service: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  v: { type: 'boolean', short: 'v' },
} as const

const USAGE = `usage: kea-shell [-h] [-v] [--host HOST] [--port PORT] [--path PATH] [--service SERVICE]
                 [--ca FILE] [--cert FILE] [--key FILE] [--timeout SECONDS]
                 [--auth-user USER] [--auth-password WORD | --auth-password-file FILE]
                 [COMMAND]
`

export async function keaShell(args: readonly string[]): Promise<number> {
  let words: ReturnType<typeof wordsOf>
  try {
    words = wordsOf(args)
  } catch (error) {
    process.stderr.write(`${USAGE}kea-shell: error: ${(error as Error).message}\n`)
    return 2
  }
  const { values, positionals, patience } = words
  if (values.help) {
    process.stdout.write(
      `${USAGE}COMMAND is list-commands without a word; standard input has its arguments.\n`,
    )
    return 0
  }
  if (values.v) {
    process.stdout.write(`${KEA_VERSION}\n`)
    return 0
  }
  const command = positionals[0] ?? 'list-commands'
  const within = await textOf(process.stdin)
  const parts = [
    `"command": ${JSON.stringify(command)}`,
    ...(values.service === undefined ? [] : [`"service": ${JSON.stringify([values.service])}`]),
    ...(within.trim() === '' ? [] : [`"arguments": { ${within} }`]),
  ]
  const { host, port, path, ca, cert, key } = values
  const scheme = ca === undefined && cert === undefined ? 'http' : 'https'
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}/${path.replace(/^\//, '')}`
  const file = values['auth-password-file']
  const password = values['auth-password'] ?? (file && readFileSync(file, 'utf8').trimEnd())
  try {
    const url = `${scheme}://${place}`
    const request = `{ ${parts.join(', ')} }`
    const user = values['auth-user']
    process.stdout.write(
      `${await askHttp({ url, request, user, password, ca, cert, key, patience })}\n`,
    )
    return 0
  } catch (error) {
    process.stdout.write(`Failed to run: ${(error as Error).message}\n`)
    return 1
  }
}

function wordsOf(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: OPTIONS,
  })
  const patience = Number(values.timeout) * 1000
  if (!(patience > 0 && patience < 2 ** 31))
    throw new Error(`argument --timeout: '${values.timeout}' is no number of seconds`)
  return { values, positionals, patience }
}
