// The clients of a world as it sees them: a process of their own (clients.ts), which judges every
// ACK.

import { join } from 'node:path'
import type { PairHosts } from '../system/pair-hosts.ts'
import { SERVERS } from '../system/pair-hosts.ts'
import type { Report } from './clients.ts'
import type { Scene } from './scene.ts'

const RELAY = '10.77.0.9'

export class Crowd {
  readonly #running
  readonly #onViolation: (sentence: string) => void
  #asked = 0
  #answered = 0
  #readTo = 0
  #toldViolations = 0
  #last: Report = { violations: [], acks: 0, holdings: [], served: 0 }

  /** `at`: folder for what happens to each client. */
  constructor(
    pair: PairHosts,
    { clients, seed, always }: Scene,
    at: string,
    onViolation: (sentence: string) => void,
  ) {
    this.#onViolation = onViolation
    const words = [RELAY, SERVERS.join(','), `${clients}`, `${seed}`]
    const more = [always.first, always.last, join(at, 'clients.log')]
    this.#running = pair.clients.node('test/chaos/clients.ts', ...words, ...more)
  }

  async ready(): Promise<void> {
    await this.#running.until(/ready/)
  }

  /** A word of clients.ts. */
  tell(word: string): void {
    this.#running.tell(word)
  }

  get acks(): number {
    return this.#last.acks
  }

  /** What the clients have now. */
  async report(): Promise<Report> {
    const wanted = ++this.#asked
    this.tell('tell')
    this.#read()
    while (this.#answered < wanted) {
      await this.#running.lineBehind(this.#readTo)
      this.#read()
    }
    return this.#last
  }

  #read(): void {
    const { stdout } = this.#running
    const end = stdout.lastIndexOf('\n') + 1
    for (const line of stdout.slice(this.#readTo, end).split('\n')) {
      if (!line.startsWith('{')) continue
      this.#answered++
      this.#last = JSON.parse(line) as Report
    }
    this.#readTo = Math.max(end, this.#readTo)
    const { violations } = this.#last
    while (this.#toldViolations < violations.length)
      this.#onViolation(violations[this.#toldViolations++]!)
  }
}
