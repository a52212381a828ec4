// The language of class tests: what each expression is worth for one message, and what is no
// expression, with its place.

import t from 'tap'
import { compileTest, compileText } from '../../lib/classify/compile.ts'
import { Failure, type Remark } from '../../lib/classify/expression.ts'
import { REMARKS_MAX } from '../../lib/classify/language/remarks.ts'
import {
  DISCOVER,
  DISCOVER_FIELDS,
  DISCOVER_OPTIONS,
  hex,
  NAMES,
  said,
  testOf,
  textOf,
  valueFor,
} from './said.ts'

/** Run time finds no value. */
const FAILS = 'fails'
/** Refused at load. */
const REFUSED = 'refused'

type Row = readonly [number, string, string | boolean]

/** A number of an example, an expression, and its value: a text in its octets, or true or false. */
const EXAMPLES: readonly Row[] = [
  [1, '0x1', '\x01'],
  [1, '0xABC', hex('0abc')],
  [2, '123', hex('0000007b')],
  [3, '::ffff:1.2.3.4', hex('00000000000000000000ffff01020304')],
  [4, 'option[60].hex', 'PXEClient:Arch:00007:UNDI:003016'],
  [4, 'option[vendor-class-identifier].text', 'PXEClient:Arch:00007:UNDI:003016'],
  [5, 'option[93].hex', hex('0007')],
  [6, 'option[93].text', 'type=093, len=002: 7(uint16)'],
  [7, 'option[53].hex', '\x01'],
  [8, 'option[222].hex', ''],
  [8, 'option[222].text', ''],
  [9, 'option[80].exists', true],
  [10, "option[80].hex == ''", true],
  [11, 'relay4[1].hex == option[82].option[1].hex', true],
  [12, 'option[82].hex', hex('0104706f72740206aabbccddeeff')],
  [13, 'relay4[9].exists', false],
  [14, 'pkt4.mac == 0x08002b023f4e', true],
  [15, 'pkt4.mac == 08:00:2b:02:3f:4e', REFUSED],
  [16, "hexstring(pkt4.mac,':') == '08:00:2b:02:3f:4e'", true],
  [17, "hexstring(pkt4.mac,':') == '08:00:2B:02:3F:4E'", false],
  [18, 'pkt4.msgtype == 1', true],
  [18, 'pkt4.msgtype == 0x01', false],
  [18, 'pkt4.msgtype == 0x00000001', true],
  [19, 'option[93].hex == 7', false],
  [19, 'option[93].hex == 0x0007', true],
  [20, "option[93].hex == '00:07'", false],
  [21, 'pkt4.giaddr == 192.0.2.2', true],
  [21, 'pkt.src == 192.0.2.2', true],
  [21, 'pkt.dst == 192.0.2.1', true],
  [22, 'pkt.len', hex('00000179')],
  [23, 'pkt.iface', 'hcls0'],
  [24, "'1' == 1", false],
  [24, '0x01 == 1', false],
  [25, "substring(option[60].hex,0,9) == 'PXEClient'", true],
  [26, 'substring(option[60].hex,10,10)', 'Arch:00007'],
  [27, "substring('foobar',-5,4)", 'ooba'],
  [27, "substring('foobar',-1,-3)", 'oba'],
  [27, "substring('foobar',4,-2)", 'ob'],
  [28, "substring('foobar',2,-9)", 'fo'],
  [28, "substring('foobar',0,-1)", ''],
  [28, "substring('foobar',-7,2)", ''],
  [29, "substring('foobar',6,1)", ''],
  [29, "substring('foobar',1,99)", 'oobar'],
  [29, "substring('foobar',0,0)", ''],
  [29, "substring('foobar',2,all)", 'obar'],
  [30, "substring('foobar',4294967296,2)", FAILS],
  [30, "substring('',4294967296,2)", ''],
  [31, "split(option[60].hex,':',3)", '00007'],
  [32, "split('one.two..four','.',3)", ''],
  [32, "split('one.two..four','.',5)", ''],
  [32, "split('one.two..four','.',0)", ''],
  [32, "split('one.two..four','.',-1)", ''],
  [33, "split('a.b-c','.-',3)", 'c'],
  [33, "split('abc','',9)", 'abc'],
  [34, "split('.a','.',1)", ''],
  [34, "split('a.','.',2)", ''],
  [35, "'foo' + 'bar' + 'baz'", 'foobarbaz'],
  [35, "concat('','x')", 'x'],
  [36, "ifelse(option[222].exists,'yes','no')", 'no'],
  [37, "hexstring(0x0a,'--')", '0a'],
  [37, "hexstring('',':')", ''],
  [38, 'addrtotext(pkt4.giaddr)', '192.0.2.2'],
  [38, 'addrtotext(2001:db8::1)', '2001:db8::1'],
  [39, "addrtotext('')", ''],
  [39, "addrtotext('abc')", FAILS],
  [40, 'uint16totext(option[93].hex)', '7'],
  [40, 'int16totext(0xffff)', '-1'],
  [40, 'uint8totext(0xff)', '255'],
  [41, 'int8totext(255)', FAILS],
  [41, 'uint8totext(substring(pkt4.hlen,3,1))', '6'],
  [42, 'vendor.enterprise == 4491', true],
  [42, 'vendor[*].exists', true],
  [42, 'vendor[9].exists', false],
  [43, 'vendor[4491].option[200].hex', 'abc'],
  [43, 'vendor[9].option[1].hex', ''],
  [44, 'vendor-class[4491].data', 'docsis3.0'],
  [44, 'vendor-class[4491].data[1]', ''],
  [45, "member('ALL')", true],
  [45, "member('HA_x')", false],
  [45, "member('HA_')", REFUSED],
  [46, "member('VENDOR_CLASS_PXEClient:Arch:00007:UNDI:003016')", true],
  [47, "member('UNKNOWN')", true],
  [48, "member('A')", REFUSED],
  [49, "'a'=='a' or 'b'=='c' and 'd'=='e'", true],
  [49, "('a'=='a' or 'b'=='c') and 'd'=='e'", false],
  [50, "not 'a'=='b' and 'c'=='d'", false],
  [50, "not ('a'=='b')", true],
  [50, "not not 'a'=='a'", true],
  [51, "'a'=='a' or addrtotext('abc')==''", true],
  [51, "'a'=='a' sor addrtotext('abc')==''", FAILS],
  [52, "option[60].exists == 'true'", REFUSED],
  [52, 'option[223].hex == option[222].exists', REFUSED],
  [53, 'option[222].hex == option[223].hex', true],
  [57, "lcase(option[12].hex) == 'host-one'", true],
  [57, 'ucase(option[12].hex)', 'HOST-ONE'],
  [58, "match('PXEClient.*', option[60].hex)", true],
  [58, "match('PXE', option[60].hex)", false],
  [59, "hexstring(substring(pkt4.mac,0,3),':')", '08:00:2b'],
]

