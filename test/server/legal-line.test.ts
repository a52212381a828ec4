// libdhcp_legal_log: the line of each change of a lease, and which subnets are left out.

import t from 'tap'
import type { Octets } from '../../lib/bytes/octets.ts'
import type { LegalLogPlan } from '../../lib/config/plan/notices-plan.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import { legalLine } from '../../lib/server/notices/legal-line.ts'
import type { NoticeKind, QueryNotice4 } from '../../lib/server/notices/notice.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { ETH0, planWith, SmallWorld } from './small-world.ts'

const LEASE: Lease = {
  ...freeRow(0xc0000214),
  state: LEASE_STATE.assigned,
  htype: 1,
  hwAddress: '\x02\0\x5e\x10\0\x01',
  validLifetime: 6735,
}

function query(giaddr: number, ids: Partial<QueryNotice4> = {}): QueryNotice4 {
  const none = { ciaddr: 0, yiaddr: 0, siaddr: 0, source: 0, to: 0, sourcePort: 68 }
  return {
    ...none,
    ...{ type: 3, xid: 1, hops: 0, secs: 0, flags: 0, giaddr, htype: 1 },
    hwAddress: LEASE.hwAddress,
    clientId: undefined,
    relay: undefined,
    circuitId: undefined,
    remoteId: undefined,
    subscriberId: undefined,
    link: ETH0,
    ...ids,
  }
}

function line(
  kind: NoticeKind,
  lease: Partial<Lease>,
  from = query(0),
  former?: Lease,
  text?: string,
) {
  const more = { text, subnet: undefined, wallOf: () => 0, removesEnded: false }
  return legalLine({ kind, lease: { ...LEASE, ...lease }, former, query: from, ...more })
}

const DEVICE = 'a device with hardware address: hwtype=1 02:00:5e:10:00:01'
const GIVEN = `Address: 192.0.2.20 has been assigned for 1 hrs 52 mins 15 secs to ${DEVICE}`
const RELAY = 0xc6336401
const AT = ' connected via relay at address: 198.51.100.1'

t.test('a line for each change', async (t) => {
  const id = (text: string): Octets => text
  const holder = { ...LEASE, clientId: '\x01ab' }
  const nobody = { hwAddress: '', htype: 0, state: LEASE_STATE.declined }
  const from = `Address: 192.0.2.20 has been released from ${DEVICE}, client-id: 01:61:62`
  const assigned = (duration: string) =>
    `Address: 192.0.2.20 has been assigned for ${duration} to ${DEVICE}`
  const cases: readonly [string | undefined, string | undefined][] = [
    [line('granted', {}), GIVEN],
    [line('renewed', {}), GIVEN],
    [line('granted', { validLifetime: 90_061 }), assigned('1 days 1 hrs 1 mins 1 secs')],
    [line('granted', { validLifetime: 0xffffffff }), assigned('infinite duration')],
    [line('granted', { clientId: '\x01\xff' }), `${GIVEN}, client-id: 01:ff`],
    [line('granted', { clientId: 'desk' }), `${GIVEN}, client-id: 64:65:73:6b (desk)`],
    [line('granted', {}, query(RELAY)), `${GIVEN}${AT}`],
    [
      line('granted', {}, query(RELAY, { circuitId: id('howdy'), remoteId: id('\x87\xf6') })),
      `${GIVEN}${AT}, identified by circuit-id: 68:6f:77:64:79 (howdy) and remote-id: 87:f6`,
    ],
    [
      line('granted', {}, query(RELAY, { remoteId: id('r'), subscriberId: id('s') })),
      `${GIVEN}${AT}, identified by remote-id: 72 (r) and subscriber-id: 73 (s)`,
    ],
    [line('granted', { userContext: '{"a":1}' }, query(RELAY)), `${GIVEN}${AT}, context: {"a":1}`],
    [line('released', {}, query(0), holder), from],
    [line('declined', nobody, query(RELAY), holder), `${from}${AT}`],
    [line('granted', {}, query(0), undefined, 'own'), 'own'],
    [line('expired', {}), undefined],
    [line('occupied', nobody), undefined],
    [line('recovered', nobody), undefined],
  ]
  for (const [found, expected] of cases) t.equal(found, expected)
})

