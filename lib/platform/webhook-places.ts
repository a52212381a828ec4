// Up to where each webhook was told, in a small file beside the journal (`<journal>.webhooks`), so
// that the next process goes on from there. What was told right before a crash is told once more.

import { readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import type { ToldTo } from '../ports/events.ts'
import type { Millis } from '../time/units.ts'

/** Between two writes, where nothing but the place has moved. */
const PAUSE: Millis = 1000

/** Behind no event of any process: who goes on from there is told of a gap. */
const NOWHERE: ToldTo = { id: '', isAll: false }

export class WebhookPlaces {
  readonly #path: string | undefined
  readonly #told: Map<string, ToldTo>
  /** What was there cannot be read: whoever was called may have missed something. */
  readonly #isLost: boolean
  #writing: Promise<void> | undefined
  #isChanged = false
  #timer: NodeJS.Timeout | undefined

  /** Without a journal nothing outlives the process. */
  constructor(journal: string | undefined) {
    this.#path = journal && `${journal}.webhooks`
    const found = this.#path === undefined ? new Map() : placesIn(this.#path)
    this.#isLost = found === undefined
    this.#told = found ?? new Map()
  }

  /** Undefined: it was never called before. */
  of(webhook: string): ToldTo | undefined {
    return this.#told.get(webhook) ?? (this.#isLost ? NOWHERE : undefined)
  }

  /** An event was told, or it begins behind this one. */
  told(webhook: string, id: string): void {
    this.#note(webhook, { id, isAll: false })
    this.#write()
  }

  /** Up to there nothing is left to be told: at present, or for good since the process ends. */
  passed(webhook: string, id: string, isAll = false): void {
    const known = this.#told.get(webhook)
    if (known?.id === id && known.isAll === isAll) return
    this.#note(webhook, { id, isAll })
    this.#timer ??= setTimeout(() => this.#write(), PAUSE).unref()
  }

  /** No others are called any more. */
  keep(webhooks: Iterable<string>): void {
    const kept = new Set(webhooks)
    for (const name of this.#told.keys())
      if (!kept.has(name)) this.#isChanged = this.#told.delete(name)
    this.#write()
  }

  /** What is known is written. */
  async close(): Promise<void> {
    this.#write()
    while (this.#writing !== undefined) await this.#writing
  }

  #note(webhook: string, told: ToldTo): void {
    this.#told.set(webhook, told)
    this.#isChanged = true
  }

  /** Beside the loop, one after the other. A disk in trouble is told of by the journal. */
  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#path === undefined || this.#writing !== undefined || !this.#isChanged) return
    this.#isChanged = false
    this.#writing = replace(this.#path, this.#told)
      .catch(() => {})
      .then(() => {
        this.#writing = undefined
        this.#write()
      })
  }
}

async function replace(path: string, told: ReadonlyMap<string, ToldTo>): Promise<void> {
  if (told.size === 0) return await rm(path, { force: true })
  const next = `${path}.next`
  await writeFile(next, JSON.stringify(Object.fromEntries(told)), { mode: 0o640 })
  await rename(next, path)
}

/** Undefined where there is something that cannot be read. */
function placesIn(path: string): Map<string, ToldTo> | undefined {
  try {
    const found = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, ToldTo>)
    const isWhole = found.every(([, told]) => typeof told?.id === 'string')
    return isWhole ? new Map(found) : undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Map() : undefined
  }
}