const TEST = /==|exists$|^member|^match|^not/

t.test('the worked examples have the value that Kea gives them', async (t) => {
  for (const [number, text, value] of EXAMPLES) {
    const title = `${number}: ${text}`
    const isTest = TEST.test(text)
    if (value === REFUSED) {
      t.match(isTest ? compileTest(text, NAMES) : compileText(text, NAMES), { problems: [{}] })
      continue
    }
    const found = valueFor(isTest ? testOf(text) : textOf(text), DISCOVER)
    t.equal(found instanceof Failure ? FAILS : found, value, title)
  }
})

t.test('example 52: a value, and a word that Kea has not, as tests', async (t) => {
  t.match(compileTest('option[60].hex', NAMES), { problems: [{ code: 'text-as-test' }] })
  const known = testOf('known or unknown')
  t.match(known.notes, [{ kind: 'extension' }, { kind: 'extension' }], 'not valid for Kea')
  t.equal(known.test(DISCOVER), true)
})

t.test('example 54: NULs at the end of a text are no part of it', async (t) => {
  const of = (name: string): ReturnType<typeof said> => said({}, [[12, name]])
  t.equal(testOf("option[12].hex == 'a'").test(of('a\0\0')), true)
  for (const nothing of ['', '\0\0'])
    t.equal(testOf('option[host-name].exists').test(of(nothing)), false, JSON.stringify(nothing))
})

