// The command line: one word chooses a command of the table (commands.ts).

import type { Command } from './command.ts'
import { COMMANDS } from './commands.ts'
import { keaNameOf } from './kea-names.ts'
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
    return print((await command.help?.(rest)) ?? usageOf(name, command))
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
  return [
    'usage: whio COMMAND [OPTIONS]',
    '',
    ...lines,
    '',
    "FILE is a configuration file of Kea's DHCPv4 or DHCPv6 server, or of both; or two files are named.",
    '-p is the UDP port to listen on (67), -P that of clients (68).',
    '--this-server says which peer of its pair this machine is.',
    '--supervised ends the server with its standard input. --after-restore: the database may be an older copy, so a',
    'server of a pair waits for its partner.',
    'FILTER: --address A, --name N (both may end in *), --subnet ID, --state S, --client with a hardware',
    'address, client identifier or DUID, or a part of one. --devices: a row each, with the leases of both families.',
    '--client of explain: a hardware address, relay=A, circuit-id=T, remote-id=T, client-id=HEX, interface=eth0,',
    'address=A, hostname=N, ask=1,3,routers, type=request, and options by number or name (93=0x0007). Of DHCPv6:',
    'duid=HEX, pd=1, iaid=1, interface-id=T, and the like.',
    '--packet: the bytes behind UDP in hexadecimal. --pcap: the first message of a client in a capture, or --number N.',
    '--leases: leases of the journal count, too; else every address is free.',
    '--check says in one line how the server is; exit code 0 well, 1 warning, 2 critical, 3 unknown.',
    '',
  ].join('\n')
}

function usageOf(name: string, command: Command): string {
  return `usage: whio ${name} ${command.usage}   (${command.text})\n`
}

function print(text: string): number {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  return 0
}
