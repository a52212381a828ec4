// The command line: one word chooses a command of the table (commands.ts).

import type { Command } from './command.ts'
import { COMMANDS } from './commands.ts'
import { keaNameOf } from './kea-names.ts'
import { notesOf } from './notes.ts'
import { UsageError } from './usage.ts'
import { version } from './version.ts'

/** Runs the command line and gives the exit code: 0 good, 1 failed, 2 wrong usage. */
export async function main(args: string[]): Promise<number> {
  surviveClosedPipes()
  const [name = '', ...rest] = args
  const keaName = keaNameOf(name)
  if (keaName !== undefined) return (await import('./kea.ts')).kea(keaName, rest)
  if (name === '-v' || name === '--version') return print(version())
  if (name === '-h' || name === '--help' || name === 'help') return print(usage())
  const command = COMMANDS.get(name)
  if (command === undefined) {
    if (name !== '') process.stderr.write(`whio: no command '${name}'\n\n`)
    process.stderr.write(usage())
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h'))
    return print((await command.help?.(rest)) ?? helpOf(name, command))
  try {
    return await command.run(rest)
  } catch (error) {
    const code = (error as { code?: string }).code ?? ''
    if (!(error instanceof UsageError) && !code.startsWith('ERR_PARSE_ARGS')) throw error
    // Of Node's own message the first sentence; the rest is about `--`.
    const [message] = (error as Error).message.split('. ')
    process.stderr.write(`whio ${name}: ${message}\n${usageOf(name, command)}`)
    return 2
  }
}

/** A reader that has seen enough (`whio explain | head`) is no failure. */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
}

function usage(): string {
  const rows = [...COMMANDS].map(([name, { usage, text }]) => [`${name} ${usage}`, text] as const)
  const width = Math.max(...rows.map(([head]) => head.length))
  const lines = rows.map(([head, text]) => `  ${head.padEnd(width)}   ${text}`)
  return ['usage: whio COMMAND [OPTIONS]', '', ...lines, '', ...notesOf(), ''].join('\n')
}

function usageOf(name: string, command: Command): string {
  return `usage: whio ${name} ${command.usage}   (${command.text})\n`
}

/** The usage, and what the words of the command mean. */
function helpOf(name: string, command: Command): string {
  return [usageOf(name, command), ...notesOf(name).map((line) => `${line}\n`)].join('')
}

function print(text: string): number {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  return 0
}
