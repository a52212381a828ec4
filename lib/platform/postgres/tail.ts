// What the other members store, read batch by batch: each has its own row of numbers, so nothing is
// passed over because it became visible late. Who is too far behind reads all rows anew.

import type { SharedAnswer } from '../../ports/shared-journal.ts'
import { pageAnswer, readAnswer, tailAnswer } from './answers.ts'
import type { Session, Value } from './session.ts'
import {
  LOAD_PAGE,
  loadQuestion,
  positionsQuestion,
  TAIL_PAGE,
  tailQuestion,
} from './statements.ts'

export interface TailSink {
  others(rows: Uint8Array, answer: SharedAnswer, isPartial: boolean): void
}

/** Before the first key of a family. */
const FIRST = { 4: '-1', 6: Buffer.alloc(0) } as const

export class Tail {
  readonly #member: number
  readonly #positions = new Map<number, number>()
  /** Rows that made no sense. */
  spoiled = 0

  constructor(member: number) {
    this.#member = member
  }

  /** Whether the batch of a hint (`member:seq`) is not read yet. */
  isNews(hint: string): boolean {
    const [server, seq] = hint.split(':').map(Number)
    return server !== this.#member && !(seq! <= (this.#positions.get(server!) ?? -1))
  }

  /** What is stored from now on is read; what was before is read by `all`. */
  async begin(reader: Session): Promise<void> {
    this.#positions.clear()
    for (const { server, seq } of await reader.ask(positionsQuestion()))
      this.#positions.set(server as number, Number(seq))
  }

  /** All rows, page by page, and the highest version among them. */
  async all(
    reader: Session,
    relative: boolean,
    take: (rows: Uint8Array, answer: SharedAnswer) => void,
  ): Promise<number> {
    let highest = 0
    for (const version of [4, 6] as const) {
      let behind: Value | undefined = FIRST[version]
      while (behind !== undefined) {
        const question = loadQuestion(this.#member, version, behind, relative)
        const page = pageAnswer(await reader.askRaw(question), version, this.#member)
        highest = Math.max(highest, page.rows.highest)
        this.spoiled += page.rows.spoiled
        if (page.rows.rows.length > 0) take(page.rows.rows, page.answer)
        behind = page.count < LOAD_PAGE ? undefined : page.last
      }
    }
    return highest
  }

  /** Everything that is new, to the end. */
  async read(reader: Session, sink: TailSink): Promise<SharedAnswer> {
    for (;;) {
      const question = tailQuestion(this.#member, this.#positions)
      const tail = tailAnswer(await reader.askRaw(question), this.#member)
      if (tail.isTrimmed) await this.reload(reader, sink)
      else {
        for (const [server, seq] of tail.positions) this.#positions.set(server, seq)
        this.spoiled += tail.rows.spoiled
        const isPartial = tail.batches >= TAIL_PAGE
        sink.others(tail.rows.rows, tail.answer, isPartial)
        if (!isPartial) return tail.answer
      }
    }
  }

  /** All rows anew, as parts of what `read` ends. */
  async reload(reader: Session, sink: TailSink): Promise<void> {
    await this.begin(reader)
    await this.all(reader, true, (rows, answer) => sink.others(rows, answer, true))
  }
}

/** The time of the database, and who is there. */
export async function lookAtTime(reader: Session, member: number): Promise<SharedAnswer> {
  return readAnswer(await reader.askRaw(loadQuestion(member, 4, 2 ** 40, false))).answer
}
