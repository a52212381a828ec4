// What `whio why` tells of clients of DHCPv6: a few outcomes of each, as a server remembers them.

import t from 'tap'
import { linesOf } from '../../lib/cli/why.ts'
import { why6 } from '../../lib/explain/why6.ts'
import { CLIENTS6_MAX, OUTCOMES6_MAX, RecentOutcomes6 } from '../../lib/server/recent6.ts'
import { SERVED_MAX } from '../../lib/server/served-limit.ts'
import { decode6, Message6 } from '../../lib/wire/v6/reader.ts'
import {
  CONFIRM,
  clientId,
  duid,
  type Hop,
  iaNa,
  iaPd,
  ip6,
  messageBytes,
  REGISTER,
  RELEASE,
  REQUEST,
  SOLICIT,
  serverId,
  uint32,
} from '../dhcp6/messages6.ts'
import { documentWith, TestServer6 } from '../dhcp6/test-server6.ts'

/** A server that remembers what it answers. */
class Remembering extends TestServer6 {
  readonly recent = new RecentOutcomes6()

  ask(...query: Parameters<TestServer6['send']>): void {
    const [type, options, hops] = query
    this.send(...query)
    const message = new Message6()
    const bytes = messageBytes(type, options, hops)
    decode6(message, bytes, 0, bytes.length)
    const { outcome, now, engine } = this
    if (outcome.kind === 'reply') this.recent.noted(outcome, message, engine.trace, now)
    else if (outcome.kind === 'drop')
      this.recent.dropped(outcome.reason, message, 'eth0', engine.trace, now)
  }

  why(about: string) {
    const { now, plan, table } = this
    const clients = this.recent.clients()
    return why6(about, { plan, table, now, clients, heard: ['heard'], check: ['check'] })
  }

  lines(about: string): string {
    return linesOf(this.why(about), (_, text) => text, 1000 * 3600).join('\n')
  }
}

const DUID1 = '00:03:00:01:02:00:5e:10:00:01'
const plain = { address: ip6('fe80::1') }

t.test('a client that is served: its leases, its reservation, what it was answered', async (t) => {
  const reservations = [{ duid: DUID1, 'ip-addresses': ['2001:db8:1::77'], hostname: 'door' }]
  const server = new Remembering(documentWith({ reservations }))
  server.ask(SOLICIT, [clientId(), iaNa(1)], [], plain)
  server.ask(REQUEST, [clientId(), serverId(), iaNa(1), iaPd(2)], [], plain)
  t.equal(
    server.lines(DUID1),
    `duid ${DUID1}, 02:00:5e:10:00:01: served
leases       2001:db8:1::77 in subnet 1, IA_NA 1, leased, 4000 s left, name door
             2001:db8:8000::/56 in subnet 1, IA_PD 2, leased, 4000 s left
reserved     2001:db8:1::77 and door in 2001:db8:1::/64 (id 1)
01:00:00     SOLICIT -> ADVERTISE of 2001:db8:1::77
             eth0, subnet 2001:db8:1::/64 (id 1)
01:00:00     REQUEST -> REPLY of 2001:db8:1::77, 2001:db8:8000::/56
             eth0, subnet 2001:db8:1::/64 (id 1)`,
  )
  const names = ['02:00:5e:10:00:01', '2001:db8:1::77', 'door', 'DOOR']
  const ofPrefix = ['2001:db8:8000::/56', '2001:db8:8000::', '2001:db8:8000:12::5']
  for (const about of [...names, ...ofPrefix, '2001:db8:8000:12::/64'])
    t.equal(server.why(about).clients[0]?.duid, DUID1, about)
  t.same(server.why('2001:db8:8000:100::').clients, [], 'what is behind the prefix is not in it')
  server.ask(RELEASE, [clientId(), serverId(), iaNa(1, '2001:db8:1::77')], [], plain)
  t.equal(server.why(DUID1).clients[0]?.verdict, 'it gave its address back')
})

