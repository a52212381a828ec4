// Changes that are asked for twice since the answer to the first request was lost: who has said a
// key (Idempotency-Key) is told what came of it then, and nothing is done again.

import type { Instant } from '../../time/units.ts'
import { type ApiReply, type ApiRequest, refusal, type Say } from './route.ts'

/** Keys that are remembered, of all askers together, and for how long. */
export const KEYS_MAX = 1024
const KEPT: Instant = 24 * 3600 * 1000

/** Characters of a key, and of an answer that is kept. */
const KEY_MAX = 255
const ANSWER_MAX = 65_536

export interface Keyed extends Pick<ApiRequest, 'method' | 'path' | 'query' | 'asker'> {
  readonly key: string
  /** The body. */
  readonly text: string
}

interface Known {
  /** What was asked. */
  readonly sum: string
  readonly at: Instant
  /** Undefined: it is being done. */
  reply: ApiReply | undefined
}

export class IdempotencyKeys {
  readonly #sumOf: (text: string) => string
  /** The oldest first. */
  readonly #known = new Map<string, Known>()

  constructor(sumOf: (text: string) => string) {
    this.#sumOf = sumOf
  }

  /** `ask` is called unless it was before. */
  ask(keyed: Keyed, now: Instant, say: Say, ask: (say: Say) => void): void {
    const { key, text, method, path, query, asker } = keyed
    if (key === '' || key.length > KEY_MAX)
      return say(refusal(400, `Idempotency-Key has 1 to ${KEY_MAX} characters`))
    const name = JSON.stringify([asker.user, asker.role.name, key])
    const sum = this.#sumOf(JSON.stringify([method, path, [...query], text]))
    this.#forget(now)
    const known = this.#known.get(name)
    if (known !== undefined && known.sum !== sum)
      return say(refusal(422, 'this Idempotency-Key was said of another request'))
    if (known !== undefined)
      return say(known.reply ?? refusal(409, 'the request with this Idempotency-Key is under way'))
    const own: Known = { sum, at: now, reply: undefined }
    this.#known.set(name, own)
    ask((reply) => {
      if (isKept(reply)) own.reply = reply
      else if (this.#known.get(name) === own) this.#known.delete(name)
      say(reply)
    })
  }

  #forget(now: Instant): void {
    for (const [name, { at }] of this.#known) {
      if (this.#known.size < KEYS_MAX && now - at < KEPT) return
      this.#known.delete(name)
    }
  }
}

/** What may be another at the next try (or is too long) is asked again. */
function isKept({ status, body, lines, events }: ApiReply): boolean {
  if (status >= 500 || status === 429 || status === 401) return false
  if (lines !== undefined || events !== undefined) return false
  return JSON.stringify(body ?? null).length <= ANSWER_MAX
}
