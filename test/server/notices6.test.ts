// libdhcp_run_script and libdhcp_legal_log of DHCPv6: which hook points are called at what happens
// to leases, with which environment, and the line of each change.

import t from 'tap'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { prefix6FromText } from '../../lib/address/prefix6.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { LegalLogPlan } from '../../lib/config/plan/notices-plan.ts'
import type { Plan6 } from '../../lib/config/plan/plan6.ts'
import type { Arrival6 } from '../../lib/dhcp6/asked6.ts'
import type { Hardware6 } from '../../lib/dhcp6/hardware6.ts'
import { BINDING_KIND, type BindingKind, bindingOf } from '../../lib/leases/binding.ts'
import { LEASE_STATE, type Lease6, type LeaseAction } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import type { DatagramSink6 } from '../../lib/ports/datagrams6.ts'
import type { JournalSink } from '../../lib/ports/journal.ts'
import type { Outlets } from '../../lib/ports/outlets.ts'
import { LeaseNotices6 } from '../../lib/server/notices/notices6.ts'
import { Server } from '../../lib/server/server.ts'
import { encodeMessage6, encodeRelayForward, iaOption6 } from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import { decode6, Message6 } from '../../lib/wire/v6/reader.ts'

const { na, pd } = BINDING_KIND
const DUID = '\0\x03\0\x01\x02\0\x5e\x10\0\x01'
const IAID = 7
const START = 1000
const NOW = 5000
/** What the clock on the wall says at NOW. */
const WALL = 1_800_000_004_000

class Calls implements Outlets {
  readonly calls: { point: string; environment: Readonly<Record<string, string>> }[] = []
  readonly lines: string[] = []

  run(program: string, point: string, environment: Readonly<Record<string, string>>): void {
    if (program !== '/bin/told') throw new Error(program)
    this.calls.push({ point, environment })
  }

  keep(_log: LegalLogPlan, _at: number, line: string): void {
    this.lines.push(line)
  }

  close(): void {}
}

const ARRIVAL: Arrival6 = {
  link: { name: 'eth0', index: 2, linkLocal: ipv6FromText('fe80::1')!, addresses: [] },
  address: ipv6FromText('fe80::5eff:fe10:1')!,
  port: 546,
  to: ipv6FromText('ff02::1:2')!,
}

const HARDWARE: Hardware6 = { htype: 1, address: '\x02\0\x5e\x10\0\x01', source: 'duid' }

function lease(text: string, kind: BindingKind = na, own: Partial<Lease6> = {}): Lease6 {
  return {
    ...freeRow(prefix6FromText(text)!),
    state: LEASE_STATE.assigned,
    subnetId: 12,
    clientId: bindingOf(kind, IAID, DUID),
    htype: 1,
    hwAddress: HARDWARE.address,
    hostname: 'desk.example',
    validLifetime: 4000,
    preferredLifetime: 3000,
    start: START,
    ...own,
  }
}

const ADDRESS = lease('2001:db8:1::5')
const PREFIX = lease('2001:db8:8000::/56', pd)

function message(type: number, relayed = false): Message6 {
  const ias = [iaOption6(na, IAID, [], { t1: 1000, t2: 2000 }), iaOption6(pd, IAID)]
  const direct = encodeMessage6(type, 0x123456, [[OPTION6.clientId, DUID], ...ias])
  const fields = {
    hopCount: 1,
    linkAddress: ipv6FromText('2001:db8:1::1')!,
    peerAddress: ipv6FromText('fe80::abcd')!,
    options: [
      [OPTION6.interfaceId, 'port7'],
      [OPTION6.remoteId, '\0\0\x09\xbf\x01\x02'],
    ] as const,
  }
  const bytes = relayed ? encodeRelayForward(direct, fields) : direct
  const query = new Message6()
  if (decode6(query, bytes, 0, bytes.length) !== undefined) throw new Error('malformed')
  return query
}

interface Row {
  readonly action: LeaseAction
  readonly lease: Lease6
  readonly former?: Lease6
}

