// What the log, the status and whoever follows events are told of DHCP servers that nobody here has
// set up: by what clients say that they take.

import t from 'tap'
import type { Ipv4 } from '../../lib/address/ipv4.ts'
import { LeaseTables } from '../../lib/leases/table/lease-tables.ts'
import { Counters } from '../../lib/server/counters.ts'
import { Outcomes4 } from '../../lib/server/outcomes4.ts'
import { Reporter } from '../../lib/server/reporter.ts'
import { Reporter4 } from '../../lib/server/reporter4.ts'
import type { PairFace } from '../../lib/server/service.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { iaOption6 } from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import { planWith, SmallWorld } from './small-world.ts'
import { SmallWorld6 } from './small-world6.ts'

const HOUR = 3_600_000
const [REQUEST, DECLINE, RELEASE] = [3, 4, 7]
const ASKED = '\xc0\x00\x02\x32'
/** 192.0.2.`last` as a server. */
const server = (last: number) => `\xc0\x00\x02${String.fromCharCode(last)}`

function takes(world: SmallWorld, number: number, last: number): void {
  world.arrive(REQUEST, number, { 50: ASKED, 54: server(last) })
}

function linesOf(world: SmallWorld): string[] {
  return world.log.filter(({ id }) => id.includes('OTHER_SERVER')).map(({ id }) => id)
}

t.test('another server on the segment is told of once an hour, with its clients', async (t) => {
  const world = SmallWorld.serving()
  t.same(world.server.status().otherServers, [])
  for (const number of [1, 2, 2, 3]) takes(world, number, 66)
  t.same(linesOf(world), ['DHCP4_OTHER_SERVER'])
  const told = world.log.find(({ id }) => id === 'DHCP4_OTHER_SERVER')!
  t.equal(told.level, 'warn')
  t.same(told.fields, { server: '192.0.2.66', interface: 'eth0', clients: 1, relay: undefined })
  const other = { family: 4, server: '192.0.2.66', interface: 'eth0', relay: '' }
  t.same(world.server.status().otherServers, [{ ...other, clients: 3 }])
  t.same(
    world.events.filter(({ kind }) => kind === 'other-server'),
    [{ kind: 'other-server', ...other, clients: 1 }],
  )
  world.advance(HOUR)
  takes(world, 4, 66)
  takes(world, 5, 67)
  t.same(
    world.log.filter(({ id }) => id === 'DHCP4_OTHER_SERVER').map(({ fields }) => fields.clients),
    [1, 4, 1],
    'again after an hour, and of another one at once',
  )
})

t.test('who has not been named for a day is gone from the status', async (t) => {
  const world = SmallWorld.serving()
  takes(world, 1, 66)
  world.advance(24 * HOUR - 1)
  t.equal(world.server.status().otherServers.length, 1)
  world.advance(1)
  t.same(world.server.status().otherServers, [])
})

t.test('servers that are of the configuration, and messages that take nothing', async (t) => {
  const own = [{ name: 'dhcp-server-identifier', data: '192.0.2.66' }]
  const configured = SmallWorld.serving(planWith({ 'option-data': own }))
  takes(configured, 1, 66)
  takes(configured, 1, 1)
  t.same(linesOf(configured), [], 'option 54 of the subnet, and the address of the interface')
  const world = SmallWorld.serving()
  world.arrive(DECLINE, 1, { 50: ASKED, 54: server(66) })
  world.arrive(RELEASE, 1, { 54: server(66) }, 0xc0000232)
  world.arrive(REQUEST, 1, { 54: server(66) }, 0xc0000232)
  t.same(linesOf(world), [])
})

t.test('whoever makes up servers fills neither disk nor memory', async (t) => {
  const world = SmallWorld.serving()
  for (let last = 2; last < 250; last++) takes(world, last, last)
  t.same(linesOf(world), Array(10).fill('DHCP4_OTHER_SERVER'))
  t.equal(world.events.filter(({ kind }) => kind === 'other-server').length, 10)
  const { otherServers } = world.server.status()
  t.equal(otherServers.length, 32)
  t.equal(otherServers.at(-1)?.server, '192.0.2.249', 'the last ones are remembered')
  for (let client = 1; client <= 300; client++) takes(world, client, 249)
  t.equal(world.server.status().otherServers.at(-1)?.clients, 256)
  world.advance(HOUR)
  takes(world, 1, 66)
  t.equal(linesOf(world).filter((id) => id === 'DHCP4_OTHER_SERVER_MORE').length, 1)
})

t.test('RFC 9915: REQUEST and RENEW name another server, the others say nothing', async (t) => {
  const OTHER = '\0\x03\0\x01\x02\0\0\0\0\x66'
  const ia = [iaOption6(OPTION6.iaNa, 1)]
  const world = new SmallWorld6()
  world.ask(MESSAGE_TYPE6.release, 1, OTHER, ia)
  world.ask(MESSAGE_TYPE6.decline, 1, OTHER, ia)
  t.same(world.server.status().otherServers, [])
  world.ask(MESSAGE_TYPE6.request, 1, OTHER, ia)
  world.ask(MESSAGE_TYPE6.renew, 2, OTHER, ia)
  t.equal(world.log.filter((id) => id === 'DHCP6_OTHER_SERVER').length, 1)
  const duid = '00:03:00:01:02:00:00:00:00:66'
  const other = { family: 6, server: duid, interface: 'eth0', relay: '', clients: 2 }
  t.same(world.server.status().otherServers, [other])
})

t.test(
  'the partner of a pair is no other server, and may have any address before it is met',
  async (t) => {
    const bytes = encodeMessage4({ hwAddress: '\x02\0\0\0\0\x01', xid: 1 }, [
      [53, '\x03'],
      [50, ASKED],
      [54, server(66)],
    ])
    const message = new Message4()
    t.equal(decode4(message, bytes, 0, bytes.length, 'strict'), undefined)
    const told = (pair: PairFace | undefined, isTold: boolean, partner: Ipv4) => {
      const reporter = new Reporter({ enabled: () => false, write: () => {} }, () => false)
      const duties = { tell: () => {}, tables: new LeaseTables(1), pair }
      const kept = { isTold, of: (one: Ipv4) => (one === partner ? ('own' as const) : undefined) }
      const counters = new Counters(() => planWith().dhcp4!)
      const outcomes = new Outcomes4(counters, new Reporter4(reporter), duties, kept, 1)
      outcomes.dropped('not-for-us', message, 'eth0', 0, undefined, undefined, 0)
      return outcomes.others.status(0).length
    }
    const pair = {} as PairFace
    t.equal(told(pair, false, 0), 0, 'not yet met')
    t.equal(told(pair, true, 0xc0000242), 0, 'the partner')
    t.equal(told(pair, true, 0xc0000243), 1, 'somebody else')
    t.equal(told(undefined, false, 0), 1, 'a server on its own has no partner')
  },
)
