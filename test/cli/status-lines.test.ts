// What `whio status` says of a server of both families, whose subnets may have the same numbers.

import t from 'tap'
import { healthOf } from '../../lib/cli/health.ts'
import { pairLines } from '../../lib/cli/pair-lines.ts'
import { configDatabaseLines, interfaceLines, subnetLines } from '../../lib/cli/status-lines.ts'
import { createPair } from '../../lib/lab/pair.ts'
import type { FreeStatus } from '../../lib/server/pair/pair-status.ts'
import type { ServerStatus, SubnetStatus } from '../../lib/server/status.ts'

const FOUR: SubnetStatus = {
  ...{ family: 4, id: 1, subnet: '192.0.2.0/24', network: '' },
  ...{ addresses: 90, assigned: 3, outside: 1, declined: 0, ended: 0, isExhausted: false },
}

const SIX: SubnetStatus = {
  ...FOUR,
  ...{ family: 6, subnet: '2001:db8::/64', addresses: 2 ** 64, prefixes: 65_536 },
  ...{ assigned: 2, outside: 0, assignedPrefixes: 5, outsidePrefixes: 1 },
}

const free = (
  family: 4 | 6,
  kind: FreeStatus['kind'],
  here: number,
  more: Partial<FreeStatus> = {},
): FreeStatus => ({
  ...{ family, kind, here, subnet: 1, prefix: family === 4 ? '192.0.2.0/24' : '2001:db8::/64' },
  ...{ partner: 7, resting: 0, addresses: 90, takenPerHour: 0 },
  ...{ lastsFor: Number.POSITIVE_INFINITY, ...more },
})

const FREE = [free(4, 'address', 40), free(6, 'address', 2 ** 63), free(6, 'prefix', 300)]

/** The survivor of a pair, which says this of free addresses. */
const alone: ServerStatus = (() => {
  const pair = createPair({ clients: 1 })
  pair.reachNormal()
  pair.crash(1)
  pair.advance(10_000)
  return pair.status(0)!
})()

const sharing = (...rows: FreeStatus[]) => ({ ...alone.ha!, free: rows })

function healthFacts() {
  const process = { pid: 1, version: '0.1.0', since: '2026-06-12T09:00:00.000Z' }
  const configuration = {
    file: '/x',
    read: process.since,
    refused: '',
    needsRestart: [],
    files: [],
    edits: 0,
    unusable: [],
  }
  return { process, configuration }
}

/** Of the survivor, or of a server on its own, with this beside. */
function health(more: Partial<ServerStatus>) {
  return healthOf({ ...healthFacts(), ...alone, ...more }, '')
}

function healthOfSingle(more: Partial<ServerStatus>) {
  const { ha: _, ...single } = alone
  return healthOf({ ...healthFacts(), ...single, ...more }, '')
}

t.test('addresses and prefixes are counted apart', async (t) => {
  t.same(subnetLines(FOUR), [
    '192.0.2.0/24: 2 of 90 leased, 1 more by reservations outside the pools',
  ])
  t.same(subnetLines({ ...SIX, registered: 4 }), [
    '2001:db8::/64: 2 of about 2^64 leased, 4 that hosts made themselves are registered',
    '2001:db8::/64, prefixes: 4 of 65536 leased, 1 more by reservations outside the pools',
  ])
  t.same(
    subnetLines({ ...SIX, addresses: 0, assigned: 0, outsidePrefixes: 0 }),
    ['2001:db8::/64, prefixes: 5 of 65536 leased'],
    'a subnet that delegates prefixes only',
  )
  t.same(subnetLines({ ...SIX, addresses: 0, assigned: 0, prefixes: 0, assignedPrefixes: 0 }), [
    '2001:db8::/64: 0 of 0 leased',
  ])
})

t.test('of two subnets with one number, each has its own free addresses', async (t) => {
  const ha = sharing(...FREE)
  t.match(subnetLines(FOUR, ha), [/, free 40 here, 7 through the partner$/])
  t.match(subnetLines(SIX, ha), [
    /, free about 2\^63 here, 7 through the partner$/,
    /, free 300 here, 7 through the partner$/,
  ])
  const lines = pairLines(ha).filter((line) => line.startsWith('free for'))
  t.same(lines, [
    'free for new clients: 40 IPv4 addresses here, 7 only through the partner',
    'free for new clients: about 2^63 IPv6 addresses here, 7 only through the partner',
    'free for new clients: 300 prefixes here, 7 only through the partner',
  ])
})

