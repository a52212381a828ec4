// What the database of a journal was, noted outside of the files that are copied and put back together: so a database
// that is older than its witness is an older copy. A help and nothing more: a witness that cannot be read or written
// is none, and nobody waits for it.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { hasBeenAt, type Life } from '../ha/history.ts'
import type { Instant, Millis } from '../time/units.ts'

/** As often as the lease-clock time is stored without any change. */
const WAIT: Millis = 10_000

const FOLDER = 'whio-witness'

export interface Witness {
  readonly database: string
  readonly change: number
  readonly stamp: Instant
  /** The last life of a database of a pair in which somebody was met, '' = none. */
  readonly life: string
}

/** What a journal says of itself. */
export interface Testimony extends Omit<Witness, 'life'> {
  readonly lives: readonly Life[]
}

/**
 * The folder for witnesses of this host: systemd's for the service, the user's for its state, or the system's. A
 * journal among temporary files has none: undefined.
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

/** Whether a database is an older copy of the one that was witnessed. */
export function isOlder(now: Testimony, witness: Witness): boolean {
  if (now.database !== witness.database) return false
  if (now.change < witness.change || now.stamp < witness.stamp) return true
  const point = { life: witness.life, position: witness.change }
  return witness.life !== '' && hasBeenAt(now.lives, now.change, point) === false
}

export class WitnessFile {
  readonly #path: string
  readonly #journal: string
  #writtenAt: Millis = Number.NEGATIVE_INFINITY
  #isWriting = false
  #written = Promise.resolve()

  /** `journal`: path of the database, by which its witness is named. */
  constructor(folder: string, journal: string) {
    const name = createHash('sha256').update(journal).digest('hex').slice(0, 16)
    this.#path = join(folder, `${name}.json`)
    this.#journal = journal
  }

  /** What was noted last; undefined where nothing is there that makes sense. */
  read(): Witness | undefined {
    try {
      return witnessOf(JSON.parse(readFileSync(this.#path, 'utf8')))
    } catch {
      return undefined
    }
  }

  /** Whether it has seen this service. Before, it may know more than the database, which is an older copy then. */
  get isNoted(): boolean {
    return this.#writtenAt > 0
  }

  /** Notes what is on the disk, now and then. */
  note(testimony: () => Testimony): void {
    if (this.#isWriting || performance.now() < this.#writtenAt + WAIT) return
    this.write(testimony())
  }

  /** The same at once, behind what is being written. */
  write(testimony: Testimony): void {
    this.#writtenAt = performance.now()
    this.#isWriting = true
    this.#written = this.#written.then(() => this.#put(testimony))
  }

  async #put({ lives, ...now }: Testimony): Promise<void> {
    const last = lives.at(-1)
    const life = last?.isMet === true ? last.id : ''
    const text = JSON.stringify({ journal: this.#journal, ...now, life })
    try {
      await makeFolders(dirname(this.#path))
      await writeFile(`${this.#path}.new`, `${text}\n`)
      await rename(`${this.#path}.new`, this.#path)
    } catch {
      // It is tried again the next time.
    } finally {
      this.#isWriting = false
    }
  }
}

/** Each that is missing. Node's own way goes on for ever where a folder is refused as if its parent were missing. */
async function makeFolders(folder: string): Promise<void> {
  if (existsSync(folder)) return
  if (dirname(folder) !== folder) await makeFolders(dirname(folder))
  await mkdir(folder, { mode: 0o750 })
}

function witnessOf(value: Record<string, unknown>): Witness | undefined {
  const { database, change, stamp, life } = value
  if (typeof database !== 'string' || typeof life !== 'string') return undefined
  if (typeof change !== 'number' || typeof stamp !== 'number') return undefined
  return { database, change, stamp, life }
}
