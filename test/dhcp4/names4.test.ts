// What clients are called, in replies and leases: options 12 and 81 both ways, reserved names,
// names that are made up, with the keys that say how.

import fc from 'fast-check'
import t from 'tap'
import type { Octets } from '../../lib/bytes/octets.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { decodeFqdn } from '../../lib/dhcp4/fqdn.ts'
import { cellsOf, flagsOf } from '../names/update-flags.ts'
import { client, documentWith, hex, requestList, TestServer } from './test-server.ts'

const A = '192.0.2.10'
const HW1 = '02:00:5e:10:00:01'
const option = (name: string, data: string) => ({ name, data })
const SUFFIX = { 'ddns-qualifying-suffix': 'example.com' }
const GENERATED = 'myhost-192-0-2-10'

type Options = Record<number, Octets>

interface Named {
  readonly option12: Octets | undefined
  readonly option81: Octets | undefined
  readonly row: string | undefined
}

/** What the first client gets that sends these options, and what its lease says. */
function namedBy(options: Options, global: object = {}, subnet: object = {}): Named {
  const server = new TestServer(documentWith({ ...subnet }, global as Partial<Dhcp4Document>))
  const { message } = server.discover(client(1), options)
  server.lease(client(1), options)
  return {
    option12: message.octets(12),
    option81: message.octets(81),
    row: server.row(A)?.hostname,
  }
}

/** The value of option 81 with flags and rcodes 0 in front of the name. */
function fqdn(flags: number, name: Octets): Octets {
  return `${String.fromCharCode(flags)}\0\0${name}`
}

function answered(flags: number, name: Octets): Octets {
  return `${String.fromCharCode(flags)}\xff\xff${name}`
}

t.test('option 12, RFC 2132 §3.14, by ddns-replace-client-name', async (t) => {
  const whole = `${GENERATED}.example.com`
  const rows: [
    said: Octets | undefined,
    never: string | undefined,
    whenPresent: string | undefined,
  ][] = [
    [undefined, undefined, undefined],
    ['', undefined, undefined],
    ['\0', undefined, undefined],
    ['Host-One', 'host-one.example.com', whole],
    ['a.b.Example.COM', 'a.b.example.com', whole],
    ['host.example.com', 'host.example.com', whole],
    ['host.', 'host.example.com', whole],
    ['host.ex.org.', 'host.ex.org.', whole],
    ['my_host!x', 'myhostx.example.com', whole],
    ['  pc one ', 'pcone.example.com', whole],
    ['duck\0', 'duck.example.com', whole],
    ['.', whole, whole],
    ['!!!', undefined, whole],
    ['a..b', undefined, whole],
    ['.duck', undefined, whole],
    ['a'.repeat(64), undefined, whole],
    ['a'.repeat(63), `${'a'.repeat(63)}.example.com`, whole],
  ]
  for (const [said, never, whenPresent] of rows) {
    const options: Options = said === undefined ? requestList(12) : { 12: said }
    const isSaid = (said ?? '').replaceAll('\0', '') !== ''
    const expected = {
      never,
      'when-present': whenPresent,
      always: whole,
      'when-not-present': isSaid ? never : whole,
    }
    for (const [mode, name] of Object.entries(expected)) {
      const named = namedBy(options, { ...SUFFIX, 'ddns-replace-client-name': mode })
      const title = `${JSON.stringify(said)} ${mode}`
      t.equal(named.option12, name, title)
      t.equal(named.row, (name ?? '').replace(/\.$/, ''), `${title}: the lease`)
    }
  }
})

t.test('option 12 without a domain', async (t) => {
  for (const [said, name] of [
    ['host.', 'host'],
    ['Duck', 'duck'],
    ['.', GENERATED],
    ['host.ex.org', 'host.ex.org'],
  ] as const)
    t.equal(namedBy({ 12: said }).option12, name, said)
  t.notOk(new TestServer().discover(client(1), requestList(12)).message.has(12), 'none is known')
})

