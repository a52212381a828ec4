// Two replies to one request, compared field by field, and what is known of their differences.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A row of the file: which differences, and why they are there. */
export interface Explained {
  /**
   * A regular expression over words like `lease4-get result: 3 | 0`: of Kea, of Whio; - is none.
   */
  readonly what: string
  readonly why: string
}

const FILE = join(import.meta.dirname, 'differences.json')

export function explainedDifferences(): readonly Explained[] {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Explained[]
}

/** A line for every place where the two are not the same; their clocks are not compared. */
export function differencesOf(command: string, kea: unknown, whio: unknown): readonly string[] {
  const found: string[] = []
  compare('', kea, whio, found)
  return found.map((words) => `${command} ${words}`)
}

function compare(path: string, kea: unknown, whio: unknown, found: string[]): void {
  if (isBranch(kea) && isBranch(whio) && Array.isArray(kea) === Array.isArray(whio)) {
    const keys = new Set([...Object.keys(kea), ...Object.keys(whio)])
    for (const key of [...keys].sort())
      if (key !== 'cltt') compare(path === '' ? key : `${path}.${key}`, kea[key], whio[key], found)
  } else if (kea !== whio && !(isTime(kea) && isTime(whio)))
    found.push(`${path}: ${textOf(kea)} | ${textOf(whio)}`)
}

function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** Of a sample of a statistic. */
function isTime(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/.test(value)
}

function textOf(value: unknown): string {
  return value === undefined ? '-' : JSON.stringify(value)
}
