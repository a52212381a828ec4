// Messages for expressions: built as bytes, read by the codec, and asked by the facts of a server.

import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import { ClassNames } from '../../lib/classify/class-names.ts'
import { ClassSet } from '../../lib/classify/class-set.ts'
import { compileTest, compileText } from '../../lib/classify/compile.ts'
import {
  type CompiledTest,
  type CompiledText,
  Failure,
  type Names,
  type Refused,
} from '../../lib/classify/expression.ts'
import type { Facts } from '../../lib/classify/facts.ts'
import type { Arrival4 } from '../../lib/dhcp4/arrival.ts'
import { Facts4 } from '../../lib/dhcp4/facts4.ts'
import { OPTIONS4 } from '../../lib/wire/options/options4.ts'
import { encodeMessage4, type MessageFields4, type OptionPair4 } from '../../lib/wire/v4/builder.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'

export const hex = (digits: string): string => octetsFromHex(digits)!

export const ip = (text: string): number => ipv4FromText(text)!

/** Names of classes that a test may ask for, in any order. */
export function namesOf(...classes: readonly string[]): Names & { readonly classes: ClassNames } {
  const known = new ClassNames()
  for (const name of classes) known.mention(name)
  return {
    family: 4,
    optionByCode: (space, code) => OPTIONS4.byCode(space, code),
    optionByName: (space, name) => OPTIONS4.byName(space, name),
    classNumber: (name) => known.numberOf(name),
    classes: known,
  }
}

export const NAMES = namesOf('VENDOR_CLASS_PXEClient:Arch:00007:UNDI:003016', 'HA_x', 'B')

export interface SaidOptions {
  readonly arrival?: Partial<Arrival4>
  /** Names of classes that the client is in. */
  readonly classes?: readonly string[]
  /** Options by vendor and site are decoded. */
  readonly isDecoded?: boolean
}

const ARRIVAL: Arrival4 = {
  link: { name: 'hcls0', addresses: [{ address: ip('192.0.2.1'), length: 24 }] },
  address: ip('192.0.2.2'),
  port: 67,
  to: ip('192.0.2.1'),
}

/** What a message says. */
export function said(
  fields: MessageFields4,
  options: readonly OptionPair4[],
  { arrival, classes = [], isDecoded = false }: SaidOptions = {},
): Facts {
  const bytes = encodeMessage4(fields, options)
  const message = new Message4()
  const refused = decode4(message, bytes, 0, bytes.length, 'strict')
  if (refused !== undefined) throw new Error(refused)
  const set = new ClassSet(NAMES.classes.size)
  for (const name of classes) set.add(NAMES.classNumber(name)!)
  const facts = new Facts4()
  facts.begin(message, { ...ARRIVAL, ...arrival }, set)
  if (isDecoded) facts.decode()
  return facts
}

const VENDOR_CLASS = 'PXEClient:Arch:00007:UNDI:003016'

/** A relayed DISCOVER of a PC that boots from the network. */
export const DISCOVER_FIELDS: MessageFields4 = {
  hwAddress: hex('08002b023f4e'),
  xid: 0x01020304,
  giaddr: ip('192.0.2.2'),
}
export const DISCOVER_OPTIONS: readonly OptionPair4[] = [
  [53, '\x01'],
  [12, 'Host-One'],
  [55, '\x01\x03\x06\x0f'],
  [60, VENDOR_CLASS],
  [61, `\x01${hex('08002b023f4e')}`],
  [77, 'iPXE'],
  [80, ''],
  [82, `\x01\x04port\x02\x06${hex('aabbccddeeff')}`],
  [93, hex('0007')],
  [97, '\x00'.padEnd(17, 'u')],
  [124, `${hex('0000118b')}\x09docsis3.0`],
  [125, `${hex('0000118b')}\x09\x01\x02${hex('0102')}\xc8\x03abc`],
]

export const DISCOVER = said(DISCOVER_FIELDS, DISCOVER_OPTIONS, {
  classes: ['ALL', `VENDOR_CLASS_${VENDOR_CLASS}`, 'UNKNOWN'],
})

/** The test; throws where the text is none. */
export function testOf(text: string, names: Names = NAMES): CompiledTest {
  return accepted(text, compileTest(text, names))
}

export function textOf(text: string, names: Names = NAMES): CompiledText {
  return accepted(text, compileText(text, names))
}

function accepted<Found extends object>(text: string, found: Found | Refused): Found {
  if (!('problems' in found)) return found
  const [problem] = found.problems
  throw new Error(`${text}: ${problem!.line}:${problem!.column} ${problem!.message}`)
}

/** The value for a message, or what failed. */
export function valueFor(
  compiled: CompiledTest | CompiledText,
  facts: Facts,
): boolean | string | Failure {
  try {
    return 'test' in compiled ? compiled.test(facts) : compiled.value(facts)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}
