// A place in the document that is looked at, and where goes what is said of it.

import type { Path, Problem, Severity } from './problem.ts'
import { Problems } from './problem.ts'

/** Where the problems of compile go. */
export interface Report {
  /** Errors here mean that there is no plan. */
  readonly structure: Problems
  /** Errors here cost one reservation, one option or one field; the rest can be served. */
  readonly entries: Problems
}

export function newReport(): Report {
  return { structure: new Problems(), entries: new Problems() }
}

export class Site {
  readonly #report: Report
  readonly #problems: Problems
  readonly #above: Site | undefined
  readonly #step: string | number

  private constructor(
    report: Report,
    problems: Problems,
    above: Site | undefined,
    step: string | number,
  ) {
    this.#report = report
    this.#problems = problems
    this.#above = above
    this.#step = step
  }

  /** The place of this path. What is wrong there is wrong with the structure; see `entry`. */
  static of(report: Report, path: Path): Site {
    let site: Site | undefined
    for (const step of path) site = new Site(report, report.structure, site, step)
    return site!
  }

  at(step: string | number): Site {
    return new Site(this.#report, this.#problems, this, step)
  }

  /** The same place, where an error costs no more than what stands there. */
  get entry(): Site {
    return new Site(this.#report, this.#report.entries, this.#above, this.#step)
  }

  /** The same place, of which another report is told. */
  toldTo(report: Report): Site {
    return new Site(report, report.structure, this.#above, this.#step)
  }

  get path(): Path {
    const path: (string | number)[] = []
    for (let site: Site | undefined = this; site !== undefined; site = site.#above)
      path.push(site.#step)
    return path.reverse()
  }

  error(code: string, message: string, hint = ''): void {
    this.#add('error', code, message, hint)
  }

  warning(code: string, message: string, hint = ''): void {
    this.#add('warning', code, message, hint)
  }

  info(code: string, message: string, hint = ''): void {
    this.#add('info', code, message, hint)
  }

  /** An error that says that something is missing, here or in `gapIn`: see Problem. */
  gap(code: string, message: string, hint: string, gapIn: Path = this.path): void {
    this.#problems.add({ severity: 'error', path: this.path, code, message, hint, gapIn })
  }

  /** What was said of this place, and of places in it, when it was at the path `from`. */
  tell({ structure, entries }: Report, from: Path): void {
    const to = this.path
    for (const problem of structure.list) this.#report.structure.add(moved(problem, from, to))
    for (const problem of entries.list) this.#report.entries.add(moved(problem, from, to))
  }

  #add(severity: Severity, code: string, message: string, hint: string): void {
    this.#problems.add({ severity, path: this.path, code, message, hint })
  }
}

/** The problem as it is told when what lies under `from` has come under `to`. */
function moved(problem: Problem, from: Path, to: Path): Problem {
  const path = movedPath(problem.path, from, to)
  const gapIn = problem.gapIn && movedPath(problem.gapIn, from, to)
  return gapIn === undefined ? { ...problem, path } : { ...problem, path, gapIn }
}

function movedPath(path: Path, from: Path, to: Path): Path {
  const isUnder = from.every((step, depth) => path[depth] === step)
  return isUnder ? [...to, ...path.slice(from.length)] : path
}
