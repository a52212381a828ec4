// Patterns that broke other servers, each against this one, and what reading and attacking our own
// code brought to light. The first test says where each known pattern is tested.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import { printable } from '../../lib/cli/printable.ts'
import { loadPlan, loadPlanFromObject } from '../../lib/config/load.ts'
import { readDocument } from '../../lib/config/text/read.ts'
import { ReplyOptions4 } from '../../lib/dhcp4/reply-options.ts'
import { CSV4_HEADER, csv4FromLease } from '../../lib/leases/csv4.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { HashIndex, SAME_HASH_MAX } from '../../lib/leases/store/hash-index.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { queryWith, select, setOf } from '../dhcp4/option-levels.ts'
import { client, documentWith, INFORM, OFFER, TestServer } from '../dhcp4/test-server.ts'
import { readCsv4 } from '../leases/csv4.ts'
import { memoryInUse } from './campaign.ts'

/**
 * The rows of bad input that concern DHCPv4, configuration or files of one server: the file that
 * tests them and words of the test's title. Rows that are missing concern DHCPv6 (4, 16-19, 26, 27,
 * 29), the listeners of HA and control (3 for sockets, 11, 12), hooks and classes (21, 32). Row 13,
 * frames whose lengths disagree, is the kernel's: Whio receives through UDP sockets only.
 */
const ROWS: readonly (readonly [row: string, file: string, title: string])[] = [
  ['1 CVE-2025-40779', 'dhcp4/allocation4', 'field 6b row 1: a unicast REQUEST from nowhere'],
  ['2 CVE-2025-11232', 'dhcp4/names4', 'field 6b row 2: only characters that sanitising removes'],
  ['3 CVE-2026-3608', 'config/dialect', "'10 MB of ["],
  ['5 CVE-2019-6473', 'dhcp4/names4', 'field 6b row 5: malformed names are ignored'],
  ['6 CVE-2019-6474', 'dhcp4/allocation4', 'field 6b row 6: no hardware address and no client-id'],
  ['7 CVE-2018-5733', 'wire/message4', 'CVE-2018-5733: 300 000 messages that fail half-way'],
  ['7 CVE-2018-5733', 'fuzz/fuzz', 'field 6b row 7'],
  ['8 CVE-2022-2928', 'leasequery/hostile', 'field 6b row 8'],
  ['9 CVE-2022-2929', 'fuzz/fuzz', 'field 6b row 9'],
  ['10 CVE-2021-25217', 'wire/options4', 'CVE-2021-25217: a literal over 1024 octets'],
  ['10 CVE-2021-25217', 'fuzz/hostile', 'field 6b row 10'],
  ['14 CVE-2012-3571', 'dhcp4/allocation4', 'field 6b row 14: a client-id of length 0 or 1'],
  ['15 CVE-2012-3570', 'dhcp4/allocation4', 'field 6b row 15: a truncated RFC 4361 client-id'],
  ['20 CVE-2011-2748', 'dhcp4/allocation4', 'field 6b row 20: BOOTP, replies and foreign'],
  ['22 CVE-2017-10986', 'wire/message4', 'CVE-2017-10986: walks that do not advance end'],
  ['23 CVE-2024-26212', 'dhcp4/allocation4', 'field 6b row 23: a flood of new clients'],
  ['23 CVE-2024-26212', 'fuzz/fuzz', 'field 6b row 23'],
  ['24 CVE-2026-44815', 'wire/options4', 'CVE-2026-44815: a mask has four bytes'],
  ['24 CVE-2026-44815', 'fuzz/hostile', 'field 6b row 24'],
  ['28 KCL 2508', 'wire/message4', 'KCL 2508: a scalar of the wrong length'],
  ['30 KCL 2519', 'dhcp4/names4', 'field 6b row 30: empty labels are no name'],
  ['33 KCL 2288', 'dhcp4/allocation4', 'field 6b row 33: of others, unknown, or repeated'],
  ['31 KCL 2511', 'leasequery/hostile', 'field 6b row 31'],
  ['34 KCL 2339', 'dhcp4/allocation4', 'field 6b row 34: one added between OFFER and REQUEST'],
  ['35 KCL 2499', 'fuzz/hostile', 'field 6b row 35'],
  ['36 KCL 2517', 'leases/records', 'the header names the columns; missing ones'],
  ['36 KCL 2420', 'platform/journal', 'a full disk fails the batch'],
]

t.test('every known pattern has its test', async (t) => {
  for (const [row, file, title] of ROWS) {
    const text = readFileSync(join(import.meta.dirname, '..', `${file}.test.ts`), 'utf8')
    t.ok(text.includes(title), `row ${row}: '${title}' in test/${file}.test.ts`)
  }
})

