// Why a class matched or not, in the words that an operator reads, and what is doubtful in a test.

import t from 'tap'
import { type Part, partsOf, reasonsOf } from '../../lib/classify/explain.ts'
import { DISCOVER, namesOf, testOf, textOf } from './said.ts'

const REASONS: readonly (readonly [text: string, ...reasons: string[]])[] = [
  ["substring(option[60].hex,0,9) == 'PXEClient'", "substring(option[60].hex,0,9) is 'PXEClient'"],
  [
    "substring(option[60].hex,0,4) == 'MSFT'",
    "substring(option[60].hex,0,4) is 'PXEC', not 'MSFT'",
  ],
  [
    "substring(option[12].hex,0,4) == 'Host-One'",
    "substring(option[12].hex,0,4) is 'Host', not 'Host-One'",
  ],
  ['option[93].hex == 0x0009', 'option[93].hex is 0x0007, not 0x0009'],
  ['pkt4.giaddr == 192.0.2.9', 'pkt4.giaddr is 192.0.2.2, not 192.0.2.9'],
  ['7 == pkt4.msgtype', 'pkt4.msgtype is 1, not 7'],
  [
    "option[17].hex == '/nfs'",
    "option[17].hex is nothing, since there is no option 17 (root-path), not '/nfs'",
  ],
  [
    'option[12].hex == option[60].hex',
    "option[12].hex is 'Host-One', not 'PXEClient:Arch:00007:UNDI:003016' as option[60].hex",
  ],
  ['option[222].exists', 'there is no option 222'],
  ['relay4[1].exists', 'there is option 82.1 (circuit-id)'],
  ['vendor[9].option[1].exists', 'there is no option 1 of enterprise 9'],
  ['not vendor[9].exists', 'there is no vendor option of enterprise 9'],
  ["member('HA_x')", 'the client is not in class HA_x'],
  ["not member('ALL')", 'the client is in class ALL'],
  [
    "match('MSFT.*', option[60].hex)",
    "option[60].hex is 'PXEClient:Arch:00007:UNDI:003016', which does not fit 'MSFT.*'",
  ],
  [
    "addrtotext(option[12].hex) == ''",
    'there is no value at column 1: addrtotext needs 4 or 16 bytes, or none',
  ],
  [
    "option[80].exists and member('HA_x') and option[222].exists",
    'the client is not in class HA_x',
  ],
  ["option[80].exists and member('ALL')", 'there is option 80', 'the client is in class ALL'],
  ["option[222].exists or member('ALL')", 'the client is in class ALL'],
  [
    "option[222].exists or member('HA_x')",
    'there is no option 222',
    'the client is not in class HA_x',
  ],
  ["'a' == 'a'", "'a' is 'a'"],
]

t.test('the reasons for which a test is true or false', async (t) => {
  for (const [text, ...reasons] of REASONS) t.same(reasonsOf(testOf(text), DISCOVER), reasons, text)
})

function lines({ text, value, parts }: Part, depth = 0): string[] {
  const line = `${' '.repeat(depth)}${text} -> ${value}`
  return [line, ...parts.flatMap((part) => lines(part, depth + 1))]
}

t.test('every part has its value, but those that are not asked', async (t) => {
  const test = testOf("option[80].exists and (member('HA_x') or 'x' == lcase(option[12].hex))")
  t.same(lines(partsOf(test, DISCOVER)), [
    "option[80].exists and (member('HA_x') or 'x' == lcase(option[12].hex)) -> false",
    ' option[80].exists -> true',
    " (member('HA_x') or 'x' == lcase(option[12].hex)) -> false",
    "  member('HA_x') -> false",
    "  'x' == lcase(option[12].hex) -> false",
    "   lcase(option[12].hex) -> 'host-one'",
    "    option[12].hex -> 'Host-One'",
  ])
  const text = textOf("ifelse(member('ALL') or option[1].exists, option[93].hex, addrtotext(0x01))")
  t.same(lines(partsOf(text, DISCOVER)), [
    "ifelse(member('ALL') or option[1].exists, option[93].hex, addrtotext(0x01)) -> 0x0007",
    " member('ALL') or option[1].exists -> true",
    "  member('ALL') -> true",
    '  option[1].exists -> ',
    ' option[93].hex -> 0x0007',
    ' addrtotext(0x01) -> ',
  ])
})