t.test(
  'RFC 4702: the name in option 81 goes back whole, in the encoding of the client',
  async (t) => {
    const dns = (name: string) =>
      `${name
        .split('.')
        .map((label) => String.fromCharCode(label.length) + label)
        .join('')}\0`
    const rows: [said: Octets, suffix: string, name: string | undefined][] = [
      ['\x04Duck\x03org\0', '', 'duck.org'],
      ['\x04Duck\x03org\0', 'example.com', 'duck.org'],
      ['\x04duck', '', 'duck'],
      ['\x04duck', 'example.com', 'duck.example.com'],
      ['\x04duck\x03lan', 'example.com', 'duck.lan.example.com'],
      ['\x04duck\x07example\x03com', 'example.com', 'duck.example.com'],
      ['\x04du!k\x03o_g\0', '', 'duk.og'],
      ['', '', GENERATED],
      ['\0', 'example.com', `${GENERATED}.example.com`],
      ['\x03___\0', '', undefined],
      ['\x03___', 'example.com', undefined],
      ['\x01a\x01_\x01b\0', '', undefined],
    ]
    for (const [said, suffix, name] of rows) {
      const named = namedBy({ 81: fqdn(4, said) }, { 'ddns-qualifying-suffix': suffix })
      const title = `${JSON.stringify(said)} with '${suffix}'`
      t.equal(named.option81, name === undefined ? undefined : answered(12, dns(name)), title)
      t.equal(named.row, name ?? '', `${title}: the lease`)
      t.notOk(named.option12, `${title}: option 12 was not asked for`)
    }
    for (const [said, name] of [
      ['duck.org', 'duck.org.'],
      ['duck.org.', 'duck.org.'],
      ['duck', 'duck.example.com.'],
      ['', `${GENERATED}.example.com.`],
      ['.', `${GENERATED}.example.com.`],
    ] as const)
      t.equal(namedBy({ 81: fqdn(0, said) }, SUFFIX).option81, answered(8, name), `text ${said}`)
  },
)

t.test('ddns-replace-client-name and option 81', async (t) => {
  const said = { 81: fqdn(4, '\x04duck\x03org\0') }
  for (const [mode, name] of [
    ['never', '\x04duck\x03org\0'],
    ['when-not-present', '\x04duck\x03org\0'],
    ['when-present', `\x11${GENERATED}\0`],
    ['always', `\x11${GENERATED}\0`],
  ] as const)
    t.equal(namedBy(said, { 'ddns-replace-client-name': mode }).option81, answered(12, name), mode)
})

t.test('option 81 goes before option 12', async (t) => {
  const named = namedBy({ 12: 'twelve', 81: fqdn(4, '\x04duck\x03org\0') })
  t.match(named, { row: 'duck.org', option12: 'duck.org' })
})

t.test(
  'RFC 4702 §4: the server does no update (N), says so (O), whatever the client wants',
  async (t) => {
    const name = '\x04duck\x03org\0'
    for (const [asked, flags] of [
      [0x04, 0x0c],
      [0x05, 0x0e],
      [0x0c, 0x0c],
      // RFC 4702 §2.1: with N, S must be clear.
      [0x0d, 0x0c],
      // Bits that nobody has defined are not returned.
      [0xf4, 0x0c],
    ] as const)
      t.equal(
        namedBy({ 81: fqdn(asked, name) }).option81,
        answered(flags, name),
        asked.toString(16),
      )
    const rcodes = namedBy({ 81: `\x04\x01\x02${name}` }).option81
    t.equal(rcodes, answered(0x0c, name), 'RFC 4702 §2.2: 255 from a server')
  },
)

t.test('where the server registers names, reply and lease say what it does', async (t) => {
  const name = '\x04duck\x03org\0'
  const rows: [
    asked: number | undefined,
    overrides: number,
    flags: number,
    fwd: boolean,
    rev: boolean,
  ][] = [
    [undefined, 0, 0, true, true],
    [0x04, 0, 0x04, false, true],
    [0x05, 0, 0x05, true, true],
    [0x0c, 0, 0x0c, false, false],
    [0x04, 1, 0x07, true, true],
    [0x05, 1, 0x05, true, true],
    [0x0c, 2, 0x07, true, true],
  ]
  for (const [asked, overrides, flags, fqdnFwd, fqdnRev] of rows) {
    const server = new TestServer()
    const updates = { overridesClient: overrides === 1, overridesNone: overrides === 2 }
    for (const one of [server.plan.subnets[0]!, ...server.plan.subnets[0]!.pools])
      Object.assign(one, { names: { ...one.names, updates } })
    const options: Options = asked === undefined ? { 12: 'duck' } : { 81: fqdn(asked, name) }
    const { message } = server.discover(client(1), options)
    if (asked !== undefined) t.equal(message.octets(81), answered(flags, name))
    server.lease(client(1), options)
    t.match(server.row(A), { fqdnFwd, fqdnRev }, `${asked} ${overrides}`)
    server.renew(client(1), A)
    t.match(server.row(A), { fqdnFwd, fqdnRev }, 'a renewal without a name keeps it and its flags')
  }
})