t.test(
  'field 6b row 10: a hexadecimal literal of 10 MB is read or refused, never thrown',
  async (t) => {
    const long = 'ab'.repeat(5_000_000)
    t.equal(octetsFromHex(long)?.length, 5_000_000)
    t.equal(octetsFromHex(`${'ab:'.repeat(3_000_000)}c`)?.length, 3_000_001)
    t.equal(octetsFromHex(`${long}x`), undefined)
    t.equal(octetsFromHex(`${'ab:'.repeat(3_000_000)}xyz`), undefined)
    for (const data of [long, `${long}x`]) {
      const option = { code: 224, data, 'csv-format': false }
      const { problems } = loadPlanFromObject(
        { Dhcp4: { ...documentWith({}), 'option-data': [option] } },
        { stateDirectory: '/nowhere' },
      )
      t.type(problems.length, 'number')
    }
    for (const digits of ['', 'ab', 'a:b', '0:1-2 3', 'AB', 'ab:cd:e'])
      t.type(octetsFromHex(digits), 'string', digits)
    for (const digits of ['a', 'abc', 'a:', ':a', 'a::b', 'abc:d', 'g0', ' ab', 'ab\n'])
      t.equal(octetsFromHex(digits), undefined, JSON.stringify(digits))
  },
)

t.test(
  'field 6b row 24: no level of a document sets a mask of other than four bytes',
  async (t) => {
    const mask = [{ name: 'subnet-mask', data: 'ffffff', 'csv-format': false }]
    const documents = [
      { ...documentWith({}), 'option-data': mask },
      documentWith({ 'option-data': mask }),
      documentWith({ pools: [{ pool: '192.0.2.10 - 192.0.2.19', 'option-data': mask }] }),
      documentWith({ reservations: [{ 'hw-address': '02:00:00:00:00:01', 'option-data': mask }] }),
    ]
    for (const document of documents) {
      const { problems } = loadPlanFromObject({ Dhcp4: document }, { stateDirectory: '/nowhere' })
      const errors = problems.filter(({ severity }) => severity === 'error')
      t.match(errors, [{ message: /no legal value of ipv4-address/ }])
    }
  },
)

t.test('field 6b row 35: control characters, quotes and commas in names', async (t) => {
  const wild = 'a,b"c\'d\r\nDHCP4_FAKE\0\x1b[2J\x7f\x9b&#x2c;&'

  t.test('of clients never reach a lease, and so no log, listing or file', async (t) => {
    const server = new TestServer()
    server.lease(client(1), { 12: wild })
    t.match(server.row('192.0.2.10')?.hostname, /^[a-z0-9.-]+$/)
    server.lease(client(2), { 81: `\0\0\0${wild}` })
    t.match(server.row('192.0.2.11')?.hostname, /^[a-z0-9.-]+$/)
  })

  t.test('go through Kea’s lease file and back, one row a lease', async (t) => {
    const lease = leaseWith({ hostname: wild, userContext: JSON.stringify({ wild }) })
    const row = csv4FromLease(lease, 0, 0)
    t.notMatch(row, /[^ -~\x80-\xff]/)
    t.equal(row.split(',').length, CSV4_HEADER.split(',').length)
    const reader = readCsv4(`${CSV4_HEADER}\n${row}\n`, 0, 0)
    t.same(reader.problems, [])
    t.match(reader.leases(1), [{ hostname: wild, userContext: lease.userContext }])
  })

  t.test('are shown to people without what a terminal would obey', async (t) => {
    t.equal(printable('host-1.example.org'), 'host-1.example.org')
    t.equal(printable('bücher'), 'bücher')
    t.equal(printable(wild), 'a,b"c\'d\\x0d\\x0aDHCP4_FAKE\\x00\\x1b[2J\\x7f\\x9b&#x2c;&')
  })
})

t.test('mistakes in a configuration cost time in proportion to its length', async (t) => {
  const none = () => undefined
  const problemsOf = (text: string) => readDocument(text, 'f', none).problems
  // Each of these took minutes, the first one for ever, where they are not in proportion.
  const comments = '/* a comment */\n'.repeat(500)
  t.equal(problemsOf(`[ @,\n${comments} 1,\n @ ]`).length, 2, 'comments between two mistakes')
  const members = Array.from({ length: 200_000 }, (_, index) => `"k${index}":1`).join()
  t.equal(problemsOf(`{${members},${members}}`).length, 200_000, 'keys that stand twice')
  const numbers = '99999999999999999999,'.repeat(300_000)
  t.equal(problemsOf(`[${numbers}1]`).length, 300_000, 'numbers that are too large')
  const includes = '<?include "x"?>\n'.repeat(1000)
  const mistakes = '1 @\n'.repeat(20_000)
  t.ok(problemsOf(`[${includes}${mistakes}]`).length > 1000, 'includes that are not there')
})

