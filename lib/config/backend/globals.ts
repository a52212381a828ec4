// Global parameters of a configuration database -> members of the map of the server. Each has a
// type; one of a map inside is called `map.key`.

import type { Members } from '../text/map.ts'
import { jsonIn, numberIn, type Row, textIn } from './values.ts'

/** By the column parameter_type. */
const TYPES = { integer: 0, real: 1, boolean: 2 } as const

export function globalsOf(rows: readonly Row[]): Members {
  const globals: Record<string, unknown> = {}
  for (const row of rows) {
    const name = textIn(row.name)
    const value = valueIn(row)
    const dot = name.indexOf('.')
    if (name === '') continue
    if (dot < 0) globals[name] = value
    else {
      const map = name.slice(0, dot)
      globals[map] = { ...(globals[map] as Members | undefined), [name.slice(dot + 1)]: value }
    }
  }
  return globals
}

/** What is not of its type stays the text that it is, which is refused where types are. */
function valueIn({ value, parameter_type: type }: Row): unknown {
  const text = textIn(value)
  switch (numberIn(type)) {
    case TYPES.integer:
      return /^-?\d+$/.test(text) ? Number(text) : text
    case TYPES.real:
      return text === '' || Number.isNaN(Number(text)) ? text : Number(text)
    case TYPES.boolean:
      return { '0': false, false: false, '1': true, true: true }[text] ?? text
    default: {
      // Lists are kept as text.
      const found = text.startsWith('[') ? jsonIn(text) : undefined
      return Array.isArray(found) ? found : text
    }
  }
}