t.test('RFC 4702 §4: each thing that a client can say, by each key of Kea', async (t) => {
  const name = '\x04duck\x03org\0'
  const bits = { S: 1, O: 2, N: 8 }
  const ENCODED = 4
  const rules = {
    mode: 'check-with-dhcid',
    updatesOnRenew: false,
    ttl: { fixed: 0, percent: 0.33333, min: 600, max: 0 },
  } as const
  for (const { about, answered: flags, asked, dns, updates } of cellsOf(rules)) {
    const server = new TestServer()
    for (const one of [server.plan.subnets[0]!, ...server.plan.subnets[0]!.pools])
      Object.assign(one, { names: { ...one.names, updates } })
    const options: Options = { 81: fqdn(flagsOf(asked, bits) | ENCODED, name) }
    const { message } = server.discover(client(1), options)
    t.equal(message.octets(81), answered(flagsOf(flags, bits) | ENCODED, name), about)
    server.lease(client(1), options)
    const { fqdnFwd, fqdnRev } = server.row(A)!
    t.equal(`${fqdnFwd ? 'f' : ''}${fqdnRev ? 'r' : ''}`, dns, about)
  }
})

t.test('hostname-char-set and hostname-char-replacement', async (t) => {
  for (const [set, replacement, said, name] of [
    ['[^A-Za-z0-9.-]', 'x', 'my_host!x', 'myxhostxx'],
    ['[^A-Za-z0-9._-]', '', 'my_host!', 'my_host'],
    ['[^[:alnum:].-]', '-', 'my host', 'my-host'],
    ['(foo|bar)+', '', 'foobarhost', 'host'],
    ['', '', 'My_Host!', 'my_host!'],
    ['', '', 'caf\xc3\xa9', 'caf\xc3\xa9'],
    ['', '', 'caf\xe9\x07', 'caf'],
    ['.', '', 'host', undefined],
  ] as const) {
    const keys = { 'hostname-char-set': set, 'hostname-char-replacement': replacement }
    t.equal(namedBy({ 12: said }, keys).option12, name, `${set} ${said}`)
  }
  t.equal(namedBy({ 12: 'caf\xc3\xa9' }, { 'hostname-char-set': '' }).row, 'café')
})

t.test('the innermost level counts, and the pool of the address that is given', async (t) => {
  const suffix = (name: string) => ({ 'ddns-qualifying-suffix': name })
  const pools = [{ pool: '192.0.2.10 - 192.0.2.10', ...suffix('pool') }, { pool: '192.0.2.20/30' }]
  const server = new TestServer(documentWith({ ...suffix('subnet'), pools }, suffix('global')))
  const nameOf = (number: number) =>
    server.discover(client(number), { 12: 'pc' }).message.octets(12)
  t.equal(nameOf(1), 'pc.pool')
  t.equal(nameOf(2), 'pc.subnet')
  const prefix = { 'ddns-generated-prefix': 'pc', 'ddns-replace-client-name': 'always' }
  const global = namedBy({}, suffix('Global.'), { pools: [{ pool: '192.0.2.10/31', ...prefix }] })
  t.equal(global.option12, 'pc-192-0-2-10.global', 'key by key')
})

t.test('a reserved name wins', async (t) => {
  const named = (options: Options, hostname: string, global: object = {}) =>
    namedBy(options, global, { reservations: [{ 'hw-address': HW1, hostname }] })
  t.match(named(requestList(12), 'Whio.example.org'), {
    option12: 'whio.example.org',
    row: 'whio.example.org',
  })
  t.equal(named({ 12: 'duck' }, 'whio').option12, 'whio')
  t.match(named({}, 'whio'), { option12: undefined, row: 'whio' }, 'nobody asked')
  const always = { ...SUFFIX, 'ddns-replace-client-name': 'always' }
  t.equal(named({ 12: 'duck' }, 'whio', always).option12, 'whio.example.com')
  t.equal(named({ 12: 'duck' }, 'whio.example.com', SUFFIX).option12, 'whio.example.com')
  t.equal(named({ 12: 'duck' }, 'whio.lan', SUFFIX).option12, 'whio.lan.example.com')
  t.equal(named({ 12: 'duck' }, 'whio.lan.', SUFFIX).option12, 'whio.lan', 'whole by its dot')
  const all = { 'option-data': [option('host-name', 'all')] }
  t.equal(named(requestList(12), 'mine', all).option12, 'mine', 'and over a configured one')
  t.equal(namedBy({ ...requestList(12), 12: 'duck' }, all).option12, 'all', 'which else is sent')
  for (const said of ['\x04mine', '', '\x04mine\x03lan\0']) {
    const whole = '\x04duck\x03org\0'
    t.equal(named({ 81: fqdn(4, said) }, 'duck.org').option81, answered(12, whole), said)
  }
  for (const said of ['mine', '', 'mine.lan'])
    t.equal(named({ 81: fqdn(0, said) }, 'duck.org').option81, answered(8, 'duck.org.'), said)
})

