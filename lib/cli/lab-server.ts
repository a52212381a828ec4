// A server of the lab: `whio serve` as a process of its own, so that killing and pausing it is what
// it would be on a host. What it is up to is read from its log and asked at its control socket, as
// an operator would.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { askControl, controlPathOf } from '../platform/control-socket.ts'
import type { ServerStatus } from '../server/status.ts'
import type { CableEnd } from './lab-cable.ts'

const POLL_EVERY_MS = 250
const STATUS_PATIENCE_MS = 1000
const STOP_PATIENCE_MS = 5000

/** A line of its log. */
export interface LogLine {
  readonly id: string
  readonly msg: string
  readonly [field: string]: unknown
}

export interface LabServerSettings {
  readonly name: string
  readonly config: object
  /** For the configuration, the journal and its socket. */
  readonly folder: string
  /** Where its partner reaches it. */
  readonly cable: CableEnd
  readonly onLog: (server: LabServer, line: LogLine) => void
}

export class LabServer {
  readonly name: string
  readonly cable: CableEnd
  /** What was done to it: its process is gone, stands still, or is as it should be. */
  condition: 'dead' | 'paused' | 'running' = 'dead'
  /** Neither clients nor the partner reach it. */
  isCutOff = false
  /** As last heard: of this life, undefined before. */
  status: ServerStatus | undefined
  readonly #file: string
  readonly #controlPath: string
  readonly #onLog: LabServerSettings['onLog']
  #child: ChildProcessWithoutNullStreams | undefined
  #isAsking = false
  readonly #timer: NodeJS.Timeout

  constructor({ name, config, folder, cable, onLog }: LabServerSettings) {
    this.name = name
    this.cable = cable
    this.#file = join(folder, `${name}.json`)
    this.#controlPath = controlPathOf(join(folder, `${name}.sqlite`))
    this.#onLog = onLog
    writeFileSync(this.#file, JSON.stringify(config, undefined, 2))
    this.#timer = setInterval(() => this.#ask(), POLL_EVERY_MS)
  }

  /** UDP port on which clients reach it; undefined while they do not, or it has none yet. */
  port(family: 4 | 6): number | undefined {
    if (this.isCutOff || this.condition === 'dead') return undefined
    return this.status?.traffic.find((one) => one.family === family)?.port
  }

  start(): void {
    if (this.#child !== undefined) return
    const args = ['serve', '-c', this.#file, '-p', '0', '--server-port6', '0', '--supervised']
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args])
    this.#child = child
    this.condition = 'running'
    this.status = undefined
    let trouble = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      trouble += text
    })
    child.stdin.on('error', () => {})
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line))
    child.once('close', (code) => {
      this.#child = undefined
      this.condition = 'dead'
      this.cable.setThere(false)
      if (code !== 0 && code !== null)
        this.#onLog(this, { id: 'ENDED', msg: `ended with code ${code}: ${trouble.trim()}` })
    })
  }

  /** Its process dies at once (SIGKILL). */
  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /** Its process stands still (SIGSTOP). */
  pause(): void {
    if (this.condition !== 'running') return
    this.condition = 'paused'
    this.#child?.kill('SIGSTOP')
  }

  /** Whatever was done to its process is over. */
  revive(): void {
    if (this.#child === undefined) return this.start()
    if (this.condition !== 'paused') return
    this.condition = 'running'
    this.#child.kill('SIGCONT')
  }

  /** Stops it in good order. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    const child = this.#child
    if (child === undefined) return this.cable.close()
    const closed = new Promise((resolve) => child.once('close', resolve))
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS)
    child.kill('SIGCONT')
    child.kill('SIGTERM')
    await closed
    clearTimeout(timer)
    this.cable.close()
  }

  #hear(text: string): void {
    let line: LogLine
    try {
      line = JSON.parse(text)
    } catch {
      return
    }
    if (line.id === 'HA_LISTENING') this.cable.setThere(true)
    if (/^DHCP[46]_INTERFACE_SERVING$/.test(line.id)) this.#ask()
    this.#onLog(this, line)
  }

  /** One question at a time; a process that stands still does not answer. */
  async #ask(): Promise<void> {
    const child = this.#child
    if (this.#isAsking || child === undefined || this.condition !== 'running') return
    this.#isAsking = true
    try {
      const reply = await askControl(this.#controlPath, 'status', STATUS_PATIENCE_MS)
      if (this.#child === child) this.status = reply.status as ServerStatus
    } catch {
      // It is starting, or was paused meanwhile.
    } finally {
      this.#isAsking = false
    }
  }
}
