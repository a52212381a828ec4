// The command line: one word chooses a command, each in a file of its own.

import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { check } from './check.ts'
import { explain } from './explain.ts'
import { importLeases } from './import.ts'
import { lab } from './lab.ts'
import { leases } from './leases.ts'
import { serve } from './serve.ts'
import { UsageError } from './usage.ts'

/** A command takes the arguments behind its name and gives the exit code. */
type Command = (args: string[]) => number | Promise<number>

const COMMANDS: Record<string, Command> = {
  serve,
  check,
  lab,
  leases,
  import: importLeases,
  explain,
}

const USAGE = `usage: whio COMMAND [OPTIONS]

  serve -c FILE [-p PORT] [-P PORT]   serve DHCPv4 as the file says
  check FILE                          read the file and say everything that is wrong with it
  lab [--for 10s] [--clients N]       a server and simulated clients on loopback
  leases FILE                         list the leases in the journal that the configuration names
  import -c FILE LEASES.csv           read Kea's lease file into the journal
  explain [ID]                        what a log message or drop reason means

FILE is a configuration file of Kea's DHCPv4 server.
`

/** Runs the command line and gives the exit code: 0 good, 1 failed, 2 wrong usage. */
export async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === '-v' || name === '--version') return print(version())
  if (name === '-h' || name === '--help' || name === 'help') return print(USAGE)
  const command = name === undefined ? undefined : COMMANDS[name]
  if (command === undefined) {
    if (name !== undefined) process.stderr.write(`whio: no command '${name}'\n\n`)
    process.stderr.write(USAGE)
    return 2
  }
  try {
    return await command(rest)
  } catch (error) {
    const isUsage =
      error instanceof UsageError ||
      (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true
    if (!isUsage) throw error
    process.stderr.write(`whio ${name}: ${(error as Error).message}\n`)
    return 2
  }
}

function print(text: string): number {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  return 0
}

function version(): string {
  const file = findPackageJSON(import.meta.url)!
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
