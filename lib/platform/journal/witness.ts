// The file of a witness (ha/testimony.ts). A help and nothing more: one that cannot be read or
// written is none, and nobody waits for it, but for longer leases than ever.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Testimony, type Witness, witnessOf } from '../../ha/testimony.ts'
import { INFINITE_LIFETIME, type Millis } from '../../time/units.ts'

/** As often as the lease-clock time is stored without any change. */
const WAIT: Millis = 10_000

const FOLDER = 'whio-witness'

/**
 * The folder for witnesses of this host: systemd's for the service, the user's for its state, or
 * the system's. A journal among temporary files has none: undefined.
 */
export function witnessFolder(
  journal: string,
  env: NodeJS.ProcessEnv,
  uid: number,
): string | undefined {
  const ofService = env.STATE_DIRECTORY?.split(':').find((folder) => folder.endsWith(FOLDER))
  if (ofService !== undefined) return ofService
  if (env.XDG_STATE_HOME) return join(env.XDG_STATE_HOME, FOLDER)
  if (journal.startsWith(join(tmpdir(), '/'))) return undefined
  return join(uid === 0 ? '/var/lib' : join(homedir(), '.local', 'state'), FOLDER)
}

export class WitnessFile {
  readonly #path: string
  readonly #journal: string
  #noted: Witness | undefined
  #writtenAt: Millis = Number.NEGATIVE_INFINITY
  /** What was noted last. */
  #text = ''
  #written = Promise.resolve()

  /** `journal`: path of the database, by which its witness is named. */
  constructor(folder: string, journal: string) {
    const name = createHash('sha256').update(journal).digest('hex').slice(0, 16)
    this.#path = join(folder, `${name}.json`)
    this.#journal = journal
    this.#noted = this.#read()
  }

  /** What was noted last; undefined where nothing is there that makes sense. */
  get noted(): Witness | undefined {
    return this.#noted
  }

  /**
   * Whether it has seen this service. Before, it may know more than the database, which is an older
   * copy then.
   */
  get isOfNow(): boolean {
    return this.#writtenAt > 0
  }

  /** Notes what is on the disk, now and then. */
  note(testimony: () => Testimony): void {
    if (performance.now() < this.#writtenAt + WAIT) return
    const text = this.#textOf(testimony())
    this.#written = this.#written.then(() => this.#put(text))
  }

  /** The same at once: it is noted when this returns. */
  write(testimony: Testimony): void {
    const text = this.#textOf(testimony)
    try {
      makeFolders(dirname(this.#path))
      writeFileSync(`${this.#path}.now`, text, { flush: true })
      renameSync(`${this.#path}.now`, this.#path)
    } catch {
      // The next one may succeed.
    }
  }

  #textOf(testimony: Testimony): string {
    this.#writtenAt = performance.now()
    this.#noted = witnessOf(testimony)
    this.#text = `${JSON.stringify({ journal: this.#journal, ...this.#noted })}\n`
    return this.#text
  }

  #read(): Witness | undefined {
    try {
      return readWitness(JSON.parse(readFileSync(this.#path, 'utf8')))
    } catch {
      return undefined
    }
  }

  async #put(text: string): Promise<void> {
    try {
      makeFolders(dirname(this.#path))
      await writeFile(`${this.#path}.new`, text)
      if (text === this.#text) renameSync(`${this.#path}.new`, this.#path)
    } catch {
      // It is tried again the next time.
    }
  }
}

/**
 * Each that is missing. Node's own way goes on for ever where a folder is refused as if its parent
 * were missing.
 */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return
  if (dirname(folder) !== folder) makeFolders(dirname(folder))
  mkdirSync(folder, { mode: 0o750 })
}

function readWitness(value: Record<string, unknown>): Witness | undefined {
  const { database, change, stamp, life, longest = 0 } = value
  if (typeof database !== 'string' || typeof life !== 'string') return undefined
  if (typeof change !== 'number' || typeof stamp !== 'number') return undefined
  if (typeof longest !== 'number' || !(longest >= 0 && longest <= INFINITE_LIFETIME))
    return undefined
  return { database, change, stamp, life, longest }
}
