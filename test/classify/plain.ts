// A second, plain opinion of what expressions mean: a form of its own that prints itself as text
// and is evaluated step by step, over messages that are maps. Slow, and without anything of lib/.

/** What a test or a text asks. */
export interface PlainMessage {
  readonly mac: string
  readonly hlen: number
  readonly xid: number
  readonly giaddr: number
  readonly options: ReadonlyMap<number, string>
  /** Grows while a list of tests is evaluated. */
  readonly classes: Set<string>
}

/** There is no value. */
export class NoValue extends Error {}

export type PlainTest =
  | { readonly is: 'equal'; readonly a: PlainText; readonly b: PlainText }
  | { readonly is: 'exists'; readonly path: PlainPath }
  | { readonly is: 'member'; readonly name: string }
  | { readonly is: 'match'; readonly pattern: string; readonly of: PlainText }
  | { readonly is: 'not'; readonly of: PlainTest }
  | {
      readonly is: 'both'
      readonly word: 'and' | 'or' | 'sand' | 'sor'
      readonly a: PlainTest
      readonly b: PlainTest
    }

export type PlainPath =
  | { readonly is: 'option'; readonly code: number }
  | { readonly is: 'relayed'; readonly code: number }
  | { readonly is: 'vendor'; readonly enterprise: number; readonly code: number }

export type Conversion =
  | `${'lcase' | 'ucase' | 'addrtotext'}`
  | `${'' | 'u'}int${8 | 16 | 32}totext`

export type PlainText =
  | { readonly is: 'string'; readonly value: string }
  | { readonly is: 'hex'; readonly value: string }
  | { readonly is: 'integer'; readonly value: number }
  | { readonly is: 'value'; readonly path: PlainPath }
  | { readonly is: 'field'; readonly name: 'mac' | 'hlen' | 'transid' | 'giaddr' }
  | {
      readonly is: 'substring'
      readonly of: PlainText
      readonly start: number
      readonly length: number | 'all'
    }
  | {
      readonly is: 'split'
      readonly of: PlainText
      readonly by: PlainText
      readonly field: number
    }
  | {
      readonly is: 'join'
      readonly isSign: boolean
      readonly a: PlainText
      readonly b: PlainText
    }
  | {
      readonly is: 'choice'
      readonly word: 'ifelse' | 'sifelse'
      readonly test: PlainTest
      readonly yes: PlainText
      readonly no: PlainText
    }
  | { readonly is: 'hexstring'; readonly of: PlainText; readonly by: PlainText }
  | { readonly is: 'convert'; readonly name: Conversion; readonly of: PlainText }

/** As text, with a bracket around every part that has parts. */
export function printTest(test: PlainTest): string {
  switch (test.is) {
    case 'equal':
      return `${printText(test.a)} == ${printText(test.b)}`
    case 'exists':
      return `${printPath(test.path)}.exists`
    case 'member':
      return `member('${test.name}')`
    case 'match':
      return `match('${test.pattern}', ${printText(test.of)})`
    case 'not':
      return `not (${printTest(test.of)})`
    case 'both':
      return `(${printTest(test.a)}) ${test.word} (${printTest(test.b)})`
  }
}

export function printText(text: PlainText): string {
  switch (text.is) {
    case 'string':
      return `'${text.value}'`
    case 'hex':
      return `0x${Buffer.from(text.value, 'latin1').toString('hex')}`
    case 'integer':
      return String(text.value)
    case 'value':
      return `${printPath(text.path)}.hex`
    case 'field':
      return `pkt4.${text.name}`
    case 'substring':
      return `substring(${printText(text.of)}, ${text.start}, ${text.length})`
    case 'split':
      return `split(${printText(text.of)}, ${printText(text.by)}, ${text.field})`
    case 'join':
      return text.isSign
        ? `(${printText(text.a)} + ${printText(text.b)})`
        : `concat(${printText(text.a)}, ${printText(text.b)})`
    case 'choice':
      return `${text.word}(${printTest(text.test)}, ${printText(text.yes)}, ${printText(text.no)})`
    case 'hexstring':
      return `hexstring(${printText(text.of)}, ${printText(text.by)})`
    case 'convert':
      return `${text.name}(${printText(text.of)})`
  }
}

function printPath(path: PlainPath): string {
  switch (path.is) {
    case 'option':
      return `option[${path.code}]`
    case 'relayed':
      return `relay4[${path.code}]`
    case 'vendor':
      return `vendor[${path.enterprise}].option[${path.code}]`
  }
}

export function testValue(test: PlainTest, message: PlainMessage): boolean {
  switch (test.is) {
    case 'equal': {
      const a = textValue(test.a, message)
      return a === textValue(test.b, message)
    }
    case 'exists':
      return pathValue(test.path, message) !== undefined
    case 'member':
      return message.classes.has(test.name)
    case 'match':
      return new RegExp(`^(?:${test.pattern})$`).test(textValue(test.of, message))
    case 'not':
      return !testValue(test.of, message)
    case 'both':
      return bothValue(test, message)
  }
}