t.test('a client that gets nothing, or no answer: why, and what would help', async (t) => {
  const server = new Remembering(documentWith({ pools: [] }))
  const verdict = () => server.why(DUID1).clients[0]!
  server.ask(SOLICIT, [clientId(), iaNa(1)], [], plain)
  t.match(verdict(), { verdict: 'it does not get all that it asks for', help: [/^add a pool/] })
  t.match(verdict().outcomes[0], { why: /an IA gets nothing, since no pool is for this client/ })
  const hops: Hop[] = [{ link: '2001:db8:99::1' }]
  server.ask(SOLICIT, [clientId(), iaNa(1)], hops, plain)
  t.match(verdict(), {
    verdict: 'not answered',
    help: [/^Neither the interface identifier/, /^Add the subnet/, /^A subnet whose/],
  })
  t.match(verdict().outcomes[1], {
    answer: 'silence',
    from: 'relay 2001:db8:99::1',
    reason: 'no-subnet',
  })
  server.ask(CONFIRM, [clientId(), iaNa(1, '2001:db8:5::5')], [], plain)
  t.match(verdict(), { verdict: 'refused', outcomes: [{}, {}, { why: 'not on this link' }] })
})

t.test('offers that nobody takes are one entry, and told of', async (t) => {
  const server = new Remembering()
  for (let times = 0; times < 4; times++) {
    server.ask(SOLICIT, [clientId(), iaNa(1)], [], plain)
    server.advance(10)
  }
  const client = server.why(DUID1).clients[0]!
  t.match(client.outcomes, [{ times: 4, firstAgo: 40_000, lastAgo: 10_000 }])
  t.equal(client.verdict, 'offered 4 times, and it never asked for it')
  t.match(client.help, [/tcpdump -ni eth0 port 546/])
})

t.test('a registered address; who was never heard, but has a lease', async (t) => {
  const server = new Remembering()
  const own = '2001:db8:1::abcd'
  server.ask(REGISTER, [clientId(2), [5, ip6(own) + uint32(60) + uint32(60)]], [], {
    address: ip6(own),
  })
  t.match(server.why(own).clients[0]?.leases, [/registered by the client, 60 s left/])
  server.give('2001:db8:1::10', 3)
  const [silent] = server.why('2001:db8:1::10').clients
  t.match(silent, { duid: /00:03$/, outcomes: [], verdict: /^nothing was heard of it/ })
})

t.test('nobody is known by that', async (t) => {
  const server = new Remembering()
  for (const about of ['00:04:01:02', '2001:db8:1::1', 'printer'])
    t.match(server.why(about), { clients: [], unheard: { heard: ['heard'], check: ['check'] } })
})

t.test('memory: so many clients and outcomes, whoever was heard last', async (t) => {
  const server = new Remembering()
  for (let number = 0; number < CLIENTS6_MAX + 10; number++) {
    server.ask(SOLICIT, [clientId(number), iaNa(1)], [], plain)
    server.advance(1)
  }
  t.equal(server.recent.size, CLIENTS6_MAX)
  t.equal(server.recent.clients()[0]?.duid, duid(CLIENTS6_MAX + 9))
  for (let turn = 0; turn < 2 * OUTCOMES6_MAX; turn++)
    server.ask(turn % 2 === 0 ? CONFIRM : SOLICIT, [clientId(7_000), iaNa(1)], [], plain)
  t.equal(server.recent.clients()[0]?.outcomes.length, OUTCOMES6_MAX)
  server.recent.forgetClasses()
  t.same(server.recent.clients()[0]?.outcomes[0]?.classes, [])
})

t.test(
  'of many clients of another server few are noted, of those that get nothing all',
  async (t) => {
    const { recent } = new Remembering()
    const notePartners = (first: number, reason: 'not-in-scope' | 'no-subnet') => {
      const message = new Message6()
      for (let number = first; number < first + 2 * SERVED_MAX; number++) {
        const bytes = messageBytes(SOLICIT, [clientId(number), iaNa(1)])
        decode6(message, bytes, 0, bytes.length)
        recent.dropped(reason, message, 'eth0', undefined, 0)
      }
    }
    notePartners(0, 'not-in-scope')
    t.equal(recent.size, SERVED_MAX)
    notePartners(1000, 'no-subnet')
    t.equal(recent.size, 3 * SERVED_MAX)
  },
)