/** What is told of what a message does. */
function told(type: number, rows: readonly Row[], relayed = false, plan: object = {}): Calls {
  const calls = new Calls()
  const all = planWith(plan)
  const notices = new LeaseNotices6(all, calls, { wall: () => WALL })
  const changed = rows.map(({ lease: one, former }) => ({
    change: { kind: 'put', lease: one } as const,
    former,
  }))
  const trace = { query: message(type, relayed), hardware: HARDWARE, arrival: ARRIVAL }
  notices.noteMessage(changed, trace)
  for (const { action, lease: one } of rows) notices.durable(action, one, all, NOW)
  return calls
}

function planWith(own: object): Plan6 {
  const notices = { script: '/bin/told', legalLog: { to: {}, except: new Set([99]) }, ...own }
  return { notices, subnetById: () => undefined, expiry: { holdReclaimed: 0 } } as unknown as Plan6
}

const QUERY = {
  QUERY6_TXID: '1193046',
  QUERY6_LOCAL_ADDR: 'ff02::1:2',
  QUERY6_LOCAL_PORT: '547',
  QUERY6_REMOTE_ADDR: 'fe80::5eff:fe10:1',
  QUERY6_REMOTE_PORT: '546',
  QUERY6_IFACE_INDEX: '2',
  QUERY6_IFACE_NAME: 'eth0',
  QUERY6_REMOTE_HWADDR: '02:00:5e:10:00:01',
  QUERY6_REMOTE_HWADDR_TYPE: '1',
  QUERY6_PROTO: 'UDP',
  QUERY6_CLIENT_ID: '00:03:00:01:02:00:5e:10:00:01',
}

function variables(prefix: string, address: string, length: number, type: string) {
  const own = {
    ADDRESS: address,
    CLTT: '1800000000',
    HOSTNAME: 'desk.example',
    HWADDR: '02:00:5e:10:00:01',
    HWADDR_TYPE: '1',
    STATE: 'default',
    SUBNET_ID: '12',
    VALID_LIFETIME: '4000',
    DUID: '00:03:00:01:02:00:5e:10:00:01',
    IAID: '7',
    PREFERRED_LIFETIME: '3000',
    PREFIX_LEN: `${length}`,
    TYPE: type,
  }
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => [`${prefix}_${name}`, value]),
  )
}

t.test('leases6_committed: all that a message did, in one call, once it is durable', async (t) => {
  const rows: Row[] = [
    { action: 'granted', lease: ADDRESS },
    { action: 'granted', lease: PREFIX },
  ]
  const { calls } = told(MESSAGE_TYPE6.request, rows)
  t.strictSame(calls, [
    {
      point: 'leases6_committed',
      environment: {
        QUERY6_TYPE: 'REQUEST',
        ...QUERY,
        LEASES6_SIZE: '2',
        DELETED_LEASES6_SIZE: '0',
        ...variables('LEASES6_AT0', '2001:db8:1::5', 128, 'IA_NA'),
        ...variables('LEASES6_AT1', '2001:db8:8000::', 56, 'IA_PD'),
      },
    },
  ])
})

t.test('lease6_renew and lease6_rebind: with the IA as the client names it', async (t) => {
  const rows: Row[] = [{ action: 'renewed', lease: ADDRESS, former: ADDRESS }]
  const renewed = told(MESSAGE_TYPE6.renew, rows).calls
  t.strictSame(
    renewed.map(({ point }) => point),
    ['lease6_renew', 'leases6_committed'],
  )
  t.strictSame(renewed[0]!.environment, {
    QUERY6_TYPE: 'RENEW',
    ...QUERY,
    ...variables('LEASE6', '2001:db8:1::5', 128, 'IA_NA'),
    PKT6_IA_IAID: '7',
    PKT6_IA_IA_TYPE: '3',
    PKT6_IA_IA_T1: '1000',
    PKT6_IA_IA_T2: '2000',
  })
  const points = (type: number) => told(type, rows).calls.map(({ point }) => point)
  t.strictSame(points(MESSAGE_TYPE6.rebind), ['lease6_rebind', 'leases6_committed'])
  t.strictSame(points(MESSAGE_TYPE6.request), ['leases6_committed'])
})

