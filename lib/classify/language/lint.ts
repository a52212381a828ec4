// What people write and hardly mean: comparisons that are never true, texts that are dumps, names
// that are nearly those of classes with a meaning.

import { uintFromOctets } from '../../bytes/cursor.ts'
import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import { FIELD } from '../facts.ts'
import { canBe, type Lengths, lengthsOf } from './lengths.ts'
import type { Remarks } from './remarks.ts'
import type { Equals, Literal, Member, Node, TextNode, Value } from './tree.ts'
import { visit } from './tree.ts'

/** Classes with a meaning of their own. */
const RESERVED = ['ALL', 'KNOWN', 'UNKNOWN', 'BOOTP', 'DROP', 'REJECT', 'SKIP_DDNS']

/** The option of user classes: what stands before each, and who says so. */
interface UserClasses {
  readonly code: number
  /** Octets of the length. */
  readonly size: number
  readonly rfc: string
}

const USER_CLASSES: Readonly<Record<4 | 6, UserClasses>> = {
  4: { code: 77, size: 1, rfc: 'RFC 3004' },
  6: { code: 15, size: 2, rfc: 'RFC 9915' },
}

/** Says what is doubtful in a tree that was read without problems. */
export function lint(tree: Node, family: 4 | 6, remarks: Remarks): void {
  visit(tree, (node) => {
    if (node.kind === 'equals') lintEquals(node, remarks)
    else if (node.kind === 'value') lintValue(node, remarks)
    else if (node.kind === 'member') lintMember(node, remarks)
  })
  lintUserClass(tree, USER_CLASSES[family], remarks)
}

function lintEquals(node: Equals, remarks: Remarks): void {
  const { left, right } = node
  const [literal, other] = right.kind === 'literal' ? [right, left] : [left, right]
  if (literal.kind !== 'literal' || other.kind === 'literal') return
  const lengths = lengthsOf(other, true)
  if (isPartOfAddress(literal, other))
    remarks.doubt(
      'never-true',
      node.at,
      `${FORMS[literal.form]}this is ${bytes(literal.value.length)}, and a hardware address of Ethernet has ${ETHER_SIZE}`,
      `substring(pkt4.mac,0,${literal.value.length}) is how an address begins`,
    )
  else if (!canBe(lengths, literal.value.length))
    remarks.doubt(
      'never-true',
      node.at,
      lengthsDiffer(literal, lengths),
      other.kind === 'value' || other.kind === 'field' ? meant(literal, lengths) : '',
    )
  else if (literal.form === 'integer' && lengths.step === 2)
    remarks.doubt(
      'never-true',
      node.at,
      'as a number this is 4 bytes, and the numbers of the option have 2 each',
      `0x${hexFromOctets(literal.value.slice(-2))}`,
    )
  else if (other.kind === 'hexstring' && /[A-F]/.test(literal.value))
    remarks.doubt(
      'never-true',
      literal.at,
      'hexstring writes lower-case digits, so this is never true',
      `'${literal.value.toLowerCase()}'`,
    )
}

/** Octets of a hardware address of Ethernet. */
const ETHER_SIZE = 6

/** The maker's octets alone, where the whole address is compared. */
function isPartOfAddress({ value }: Literal, other: TextNode): boolean {
  const isAddress = other.kind === 'field' && other.field === FIELD['pkt4.mac']
  return isAddress && value.length > 0 && value.length < ETHER_SIZE
}

const FORMS: Readonly<Record<Literal['form'], string>> = {
  string: 'as a text ',
  integer: 'as a number ',
  hex: '',
  address: 'as an address ',
}

function lengthsDiffer({ form, value }: Literal, lengths: Lengths): string {
  return `${FORMS[form]}this is ${bytes(value.length)}, and what it is compared with has ${shown(lengths)}`
}

function shown({ min, max, step, mayBeEmpty }: Lengths): string {
  const none = mayBeEmpty && min > 0 ? 'none or ' : ''
  if (min === max) return `${none}${bytes(min)}`
  if (step > 1) return `${none}a multiple of ${bytes(step)}`
  return `${bytes(max)} at most`
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`
}

/** The same number, or the same digits, in the length that fits. */
function meant({ form, value }: Literal, { min, max }: Lengths): string {
  const digits = digitsOf(form, value)
  if (digits === undefined || min === 0) return ''
  const significant = digits.replace(/^(?:00)+/, '')
  const wanted = Math.min(max, Math.max(min, significant.length / 2))
  const isExact = significant.length / 2 <= wanted
  return isExact ? `0x${significant.padStart(wanted * 2, '0')}` : ''
}

/** What is meant as a number, in hexadecimal digits. */
function digitsOf(form: Literal['form'], value: Octets): string | undefined {
  if (form !== 'string') return hexFromOctets(value)
  const digits = value.replace(/^0x/i, '').replace(/[:\-. ]/g, '')
  return /^(?:[\da-f]{2})+$/i.test(digits) ? digits.toLowerCase() : undefined
}

function lintValue({ at, origin, isText }: Value, remarks: Remarks): void {
  if (!isText || origin.definition?.type === 'string') return
  remarks.doubt(
    'text-is-dump',
    at,
    'this option holds no text, and .text is a line for the log',
    '.hex is the value',
  )
}

function lintMember({ at, name }: Member, remarks: Remarks): void {
  const reserved = name.toUpperCase()
  if (name === reserved || !RESERVED.includes(reserved)) return
  remarks.doubt('nearly-reserved', at, `${name} is not the class ${reserved}`, `'${reserved}'`)
}

/** There is a length before each user class, but with DHCPv4 many clients send none. */
function lintUserClass(tree: Node, { code, size, rfc }: UserClasses, remarks: Remarks): void {
  const bare: Equals[] = []
  let isPrefixedAsked = false
  visit(tree, (node) => {
    if (node.kind !== 'equals') return
    const [piece, other] = node.right.kind === 'literal' ? [node.left, node.right] : pair(node)
    if (other.kind !== 'literal') return
    const start = userClassStart(piece, code)
    // A literal that begins with its own length is meant for the other form.
    const { value } = other
    const hasLength = uintFromOctets(value, 0, size) === value.length - size
    if (start === size || (start === 0 && hasLength)) isPrefixedAsked = true
    else if (start === 0) bare.push(node)
  })
  if (isPrefixedAsked) return
  for (const { at } of bare)
    remarks.doubt(
      'user-class-length',
      at,
      `clients that follow ${rfc} send a length before the user class, and are missed`,
      `or substring(option[${code}].hex,${size},…) == the same`,
    )
}

function pair({ left, right }: Equals): readonly [TextNode, TextNode] {
  return [right, left]
}

/** From where the option is compared; undefined where it is not. */
function userClassStart(node: TextNode, code: number): number | undefined {
  const [value, start] = node.kind === 'substring' ? [node.of, node.start] : [node, 0]
  if (value.kind !== 'value') return undefined
  const { source } = value.origin
  return source.from === 'option' && source.code === code ? start : undefined
}
