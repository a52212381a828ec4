// A private PostgreSQL of the distribution for tests: a cluster in a temporary folder, reached by
// a local socket in there, gone when the test ends. It refuses to run as root, so root starts it as
// the user `postgres`. Its data are synced as in production; what it is killed by, a test chooses.
//
//   const database = await Postgres.start(t)
//   await database.query('create database kea')
//   const standby = await database.standby(t)         // follows asynchronously
//   await database.kill()                             // SIGKILL, also of what it was just doing
//   await standby.promote()

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { chmod, chown, copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Namespace, Owner } from './netns.ts'

const run = promisify(execFile)

/** The newest version that is installed; Debian has the programs in no PATH. */
function programsOf(): string | undefined {
  const top = '/usr/lib/postgresql'
  const versions = existsSync(top) ? readdirSync(top).filter((name) => /^\d+$/.test(name)) : []
  const newest = versions.sort((a, b) => Number(a) - Number(b)).at(-1)
  return newest === undefined ? undefined : `${top}/${newest}/bin`
}

/** Why a test that needs PostgreSQL cannot run here, or false: for tap's `skip`. */
export function postgresSkip(): string | false {
  const reason = programsOf() === undefined ? 'needs PostgreSQL in /usr/lib/postgresql' : false
  if (reason !== false && process.env.CI === 'true') throw new Error(`CI must not skip: ${reason}`)
  return reason
}

export interface PostgresWish {
  /** Lines of postgresql.conf: `{ timezone: 'America/New_York' }`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Where it runs, to be reached by TCP at this address, too. */
  readonly within?: Namespace
  readonly address?: string
  /** PEM files; who comes by TCP must speak TLS then. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
}

const USER = 'postgres'
const SETTINGS = { shared_buffers: '16MB', max_connections: '60', max_wal_senders: '4' }

/** How tap, CI and people end a test that does not end. */
const FATAL = ['SIGTERM', 'SIGALRM', 'SIGINT', 'SIGHUP'] as const

export class Postgres {
  /** Of the socket: what goes into `host`. The port is 5432, the user `postgres`. */
  readonly folder: string
  readonly #wish: PostgresWish
  #process: ChildProcess | undefined
  #log = ''
  readonly #atExit = (): void => this.#removeNow()
  readonly #atSignal = (signal: NodeJS.Signals): void => {
    this.#removeNow()
    this.#forget()
    process.kill(process.pid, signal)
  }

  private constructor(wish: PostgresWish) {
    this.#wish = wish
    this.folder = mkdtempSync(join(tmpdir(), `whio-postgres-${process.pid}-`))
    process.once('exit', this.#atExit)
    for (const signal of FATAL) process.once(signal, this.#atSignal)
  }

  /** A new and empty cluster that runs. */
  static async start(owner: Owner, wish: PostgresWish = {}): Promise<Postgres> {
    const one = await Postgres.#of(owner, wish)
    const how = ['-A', 'trust', '-U', USER, '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
    await one.#program('initdb', '-D', one.#data, ...how)
    await one.start()
    return one
  }

  static async #of(owner: Owner, wish: PostgresWish): Promise<Postgres> {
    const one = new Postgres(wish)
    owner.after(() => one.remove())
    await chmod(one.folder, 0o755)
    if (isRoot()) await chown(one.folder, ...ownerOf())
    return one
  }

  get #data(): string {
    return join(this.folder, 'data')
  }

  /** Runs again, until it takes connections. */
  async start(): Promise<void> {
    const { settings, within, address = '', tls } = this.#wish
    const all = {
      ...SETTINGS,
      unix_socket_directories: this.folder,
      listen_addresses: address,
      hba_file: join(this.#data, 'pg_hba.conf'),
      ...(tls && (await this.#withTls(tls))),
      ...settings,
    }
    const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    if (address !== '') await this.#openTo(address)
    const words = unprivileged(`${programsOf()}/postgres`, '-D', this.#data, ...options)
    const [program, ...args] =
      within === undefined ? words : ['ip', 'netns', 'exec', within.name, ...words]
    this.#log = ''
    const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: this.folder })
    this.#process = child
    child.stderr.setEncoding('utf8')
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (text: string) => {
        this.#log += text
        if (/ready to accept (?:read-only )?connections/.test(this.#log)) resolve()
      })
      child.once('error', reject)
      child.once('close', () => reject(new Error(`PostgreSQL ended:\n${this.#log}`)))
    })
  }

  /** What it has logged since it was started. */
  get log(): string {
    return this.#log
  }

  /** Open connections are ended, as by an operator's restart. */
  async stop(): Promise<void> {
    await this.#end((pid) => process.kill(pid, 'SIGINT'))
  }

  /** Everything of it dies at once, in the middle of whatever it does. */
  async kill(): Promise<void> {
    await this.#end((pid) => {
      for (const one of [pid, ...childrenOf(pid)]) killPid(one, 'SIGKILL')
    })
  }

