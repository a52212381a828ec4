// Colours on a terminal, and nowhere else.

import { styleText } from 'node:util'
import type { Paint, Style } from '../explain/report-lines.ts'
import { isTerminal } from './screen.ts'

const STYLES: Readonly<Record<Style, Parameters<typeof styleText>[0]>> = {
  head: 'bold',
  good: 'green',
  bad: ['bold', 'red'],
  dim: 'dim',
}

export function paint(): Paint {
  if (!isTerminal() || process.env.NO_COLOR !== undefined) return (_, text) => text
  return (style, text) => styleText(STYLES[style], text)
}