t.test('a RELEASE, a DECLINE, and a lease that another one takes the place of', async (t) => {
  const released = { ...PREFIX, state: LEASE_STATE.released, validLifetime: 0 }
  const { calls } = told(MESSAGE_TYPE6.release, [
    { action: 'released', lease: released, former: PREFIX },
  ])
  t.strictSame(
    calls.map(({ point }) => point),
    ['lease6_release', 'leases6_committed'],
  )
  t.match(calls[0]!.environment, variables('LEASE6', '2001:db8:8000::', 56, 'IA_PD'))
  t.match(calls[1]!.environment, {
    LEASES6_SIZE: '0',
    DELETED_LEASES6_SIZE: '1',
    ...variables('DELETED_LEASES6_AT0', '2001:db8:8000::', 56, 'IA_PD'),
  })
  const nobody = { ...freeRow(ADDRESS.address), state: LEASE_STATE.declined, subnetId: 12 }
  const declined = told(MESSAGE_TYPE6.decline, [
    { action: 'declined', lease: nobody, former: ADDRESS },
  ]).calls
  t.strictSame(
    declined.map(({ point }) => point),
    ['lease6_decline', 'leases6_committed'],
  )
  t.match(declined[0]!.environment, { LEASE6_ADDRESS: '2001:db8:1::5', LEASE6_IAID: '7' })
  t.match(declined[1]!.environment, { LEASES6_SIZE: '1', LEASES6_AT0_STATE: 'declined' })
  const moved = told(MESSAGE_TYPE6.renew, [
    { action: 'granted', lease: lease('2001:db8:1::6') },
    { action: 'superseded', lease: { ...ADDRESS, validLifetime: 0 }, former: ADDRESS },
  ]).calls
  t.strictSame(
    moved.map(({ point }) => point),
    ['lease6_release', 'leases6_committed'],
  )
  t.match(moved[1]!.environment, {
    LEASES6_SIZE: '1',
    LEASES6_AT0_ADDRESS: '2001:db8:1::6',
    DELETED_LEASES6_SIZE: '1',
    DELETED_LEASES6_AT0_ADDRESS: '2001:db8:1::5',
  })
})

t.test('what time does: lease6_expire and lease6_recover', async (t) => {
  const calls = new Calls()
  const plan = planWith({})
  const notices = new LeaseNotices6(plan, calls, { wall: () => WALL })
  const expired = { ...ADDRESS, state: LEASE_STATE.expired }
  notices.noteTime({ change: { kind: 'put', lease: expired }, former: ADDRESS }, plan, NOW)
  notices.durable('expired', expired, plan, NOW)
  t.strictSame(calls.calls, [
    {
      point: 'lease6_expire',
      environment: {
        ...variables('LEASE6', '2001:db8:1::5', 128, 'IA_NA'),
        REMOVE_LEASE: 'true',
      },
    },
  ])
  const declined = { ...ADDRESS, clientId: '', state: LEASE_STATE.declined }
  const change = { kind: 'remove', address: ADDRESS.address, change: 1 } as const
  notices.noteTime({ change, former: declined }, plan, NOW)
  t.equal(calls.calls.at(-1)?.point, 'lease6_recover')
  t.match(calls.calls.at(-1)?.environment, { LEASE6_STATE: 'declined' })
})

t.test('who watches nothing is told nothing', async (t) => {
  const calls = told(MESSAGE_TYPE6.request, [{ action: 'granted', lease: ADDRESS }], false, {
    script: undefined,
    legalLog: undefined,
  })
  t.strictSame([calls.calls, calls.lines], [[], []])
  const plan = planWith({ script: undefined, legalLog: undefined })
  t.equal(new LeaseNotices6(plan, calls, { wall: () => WALL }).areWanted, false)
})