t.test('example 55: user classes with their lengths', async (t) => {
  const counted = said({}, [[77, '\x04iPXE']])
  t.equal(testOf("substring(option[77].hex,0,4)=='iPXE'").test(counted), false)
  t.equal(testOf("substring(option[77].hex,1,4)=='iPXE'").test(counted), true)
})

t.test('example 56: what is in option 43 is known when the classes are', async (t) => {
  const options = [[43, '\x01\x02hi']] as const
  const text = 'option[43].option[1].exists'
  t.equal(testOf(text).readsLate, true)
  t.equal(testOf(text).test(said({}, options)), false)
  t.equal(testOf(text).test(said({}, options, { isDecoded: true })), true)
  t.equal(testOf('option[43].exists').test(said({}, options)), true)
  t.equal(testOf('option[43].exists').readsLate, false)
})

t.test('values of the message itself, and those that Kea has no words for', async (t) => {
  const fields = {
    ...DISCOVER_FIELDS,
    secs: 258,
    flags: 0x8000,
    hops: 3,
    sname: 'boot',
    file: 'pxe.0',
    ciaddr: 0x0a000001,
    siaddr: 0x0a000002,
    yiaddr: 0x0a000003,
  }
  const facts = said(fields, DISCOVER_OPTIONS)
  const values = {
    hlen: 6,
    htype: 1,
    transid: 0x01020304,
    secs: 258,
    flags: 0x8000,
    hops: 3,
    ciaddr: 0x0a000001,
    siaddr: 0x0a000002,
    yiaddr: 0x0a000003,
    msgtype: 1,
  }
  for (const [name, value] of Object.entries(values))
    t.equal(testOf(`pkt4.${name} == ${value}`).test(facts), true, name)
  t.equal(textOf('pkt4.sname').value(facts), 'boot')
  t.equal(textOf('pkt4.file').value(facts), 'pxe.0')
  t.match(textOf('pkt4.file').notes, [{ kind: 'extension' }])
  t.same(textOf('pkt4.transid').notes, [])
  t.equal(testOf('relay4[circuit-id].hex == relay4[1].hex').test(facts), true)
  t.match(testOf("relay4[circuit-id].hex == 'x'").notes, [{ kind: 'extension' }])
})

t.test('options 124 and 125 of several enterprises', async (t) => {
  const block = (enterprise: number, data: string): string =>
    `\0\0\0${String.fromCharCode(enterprise, data.length)}${data}`
  const facts = said({}, [
    [124, block(9, 'nine') + block(7, 'seven') + block(9, 'again')],
    [125, block(9, '\x01\x01a') + block(7, '\x01\x01b') + block(9, '\x02\x01c')],
  ])
  const rows: readonly (readonly [string, string])[] = [
    ['vendor.enterprise', '\0\0\0\x07'],
    ['vendor-class.enterprise', '\0\0\0\x07'],
    ['vendor[*].option[1].hex', 'b'],
    ['vendor[0].option[1].hex', 'b'],
    ['vendor[9].option[1].hex', 'a'],
    ['vendor[9].option[2].hex', 'c'],
    ['vendor-class[9].data', 'nine'],
    ['vendor-class[9].data[1]', 'again'],
    ['vendor-class[*].data', 'seven'],
    ["ifelse(vendor-class[7].exists,'yes','no')", 'yes'],
    ["ifelse(vendor-class[8].exists,'yes','no')", 'no'],
  ]
  for (const [text, value] of rows) t.equal(textOf(text).value(facts), value, text)
  const cut = said({}, [[125, '\0\0\0\x07\x09\x01']])
  t.equal(textOf('vendor.enterprise').value(cut), '', 'a block that is cut is none')
})