t.test('what runs out is told by its kind', async (t) => {
  const soon = { takenPerHour: 100, lastsFor: 3 * 3_600_000 }
  const lines = (...rows: FreeStatus[]) => pairLines(sharing(...rows), new Date(2026, 5, 12, 11))
  t.ok(
    lines(FREE[0]!, FREE[1]!, free(6, 'prefix', 300, soon)).includes(
      'at the present rate the prefixes of 2001:db8::/64 last until about 14:00 (3 h)',
    ),
  )
  t.ok(
    lines(FREE[0]!, FREE[1]!, free(6, 'prefix', 0)).includes(
      'no prefix is left for new clients in 2001:db8::/64',
    ),
  )
  const told = health({ ha: sharing(FREE[0]!, free(6, 'prefix', 300, soon)) })
  t.match(told.line, /prefixes for new clients in 2001:db8::\/64 last 3\.0 h$/)
})

t.test('full pools: the number of a subnet is that of its family', async (t) => {
  const told = (...subnets: SubnetStatus[]) => healthOfSingle({ subnets })
  t.match(told(FOUR, { ...SIX, arePrefixesExhausted: true }), {
    level: 1,
    line: 'WARNING: no prefix is free in 2001:db8::/64',
  })
  t.match(told({ ...FOUR, isExhausted: true }, { ...SIX, isExhausted: true }), {
    line: 'WARNING: no address is free in 192.0.2.0/24 and no address is free in 2001:db8::/64',
  })
  const network = { network: 'campus' }
  t.match(
    told({ ...FOUR, ...network }, { ...SIX, ...network, isExhausted: true }),
    { line: 'WARNING: no address is free in network campus' },
    'a network of DHCPv4 with this name has nothing to do with it',
  )
})

t.test('an interface is told once, with the families that it serves', async (t) => {
  const [socket] = alone.traffic
  const both = (six: object): Pick<ServerStatus, 'interfaces' | 'traffic'> => ({
    interfaces: [
      { name: 'eth0', family: 4, serving: true, trouble: '', misfit: '', unicast: true },
      { name: 'eth0', family: 6, serving: true, trouble: '', misfit: '', ...six },
    ],
    traffic: [
      { ...socket!, name: 'eth0', family: 4, port: 67 },
      { ...socket!, name: 'eth0', family: 6, port: 547 },
    ],
  })
  t.same(interfaceLines(both({})), [
    'interface eth0: served (DHCPv4 on port 67, DHCPv6 on port 547)',
  ])
  const dead = both({ serving: false, trouble: 'no link-local address' })
  t.same(interfaceLines(dead), [
    'interface eth0: served (DHCPv4 on port 67)',
    'interface eth0: not served, no link-local address (DHCPv6)',
  ])
  t.equal(healthOfSingle(both({})).line, 'OK: serving on eth0')
  t.match(
    healthOfSingle(dead),
    {
      level: 2,
      line: 'CRITICAL: interface eth0 is not served by DHCPv6 (no link-local address)',
    },
    'no client of DHCPv6 gets anything, so it is no matter of one interface',
  )
})

t.test('a configuration database is told with its tag, and why it is not in force', async (t) => {
  const { configuration, process } = healthFacts()
  const database = {
    ...{ family: 4 as const, database: 'mysql database kea at db1:3306', serverTag: 'north' },
    ...{ read: '2026-06-12T09:00:00.000Z', isKept: false, trouble: '' },
    ...{ isUp: true, isInForce: true, failures: 0, age: 5 },
  }
  const lines = (more: Partial<typeof database>) =>
    configDatabaseLines({ ...configuration, databases: [{ ...database, ...more }] })
  const name = 'configuration of DHCPv4: mysql database kea at db1:3306'
  t.same(configDatabaseLines(configuration), [])
  t.same(lines({}), [`${name}, for north and all`])
  t.same(lines({ serverTag: '' }), [`${name}, for all`])
  t.same(lines({ isKept: true, trouble: 'refused' }), [
    `${name}, for north and all, as it was read 2026-06-12T09:00:00.000Z; what was in force stays: refused`,
  ])
  const { ha: _, ...single } = alone
  const databases = [{ ...database, trouble: 'refused' }]
  const status = { process, configuration: { ...configuration, databases }, ...single }
  t.match(healthOf(status, ''), {
    level: 1,
    line: /^WARNING: .*configuration in mysql database kea at db1:3306: refused/,
  })
})
