// Names of clients where dnsmasq, Unbound and PowerDNS look them up, and what they answer then.

import { execFile, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import type { SinkPlan } from '../../lib/config/plan/names-plan.ts'
import { openNameSinks } from '../../lib/platform/name-sinks/sinks.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { NamedAddress, NameSinks } from '../../lib/ports/name-sinks.ts'
import { hex } from '../ddns/golden.ts'
import { folder } from './daemon.ts'
import { systemSkip } from './netns.ts'

const skip = systemSkip('dnsmasq', 'unbound', 'pdns_server', 'pdnsutil', 'dig')
const run = promisify(execFile)
const ENV = { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: '/' }

/** Between two tellings; nothing here waits for a time to pass. */
const PAUSE = 5

/** What a server would know. */
class Names {
  readonly sinks: NameSinks
  readonly #all = new Map<string, NamedAddress>()
  /** Ids of lines of the log, in order. */
  readonly lines: string[] = []

  constructor(t: Test, ...plans: readonly SinkPlan[]) {
    const log: Log = {
      enabled: () => true,
      write: (_level, id) => this.lines.push(id),
    }
    this.sinks = openNameSinks(log, PAUSE)
    t.after(() => this.sinks.close())
    this.sinks.open({
      all: () => this.#all.values(),
      ofName: (name) => [...this.#all.values()].filter((one) => one.name === name),
      ofAddress: (address) => [...this.#all.values()].filter((one) => one.address === address),
    })
    this.sinks.use(plans)
  }

  put(name: string, address: string, ttl = 600): void {
    const one = { name, address: hex(address), ttl, forward: true, reverse: true }
    this.#all.set(`${name} ${address}`, one)
    this.sinks.changed(name, one.address)
  }

  remove(name: string, address: string): void {
    this.#all.delete(`${name} ${address}`)
    this.sinks.changed(name, hex(address))
  }
}

const FOUR = 'c000020a'
const OTHER4 = 'c000020b'
const SIX = '20010db8000100000000000000000020'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Waits for something that is on its way; the runner ends who waits in vain. */
async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** A program that is there until it is ended, or the test. */
class Program {
  readonly end: () => Promise<void>

  constructor(t: Test, program: string, ...args: readonly string[]) {
    const child = spawn(program, args, { stdio: 'ignore', env: ENV })
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
    const atExit = (): void => void child.kill('SIGKILL')
    process.once('exit', atExit)
    this.end = async () => {
      child.kill('SIGKILL')
      await ended
      process.removeListener('exit', atExit)
    }
    t.after(this.end)
  }
}

/** What a resolver answers: the data of its records, sorted; '?' where it does not answer. */
async function answer(port: number, name: string, type: string): Promise<string> {
  const where = ['@127.0.0.1', '-p', `${port}`, '+short', '+time=5', '+tries=1']
  try {
    const { stdout } = await run('dig', [...where, name, type], { env: ENV })
    return stdout.split('\n').filter(Boolean).sort().join(' ')
  } catch {
    return '?'
  }
}

async function answers(port: number, name: string, type: string, data: string): Promise<void> {
  await until(async () => (await answer(port, name, type)) === data)
}

t.test('a hosts file has a line for each address, in order', async (t) => {
  const path = join(folder(t), 'hosts')
  const text = (): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  }
  const lines = (): string => text().split('\n').slice(1).join('|')
  const names = new Names(t, { kind: 'hosts-file', path })
  await until(() => text() !== '')
  t.equal(lines(), '')
  names.put('six.open.test', SIX)
  names.put('b.open.test', OTHER4)
  names.put('a.open.test', FOUR)
  names.put('a', 'c0000209')
  names.put('evil # name\n1.2.3.4 bank.example', 'c00002ff')
  const wanted = [
    '192.0.2.9 a # whio',
    '192.0.2.10 a.open.test a # whio',
    '192.0.2.11 b.open.test b # whio',
    '2001:db8:1::20 six.open.test six # whio',
    '',
  ]
  await until(() => lines() === wanted.join('|'))
  t.equal(statSync(path).mode & 0o777, 0o644)
  const { ino } = statSync(path)
  names.remove('a.open.test', FOUR)
  await until(() => lines() === wanted.filter((line) => !line.includes('a.open')).join('|'))
  t.not(statSync(path).ino, ino, 'replaced as a whole')
  t.equal(names.sinks.status()[0]?.place, path)
})

t.test('a hosts file of very many', async (t) => {
  const path = join(folder(t), 'hosts')
  const names = new Names(t)
  const address = (index: number): string =>
    (0x0a000000 + ((index * 7919) % 65_536)).toString(16).padStart(8, '0')
  for (let index = 0; index < 20_000; index++) names.put(`n${index}.open.test`, address(index))
  names.sinks.use([{ kind: 'hosts-file', path }])
  await until(
    () =>
      names.sinks.status()[0]!.waiting === 0 &&
      statSync(path, { throwIfNoEntry: false }) !== undefined,
  )
  const read = readFileSync(path, 'utf8').split('\n').slice(1, -1)
  t.equal(read.length, 20_000)
  const numbers = read.map((line) =>
    line
      .split(' ')[0]!
      .split('.')
      .reduce((sum, part) => sum * 256 + Number(part), 0),
  )
  t.same(
    numbers,
    [...numbers].sort((one, other) => one - other),
  )
})

t.test('a folder that is not there: told once, and mended', async (t) => {
  const at = join(folder(t), 'later')
  const names = new Names(t, { kind: 'dnsmasq', folder: at })
  names.put('a.open.test', FOUR)
  await until(() => names.sinks.status()[0]!.trouble !== '')
  t.match(names.sinks.status()[0], { waiting: 1, trouble: 'no such file or directory' })
  mkdirSync(at)
  await until(() => names.sinks.status()[0]!.trouble === '')
  t.match(readFileSync(join(at, 'whio'), 'utf8'), /192\.0\.2\.10 a\.open\.test/)
  t.same(names.lines, ['NAME_SINK_AWAY', 'NAME_SINK_BACK'])
})

t.test('dnsmasq answers names of its hostsdir as they come and go', { skip }, async (t) => {
  const at = folder(t)
  const port = await freePort()
  const quiet = ['--no-resolv', '--no-hosts', '--conf-file=/dev/null', '--pid-file', '-k']
  const listen = [`--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces']
  new Program(t, 'dnsmasq', ...quiet, ...listen, `--hostsdir=${at}`, '--user=root')
  await until(async () => (await answer(port, 'none.open.test', 'A')) !== '?')
  const names = new Names(t, { kind: 'dnsmasq', folder: at })
  names.put('a.open.test', FOUR)
  names.put('a.open.test', SIX)
  await answers(port, 'a.open.test', 'A', '192.0.2.10')
  await answers(port, 'a.open.test', 'AAAA', '2001:db8:1::20')
  await answers(port, '10.2.0.192.in-addr.arpa', 'PTR', 'a.open.test.')
  names.remove('a.open.test', FOUR)
  names.put('a.open.test', OTHER4)
  await answers(port, 'a.open.test', 'A', '192.0.2.11')
  names.remove('a.open.test', OTHER4)
  names.remove('a.open.test', SIX)
  await answers(port, 'a.open.test', 'A', '')
  await answers(port, 'a.open.test', 'AAAA', '')
})

function unboundFile(at: string, port: number, control: string): string {
  const file = join(at, 'unbound.conf')
  const text = `
server:
  directory: "${at}"
  username: ""
  chroot: ""
  use-syslog: no
  logfile: "${at}/log"
  interface: 127.0.0.1@${port}
  do-daemonize: no
  pidfile: ""
  module-config: "iterator"
  do-not-query-localhost: yes
  local-zone: "open.test." static
  local-zone: "2.0.192.in-addr.arpa." static
remote-control:
  control-enable: yes
${control}
`
  writeFileSync(file, text)
  return file
}

t.test(
  'Unbound answers names that it is told, also when it was started anew',
  { skip },
  async (t) => {
    const at = folder(t)
    const port = await freePort()
    const socket = join(at, 'control')
    const file = unboundFile(at, port, `  control-interface: ${socket}\n  control-use-cert: no`)
    let unbound = new Program(t, 'unbound', '-c', file)
    const names = new Names(t, { kind: 'unbound', at: socket })
    names.put('a.open.test', FOUR)
    names.put('a.open.test', SIX, 300)
    await answers(port, 'a.open.test', 'A', '192.0.2.10')
    await answers(port, 'a.open.test', 'AAAA', '2001:db8:1::20')
    await answers(port, '10.2.0.192.in-addr.arpa', 'PTR', 'a.open.test.')
    names.remove('a.open.test', FOUR)
    await answers(port, 'a.open.test', 'A', '')
    t.equal(await answer(port, 'a.open.test', 'AAAA'), '2001:db8:1::20', 'the rest of it stays')
    await answers(port, '10.2.0.192.in-addr.arpa', 'PTR', '')
    names.put('a.open.test', OTHER4)
    await answers(port, 'a.open.test', 'A', '192.0.2.11')

    await unbound.end()
    rmSync(socket, { force: true })
    names.put('b.open.test', FOUR)
    await until(() => names.sinks.status()[0]!.trouble !== '')
    unbound = new Program(t, 'unbound', '-c', file)
    await answers(port, 'b.open.test', 'A', '192.0.2.10')
    await answers(port, 'a.open.test', 'A', '192.0.2.11')
    t.equal(names.sinks.status()[0]!.waiting, 0)
  },
)

t.test('Unbound by TLS, with the certificates of unbound-control', { skip }, async (t) => {
  const at = folder(t)
  await run('unbound-control-setup', ['-d', at], { env: ENV })
  const [port, control] = [await freePort(), await freePort()]
  const files = [
    `  control-interface: 127.0.0.1`,
    `  control-port: ${control}`,
    `  server-key-file: "${at}/unbound_server.key"`,
    `  server-cert-file: "${at}/unbound_server.pem"`,
    `  control-key-file: "${at}/unbound_control.key"`,
    `  control-cert-file: "${at}/unbound_control.pem"`,
  ]
  new Program(t, 'unbound', '-c', unboundFile(at, port, files.join('\n')))
  const names = new Names(t, {
    kind: 'unbound',
    at: {
      address: '127.0.0.1',
      port: control,
      serverCertFile: join(at, 'unbound_server.pem'),
      certFile: join(at, 'unbound_control.pem'),
      keyFile: join(at, 'unbound_control.key'),
    },
  })
  names.put('a.open.test', FOUR)
  await answers(port, 'a.open.test', 'A', '192.0.2.10')
})

t.test('PowerDNS has the names in its zones, and keeps those of others', { skip }, async (t) => {
  const at = folder(t)
  const [port, api] = [await freePort(), await freePort()]
  const database = new Database(join(at, 'db'))
  const schema = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql'
  database.exec(readFileSync(schema, 'utf8'))
  database.close()
  const settings = [
    'launch=gsqlite3',
    `gsqlite3-database=${at}/db`,
    'local-address=127.0.0.1',
    `local-port=${port}`,
    'api=yes',
    'api-key=secret',
    'webserver-address=127.0.0.1',
    `webserver-port=${api}`,
    `socket-dir=${at}`,
    'cache-ttl=0',
    'query-cache-ttl=0',
    'negquery-cache-ttl=0',
    'zone-cache-refresh-interval=0',
  ]
  writeFileSync(join(at, 'pdns.conf'), settings.join('\n'))
  const tool = async (...words: readonly string[]) =>
    await run('pdnsutil', [`--config-dir=${at}`, ...words], { env: ENV })
  for (const zone of ['open.test', '2.0.192.in-addr.arpa']) await tool('create-zone', zone)
  await tool('add-record', 'open.test', 'static', 'A', '192.0.2.2')
  await tool('add-record', 'open.test', 'alias', 'CNAME', 'static.open.test')
  let program = new Program(t, 'pdns_server', `--config-dir=${at}`)
  const plan: SinkPlan = {
    kind: 'powerdns',
    url: `http://127.0.0.1:${api}`,
    apiKey: 'secret',
    serverId: 'localhost',
    zones: ['open.test', '2.0.192.in-addr.arpa'],
  }
  const names = new Names(t, plan)
  names.put('a.open.test', FOUR)
  names.put('a.open.test', SIX)
  names.put('static.open.test', OTHER4)
  names.put('alias.open.test', 'c000020c')
  names.put('a.elsewhere.test', 'c0000301')
  await answers(port, 'a.open.test', 'A', '192.0.2.10')
  await answers(port, 'a.open.test', 'AAAA', '2001:db8:1::20')
  await answers(port, '10.2.0.192.in-addr.arpa', 'PTR', 'a.open.test.')
  await until(() => names.sinks.status()[0]!.waiting === 0)
  t.equal(await answer(port, 'static.open.test', 'A'), '192.0.2.2', 'written by hand')
  t.match(await answer(port, 'alias.open.test', 'CNAME'), 'static.open.test.')
  names.remove('a.open.test', FOUR)
  await answers(port, 'a.open.test', 'A', '')
  await answers(port, '10.2.0.192.in-addr.arpa', 'PTR', '')

  names.put('b.open.test', FOUR)
  await answers(port, 'b.open.test', 'A', '192.0.2.10')
  names.sinks.close()
  await program.end()
  program = new Program(t, 'pdns_server', `--config-dir=${at}`)
  const next = new Names(t, plan)
  next.put('c.open.test', OTHER4)
  await answers(port, 'c.open.test', 'A', '192.0.2.11')
  await answers(port, 'b.open.test', 'A', '')
  t.equal(await answer(port, 'a.open.test', 'AAAA'), '', 'what another life has left is gone')
  t.equal(await answer(port, 'static.open.test', 'A'), '192.0.2.2')
})