t.test(
  'an object as configuration that is nested without end is refused, not thrown',
  async (t) => {
    const circular: Record<string, unknown> = {}
    circular.again = circular
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level++) deep = [deep]
    for (const context of [circular, deep]) {
      const config = { Dhcp4: { 'user-context': context } }
      const { plan, problems } = loadPlanFromObject(config, { stateDirectory: '/nowhere' })
      t.equal(plan, undefined)
      t.match(problems, [{ severity: 'error', code: 'too-deep' }])
    }
  },
)

t.test('keys that mean something to JavaScript are keys that Kea does not know', async (t) => {
  for (const key of ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf']) {
    const text = `{ "Dhcp4": { "${key}": { "authoritative": true }, "subnet4": [] } }`
    const context = { stateDirectory: '/nowhere' }
    const { problems } = loadPlan(text, 'f', () => undefined, context)
    const errors = problems.filter(({ severity }) => severity === 'error')
    t.match(errors, [{ code: 'unknown-key', path: ['Dhcp4', key] }], key)
  }
})

t.test('request lists of strangers are not kept without end', async (t) => {
  const options = new ReplyOptions4()
  const set = setOf({})
  const selected = (list: string) => select(options, set, { query: queryWith({ 55: list }) })
  const before = memoryInUse()
  for (let number = 0; number < 16_000; number++) selected(`${number} `.padEnd(1200, 'x'))
  t.ok(memoryInUse() - before < 8 * 2 ** 20, 'long ones are not kept at all')
  const usual = selected('\x01\x03\x06')
  t.equal(selected('\x01\x03\x06'), usual, 'usual ones are')
})

t.test('a client with thousands of leases costs others nothing', async (t) => {
  // One hardware address with many client-ids: in an index by hardware address they make one chain.
  let steps = 0
  const { next } = HashIndex.prototype
  HashIndex.prototype.next = function (row) {
    steps++
    return next.call(this, row)
  }
  t.teardown(() => {
    HashIndex.prototype.next = next
  })
  const table = leaseTable4()
  const count = 5000
  const client = (clientId: string) => ({ htype: 1, hwAddress: '\x02\0\0\0\0\x01', clientId })
  const put = (number: number) => table.apply({ kind: 'put', lease: leaseOf(number) })
  const remove = (number: number) =>
    table.apply({ kind: 'remove', address: leaseOf(number).address, change: count })
  for (let number = 0; number < count; number++) put(number)
  const last = leaseOf(count - 1)
  t.match(table.byClient(client(last.clientId), 1), { address: last.address })
  t.ok(table.byClient(client(''), 1), 'without a client-id it finds one of them')
  // Oldest first, as leases end; then once more, since the chain has room again.
  for (let number = 0; number < count; number++) {
    remove(number)
    put(number)
  }
  for (let number = 0; number < count; number++) remove(number)
  t.equal(table.size, 0)
  t.equal(table.byClient(client(''), 1), undefined)
  const operations = 4 * count
  t.ok(steps < operations * 2 * SAME_HASH_MAX, `${steps} steps along chains`)
})

t.test(
  'a large option 82 leaves the message type and server identifier where all look',
  async (t) => {
    const server = new TestServer()
    const { message } = server.reply(INFORM, client(1, { ciaddr: 0xc0000263 }), {})
    t.ok(message.has(54))
    for (let size = 230; size < 320; size++) {
      const agent = `\x01${String.fromCharCode(Math.min(size, 255))}${'a'.repeat(size)}`
      const reply = server.discover(client(size, { giaddr: 0xc0000201 }), { 82: agent })
      t.equal(reply.type, OFFER)
      const main = mainCodes(reply.bytes)
      t.ok(main.includes(53) && main.includes(54) && main.includes(51), `${size}: ${main}`)
    }
  },
)

/** The codes of the main options field, as far as END. */
function mainCodes(bytes: Uint8Array): number[] {
  const codes: number[] = []
  for (let at = 240; bytes[at] !== 255; at += 2 + bytes[at + 1]!) codes.push(bytes[at]!)
  return codes
}

function leaseOf(number: number): Lease {
  const clientId = `id${String.fromCharCode(number >> 8, number & 255)}`
  return leaseWith({ address: 0x0a000000 + number, clientId, start: number, change: number + 1 })
}

function leaseWith(fields: Partial<Lease>): Lease {
  return {
    address: 0xc000020a,
    htype: 1,
    hwAddress: '\x02\0\0\0\0\x01',
    clientId: '',
    state: LEASE_STATE.assigned,
    subnetId: 1,
    poolId: 0,
    hostname: '',
    fqdnFwd: false,
    fqdnRev: false,
    validLifetime: 600,
    preferredLifetime: 0,
    start: 0,
    end: 600_000,
    userContext: '',
    fresh: false,
    change: 1,
    gave: 0,
    got: 0,
    givenBy: 'us',
    knew: 0,
    ...fields,
  }
}
