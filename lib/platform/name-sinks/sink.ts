// What the places that names go to have in common: what they are told waits until they take it,
// and where they do not, they are tried again at growing distances.

import type { Octets } from '../../bytes/octets.ts'
import { reverseNameOf } from '../../ddns/reverse-name.ts'
import type { NamedAddress, NameSource, SinkStatus } from '../../ports/name-sinks.ts'
import type { Millis } from '../../time/units.ts'
import { wordsOf } from '../system-error.ts'

const RETRY_MIN: Millis = 1000
const RETRY_MAX: Millis = 60_000
/** Of all names, looked at in one turn. */
const SLICE = 2000

export interface SinkSettings {
  readonly source: NameSource
  /** Why it does not take names; '' = it does again. Called when that changes. */
  readonly onTrouble: (place: string, trouble: string) => void
  /** Between two tellings, so that changes that come together go together. */
  readonly pause?: Millis | undefined
}

/** Files and commands mean something of their own by spaces and other signs. */
export function isPlain(name: Octets): boolean {
  return /^[a-z0-9_.-]+$/.test(name)
}

/** Whose records a place has: a name, or the name of an address. */
export interface Owner {
  readonly name: Octets
  /** Undefined: of a name. */
  readonly address: Octets | undefined
}

export abstract class Sink {
  protected readonly source: NameSource
  protected isClosed = false
  readonly #settings: SinkSettings
  readonly #place: string
  #trouble = ''
  #awaySince: Millis = 0
  #tries = 0
  #timer: NodeJS.Timeout | undefined
  #isTelling = false
  #isAsked = false

  constructor(place: string, settings: SinkSettings) {
    this.#place = place
    this.#settings = settings
    this.source = settings.source
  }

  abstract changed(name: Octets, address: Octets): void
  /** Tells what waits; rejects where that was not taken. */
  protected abstract tell(): Promise<void>
  protected abstract get waiting(): number

  status(): SinkStatus {
    const trouble = this.#trouble
    const away = trouble === '' ? 0 : Math.floor((performance.now() - this.#awaySince) / 1000)
    return { place: this.#place, trouble, away, waiting: this.waiting }
  }

  close(): void {
    this.isClosed = true
    clearTimeout(this.#timer)
  }

  /** There is something to tell. */
  protected wake(): void {
    if (this.isClosed) return
    if (this.#isTelling) this.#isAsked = true
    else this.#timer ??= setTimeout(() => this.#go(), this.#settings.pause ?? RETRY_MIN)
  }

  #go(): void {
    this.#timer = undefined
    this.#isTelling = true
    this.#isAsked = false
    this.tell().then(
      () => this.#end(''),
      (error: unknown) => this.#end(troubleOf(error)),
    )
  }

  #end(trouble: string): void {
    this.#isTelling = false
    if (this.isClosed) return
    if (trouble !== this.#trouble) this.#settings.onTrouble(this.#place, trouble)
    if (this.#trouble === '') this.#awaySince = performance.now()
    this.#trouble = trouble
    this.#tries = trouble === '' ? 0 : this.#tries + 1
    if (trouble === '' && !this.#isAsked && this.waiting === 0) return
    const growing = Math.min(RETRY_MIN * 2 ** (this.#tries - 1), RETRY_MAX)
    const wait = trouble === '' ? (this.#settings.pause ?? RETRY_MIN) : growing
    this.#timer = setTimeout(() => this.#go(), wait)
  }
}

/** Of a place that is told name by name: what it lacks. */
export abstract class OwnerSink extends Sink {
  readonly #pending = new Map<Octets, Owner>()

  protected get waiting(): number {
    return this.#pending.size
  }

  changed(name: Octets, address: Octets): void {
    if (!isPlain(name)) return
    this.lack({ name, address: undefined })
    this.lack({ name: reverseNameOf(address), address })
    this.wake()
  }

  protected lack(owner: Owner): void {
    this.#pending.set(owner.name, owner)
  }

  /** Nothing is known of what it has. */
  protected async lackAll(): Promise<void> {
    await slices(this.source.all(), ({ name, address }) => {
      if (!isPlain(name)) return
      this.lack({ name, address: undefined })
      this.lack({ name: reverseNameOf(address), address })
    })
  }

  /** Some of what it lacks; it does again where that was not taken. */
  protected take(count: number): readonly Owner[] {
    const taken: Owner[] = []
    for (const owner of this.#pending.values()) {
      if (taken.length === count) break
      taken.push(owner)
    }
    for (const { name } of taken) this.#pending.delete(name)
    return taken
  }

  protected recordsOf({ name, address }: Owner): readonly NamedAddress[] {
    return address === undefined
      ? this.source.ofName(name).filter(({ forward }) => forward)
      : this.source.ofAddress(address).filter((one) => one.reverse && isPlain(one.name))
  }
}

/** A few at a time, so that clients are answered between them. */
export async function slices<T>(all: Iterable<T>, visit: (one: T) => void): Promise<void> {
  let count = 0
  for (const one of all) {
    visit(one)
    if (++count % SLICE === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** What the system says, also of an error that stands in another. */
function troubleOf(error: unknown): string {
  return wordsOf((error as Error).cause ?? error)
}