function bothValue(
  { word, a, b }: Extract<PlainTest, { is: 'both' }>,
  message: PlainMessage,
): boolean {
  const first = testValue(a, message)
  if (word === 'and' && !first) return false
  if (word === 'or' && first) return true
  const second = testValue(b, message)
  return word === 'and' || word === 'sand' ? first && second : first || second
}

export function textValue(text: PlainText, message: PlainMessage): string {
  const of = (part: PlainText): string => textValue(part, message)
  switch (text.is) {
    case 'string':
    case 'hex':
      return text.value
    case 'integer':
      return numberBytes(text.value)
    case 'value':
      return pathValue(text.path, message) ?? ''
    case 'field':
      return fieldValue(text.name, message)
    case 'substring':
      return pieceOf(of(text.of), text.start, text.length)
    case 'split': {
      const value = of(text.of)
      return fieldOf(value, of(text.by), text.field)
    }
    case 'join': {
      const a = of(text.a)
      return a + of(text.b)
    }
    case 'choice': {
      const chosen = testValue(text.test, message)
      if (text.word === 'ifelse') return of(chosen ? text.yes : text.no)
      const both = [of(text.yes), of(text.no)] as const
      return both[chosen ? 0 : 1]
    }
    case 'hexstring': {
      const value = of(text.of)
      const by = of(text.by)
      return [...value].map((one) => one.charCodeAt(0).toString(16).padStart(2, '0')).join(by)
    }
    case 'convert':
      return converted(text.name, of(text.of))
  }
}

function numberBytes(value: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes.toString('latin1')
}

function fieldValue(name: 'mac' | 'hlen' | 'transid' | 'giaddr', message: PlainMessage): string {
  if (name === 'mac') return message.mac
  if (name === 'transid') return numberBytes(message.xid)
  return numberBytes(message[name])
}

/** Texts lose the NULs at their end, and are none when nothing is left. */
const TEXT_OPTIONS = [12, 60]

function pathValue(path: PlainPath, { options }: PlainMessage): string | undefined {
  if (path.is === 'relayed') return within(options.get(82), path.code)
  if (path.is === 'vendor') return within(blocks(options.get(125), path.enterprise), path.code)
  const value = options.get(path.code)
  if (value === undefined || !TEXT_OPTIONS.includes(path.code)) return value
  return value.replace(/\0+$/, '') || undefined
}

function within(value: string | undefined, code: number): string | undefined {
  let rest = value ?? ''
  while (rest.length >= 2) {
    const length = rest.charCodeAt(1)
    if (rest.length < 2 + length) return undefined
    if (rest.charCodeAt(0) === code) return rest.slice(2, 2 + length)
    rest = rest.slice(2 + length)
  }
  return undefined
}

function blocks(value: string | undefined, enterprise: number): string {
  let rest = value ?? ''
  let found = ''
  while (rest.length >= 5) {
    const length = rest.charCodeAt(4)
    if (rest.startsWith(numberBytes(enterprise))) found += rest.slice(5, 5 + length)
    rest = rest.slice(5 + length)
  }
  return found
}

function pieceOf(value: string, start: number, length: number | 'all'): string {
  if (value === '') return ''
  if (Math.abs(start) > 2 ** 31 || (length !== 'all' && Math.abs(length) > 2 ** 31))
    throw new NoValue()
  const bytes = [...value]
  if (start >= bytes.length || start < -bytes.length) return ''
  const first = start < 0 ? bytes.length + start : start
  if (length === 'all') return bytes.slice(first).join('')
  if (length >= 0) return bytes.filter((_, at) => at >= first && at < first + length).join('')
  return bytes.filter((_, at) => at < first && at >= first + length).join('')
}

function fieldOf(value: string, by: string, field: number): string {
  if (value === '') return ''
  if (Math.abs(field) > 2 ** 31) throw new NoValue()
  if (by === '') return value
  const fields = ['']
  for (const one of value) {
    if (by.includes(one)) fields.push('')
    else fields[fields.length - 1] += one
  }
  return fields[field - 1] ?? ''
}

function converted(name: Conversion, value: string): string {
  if (name === 'lcase') return value.replace(/[A-Z]/g, (one) => one.toLowerCase())
  if (name === 'ucase') return value.replace(/[a-z]/g, (one) => one.toUpperCase())
  if (value === '') return ''
  const bytes = Buffer.from(value, 'latin1')
  if (name === 'addrtotext') {
    if (bytes.length === 4) return [...bytes].join('.')
    if (bytes.length !== 16) throw new NoValue()
    const groups = bytes.toString('hex').replace(/(?<=.)(?=(?:.{4})+$)/g, ':')
    return new URL(`http://[${groups}]`).hostname.slice(1, -1)
  }
  const bits = Number(/\d+/.exec(name)![0])
  if (bytes.length * 8 !== bits) throw new NoValue()
  const size = bits / 8
  return String(name.startsWith('u') ? bytes.readUIntBE(0, size) : bytes.readIntBE(0, size))
}
