// A problem of a configuration: what is wrong, where, and what would be right. Found by the reader,
// by the schema, by the checks and by compile alike, collected without stopping, and printed as
// `file:line:column path: what is wrong (what would be right)`.

export type Severity = 'error' | 'warning' | 'info'

/** Steps from the root of the document, `['Dhcp4', 'subnet4', 0, 'pools', 1, 'pool']`. */
export type Path = readonly (string | number)[]

/** A place in a file; line and column count from 1, a column is one UTF-16 unit. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Problem {
  readonly severity: Severity
  readonly path: Path
  /** Stable kebab-case id, to search for and to test against. */
  readonly code: string
  /** What is wrong: a clause without a full stop. */
  readonly message: string
  /** What would be right, '' where there is nothing to say. */
  readonly hint: string
  /** The end of the member that is meant: its key (unknown, duplicate) or its value (default). */
  readonly at?: 'key' | 'value'
  /**
   * It says that something is missing in there: not told where part of that was wrong and taken
   * out.
   */
  readonly gapIn?: Path
  /** Where it stands. The finder leaves it out; `Positions.locate` fills it in from the path. */
  readonly place?: Place
  /** Where it came from, where that is no file: `configuration database, subnet4 id 7`. */
  readonly origin?: string
}

/** Takes problems as they are found; nothing that finds one stops for it. */
export class Problems {
  readonly list: Problem[] = []

  add(problem: Problem): void {
    this.list.push(problem)
  }

  error(path: Path, code: string, message: string, hint = ''): void {
    this.list.push({ severity: 'error', path, code, message, hint })
  }

  warning(path: Path, code: string, message: string, hint = ''): void {
    this.list.push({ severity: 'warning', path, code, message, hint })
  }

  info(path: Path, code: string, message: string, hint = ''): void {
    this.list.push({ severity: 'info', path, code, message, hint })
  }

  get hasErrors(): boolean {
    return this.list.some((problem) => problem.severity === 'error')
  }
}

/** `Dhcp4.subnet4[0].pools[1].pool`; '' for the root. */
export function formatPath(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

/** One line: `lan.json:12:7 Dhcp4.subnet4[0].id: what is wrong (what would be right)`. */
export function formatProblem(problem: Problem): string {
  const { place, origin = '', path, message, hint } = problem
  const where = place === undefined ? origin : `${place.file}:${place.line}:${place.column}`
  const what = hint === '' ? message : `${message} (${hint})`
  const head = [where, formatPath(path)].filter((part) => part !== '').join(' ')
  return head === '' ? what : `${head}: ${what}`
}