t.test('the legal log: a line for each change', async (t) => {
  const device =
    'DUID: 00:03:00:01:02:00:5e:10:00:01 and hardware address: hwtype=1 02:00:5e:10:00:01 (from DUID)'
  const { request, release } = MESSAGE_TYPE6
  const lines = (type: number, row: Row, relayed = false) => told(type, [row], relayed).lines
  t.strictSame(lines(request, { action: 'granted', lease: ADDRESS }), [
    `Address: 2001:db8:1::5 has been assigned for 1 hrs 6 mins 40 secs to a device with ${device}`,
  ])
  t.strictSame(lines(request, { action: 'granted', lease: PREFIX }, true), [
    `Prefix: 2001:db8:8000::/56 has been assigned for 1 hrs 6 mins 40 secs to a device with ${device}` +
      ' connected via relay at address: fe80::abcd for client on link address: 2001:db8:1::1,' +
      ' hop count: 1, identified by remote-id: 00:00:09:bf:01:02' +
      ' and interface-id: 70:6f:72:74:37 (port7)',
  ])
  const unknown = { ...ADDRESS, hwAddress: '', htype: 0, userContext: '{"a":1}' }
  const row: Row = { action: 'released', lease: { ...ADDRESS, validLifetime: 0 }, former: unknown }
  t.strictSame(lines(release, row), [
    'Address: 2001:db8:1::5 has been released from a device with DUID: 00:03:00:01:02:00:5e:10:00:01, context: {"a":1}',
  ])
  const other = { ...ADDRESS, hwAddress: '\x02\0\0\0\0\x09' }
  t.match(lines(request, { action: 'renewed', lease: other }), [/ 02:00:00:00:00:09$/])
  const unlogged = { ...ADDRESS, subnetId: 99 }
  t.strictSame(lines(request, { action: 'granted', lease: unlogged }), [])
})

/** A server of DHCPv6 of which a test holds the ports. */
function serving(outlets: Outlets, formats: object = {}, subnet: object = {}) {
  const libraries = [
    { library: 'libdhcp_run_script.so', parameters: { name: '/bin/told' } },
    { library: 'libdhcp_legal_log.so', parameters: formats },
  ]
  const { plan } = loadPlanFromObject(
    {
      Dhcp6: {
        'interfaces-config': { interfaces: ['eth0'] },
        'valid-lifetime': 600,
        'hooks-libraries': libraries,
        'expired-leases-processing': { 'reclaim-timer-wait-time': 1 },
        subnet6: [
          {
            id: 12,
            subnet: '2001:db8:1::/64',
            interface: 'eth0',
            'rapid-commit': true,
            pools: [{ pool: '2001:db8:1::5 - 2001:db8:1::5' }],
            'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 56, 'delegated-len': 56 }],
            ...subnet,
          },
        ],
      },
    },
    { stateDirectory: undefined },
  )
  let now = 0
  let sink: DatagramSink6 | undefined
  let journal: JournalSink | undefined
  let wake: { at: number; fire: () => void } | undefined
  const nothing = () => undefined
  const server = new Server(
    plan!,
    {
      clock: {
        monotonic: () => now,
        wall: () => WALL + now,
        wakeAt: (at, fire) => {
          wake = { at, fire }
        },
        cancel: () => {
          wake = undefined
        },
      },
      draw: () => 0,
      datagrams6: {
        open: (opened) => {
          sink = opened
        },
        send: nothing,
        select: nothing,
        interfaces: () => [],
        status: () => [],
        traffic: () => [],
        close: (done) => done(),
      },
      serverId: { kept: '', duidOf: () => DUID },
      journal: {
        open: (opened) => {
          journal = opened
        },
        commit: nothing,
        close: (done) => done(),
      },
      log: { enabled: () => false, write: nothing },
      outlets,
    },
    { serverPort: 67, clientPort: 68 },
  )
  const advance = (ms: number) => {
    const end = now + ms
    while (wake !== undefined && wake.at <= end) {
      const { at, fire } = wake
      wake = undefined
      now = Math.max(now, at)
      fire()
    }
    now = end
  }
  server.start()
  journal!.onReady({ stamp: 0, change: 0, setAside: 0, database: 'd', pair: undefined })
  return {
    advance,
    arrive(bytes: Uint8Array): void {
      const { link, address, port, to } = ARRIVAL
      sink!.onDatagram(link, bytes, 0, bytes.length, address, port, to)
      sink!.onBatchEnd()
      advance(5)
    },
    committed(): void {
      journal!.onCommitted()
      advance(5)
    },
  }
}

