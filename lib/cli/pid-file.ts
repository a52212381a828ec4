// The file with the number of the process that scripts around Kea look for. It guards nothing (the
// lock of the journal does), so a folder that is not there is no reason not to serve.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { wordsOf } from '../platform/system-error.ts'

export class PidFile {
  readonly path: string
  readonly #name: string

  /** `/run/kea/kea-dhcp4.kea-dhcp4.pid`: the configuration file, then the program. */
  constructor(name: string, configFile: string) {
    const folder = process.env.KEA_PIDFILE_DIR ?? '/run/kea'
    this.#name = name
    this.path = join(folder, `${basename(configFile, extname(configFile))}.${name}.pid`)
  }

  /** The process that has it, where another one of this name does. */
  take(): number | undefined {
    const other = Number(textOf(this.path))
    if (other > 0 && other !== process.pid && this.#isRunning(other)) return other
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o750 })
      writeFileSync(this.path, `${process.pid}\n`, { mode: 0o644 })
    } catch (error) {
      process.stderr.write(`${this.#name}: no PID file ${this.path}: ${wordsOf(error)}\n`)
    }
    return undefined
  }

  release(): void {
    if (Number(textOf(this.path)) === process.pid) rmSync(this.path, { force: true })
  }

  #isRunning(pid: number): boolean {
    return textOf(`/proc/${pid}/comm`).trim() === this.#name
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
