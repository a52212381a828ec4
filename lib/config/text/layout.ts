// Values as text, laid out like what stands around them in the file.

export interface Layout {
  /** What a level is indented by. */
  readonly unit: string
  /** The end of a line. */
  readonly newline: string
}

/** As the file does it. */
export function layoutOf(text: string): Layout {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '
  return { unit, newline }
}

/** What has no more than one level in it stands on one line, where it is short; a map a line. */
const SHORT = 80

/** `indent`: of the line where the value begins. */
export function laidOut(value: unknown, indent: string, layout: Layout): string {
  if (typeof value !== 'object' || value === null) return scalar(value)
  const line = oneLine(value)
  if (line !== undefined && line.length <= SHORT) return line
  const inner = indent + layout.unit
  const items = Array.isArray(value)
    ? value.map((one) => laidOut(one, inner, layout))
    : Object.entries(value).map(([key, one]) => memberText(key, one, inner, layout))
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const lines = items.map((item) => `${inner}${item}`).join(`,${layout.newline}`)
  return `${open}${layout.newline}${lines}${layout.newline}${indent}${close}`
}

export function memberText(key: string, value: unknown, indent: string, layout: Layout): string {
  return `${JSON.stringify(key)}: ${laidOut(value, indent, layout)}`
}

/** Undefined where it is better laid out on several lines. */
function oneLine(value: object): string | undefined {
  const members: readonly unknown[] = Object.values(value)
  if (members.length === 0) return Array.isArray(value) ? '[]' : '{}'
  const inner = members.filter((one) => typeof one === 'object' && one !== null)
  const isDeep = inner.some((one) => Array.isArray(value) || !isFlat(one as object))
  if (isDeep) return undefined
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`
  const texts = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${plain(one)}`)
  return `{ ${texts.join(', ')} }`
}

/** Of scalars alone. */
function isFlat(value: object): boolean {
  return Object.values(value).every((one) => typeof one !== 'object' || one === null)
}

function plain(value: unknown): string {
  return typeof value === 'object' && value !== null ? (oneLine(value) ?? '') : scalar(value)
}

function scalar(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  // Above \u00ff the dialect has no escapes, and needs none.
  return JSON.stringify(value)
}
