// What was made of parts of a document, remembered by their identity: of a document that shares a
// part with a former one, the part is not made again. What was said of it is said again, where it
// stands now.

import type { Steps } from '../plan/steps.ts'
import type { Path } from '../text/problem.ts'
import { newReport, type Report, type Site } from '../text/site.ts'

export interface Made<Value> {
  readonly value: Value
  /** What was said meanwhile, and where the part stood; undefined: nothing. */
  readonly said: { readonly report: Report; readonly path: Path } | undefined
}

/** Holds for one upper level: what is made depends on the part and on that, and on nothing else. */
export class Memory<Part extends object, Value> {
  readonly #made = new WeakMap<Part, Made<Value>>()

  peek(part: Part): Made<Value> | undefined {
    return this.#made.get(part)
  }

  put(part: Part, made: Made<Value>): void {
    this.#made.set(part, made)
  }

  get(part: Part, site: Site, make: (site: Site) => Value): Value {
    let made = this.#made.get(part)
    if (made === undefined) {
      made = madeAt(site, make)
      this.#made.set(part, made)
    }
    return tellAgain(made, site)
  }
}

/** The same for what may be long and was not made before; nothing is told yet: see tellAgain. */
export function* makeSoon<Part extends object, Value>(
  memory: Memory<Part, Value>,
  part: Part,
  site: Site,
  make: (site: Site) => Steps<Value>,
): Steps<Made<Value>> {
  const report = newReport()
  const made = madeOf(yield* make(site.toldTo(report)), report, site)
  memory.put(part, made)
  return made
}

/** Nothing is told yet: see tellAgain. */
export function madeAt<Value>(site: Site, make: (site: Site) => Value): Made<Value> {
  const report = newReport()
  return madeOf(make(site.toldTo(report)), report, site)
}

function madeOf<Value>(value: Value, report: Report, site: Site): Made<Value> {
  const isSilent = report.structure.list.length + report.entries.list.length === 0
  return { value, said: isSilent ? undefined : { report, path: site.path } }
}

export function tellAgain<Value>({ value, said }: Made<Value>, site: Site): Value {
  if (said !== undefined) site.tell(said.report, said.path)
  return value
}
