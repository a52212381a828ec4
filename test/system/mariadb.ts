// A private MariaDB of the distribution for tests: its data in a temporary folder, reached by a
// local socket in there, gone when the test ends. Root starts it as the user `mysql`.
//
//   const database = await MariaDb.start(t)
//   await database.query('create database kea')
//   await database.kill()                             // SIGKILL, and start() again

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { chmod, chown, copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Namespace, Owner } from './netns.ts'

const run = promisify(execFile)

const SERVER = '/usr/sbin/mariadbd'
const USER = 'mysql'

/** Why a test that needs MariaDB cannot run here, or false: for tap's `skip`. */
export function mariaDbSkip(): string | false {
  const reason = existsSync(SERVER) ? false : `needs MariaDB: ${SERVER}`
  if (reason !== false && process.env.CI === 'true') throw new Error(`CI must not skip: ${reason}`)
  return reason
}

export interface MariaDbWish {
  /** Where it runs, to be reached by TCP at these addresses, port 3306. */
  readonly within?: Namespace
  readonly addresses?: readonly string[]
  /** PEM files. */
  readonly tls?: {
    readonly trustAnchor: string
    readonly certFile: string
    readonly keyFile: string
  }
}

/** How tap, CI and people end a test that does not end. */
const FATAL = ['SIGTERM', 'SIGALRM', 'SIGINT', 'SIGHUP'] as const

/** Nobody needs the data when the machine is gone. */
const UNSAFE = ['--innodb-flush-method=nosync', '--innodb-flush-log-at-trx-commit=0']
const SETTINGS = ['--innodb-buffer-pool-size=32M', ...UNSAFE]

export class MariaDb {
  readonly folder: string
  readonly #wish: MariaDbWish
  #process: ChildProcess | undefined
  readonly #atExit = (): void => this.#removeNow()
  readonly #atSignal = (signal: NodeJS.Signals): void => {
    this.#removeNow()
    this.#forget()
    process.kill(process.pid, signal)
  }

  private constructor(wish: MariaDbWish) {
    this.#wish = wish
    this.folder = mkdtempSync(join(tmpdir(), `whio-mariadb-${process.pid}-`))
    process.once('exit', this.#atExit)
    for (const signal of FATAL) process.once(signal, this.#atSignal)
  }

  /** A new one without databases, which runs. */
  static async start(owner: Owner, wish: MariaDbWish = {}): Promise<MariaDb> {
    const one = new MariaDb(wish)
    owner.after(() => one.remove())
    await chmod(one.folder, 0o755)
    const how = ['--auth-root-authentication-method=normal', '--skip-test-db', `--user=${user()}`]
    if (isRoot()) await chown(one.folder, ...ownerOf())
    await run('mariadb-install-db', ['--no-defaults', `--datadir=${one.#data}`, ...how])
    await one.start()
    return one
  }

  get #data(): string {
    return join(this.folder, 'data')
  }

  /** What goes into `host`: the user is root, without a password. */
  get socket(): string {
    return join(this.folder, 'socket')
  }

  /** Runs again, until it takes connections. */
  async start(): Promise<void> {
    const files = [`--datadir=${this.#data}`, `--socket=${this.socket}`]
    const own = ['--no-defaults', ...files, `--pid-file=${join(this.folder, 'pid')}`, ...SETTINGS]
    const { within } = this.#wish
    const words = [SERVER, ...own, ...(await this.#network()), `--user=${user()}`]
    const [program, ...args] =
      within === undefined ? words : ['ip', 'netns', 'exec', within.name, ...words]
    const child = spawn(program!, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: this.folder,
    })
    this.#process = child
    let log = ''
    child.stderr.setEncoding('utf8')
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (text: string) => {
        log += text
        if (/ready for connections/.test(log)) resolve()
      })
      child.once('error', reject)
      child.once('close', () => reject(new Error(`MariaDB ended:\n${log}`)))
    })
  }

  /** Its own copies of the files, which it can read. */
  async #network(): Promise<string[]> {
    const { addresses = [], within, tls } = this.#wish
    if (within === undefined) return ['--skip-networking']
    const words = [`--bind-address=${addresses.join(',')}`, '--skip-name-resolve']
    if (tls === undefined) return words
    for (const [option, file] of [
      ['ssl-ca', tls.trustAnchor],
      ['ssl-cert', tls.certFile],
      ['ssl-key', tls.keyFile],
    ] as const) {
      const copy = join(this.folder, option)
      await copyFile(file, copy)
      if (isRoot()) await chown(copy, ...ownerOf())
      words.push(`--${option}=${copy}`)
    }
    return words
  }

  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGKILL')
    await ended
  }

  /** It stands still with its connections open, as on a host that hangs. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  /** What statements print, a line a row, tabs between columns. */
  async query(sql: string, database = ''): Promise<string> {
    const how = ['--no-defaults', '-N', '-B', '-u', 'root', '-S', this.socket, '-e', sql]
    const { stdout } = await run('mariadb', database === '' ? how : [...how, database])
    return stdout.trimEnd()
  }

  /** Reads a file of statements. */
  async load(file: string, database: string): Promise<void> {
    const how = ['--no-defaults', '-u', 'root', '-S', this.socket, database, '-e', `source ${file}`]
    await run('mariadb', how)
  }

  async remove(): Promise<void> {
    this.thaw()
    await this.kill()
    this.#removeNow()
    this.#forget()
  }

  #removeNow(): void {
    this.#process?.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }

  #forget(): void {
    process.removeListener('exit', this.#atExit)
    for (const signal of FATAL) process.removeListener(signal, this.#atSignal)
  }
}

const TEXT = { encoding: 'utf8' } as const

function ownerOf(): [uid: number, gid: number] {
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, USER], TEXT)))
  return [uid!, gid!]
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function user(): string {
  return isRoot() ? USER : execFileSync('id', ['-un'], TEXT).trim()
}