t.test('a server tells of leases once they are durable, and of their end', async (t) => {
  const outlets = new Calls()
  const world = serving(outlets)
  const CLIENT = '\0\x03\0\x01\x02\0\x5e\x10\0\x02'
  const ias = [iaOption6(na, IAID), iaOption6(pd, IAID)]
  world.arrive(
    encodeMessage6(MESSAGE_TYPE6.solicit, 1, [
      [OPTION6.clientId, CLIENT],
      [OPTION6.rapidCommit, ''],
      ...ias,
    ]),
  )
  t.strictSame(outlets.calls, [], 'nothing is durable yet')
  world.committed()
  t.match(outlets.calls.splice(0), [
    {
      point: 'leases6_committed',
      environment: {
        QUERY6_TYPE: 'SOLICIT',
        LEASES6_SIZE: '2',
        LEASES6_AT0_ADDRESS: '2001:db8:1::5',
        LEASES6_AT1_ADDRESS: '2001:db8:8000::',
        LEASES6_AT1_PREFIX_LEN: '56',
      },
    },
  ])
  world.advance(700_000)
  for (let count = 0; count < 5 && outlets.calls.length < 2; count++) {
    world.committed()
    world.advance(1000)
  }
  t.strictSame(
    outlets.calls.map(({ point, environment }) => `${point} ${environment.LEASE6_ADDRESS}`).sort(),
    ['lease6_expire 2001:db8:1::5', 'lease6_expire 2001:db8:8000::'],
  )
})

t.test('the legal log: expressions make one line of a message', async (t) => {
  const CLIENT = '\0\x03\0\x01\x02\0\x5e\x10\0\x02'
  const request = { 'request-parser-format': "hexstring(option[1].hex, ':')" }
  const response = {
    'response-parser-format': "' got ' + hexstring(substring(option[3].option[5].hex, 0, 16), '')",
  }
  const failing = { 'request-parser-format': 'addrtotext(option[1].hex)' }
  const two = { 'request-parser-format': "'a' + 0x0a + 'b'" }
  const unlogged = { 'user-context': { 'legal-logging': false } }
  const who = '00:03:00:01:02:00:5e:10:00:02'
  const got = / got 20010db8000100000000000000000005/
  const KEAS = [
    /^Address: 2001:db8:1::5 has been assigned/,
    /^Prefix: 2001:db8:8000::\/56 has been/,
  ]
  const cases: readonly [string, object, object, readonly (string | RegExp)[]][] = [
    ['the query', request, {}, [who]],
    ['the reply', response, {}, [got]],
    ['both', { ...request, ...response }, {}, [new RegExp(`^${who}${got.source}`)]],
    ['0x0a ends a line', two, {}, ['a', 'b']],
    ['an empty value is no line', { 'request-parser-format': "'' + ''" }, {}, []],
    ['no value: nothing is lost', failing, {}, KEAS],
    ['not of a subnet that is left out', request, unlogged, []],
  ]
  for (const [title, formats, subnet, expected] of cases) {
    const outlets = new Calls()
    const world = serving(outlets, formats, subnet)
    const ias = [iaOption6(na, IAID), iaOption6(pd, IAID)]
    const identified = [OPTION6.clientId, CLIENT] as const
    world.arrive(
      encodeMessage6(MESSAGE_TYPE6.solicit, 1, [identified, [OPTION6.rapidCommit, ''], ...ias]),
    )
    t.same(outlets.lines, [], `${title}: nothing is durable yet`)
    world.committed()
    t.match(outlets.lines, expected, title)
    t.equal(outlets.lines.length, expected.length, title)
  }
})
