// `whio serve` in a namespace: its configuration and journal in a folder of their own, its JSON log
// lines waited for one by one, its journal read as an operator would (the view leases4).

import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import type { Namespace, Running } from './netns.ts'

const WHIO = fileURLToPath(new URL('../../bin/whio.ts', import.meta.url))

/** A log line; fields of the message stand beside its id. */
export interface LogLine {
  readonly id: string
  readonly [field: string]: unknown
}

/** A row of the view leases4. */
export interface LeaseRow {
  readonly address: string
  readonly state: string
  readonly hw_address: string
  readonly client_id: string
  readonly hostname: string
  readonly subnet_id: number
  readonly valid_lifetime: number
}

interface Owner {
  after(end: () => void | Promise<void>): unknown
}

/** A temporary folder, removed after the test. */
export function folder(owner: Owner): string {
  const path = mkdtempSync(join(tmpdir(), 'whio-system-'))
  owner.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export class Daemon {
  readonly where: Namespace
  readonly configFile: string
  readonly journalFile: string
  /** Of the family that is served: in ids of lines. */
  protected readonly family: 4 | 6 = 4
  #running: Running | undefined
  readonly #prefix: readonly string[]
  #parsedTo = 0
  #lines: LogLine[] = []

  /**
   * Starts in `where`, with its configuration in `at` and its journal in `at`/journal. `dhcp4`
   * needs no lease database and no loggers. `prefix` is a command that runs the one behind it. With
   * `isOff` only the files are made: restart() is its first start.
   */
  constructor(
    where: Namespace,
    at: string,
    dhcp4: object,
    prefix: readonly string[] = [],
    isOff = false,
  ) {
    this.where = where
    this.configFile = join(at, 'dhcp4.conf')
    this.journalFile = join(at, 'journal', 'leases.sqlite')
    this.#prefix = prefix
    this.configure(dhcp4)
    if (!isOff) this.restart()
  }

  get running(): Running {
    if (this.#running === undefined) throw new Error('the server was never started')
    return this.#running
  }

  /** Writes the configuration file; a running server reads it on SIGHUP. */
  configure(dhcp4: object): void {
    const loggers = [
      { name: 'kea-dhcp4', severity: 'DEBUG', 'output-options': [{ output: 'stdout' }] },
    ]
    const database = { type: 'memfile', name: this.journalFile }
    const Dhcp4 = { loggers, 'lease-database': database, ...dhcp4 }
    writeFileSync(this.configFile, JSON.stringify({ Dhcp4 }))
  }

  /**
   * Starts again after an end, on the same files; earlier lines are forgotten. `words`: more
   * options of `serve`.
   */
  restart(...words: readonly string[]): void {
    this.#parsedTo = 0
    this.#lines = []
    this.#running = this.#launch(words)
  }

  /** Once it can obey: before Node has run a line, every signal ends a process. */
  async signal(name: NodeJS.Signals): Promise<void> {
    await this.line('DAEMON_PROCESS')
    this.running.kill(name)
  }

  /** How many lines there are: pass it to `line` to wait for a later one. */
  get mark(): number {
    this.#parse()
    return this.#lines.length
  }

  /** The first line, from `mark` on, with this id and fields; waits for it. */
  async line(id: string | RegExp, fields: LogFields = {}, mark = 0): Promise<LogLine> {
    for (;;) {
      this.#parse()
      const found = this.#lines.slice(mark).find((line) => has(line, { ...fields, id }))
      if (found !== undefined) return found
      await this.running.lineBehind(this.#parsedTo).catch((error: Error) => {
        throw new Error(`no line ${id} ${JSON.stringify(fields)}: ${error.message}`)
      })
    }
  }

  /** Whether such a line has been written so far, from `mark` on. */
  wrote(id: string | RegExp, fields: LogFields = {}, mark = 0): boolean {
    this.#parse()
    return this.#lines.slice(mark).some((line) => has(line, { ...fields, id }))
  }

  /** All so far. */
  get lines(): readonly LogLine[] {
    this.#parse()
    return this.#lines
  }

  /** The last line so far with this id. */
  last(id: string): LogLine | undefined {
    this.#parse()
    return this.#lines.findLast((line) => line.id === id)
  }

  /** Started, and these interfaces are served. */
  async serves(...interfaces: string[]): Promise<void> {
    const { family } = this
    await this.line(`DHCP${family}_STARTED`)
    for (const name of interfaces)
      await this.line(`DHCP${family}_INTERFACE_SERVING`, { interface: name })
  }

  /** What SIGUSR1 logs. */
  async status(): Promise<{ state: string; journalTrouble: string; statistics: Counts }> {
    const { mark } = this
    await this.signal('SIGUSR1')
    const { status } = await this.line('STATUS', {}, mark)
    return JSON.parse(status as string)
  }

  /** Stops in good order and gives the exit code. */
  async stop(): Promise<number | string> {
    this.running.kill('SIGTERM')
    return await this.running.ended
  }

  /**
   * The rows of the journal, whether the server runs or not, as sqlite3's shell would show them.
   */
  leases(where = '1'): LeaseRow[] {
    return leasesOf(this.journalFile, where)
  }

  #launch(more: readonly string[]): Running {
    const [program, ...words] = [...this.#prefix, 'env', '-u', 'NODE_OPTIONS', process.execPath]
    return this.where.start(program!, ...words, WHIO, 'serve', '-c', this.configFile, ...more)
  }

  #parse(): void {
    const stdout = this.#running?.stdout ?? ''
    const end = stdout.lastIndexOf('\n') + 1
    for (const text of stdout.slice(this.#parsedTo, end).split('\n'))
      if (text !== '') this.#lines.push(JSON.parse(text) as LogLine)
    this.#parsedTo = Math.max(end, this.#parsedTo)
  }
}

/** A row of the view leases6. */
export interface LeaseRow6 {
  readonly address: string
  readonly state: string
  readonly kind: string
  readonly duid: string
  readonly subnet_id: number
  readonly valid_lifetime: number
}

/** The same with a map Dhcp6, and with a Dhcp4 beside it where that is given. */
export class Daemon6 extends Daemon {
  protected override readonly family = 6

  override configure({ Whio, Dhcp4, ...dhcp6 }: Document6): void {
    const loggers = (name: string) => [
      { name, severity: 'DEBUG', 'output-options': [{ output: 'stdout' }] },
    ]
    const database = { type: 'memfile', name: this.journalFile }
    const Dhcp6 = { loggers: loggers('kea-dhcp6'), 'lease-database': database, ...dhcp6 }
    const beside =
      Dhcp4 === undefined
        ? {}
        : { Dhcp4: { loggers: loggers('kea-dhcp4'), 'lease-database': database, ...Dhcp4 } }
    writeFileSync(this.configFile, JSON.stringify({ Dhcp6, ...beside, Whio }))
  }

  /** As `leases`, of DHCPv6. */
  leases6(where = '1'): LeaseRow6[] {
    const db = new Database(this.journalFile, { fileMustExist: true })
    try {
      return db.prepare(`SELECT * FROM leases6 WHERE ${where}`).all() as LeaseRow6[]
    } finally {
      db.close()
    }
  }
}

interface Document6 {
  readonly Whio?: object
  readonly Dhcp4?: object
  readonly [key: string]: unknown
}

/** Values that fields must have; a pattern for the text of a value. */
type LogFields = Readonly<Record<string, unknown>>

type Counts = Readonly<Record<string, number>>

function has(line: LogLine, fields: LogFields): boolean {
  return Object.entries(fields).every(([name, value]) =>
    value instanceof RegExp ? value.test(String(line[name])) : line[name] === value,
  )
}

export function leasesOf(file: string, where = '1'): LeaseRow[] {
  const db = new Database(file, { fileMustExist: true })
  try {
    return db.prepare(`SELECT * FROM leases4 WHERE ${where}`).all() as LeaseRow[]
  } finally {
    db.close()
  }
}

/**
 * The rows that a journal whose server was killed holds: read from a copy, so that the server
 * itself has to make sense of what was left behind.
 */
export function leasesLeftIn(file: string, at: string): LeaseRow[] {
  return readingCopy(file, at, leasesOf)
}

/** Reads a copy of a journal that nobody writes at present; `at`: a folder for it. */
export function readingCopy<Result>(
  file: string,
  at: string,
  read: (copy: string) => Result,
): Result {
  const folder = mkdtempSync(join(at, 'left-'))
  const copy = join(folder, 'leases.sqlite')
  for (const end of ['', '-wal']) if (existsSync(file + end)) copyFileSync(file + end, copy + end)
  try {
    return read(copy)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