  /** It stands still with its connections open, as on a host that hangs. */
  freeze(): void {
    for (const pid of this.#pids()) killPid(pid, 'SIGSTOP')
  }

  thaw(): void {
    for (const pid of this.#pids().reverse()) killPid(pid, 'SIGCONT')
  }

  /** A copy that follows, asynchronously unless settings of the primary say otherwise. */
  async standby(owner: Owner, wish: PostgresWish = {}): Promise<Postgres> {
    const one = await Postgres.#of(owner, wish)
    const from = ['-h', this.folder, '-U', USER, '-R', '-X', 'stream', '-c', 'fast', '--no-sync']
    await one.#program('pg_basebackup', ...from, '-D', one.#data)
    await one.start()
    return one
  }

  /** A standby becomes the primary, with what it has heard so far. */
  async promote(): Promise<void> {
    await this.#program('pg_ctl', 'promote', '-w', '-D', this.#data)
  }

  /** What statements print, a line a row, `|` between columns. */
  async query(sql: string, database = 'postgres'): Promise<string> {
    const how = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', this.folder, '-U', USER]
    return await this.#program('psql', ...how, '-d', database, '-c', sql)
  }

  /** Reads a file of statements. */
  async load(file: string, database: string): Promise<void> {
    const how = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', this.folder, '-U', USER]
    await this.#program('psql', ...how, '-d', database, '-f', file)
  }

  async remove(): Promise<void> {
    this.thaw()
    await this.kill()
    this.#removeNow()
    this.#forget()
  }

  #removeNow(): void {
    for (const pid of this.#pids()) killPid(pid, 'SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }

  #forget(): void {
    process.removeListener('exit', this.#atExit)
    for (const signal of FATAL) process.removeListener(signal, this.#atSignal)
  }

  async #end(how: (pid: number) => void): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('close', resolve))
    how(child.pid)
    await ended
  }

  #pids(): number[] {
    const pid = this.#process?.pid
    return pid === undefined ? [] : [pid, ...childrenOf(pid)]
  }

  /** It reads no key that others may read. */
  async #withTls(tls: { certFile: string; keyFile: string }) {
    const [cert, key] = [join(this.#data, 'own.crt'), join(this.#data, 'own.key')]
    for (const [from, to] of [
      [tls.certFile, cert],
      [tls.keyFile, key],
    ] as const) {
      await copyFile(from, to)
      await chmod(to, 0o600)
      if (isRoot()) await chown(to, ...ownerOf())
    }
    return { ssl: 'on', ssl_cert_file: cert, ssl_key_file: key }
  }

  async #openTo(address: string): Promise<void> {
    const file = join(this.#data, 'pg_hba.conf')
    const kind = this.#wish.tls === undefined ? 'host' : 'hostssl'
    const rule = `${kind} all all ${address.includes(':') ? '::/0' : '0.0.0.0/0'} trust`
    if (readFileSync(file, 'utf8').includes(rule)) return
    const add = 'printf "%s\\n" "$2" >> "$1"'
    const [program, ...args] = unprivileged('sh', '-c', add, 'sh', file, rule)
    await run(program!, args)
  }

  async #program(name: string, ...args: string[]): Promise<string> {
    const [program, ...rest] = unprivileged(`${programsOf()}/${name}`, ...args)
    const { stdout } = await run(program!, rest, { cwd: this.folder, maxBuffer: 1 << 28 })
    return stdout.trimEnd()
  }
}

const TEXT = { encoding: 'utf8' } as const

export function ownerOf(): [uid: number, gid: number] {
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, USER], TEXT)))
  return [uid!, gid!]
}

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** The command as somebody who is not root; the process stays the same, and so does its pid. */
export function unprivileged(...words: string[]): string[] {
  if (!isRoot()) return words
  return ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--init-groups', '--', ...words]
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number)
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

function killPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself.
  }
}