/** Code, line, column, and the text of a test; a text where the column of a value is asked. */
const ERRORS: readonly (readonly [code: string, place: string, text: string])[] = [
  ['bad-character', '1:1', 'NOT option[1].exists'],
  ['bad-character', '1:1', 'KNOWN'],
  ['bad-character', '1:19', "option[1].exists  && 'a'=='a'"],
  ['bad-character', '1:16', 'option[93].hex != 7'],
  ['bad-character', '1:1', '"a" == 1'],
  ['bad-character', '1:4', "'a'\r=='a'"],
  ['bad-character', '1:2', '0x == 0'],
  ['test-as-text', '1:19', 'option[60].exists == true'],
  ['bad-character', '1:23', "'a' == option[93].hex true"],
  ['open-string', '2:8', "'a' == 'a' and\n'b' == 'c"],
  ['text-as-test', '1:1', 'option[60].hex'],
  ['text-as-test', '1:5', "not 'a'"],
  ['text-as-test', '1:8', "ifelse('a','b','c') == 'b'"],
  ['empty-expression', '1:1', ''],
  ['empty-expression', '1:1', ' \n\t'],
  ['test-as-text', '1:19', "option[60].exists == 'true'"],
  ['bad-syntax', '1:12', "option[60] == 'x'"],
  ['bad-syntax', '1:15', "substring('a','0','1') == ''"],
  ['bad-syntax', '1:9', "'a'=='b'=='c'"],
  ['bad-syntax', '1:10', "('a'=='b'"],
  ['bad-syntax', '1:9', "'a'=='b')"],
  ['bad-syntax', '1:10', "'a'=='b' 'c'"],
  ['bad-character', '1:5', 'pkt.reserved == 1'],
  ['class-not-defined', '1:8', "member('missing_class')"],
  ['option-not-defined', '1:8', 'option[nothing].exists'],
  ['out-of-range', '1:8', 'option[300].exists'],
  ['out-of-range', '1:13', 'pkt4.hlen ==4294967296'],
  ['out-of-range', '1:13', 'pkt4.hlen ==-1'],
  ['out-of-range', '1:8', 'vendor[4294967296].exists'],
  ['out-of-range', '1:22', "vendor-class[1].data[256] == ''"],
  ['bad-integer', '1:6', "'a'==99999999999999999999"],
  ['bad-address', '1:6', "'a'==1.2.3.400"],
  ['bad-address', '1:13', 'pkt4.mac == 08:00:2b:02:3f:4e'],
  ['wrong-family', '1:1', 'relay6[0].option[1].exists'],
  ['wrong-family', '1:1', 'pkt6.msgtype == 1'],
  ['bad-pattern', '1:9', "match('a(?=b)', option[60].hex)"],
  ['bad-pattern', '1:11', "match('(a)\\1', option[60].hex)"],
]

t.test('what is no test is refused at its place', async (t) => {
  for (const [code, place, text] of ERRORS) t.same(problemsOf(text), [`${code} ${place}`], text)
})

t.test('what is said of DHCPv6 is refused in DHCPv4, and the other way round', async (t) => {
  const names = { ...NAMES, family: 6 as const }
  for (const text of ['pkt4.hlen == 1', 'relay4[1].exists'])
    t.match(compileTest(text, names), { problems: [{ code: 'wrong-family', column: 1 }] }, text)
  for (const text of [
    'pkt6.msgtype == 1',
    'relay6[-1].peeraddr == ::1',
    'relay6[0].option[1].exists',
  ])
    t.same(testOf(text, names).notes, [], text)
})

