// `whio ctl` and kea-shell against a server on loopback, and completion of the command line in a
// real shell.

import { execFile, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { COMMANDS } from '../../lib/cli/commands.ts'
import { pairsFrom } from '../../lib/cli/ctl-words.ts'
import { freePorts } from '../../lib/cli/lab-cable.ts'
import { main } from '../../lib/cli/main.ts'
import { KEA_VERSION } from '../../lib/cli/version.ts'
import { defaultsOf } from '../../lib/config/keys/defaults.ts'
import { COMMANDS as MANAGEMENT } from '../../lib/control/table.ts'
import { configure, type Ended, folder, start, whio } from './whio.ts'

const run = promisify(execFile)

/** With something on its standard input. */
async function told(program: string, args: readonly string[], input: string): Promise<Ended> {
  const child = spawn('env', ['-u', 'NODE_OPTIONS', program, ...args])
  const closed = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)))
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)])
  return { code: await closed, stdout, stderr }
}

const MAIN = join(import.meta.dirname, '../../bin/whio.ts')
const withInput = (args: readonly string[], input: string) =>
  told(process.execPath, [MAIN, ...args], input)

t.test('a command to the server of a file', async (t) => {
  const at = folder(t)
  const [port] = await freePorts(1)
  const socket = join(at, 'kea4')
  const agent = { 'http-host': '127.0.0.1', 'http-port': port }
  const users = { type: 'basic', clients: [{ user: 'ops', password: 'secret' }] }
  const file = configure(at, {
    'control-sockets': [{ 'socket-type': 'unix', 'socket-name': socket }],
  })
  const document = JSON.parse(readFileSync(file, 'utf8'))
  const whole = { ...document, 'Control-agent': { ...agent, authentication: users } }
  writeFileSync(file, JSON.stringify(whole))
  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  await daemon.log('DHCP4_INTERFACE_SERVING')

  const version = await whio('ctl', 'version-get', '-c', file)
  t.equal(version.code, 0)
  t.match(JSON.parse(version.stdout), { result: 0, text: KEA_VERSION })
  const added = await whio(
    'ctl',
    'lease4-add',
    'ip-address=198.18.0.50',
    'hw-address=02:00:00:00:00:50',
    'subnet-id=1',
    '-c',
    file,
  )
  t.match(added, { code: 0, stdout: /Lease for address 198\.18\.0\.50/ })
  const get = '{ "command": "lease4-get", "arguments": { "ip-address": "198.18.0.50" } }'
  const [bySocket, byPort, none, wrong, unknown, piped, denied] = await Promise.all([
    whio('ctl', 'lease4-get', '{ "ip-address": "198.18.0.50" }', '--socket', socket),
    whio(
      'ctl',
      'lease4-get',
      'ip-address=198.18.0.50',
      '--url',
      `http://127.0.0.1:${port}/dhcp4`,
      '--user',
      'ops',
      '--password-file',
      passwordFile(at),
    ),
    whio('ctl', 'lease4-get', 'ip-address=198.18.0.51', '-c', file),
    whio('ctl', 'lease4-get', 'nonsense', '-c', file),
    whio('ctl', 'frobnicate', '-c', file),
    withInput(['ctl', 'lease4-get', '-', '-c', file], '{ "ip-address": "198.18.0.50" }'),
    whio('ctl', 'version-get', '--url', `http://127.0.0.1:${port}/`),
  ])
  for (const { code, stdout } of [bySocket, byPort, piped]) {
    t.equal(code, 0)
    t.match(stdout, /"hw-address": "02:00:00:00:00:50"/, get)
  }
  t.match(none, { code: 3, stdout: /"result": 3/ }, 'nothing is found')
  t.match(wrong, { code: 2, stderr: /'nonsense' is no NAME=VALUE/ })
  t.match(unknown, { code: 1, stdout: /'frobnicate' command not supported/ })
  t.match(denied, { code: 1, stderr: 'whio ctl: HTTP Error 401: Unauthorized\n' })

  const shell = join(at, 'kea-shell')
  await whio('compat', at)
  const words = ['--port', `${port}`, '--service', 'dhcp4', '--auth-user', 'ops']
  const asked = await told(
    shell,
    [...words, '--auth-password', 'secret', 'lease4-get'],
    '"ip-address": "198.18.0.50"',
  )
  t.match(asked, { code: 0, stdout: /^\[ \{ "arguments": \{.*02:00:00:00:00:50/ })
  const refused = await told(shell, [...words, '--auth-password', 'x', 'lease4-get'], '')
  t.match(refused, { code: 1, stdout: 'Failed to run: HTTP Error 401: Unauthorized\n' })
})

function passwordFile(at: string): string {
  const file = join(at, 'password')
  writeFileSync(file, 'secret\n')
  return file
}

t.test('Kea is the same version everywhere', (t) => {
  t.equal(defaultsOf('whio', 'kea-version')['kea-version'], KEA_VERSION)
  t.end()
})

t.test('the table of commands has the options that the commands take', async (t) => {
  // Each run of the command line listens to both.
  for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(0)
  for (const [name, { options }] of COMMANDS)
    for (const { flags, takes } of options)
      for (const flag of flags) {
        // The parser names the first option that it does not know.
        const value = takes === undefined ? [] : ['x']
        const said = await complaintOf([name, flag, ...value, '--no-such-option'])
        t.match(said, /Unknown option '--no-such-option'/, `whio ${name} ${flag}`)
      }
})

async function complaintOf(args: string[]): Promise<string> {
  const { write } = process.stderr
  let said = ''
  process.stderr.write = (text: string | Uint8Array) => {
    said += text
    return true
  }
  try {
    await main(args)
    return said
  } finally {
    process.stderr.write = write
  }
}

/** What bash is told where these words are typed. */
async function offered(t: Test, ...words: string[]): Promise<string[]> {
  const { stdout: script } = await whio('completion', 'bash')
  const file = join(folder(t), 'completion')
  const typed = ['whio', ...words].map((word) => `'${word}'`).join(' ')
  const ask = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _whio; printf '%s\\n' "\${COMPREPLY[@]}"`
  writeFileSync(file, `${script}\n${ask}\n`)
  const { stdout } = await run('bash', ['--norc', file])
  return stdout.split('\n').filter((word) => word !== '')
}

t.test('what bash offers', async (t) => {
  t.same((await offered(t, '')).sort(), [...COMMANDS.keys()].sort())
  t.same(await offered(t, 'status', '--'), ['--config', '--this-server', '--json', '--check'])
  t.same(await offered(t, 'status', '-c', '/etc/wh'), [], 'files, which bash knows itself')
  t.same((await offered(t, 'ctl', '')).sort(), [...MANAGEMENT.keys()].sort())
  t.same(await offered(t, 'ctl', 'lease4-add', 'hostname', '=', ''), [])
  t.same(await offered(t, 'ctl', 'version-get', ''), [])
})

t.test('arguments as words are judged by the table of commands', async (t) => {
  const words = (command: string, ...given: string[]) => pairsFrom(command, given)
  const who = ['ip-address=192.0.2.1', 'hw-address=02:01']
  t.same(words('lease4-add', ...who, 'subnet-id=7', 'fqdn-fwd=true'), {
    ...{ 'ip-address': '192.0.2.1', 'hw-address': '02:01', 'subnet-id': 7, 'fqdn-fwd': true },
  })
  t.same(words('reservation-add', 'reservation.subnet-id=7', 'reservation.hostname=12'), {
    reservation: { 'subnet-id': 7, hostname: '12' },
  })
  t.same(words('lease6-bulk-apply', 'leases.0.iaid=1', 'leases.1.iaid=2'), {
    leases: [{ iaid: 1 }, { iaid: 2 }],
  })
  t.same(words('made-up', 'a.b=1', 'c=x'), { a: { b: 1 }, c: 'x' }, 'the server may know it')
  const wrong: readonly (readonly [RegExp, ...[string, ...string[]]])[] = [
    [/did you mean ip-address/, 'lease4-del', 'ip-adress=192.0.2.1'],
    [/'x' is not a whole number/, 'lease4-add', 'subnet-id=x'],
    [/not true or false/, 'leases-reclaim', 'remove=maybe'],
    [/leases-reclaim needs remove/, 'leases-reclaim'],
    [/none is/, 'version-get', 'a=1'],
    [/no NAME=VALUE/, 'version-get', 'a'],
    [/subnet-id: 0 to 4294967295/, 'lease4-add', 'subnet-id=-1'],
    [/a has a value already/, 'made-up', 'a=7', 'a.b=x'],
  ]
  for (const [message, command, ...given] of wrong)
    t.throws(() => words(command, ...given), { name: 'UsageError', message }, given.join(' '))
})

t.test('a command tells its arguments, and a socket that is not there its path', async (t) => {
  const help = await whio('ctl', 'lease4-add', '--help')
  t.match(help, { code: 0, stdout: /^usage: whio ctl lease4-add / })
  t.match(help.stdout, /^ {2}ip-address +required; a text/m)
  t.match((await whio('ctl', 'version-get', '--help')).stdout, /No arguments/)
  t.match((await whio('ctl', '--help')).stdout, /COMMAND \[NAME=VALUE/)
  const none = await whio('ctl', 'version-get', '--socket', '/nowhere/sock')
  t.match(none, { code: 1, stderr: /^whio ctl: \/nowhere\/sock: / })
  t.match(await whio('ctl', 'lease4-del', 'ip-adress=1'), { code: 2, stderr: /ip-address/ })
})

t.test('completion for other shells names every command and option', async (t) => {
  const fish = (await whio('completion', 'fish')).stdout
  t.match(
    (await whio('completion', 'zsh')).stdout,
    /^autoload -U \+X bashcompinit && bashcompinit\n/m,
  )
  for (const [name, { options }] of COMMANDS) {
    t.match(fish, new RegExp(`__fish_use_subcommand -f -a ${name} -d '`))
    for (const { flags } of options) {
      const words = flags.map((flag) => flag.replace(/^--/, '-l ').replace(/^-(?=\w$)/, '-s '))
      t.match(fish, `__fish_seen_subcommand_from ${name}' ${words.join(' ')}`, `${name} ${flags}`)
    }
  }
  t.match(await whio('completion', 'csh'), { code: 2, stderr: /name a shell: bash, zsh, fish/ })
})