/** Code, column and hint of what is doubtful. */
const DOUBTS: readonly (readonly [text: string, code: string, column: number, hint: string])[] = [
  ["option[93].hex == '00:07'", 'never-true', 1, '0x0007'],
  ['option[93].hex == 0x0', 'never-true', 1, '0x0000'],
  ['option[93].hex == 7', 'never-true', 1, '0x0007'],
  ['pkt4.msgtype == 0x01', 'never-true', 1, '0x00000001'],
  ["pkt4.mac == '08:00:2b:02:3f:4e:00:00:00:00:00'", 'never-true', 1, ''],
  ['pkt4.mac == 0x001565', 'never-true', 1, 'substring(pkt4.mac,0,3) is how an address begins'],
  ["substring(option[60].hex,0,5)=='PXEClient'", 'never-true', 1, ''],
  ["hexstring(pkt4.mac,':') == '08002b023f4e'", 'never-true', 1, ''],
  ["hexstring(pkt4.mac,':') == '08:00:2B:02:3F:4E'", 'never-true', 28, "'08:00:2b:02:3f:4e'"],
  [
    "substring(option[77].hex,0,4)=='iPXE'",
    'user-class-length',
    1,
    'or substring(option[77].hex,1,…) == the same',
  ],
  [
    "'iPXE' == option[77].hex",
    'user-class-length',
    1,
    'or substring(option[77].hex,1,…) == the same',
  ],
  ["option[93].text == '7'", 'text-is-dump', 1, '.hex is the value'],
  ["member('known')", 'nearly-reserved', 1, "'KNOWN'"],
  ["substring(option[60].hex,4294967296,2) == ''", 'never-a-value', 1, ''],
  [
    'option[60].option[1].exists',
    'no-sub-options',
    1,
    'an option-def with encapsulate says what it holds',
  ],
  ["'a' == 'b' or 'c' == 'c'", 'constant', 1, ''],
]

t.test('what is hardly meant is told, with what may be', async (t) => {
  const names = namesOf('known')
  for (const [text, code, column, hint] of DOUBTS) {
    const found = testOf(text, names).notes.map((note) => [note.code, note.column, note.hint])
    t.same(found, [[code, column, hint]], text)
  }
})

t.test(
  'RFC 9915 §21.15: user classes of DHCPv6 stand in option 15, each behind a length',
  async (t) => {
    const names = { ...namesOf(), family: 6 as const }
    const notes = (text: string) => testOf(text, names).notes.map(({ code, hint }) => [code, hint])
    const doubt = ['user-class-length', 'or substring(option[15].hex,2,…) == the same']
    t.same(notes("option[15].hex == 'iPXE'"), [doubt])
    t.same(notes('option[15].hex == 0x000469505845'), [])
    t.same(notes("substring(option[15].hex,2,4) == 'iPXE'"), [])
    t.same(notes("option[77].hex == 'iPXE'"), [])
  },
)

t.test('what is meant as it stands is not doubted', async (t) => {
  const texts = [
    'option[93].hex == 0x0007',
    "substring(option[60].hex,0,9) == 'PXEClient'",
    "substring(option[77].hex,0,4)=='iPXE' or substring(option[77].hex,1,4)=='iPXE'",
    'option[77].hex == 0x0469505845',
    "hexstring(pkt4.mac,':') == '08:00:2b:02:3f:4e'",
    "hexstring(pkt4.mac,'') == '08002b023f4e'",
    "option[12].text == 'a'",
    'pkt4.msgtype == 1 and pkt.src == 192.0.2.1',
    'option[3].hex == 192.0.2.1',
    "option[93].hex == ''",
    "split(option[60].hex,':',3) == '00007'",
    "uint16totext(option[93].hex) == '7'",
    "member('KNOWN') or member('DROP')",
    'option[55].hex == 0x0103060f',
  ]
  for (const text of texts) t.same(testOf(text).notes, [], text)
})