t.test('a name that is made up goes to who says none, asked for or not', async (t) => {
  const generates = { 'ddns-replace-client-name': 'when-not-present' }
  t.match(namedBy({}, generates), { option12: GENERATED, row: GENERATED })
  const all = { ...generates, 'option-data': [option('host-name', 'all')] }
  t.equal(namedBy(requestList(12), all).option12, 'all', 'but not over a configured one')
})

t.test('a renewal without a name keeps the name', async (t) => {
  const server = new TestServer()
  server.lease(client(1), { 12: 'duck' })
  server.renew(client(1), A)
  t.equal(server.row(A)?.hostname, 'duck')
})

t.test('a NAK has no name', async (t) => {
  const server = new TestServer()
  server.lease(client(1), { 12: 'duck' })
  const { message } = server.renew(client(2), A) as { message: TestMessage }
  t.equal(message.type, 6)
  t.notOk(message.has(12) || message.has(81))
})

type TestMessage = ReturnType<TestServer['discover']>['message']

t.test('field 6b row 2: only characters that sanitising removes is no name', async (t) => {
  t.match(namedBy({ 12: '___!!!' }), { row: '', option12: undefined })
  t.match(namedBy({ 81: fqdn(4, '\x03___\0') }), { row: '', option81: undefined })
  t.match(namedBy({ 12: '' }), { row: '', option12: undefined })
})

t.test('field 6b row 30: empty labels are no name', async (t) => {
  for (const said of [
    'aaa..bbb.com',
    '.duck',
    '..',
    'a._.b',
    'x'.repeat(64),
    `${'a.'.repeat(127)}b`,
  ])
    t.match(namedBy({ 12: said }), { row: '', option12: undefined }, said)
})

t.test('field 6b row 5: malformed names are ignored, the client is served', async (t) => {
  const malformed = ['\x09duck', `\x40${'a'.repeat(64)}`, '\xc0\x0c', '\x04duck\0junk', '\x04a.b.']
  for (const name of malformed) {
    const value = hex('040000') + name
    t.equal(decodeFqdn(value), undefined)
    t.match(namedBy({ 81: value }), { row: '', option81: undefined })
    t.match(namedBy({ 12: 'a'.repeat(64), 81: value }), { row: '', option12: undefined })
    t.match(namedBy({ 12: 'duck', 81: value }), { row: 'duck', option81: undefined })
  }
  for (const value of ['', '\x04', '\x04\0']) t.equal(decodeFqdn(value), undefined)
})

t.test('whatever clients say, no name goes out or is kept that is none', async () => {
  const octet = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
  const likely = fc.constantFrom('.', 'a', 'Z', '-', '_', ' ', '\0', '\x01', '\x03', '\x3f', '\xc0')
  const octets = fc.array(fc.oneof(octet, likely), { maxLength: 20 }).map((all) => all.join(''))
  const long = fc.tuple(octets, fc.integer({ min: 1, max: 30 })).map(([one, n]) => one.repeat(n))
  const sets = fc.constantFrom('[^A-Za-z0-9.-]', '', '[^a-z]', '[.]', 'a*', '(a|\\.)+')
  const rules = fc.record({
    'hostname-char-set': sets,
    'hostname-char-replacement': fc.constantFrom('', 'x', '-', '..', 'a.b'),
    'ddns-replace-client-name': fc.constantFrom('never', 'when-present', 'when-not-present'),
    'ddns-qualifying-suffix': fc.constantFrom('', 'example.com', `${'long.'.repeat(45)}org`),
  })
  const isLegal = (name: string) =>
    name.length <= 253 && name.split('.').every(({ length }) => length >= 1 && length <= 63)
  fc.assert(
    fc.property(
      fc.oneof(octets, long),
      fc.oneof(octets, long),
      octet,
      rules,
      (a, b, flags, keys) => {
        const named = namedBy({ 12: a, 81: `${flags}\0\0${b}` }, keys)
        const row = Buffer.from(named.row ?? '', 'utf8').toString('latin1')
        for (const name of [named.option12 ?? '', row]) {
          if (name !== '' && !isLegal(name.replace(/\.$/, ''))) return false
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
          if (/[\0-\x1f\x7f]/.test(name)) return false
        }
        if (named.option81 === undefined) return true
        const back = decodeFqdn(named.option81)
        return back?.complete === true && isLegal(back.name.replace(/\.$/, ''))
      },
    ),
    { numRuns: 300 },
  )
})