t.test('a lease is logged when it is durable, unless its subnet says false', async (t) => {
  for (const logged of [true, false]) {
    const kept: [string, number, string][] = []
    const outlets = {
      run: () => t.fail('no script is named'),
      keep: ({ to }: LegalLogPlan, at: number, text: string) => kept.push([to.kind, at, text]),
      close: () => {},
    }
    const library = { library: 'libdhcp_legal_log.so', parameters: {} }
    const subnet = { 'user-context': { 'legal-logging': logged } }
    const plan = planWith(subnet, { 'hooks-libraries': [library] })
    const world = SmallWorld.serving(plan, [], 0, undefined, undefined, outlets)
    world.arrive(MESSAGE_TYPE4.discover, 1)
    world.request(1, 20)
    world.endBatch()
    t.same(kept, [])
    world.committed()
    const text =
      'Address: 192.0.2.20 has been assigned for 0 hrs 10 mins 0 secs to a device with hardware address: hwtype=1 02:00:00:00:00:01'
    t.match(kept, logged ? [['files', Number, text]] : [])
    t.equal(kept.length, logged ? 1 : 0)
  }
})

/** Lines of the legal log with these parameters, after client 1 has taken .20. */
function ownLines(parameters: object, options: Record<number, string>, after: number[] = []) {
  const kept: string[] = []
  const outlets = {
    run: () => {},
    keep: (_: LegalLogPlan, __: number, text: string) => kept.push(text),
    close: () => {},
  }
  const library = { library: 'libdhcp_legal_log.so', parameters }
  const classes = [{ name: 'desk', test: "substring(option[12].text, 0, 1) == 'd'" }]
  const plan = planWith({}, { 'hooks-libraries': [library], 'client-classes': classes })
  const world = SmallWorld.serving(plan, [], 0, undefined, undefined, outlets)
  const named = { 50: '\xc0\0\x02\x14', 54: '\xc0\0\x02\x01', ...options }
  world.arrive(MESSAGE_TYPE4.request, 1, named)
  world.endBatch()
  world.committed()
  for (const type of after) {
    kept.length = 0
    world.arrive(type, 1, type === MESSAGE_TYPE4.release ? {} : named, 0xc0000214)
    world.endBatch()
    world.committed()
  }
  return kept
}

t.test('request-parser-format and response-parser-format make the line', async (t) => {
  const mac = "hexstring(pkt4.mac, ':')"
  const request = { 'request-parser-format': mac }
  const own = "' has ' + addrtotext(pkt4.yiaddr) + ' for ' + uint32totext(option[51].hex)"
  const response = { 'response-parser-format': own }
  const inside = { 'request-parser-format': "ifelse(member('desk'), option[12].hex, '')" }
  const two = { 'request-parser-format': `${mac} + 0x0a + 'x'` }
  const failing = { 'request-parser-format': 'addrtotext(option[60].hex)' }
  const client = '02:00:00:00:00:01'
  const { decline, release } = MESSAGE_TYPE4
  const KEAS = new RegExp(`^Address: 192.0.2.20 has been (assigned|released) .*${client}$`)
  const cases: readonly [string, object, Record<number, string>, number[], readonly unknown[]][] = [
    ['the query', request, {}, [], [client]],
    ['the reply', response, {}, [], [' has 192.0.2.20 for 600']],
    ['both', { ...request, ...response }, {}, [], [`${client} has 192.0.2.20 for 600`]],
    ['a release has no reply', { ...request, ...response }, {}, [release], [client]],
    ['nor has a decline', { ...request, ...response }, {}, [decline], [client]],
    ['of which nothing is said', response, {}, [release], []],
    ['classes of the client', inside, { 12: 'desk' }, [], ['desk']],
    ['an empty value is no line', inside, { 12: 'shed' }, [], []],
    ['0x0a ends a line', two, {}, [], [client, 'x']],
    ['no command to a terminal', inside, { 12: 'd\x1b[2J\x7f\0' }, [], ['d[2J']],
    ['text in UTF-8', inside, { 12: 'd\xc3\xa4' }, [], ['d\u00e4']],
    ['no value: nothing is lost', failing, { 60: 'abc' }, [], [KEAS]],
  ]
  for (const [title, parameters, options, after, expected] of cases) {
    const found = ownLines(parameters, options, after)
    t.match(found, expected, title)
    t.equal(found.length, expected.length, title)
  }
})
