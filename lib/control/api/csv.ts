// CSV by RFC 4180: cells with commas, quotes or ends of lines stand in quotes.

export function csvLine(cells: readonly string[]): string {
  return cells.map(quoted).join(',')
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export interface CsvRow {
  /** Counts from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** Lines without anything are no rows. */
export function csvRows(text: string): CsvRow[] {
  const rows: CsvRow[] = []
  let cells: string[] = []
  let line = 1
  let began = 1
  const end = (): void => {
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: began, cells })
    cells = []
    began = line
  }
  // A cell, in quotes or not, and what ends it.
  for (const [whole, inQuotes, plain = '', mark] of text.matchAll(CELL)) {
    if (whole === '' && cells.length === 0) break
    cells.push(inQuotes === undefined ? plain : inQuotes.replaceAll('""', '"'))
    line += whole.split('\n').length - 1
    if (mark !== ',') end()
  }
  return rows
}

const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g
