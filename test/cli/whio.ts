// The command as a child process: started, watched line by line, never slept for.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { freePorts } from '../../lib/cli/lab-cable.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Compiled modules of one child serve the next: half the time of each. */
const own = process.env.NODE_COMPILE_CACHE ? '' : mkdtempSync(join(tmpdir(), 'whio-compiled-'))
const NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE || own
if (own !== '') process.once('exit', () => rmSync(own, { recursive: true, force: true }))

export interface Ended {
  /** A signal's name where one ended it. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

/** Runs `whio` to its end; relative paths start at the top of the checkout. */
export function whio(...args: string[]): Promise<Ended> {
  return new Whio(args).ended
}

/** Starts `whio`, behind the words `before`; it is killed after the test if it is still there. */
export function start(
  t: Test,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  before: readonly string[] = [],
): Whio {
  const running = new Whio(args, env, before)
  t.after(() => running.kill())
  return running
}

export class Whio {
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''
  #read = 0
  #isOver = false
  #wake: () => void = () => {}

  constructor(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    before: readonly string[] = [],
  ) {
    // The hooks of the test runner are not wanted inside; tap puts them even into a cleaned
    // environment.
    const command = ['-u', 'NODE_OPTIONS', ...before, process.execPath, 'bin/whio.ts', ...args]
    const all = { ...process.env, NODE_COMPILE_CACHE, ...env }
    this.#child = spawn('env', command, { cwd: ROOT, env: all })
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#wake()
    })
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#isOver = true
        this.#wake()
        resolve({ code: code ?? signal ?? '', stdout: this.#stdout, stderr: this.#stderr })
      })
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** The next line of stdout that matches; lines before it are passed over. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      for (;;) {
        const end = this.#stdout.indexOf('\n', this.#read)
        if (end < 0) break
        const line = this.#stdout.slice(this.#read, end)
        this.#read = end + 1
        if (pattern.test(line)) return line
      }
      if (this.#isOver) throw new Error(`no line ${pattern}:\n${this.#stdout}${this.#stderr}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The next log line with this id. */
  async log(id: string): Promise<Record<string, unknown>> {
    return JSON.parse(await this.line(new RegExp(`"id":"${id}"`)))
  }

  /**
   * Waits until the process has a handler of its own for a signal: from then on it must survive it.
   */
  async handles(name: NodeJS.Signals): Promise<void> {
    const bit = 1n << BigInt(constants.signals[name] - 1)
    const caught = () =>
      /^SigCgt:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))
    while ((BigInt(`0x${caught()![1]}`) & bit) === 0n) await delay(2)
  }

  /** Where it has said that a debugger listens. */
  get debuggerPort(): number | undefined {
    const port = /^Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)/m.exec(this.#stderr)?.[1]
    return port === undefined ? undefined : Number(port)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** The reader goes away, as `head` does. */
  closeStdout(): void {
    this.#child.stdout!.destroy()
  }

  /** Whoever wrote to it goes away. */
  closeStdin(): void {
    this.#child.stdin!.end()
  }

  async kill(): Promise<void> {
    if (!this.#isOver) this.#child.kill('SIGKILL')
    await this.ended
  }
}

/** A temporary folder, removed after the test. */
export function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'whio-cli-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/**
 * Writes a configuration that serves loopback, its journal beside it; of addresses that no host has
 * (RFC 2544).
 */
export function configure(at: string, more: object = {}, Whio?: object): string {
  const file = join(at, 'dhcp4.conf')
  const Dhcp4 = {
    'interfaces-config': { interfaces: ['lo/127.0.0.1'] },
    'lease-database': { type: 'memfile', name: join(at, 'leases.sqlite') },
    subnet4: [{ id: 1, subnet: '198.18.0.0/24', pools: [{ pool: '198.18.0.10 - 198.18.0.99' }] }],
    ...more,
  }
  writeFileSync(file, JSON.stringify({ Dhcp4, Whio }, undefined, 2))
  return file
}

/** Members of a configuration: this is server1 of a pair whose partner is never there. */
export async function withoutPartner(): Promise<object> {
  const [own, other] = await freePorts(2)
  const peers = [
    { name: 'server1', role: 'primary', url: `http://127.0.0.1:${own}/` },
    { name: 'server2', role: 'secondary', url: `http://127.0.0.1:${other}/` },
  ]
  const pair = { 'this-server-name': 'server1', mode: 'load-balancing', peers }
  const parameters = { 'high-availability': [pair] }
  return { 'hooks-libraries': [{ library: 'libdhcp_ha.so', parameters }] }
}
