// A command on a terminal of 80x24, `whio` unless another is said, by util-linux's `script`: keys
// in, screens out.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Test } from 'tap'

const ROOT = join(import.meta.dirname, '../..')

const WHIO = `${process.execPath} bin/whio.ts`

/** Why there can be no terminal; false: there can. */
export function noTerminal(): false | string {
  try {
    const version = execFileSync('script', ['--version'], { encoding: 'utf8' })
    return version.includes('util-linux') ? false : 'script is not that of util-linux'
  } catch {
    return 'there is no script'
  }
}

export class Terminal {
  readonly ended: Promise<number>
  readonly #child: ChildProcess
  #text = ''
  #isOver = false
  #wake: () => void = () => {}

  constructor(t: Test, args: string, env: NodeJS.ProcessEnv = {}, program = WHIO) {
    const command = `stty cols 80 rows 24; exec env -u NODE_OPTIONS ${program} ${args}`
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: ROOT,
      env: { ...process.env, TERM: 'xterm', ...env },
    })
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text
      this.#wake()
    })
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.#isOver = true
        this.#wake()
        resolve(code ?? -1)
      })
    })
    t.after(async () => {
      // The command is hung up when its terminal is gone.
      if (!this.#isOver) this.#child.kill('SIGKILL')
      await this.ended
    })
  }

  press(keys: string): void {
    this.#child.stdin!.write(keys)
  }

  /** What is shown from now on, until it matches; text before it is passed over. */
  async shows(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#text)
      if (found !== null) {
        this.#text = this.#text.slice(found.index + found[0].length)
        return found[0]
      }
      if (this.#isOver) throw new Error(`it never showed ${pattern}:\n${this.#text.slice(-4000)}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