t.test('all names that are not defined are told at once', async (t) => {
  const text = "member('x') and\noption[y].exists and match('(', 'a') and member('z')"
  t.same(problemsOf(text), [
    'class-not-defined 1:8',
    'option-not-defined 2:8',
    'bad-pattern 2:29',
    'class-not-defined 2:49',
  ])
})

t.test('a hint says what people usually mean', async (t) => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['pkt4.mac == 08:00:2b:02:3f:4e', /0x08002b023f4e/],
    ['NOT option[1].exists', /lower case: not/],
    ['option[93].hex != 7', /not a == b/],
    ['option[93].hex = 7', /==/],
    ['option[60].exists == true', /true or false/],
    ['option[60].hex', /exists/],
    ['KNOWN', /member/],
    ['pkt.reserved == 1', /iface, src, dst, len/],
    ['option[60].raw', /hex, text, exists/],
    ['option[60] == 1', /\.hex, \.text, \.exists/],
    ['option[60].hex == PXEClient', /in single quotes, such as 'PXEClient'$/],
    ['option[60].hex == PXEClient:Arch', /in single quotes, such as 'PXEClient'$/],
    ['optoin[60].hex == 1', /here stands a test or a value$/],
  ]
  for (const [text, hint] of rows) t.match(compileTest(text, NAMES), { problems: [{ hint }] }, text)
})

t.test('hostile nesting and length are located problems', async (t) => {
  const many = 250_000
  const rows: readonly (readonly [code: string, text: string])[] = [
    ['too-deep', `${'('.repeat(many)}'a'=='a'${')'.repeat(many)}`],
    ['too-deep', `${'not '.repeat(100_000)}'a'=='a'`],
    ['too-deep', `${'lcase('.repeat(70_000)}'a'${')'.repeat(70_000)}=='a'`],
    ['too-deep', `option[82]${'.option[82]'.repeat(40_000)}.exists`],
    ['expression-too-long', ' '.repeat(600_000)],
    ['bad-pattern', `match('${'('.repeat(3000)}','a')`],
    ['bad-pattern', `match('${'a'.repeat(5000)}','a')`],
    ['bad-pattern', "match('((a{99}){99}){99}','a')"],
    ['bad-syntax', `'a'==${"'b'+".repeat(100_000)}`],
  ]
  for (const [code, text] of rows)
    t.match(compileTest(text, NAMES), { problems: [{ code }] }, text.slice(0, 30))
  const macs = Array.from({ length: 10_000 }, (_, at) => `pkt4.mac == 0x${100_000_000_000 + at}`)
  t.equal(testOf(macs.join(' or ')).test(DISCOVER), false, 'a long chain is not deep')
  const sums = Array.from({ length: 20_000 }, () => 'pkt4.mac').join(' + ')
  t.equal((valueFor(textOf(sums), DISCOVER) as string).length, 120_000)
})

t.test('of very many mistakes some are told', async (t) => {
  const many = (text: string): string => new Array(20_000).fill(text).join(' or ')
  t.match(compileTest(many("member('x')"), NAMES), { problems: { length: REMARKS_MAX } })
  t.equal(testOf(many('known')).notes.length, REMARKS_MAX)
  t.equal(testOf(many('pkt4.hlen==0x01')).notes.length, REMARKS_MAX)
})

t.test('a value cannot grow without end', async (t) => {
  let text = 'option[60].hex'
  for (let depth = 0; depth < 40; depth++) text = `hexstring(${text},'----------')`
  t.type(valueFor(textOf(text), DISCOVER), Failure)
  t.type(valueFor(textOf(text.replace('option[60].hex', "'a'")), DISCOVER), Failure)
})

function problemsOf(text: string): string[] {
  const found = compileTest(text, NAMES)
  const problems: readonly Remark[] = 'problems' in found ? found.problems : []
  return problems.map(({ code, line, column }) => `${code} ${line}:${column}`)
}
