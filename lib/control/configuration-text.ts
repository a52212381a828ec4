// The text of the configuration as config-get answers it, and its hash: made in slices, so that no
// packet waits for ten thousand subnets, and kept until the configuration is another one; of that,
// what did not change is taken over.

import { type Shown, shownMap } from '../config/canonical/canonical.ts'
import type { Draft } from '../config/canonical/members.ts'
import { withoutSecrets } from '../config/keys/secrets.ts'
import type { ConfigHost, Sum } from '../ports/config-host.ts'
import type { RunningConfiguration } from '../server/configuration/running-configuration.ts'
import { printed } from './print.ts'
import { type Cut, type TextLevel, TextLevels } from './text-levels.ts'

/** Pieces that make the text together. */
export interface ConfigurationText {
  /** With its secrets. */
  readonly clear: readonly string[]
  /** With a mark in place of secrets. */
  readonly hidden: readonly string[]
  /** SHA-256 of what it says: of the sums of its parts. */
  readonly hash: string
}

interface Wants {
  readonly done: (text: ConfigurationText | undefined) => void
  /** It could not be made. */
  readonly lost: (error: Error) => void
}

type Source = Pick<RunningConfiguration, 'document' | 'version'>

const MADE = new WeakMap<Source, Readonly<Record<4 | 6, FamilyText>>>()

/** Calls `done` or `lost`, at once or later; undefined where the family is not served. */
export function configurationText(
  configuration: Source,
  version: 4 | 6,
  host: ConfigHost,
  wants: Wants,
): void {
  let texts = MADE.get(configuration)
  if (texts === undefined) {
    texts = { 4: new FamilyText(4, host), 6: new FamilyText(6, host) }
    MADE.set(configuration, texts)
  }
  texts[version].get(configuration, wants)
}

class FamilyText {
  readonly #family: 4 | 6
  readonly #host: ConfigHost
  readonly #levels = new TextLevels()
  #made: { readonly version: number; readonly text: ConfigurationText | undefined } | undefined
  /** Who waits for the text that is being made, and of which version it is. */
  #waiting: Waiting | undefined

  constructor(family: 4 | 6, host: ConfigHost) {
    this.#family = family
    this.#host = host
  }

  get({ document, version }: Source, wants: Wants): void {
    if (this.#made?.version === version) return toldTo(wants, this.#made.text)
    if (this.#waiting?.version === version) {
      this.#waiting.wants.push(wants)
      return
    }
    const waiting = { version, wants: [wants] }
    this.#waiting = waiting
    try {
      this.#make(document, waiting)
    } catch (error) {
      this.#lose(waiting, error as Error)
    }
  }

  #make(document: Source['document'], waiting: Waiting): void {
    const shown = shownMap(document, this.#family)
    if (shown === undefined) return this.#finish(waiting, undefined)
    const writer = new Writer(this.#host, this.#levels)
    const work = writer.write(shown)
    const goOn = (): void => {
      try {
        if (work.next().done !== true) return this.#host.soon(goOn)
      } catch (error) {
        return this.#lose(waiting, error as Error)
      }
      this.#finish(waiting, writer.made())
    }
    goOn()
  }

  #finish(waiting: Waiting, text: ConfigurationText | undefined): void {
    const { version, wants } = waiting
    if (this.#waiting === waiting) this.#waiting = undefined
    if ((this.#made?.version ?? -1) < version) this.#made = { version, text }
    for (const want of wants) toldTo(want, text)
  }

  /** Whoever asks next has it made anew. */
  #lose(waiting: Waiting, error: Error): void {
    if (this.#waiting === waiting) this.#waiting = undefined
    for (const { lost } of waiting.wants) lost(error)
  }
}

interface Waiting {
  readonly version: number
  readonly wants: Wants[]
}

/** What one makes of it costs the others nothing. */
function toldTo({ done, lost }: Wants, text: ConfigurationText | undefined): void {
  try {
    done(text)
  } catch (error) {
    lost(error as Error)
  }
}

/** Maps of a slice: some milliseconds of work at most. */
const SLICE = 50

class Writer {
  readonly #clear: string[] = []
  readonly #hidden: string[] = []
  readonly #host: ConfigHost
  readonly #levels: TextLevels
  readonly #sum: Sum
  #maps = 0

  constructor(host: ConfigHost, levels: TextLevels) {
    this.#host = host
    this.#levels = levels
    this.#sum = host.sum()
  }

  /** Stops after each slice. */
  *write(shown: Shown, above?: TextLevel): Generator<void, void, undefined> {
    const { of, head, lists, isLevel } = shown
    const keys = lists.map(([key]) => key).sort()
    const level = isLevel || above === undefined ? this.#levels.of(of, keys, above) : above
    const make = () => this.#cut(head(), keys)
    // What the process has once may stand in the map of the other family.
    const cut = above === undefined ? make() : level.get(of, make)
    this.#sum.add(cut.sum)
    this.#say(cut, 0)
    for (const [index, key] of keys.entries()) {
      const [, elements, showing] = lists.find(([name]) => name === key)!
      let mark = '[ '
      for (const element of elements) {
        this.#put(mark)
        yield* this.write(showing(element), level)
        mark = ', '
        this.#maps++
        if (this.#maps % SLICE === 0) yield
      }
      this.#put(elements.length === 0 ? '[  ]' : ' ]')
      this.#sum.add(`${key} ${elements.length}`)
      this.#say(cut, index + 1)
    }
  }

  made(): ConfigurationText {
    return { clear: this.#clear, hidden: this.#hidden, hash: this.#sum.hex() }
  }

  #say({ clear, hidden }: Cut, index: number): void {
    this.#clear.push(clear[index]!)
    this.#hidden.push(hidden[index]!)
  }

  #put(text: string): void {
    this.#clear.push(text)
    this.#hidden.push(text)
  }

  #cut(head: Draft, lists: readonly string[]): Cut {
    const clear = cutText(head, lists)
    const shown = withoutSecrets(head)
    const sum = this.#host.sum()
    for (const text of clear) sum.add(text)
    const hidden = shown === head ? clear : cutText(shown as Draft, lists)
    return { clear, hidden, sum: sum.hex() }
  }
}

/** The text of the map, cut behind the key of each list. */
function cutText(map: Draft, lists: readonly string[]): readonly string[] {
  const texts: string[] = []
  let text = ''
  let mark = '{ '
  for (const key of [...Object.keys(map), ...lists].sort()) {
    text += `${mark}${JSON.stringify(key)}: `
    mark = ', '
    if (lists.includes(key)) {
      texts.push(text)
      text = ''
    } else text += printed(map[key])
  }
  return [...texts, `${text} }`]
}
