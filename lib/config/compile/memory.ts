// What was made of parts of a document, remembered by their identity: of a document that shares a part with a
// former one, the part is not made again. What was said of it is said again, where it stands now.

import type { Path } from '../text/problem.ts'
import { newReport, type Report, Site } from '../text/site.ts'

interface Made<Value> {
  readonly value: Value
  /** Where the part stood when this was said of it. */
  readonly path: Path
  /** Undefined: nothing. */
  readonly report: Report | undefined
}

/** Holds for one upper level: what is made depends on the part and on that, and on nothing else. */
export class Memory<Part extends object, Value> {
  readonly #made = new WeakMap<Part, Made<Value>>()

  get(part: Part, site: Site, make: (site: Site) => Value): Value {
    const { value, path, report } = this.#made.get(part) ?? this.#make(part, site.path, make)
    if (report !== undefined) site.tell(report, path)
    return value
  }

  #make(part: Part, path: Path, make: (site: Site) => Value): Made<Value> {
    const report = newReport()
    const value = make(Site.of(report, path))
    const isSilent = report.structure.list.length + report.entries.list.length === 0
    const made = { value, path, report: isSilent ? undefined : report }
    this.#made.set(part, made)
    return made
  }
}
