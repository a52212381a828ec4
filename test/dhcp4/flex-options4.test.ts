// libdhcp_flex_option: what becomes of the options of a reply.

import t from 'tap'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import {
  client,
  DISCOVER,
  documentWith,
  type Options,
  requestList,
  TestServer,
} from './test-server.ts'

function flexible(options: readonly object[], more: Record<string, unknown> = {}): TestServer {
  const library = { library: 'libdhcp_flex_option.so', parameters: { options } }
  const routers = { code: 3, name: 'routers', data: '192.0.2.254' }
  const level = { 'option-data': [routers], 'hooks-libraries': [library], ...more }
  return new TestServer(documentWith({}, level))
}

/** The value of an option of the OFFER to client 7, or nothing. */
function offered(server: TestServer, code: number, options: Options = {}): string | undefined {
  const { message } = server.reply(DISCOVER, client(7), { ...requestList(3, 12, 15), ...options })
  return message.octets(code)
}

/** True of every query here. */
const EVER = 'pkt4.mac == 0x02005e100007'
const MAC = "hexstring(pkt4.mac, '')"

t.test('add, supersede and remove', async (t) => {
  const cases: readonly [string, object, number, string | undefined][] = [
    ['add, where there is none', { code: 67, add: "'boot'" }, 67, 'boot'],
    ['add, where there is one', { code: 3, add: "'boot'" }, 3, '\xc0\0\x02\xfe'],
    ['an empty value adds nothing', { code: 67, add: 'option[200].hex' }, 67, undefined],
    ['supersede', { code: 3, supersede: '10.0.0.53' }, 3, '\x0a\0\0\x35'],
    ['supersede, where there is none', { name: 'host-name', supersede: MAC }, 12, '02005e100007'],
    ['an empty value supersedes nothing', { code: 3, supersede: "''" }, 3, '\xc0\0\x02\xfe'],
    ['remove', { code: 3, remove: 'pkt4.mac == 0x02005e100007' }, 3, undefined],
    ['remove, for another client', { code: 3, remove: 'pkt4.mac == 0x02' }, 3, '\xc0\0\x02\xfe'],
    ['even what the protocol asks for', { code: 51, remove: EVER }, 51, undefined],
    [
      'csv-format',
      { code: 3, 'csv-format': true, supersede: "'192.0.2.1, 192.0.2.2'" },
      3,
      '\xc0\0\x02\x01\xc0\0\x02\x02',
    ],
    [
      'a class that the client is not in',
      { code: 67, add: "'x'", 'client-class': 'y' },
      67,
      undefined,
    ],
  ]
  for (const [what, option, code, expected] of cases)
    t.equal(offered(flexible([option]), code), expected, what)
})

t.test('options stay in their order, and long ones are whole', async (t) => {
  const server = flexible([
    { code: 3, supersede: "'abcd'" },
    { code: 43, add: `concat(${longText()}, 'z')` },
  ])
  const { codes, message } = server.reply(
    DISCOVER,
    { ...client(7) },
    { ...requestList(3), 57: '\x05\xdc' },
  )
  t.same(codes.slice(0, 5), [53, 54, 51, 1, 3])
  t.equal(message.octets(43)?.length, 301)
})

function longText(): string {
  return `'${'a'.repeat(300)}'`
}

t.test('an error leaves what follows undone', async (t) => {
  const options = [
    { code: 12, add: "'first'" },
    { code: 15, add: 'addrtotext(option[200].hex)' },
    { code: 67, add: "'last'" },
  ]
  const server = flexible(options)
  const values = [12, 15, 67].map((code) => offered(server, code, { 200: 'xyz' }))
  t.same(values, ['first', undefined, undefined])
  const csv = flexible([
    { code: 3, 'csv-format': true, supersede: "'nowhere'" },
    { code: 67, add: "'x'" },
  ])
  t.same(
    [3, 67].map((code) => offered(csv, code)),
    ['\xc0\0\x02\xfe', undefined],
  )
})

t.test('sub-options', async (t) => {
  const relay = '\x01\x02ab\x02\x01c'
  const sub = (one: object, more: object = {}) => ({
    code: 43,
    'sub-options': [{ code: 9, ...one }],
    ...more,
  })
  const given = { code: 43, data: '0901aa0a01bb', 'csv-format': false, 'always-send': true }
  const vendor = { 'option-data': [given] }
  const cases: readonly [string, object, Record<string, unknown>, string | undefined][] = [
    ['add makes the option', sub({ add: "'x'" }), {}, '\x09\x01x'],
    ['unless it is not to', sub({ add: "'x'", 'container-add': false }), {}, undefined],
    ['add leaves what is there', sub({ add: "'x'" }), vendor, '\x09\x01\xaa\x0a\x01\xbb'],
    ['supersede', sub({ supersede: "'xy'" }), vendor, '\x09\x02xy\x0a\x01\xbb'],
    ['remove', sub({ remove: EVER }), vendor, '\x0a\x01\xbb'],
    [
      'remove the last one, and the option',
      {
        code: 43,
        'sub-options': [
          { code: 9, remove: EVER },
          { code: 10, remove: EVER },
        ],
      },
      vendor,
      undefined,
    ],
    [
      'or leave it, empty',
      {
        code: 43,
        'sub-options': [
          { code: 9, remove: EVER, 'container-remove': false },
          { code: 10, remove: EVER, 'container-remove': false },
        ],
      },
      vendor,
      '',
    ],
  ]
  for (const [what, option, more, expected] of cases)
    t.equal(offered(flexible([option], more), 43, { 60: 'v' }), expected, what)
  const agent = flexible([{ code: 82, 'sub-options': [{ code: 2, supersede: "'zz'" }] }])
  const { message } = agent.reply(DISCOVER, { ...client(7), giaddr: 0xc0000202 }, { 82: relay })
  t.equal(message.octets(82), '\x01\x02ab\x02\x02zz')
})

