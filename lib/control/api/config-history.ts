// What was in force since the start, the last few of it: documents share what an edit leaves as it
// is, so that keeping them costs little.

import type { ConfigDocument } from '../../config/keys/document.ts'
import type {
  ConfigChange,
  RunningConfiguration,
} from '../../server/configuration/running-configuration.ts'
import type { Seconds } from '../../time/units.ts'

export const KEPT = 32

export interface Version {
  /** Counts from 0, what was in force at the start. */
  readonly number: number
  /** Since 1970. */
  readonly at: Seconds
  readonly by: ConfigChange['by']
  readonly document: ConfigDocument
}

export class ConfigHistory {
  readonly #seconds: () => Seconds
  readonly #versions: Version[] = []
  #count = 0

  constructor(configuration: RunningConfiguration, seconds: () => Seconds) {
    this.#seconds = seconds
    this.#add(configuration.document, 'file')
    configuration.watch(({ after, by }) => this.#add(after, by))
  }

  /** The newest first. */
  get versions(): readonly Version[] {
    return this.#versions
  }

  find(number: number): Version | undefined {
    return this.#versions.find((version) => version.number === number)
  }

  #add(document: ConfigDocument, by: ConfigChange['by']): void {
    this.#versions.unshift({ number: this.#count++, at: this.#seconds(), by, document })
    if (this.#versions.length > KEPT) this.#versions.pop()
  }
}