t.test('sub-options of enterprises in option 125 (RFC 3925)', async (t) => {
  const sub = (one: object, space = 'vendor-25506') => ({ code: 9, space, ...one })
  const shared = (...all: object[]) => ({ name: 'vivso-suboptions', 'sub-options': all })
  const given = (enterprise: number, data: string) => [
    { code: 125, data: `${enterprise}`, 'always-send': true },
    { code: 9, space: `vendor-${enterprise}`, 'csv-format': false, data, 'always-send': true },
  ]
  const option = (...all: object[]) => ({ 'option-data': all })
  const OWN = '\0\0\x63\xa2'
  const OTHER = '\0\0\x01\x37'
  const one = option(...given(25506, 'aa'))
  const two = option(...given(25506, 'aa'), ...given(311, 'bb'))
  const cases: readonly [string, object, Record<string, unknown>, string | undefined][] = [
    ['add makes the option', shared(sub({ add: "'x'" })), {}, `${OWN}\x03\x09\x01x`],
    ['unless it is not to', shared(sub({ add: "'x'", 'container-add': false })), {}, undefined],
    ['add leaves what is there', shared(sub({ add: "'x'" })), one, `${OWN}\x03\x09\x01\xaa`],
    ['supersede', shared(sub({ supersede: "'xy'" })), one, `${OWN}\x04\x09\x02xy`],
    [
      'beside another enterprise',
      shared(sub({ add: "'x'" })),
      option(...given(311, 'bb')),
      `${OTHER}\x03\x09\x01\xbb${OWN}\x03\x09\x01x`,
    ],
    [
      'remove takes out what is left empty',
      shared(sub({ remove: EVER })),
      two,
      `${OTHER}\x03\x09\x01\xbb`,
    ],
    ['and the option', shared(sub({ remove: EVER })), one, undefined],
    ['or leaves it', shared(sub({ remove: EVER, 'container-remove': false })), one, `${OWN}\0`],
    ['remove of what is not there', shared(sub({ remove: EVER })), {}, undefined],
    [
      'what does not fit into a block',
      shared(sub({ supersede: `'${'a'.repeat(254)}'` })),
      one,
      `${OWN}\x03\x09\x01\xaa`,
    ],
  ]
  for (const [what, flex, more, expected] of cases)
    t.equal(
      offered(flexible([flex], more), 125, { ...requestList(125), 124: `${OWN}\x01z` }),
      expected,
      what,
    )
})

t.test('mistakes have their place', async (t) => {
  const at = 'error Dhcp4.hooks-libraries[0].parameters'
  const said = (parameters: object) => {
    const { problems } = loadPlanFromObject(
      {
        Dhcp4: {
          'interfaces-config': { interfaces: ['eth0'] },
          'hooks-libraries': [{ library: 'libdhcp_flex_option.so', parameters }],
        },
      },
      { stateDirectory: '/nowhere' },
    )
    return problems.map((one) => `${one.severity} ${formatProblem(one)}`)
  }
  const one = (option: object) => said({ options: [option] })
  t.same(said({}), [`${at}.options: the key is missing (What is done, option by option)`])
  t.same(one({ add: "'x'" }), [`${at}.options[0]: the option has neither name nor code (give one)`])
  const deeds = 'one of add, supersede, remove'
  t.same(one({ code: 67 }), [`${at}.options[0]: nothing is said to be done (${deeds})`])
  t.same(one({ code: 67, add: "'x'", remove: EVER }), [
    `${at}.options[0]: add and remove (${deeds})`,
  ])
  t.match(one({ code: 67, add: "concat('x'" }), [/^error .*options\[0\]\.add: column \d+: /])
  t.match(one({ code: 67, remove: "'x'" }), [/^error .*options\[0\]\.remove: column \d+: /])
  t.match(one({ code: 67, addd: "'x'" }), [
    `${at}.options[0].addd: unknown key (did you mean "add"?)`,
    /nothing is said/,
  ])
  t.match(one({ code: 224, 'csv-format': true, add: "'x'" }), [/csv-format needs a definition/])
  t.match(one({ code: 125, 'sub-options': [{ code: 1, add: "'x'" }] }), [/of enterprises/])
  t.match(one({ code: 124, 'sub-options': [{ code: 1, add: "'x'" }] }), [/holds no sub-options/])
  t.match(one({ code: 224, 'sub-options': [{ name: 'x', add: "'x'" }] }), [/has no code/])
  t.match(one({ code: 67, add: "'x'", source: 'response' }), [/"response" is not a known word/])
})
