// RELEASE and DECLINE (RFC 9915 §18.3.7, §18.3.8), and what becomes of leases that end.

import t from 'tap'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import {
  client,
  DECLINE,
  documentWith,
  key6,
  LeaseServer6,
  na,
  pd,
  RELEASE,
  RENEW,
  REQUEST,
  type Reply6,
  SOLICIT,
} from './lease-server6.ts'

const A = '2001:db8:1::10'
const B = '2001:db8:1::11'
const P = '2001:db8:8000::/56'
const LINK = '2001:db8:1::fe'
const SUCCESS = '\0\0'

/** The status of the whole message, then a line for each IA that it speaks of. */
function said(reply: Reply6 | string): readonly unknown[] {
  if (typeof reply === 'string') return [reply]
  return [reply.message.option(OPTION6.statusCode)?.slice(0, 2) === SUCCESS, ...reply.ias]
}

function states(server: LeaseServer6, ...keys: string[]): (number | undefined)[] {
  return keys.map((key) => server.row(key)?.state)
}

t.test('§18.3.7: all that a client releases ends, and it is told a success', async (t) => {
  const server = new LeaseServer6()
  server.lease(client(1), na(1), na(2), pd(1))
  t.strictSame(said(server.send(RELEASE, client(1), [na(1, A), na(2, B), pd(1, P)])), [true])
  t.strictSame(states(server, A, B, P), [3, 3, 3])
  const { outcome } = server
  const done = outcome.kind === 'reply' ? outcome.changes : []
  t.strictSame(
    done.map(({ action, former }) => [action, former?.state]),
    Array(3).fill(['released', LEASE_STATE.assigned]),
  )
})

t.test('§18.3.7: of an IA of which nothing is the client’s NoBinding is said', async (t) => {
  const server = new LeaseServer6()
  server.lease(client(1), na(1), pd(1))
  const strangers = [
    [client(2), na(1, A), 'NA 1: NoBinding'],
    [client(1), na(2, A), 'NA 2: NoBinding'],
    [client(1), pd(1, '2001:db8:8000:100::/56'), 'PD 1: NoBinding'],
    [client(1), na(1), 'NA 1: NoBinding'],
  ] as const
  for (const [from, ia, line] of strangers) {
    t.strictSame(said(server.send(RELEASE, from, [ia])), [true, line])
    t.strictSame(said(server.send(DECLINE, from, [ia])), [true, ...(ia.kind === 3 ? [line] : [])])
  }
  t.strictSame(states(server, A, P), [0, 0], 'and nothing ends')
  t.strictSame(said(server.send(RELEASE, client(1), [na(1, B, A), na(7, B)])), [
    true,
    'NA 7: NoBinding',
  ])
  t.strictSame(states(server, A), [3])
})

t.test('a second RELEASE finds nothing', async (t) => {
  const server = new LeaseServer6()
  server.lease(client(1), na())
  server.send(RELEASE, client(1), [na(1, A)])
  t.strictSame(said(server.send(RELEASE, client(1), [na(1, A)])), [true, 'NA 1: NoBinding'])
  t.equal(server.outcome.kind === 'reply' && server.outcome.changes.length, 0)
})

t.test('who released something gets it back, and others get it too', async (t) => {
  const server = new LeaseServer6(documentWith({ pools: [{ pool: `${A}/128` }] }))
  server.lease(client(1), na())
  server.send(RELEASE, client(1), [na(1, A)])
  t.strictSame(server.lease(client(1), na()), [A], 'wide-dhcpv6 asks again at once')
  server.send(RELEASE, client(1), [na(1, A)])
  server.advance(20)
  server.send(RELEASE, client(1), [na(1, A)])
  t.strictSame(server.lease(client(2), na()), [A])
})

t.test('rule 6b: a RELEASE that may be older than the lease ends nothing', async (t) => {
  const server = new LeaseServer6()
  server.lease(client(1), na(), pd())
  server.send(RELEASE, client(1), [na(1, A), pd(1, P)])
  t.strictSame(server.lease(client(1), na(), pd()), [A, P])
  server.advance(11)
  t.strictSame(said(server.send(RELEASE, client(1), [na(1, A), pd(1, P)])), [true])
  t.strictSame(states(server, A, P), [0, 0])
  t.strictSame(server.outcome.kind === 'reply' && server.outcome.kept, [
    { key: key6(A), why: 'release-too-soon' },
    { key: key6(P), why: 'release-too-soon' },
  ])
  server.advance(1)
  server.send(RELEASE, client(1), [na(1, A), pd(1, P)])
  t.strictSame(states(server, A, P), [3, 3])
})

t.test('§18.3.8: what is declined rests; of prefixes nothing is said', async (t) => {
  const server = new LeaseServer6()
  server.lease(client(1), na(1), na(2), pd(1))
  t.strictSame(said(server.send(DECLINE, client(1), [na(1, A), na(2, B), pd(1, P)])), [true])
  t.strictSame(states(server, A, B, P), [1, 1, 0])
  const row = server.row(A)!
  t.match(row, { clientId: '', hwAddress: '', hostname: '', preferredLifetime: 0 })
  t.equal(row.validLifetime, 86_400)
  const actions = server.outcome.kind === 'reply' ? server.outcome.changes : []
  t.strictSame(
    actions.map(({ action, former }) => [action, former?.hwAddress]),
    Array(2).fill(['declined', client(1).mac]),
  )
  t.strictSame(server.ias(RENEW, client(1), [na(1, A)]), [
    'NA 1: 2001:db8:1::12 3000/4000, 0/0 2001:db8:1::10',
  ])
  t.strictSame(said(server.send(DECLINE, client(1), [na(2, B)])), [true, 'NA 2: NoBinding'])
})

t.test('a client has so many bindings of each kind and no more', async (t) => {
  const server = new LeaseServer6()
  const all = (type: number, count: number) =>
    server
      .ias(type, client(1), [
        ...Array.from({ length: count }, (_, at) => na(at)),
        ...Array.from({ length: count }, (_, at) => pd(at)),
      ])
      .filter((line) => !line.includes('Avail')).length
  t.equal(all(SOLICIT, 10), 16)
  t.equal(all(REQUEST, 10), 16)
  t.equal(all(REQUEST, 10), 16)
  t.match(server.ias(REQUEST, client(1), [na(77)])[0], 'NoAddrsAvail')
  server.send(RELEASE, client(1), [na(0, A)])
  server.advance(20)
  server.send(RELEASE, client(1), [na(0, A)])
  t.strictSame(server.lease(client(1), na(77)), [A], 'but another in place of one that ended')
  t.match(server.ias(REQUEST, client(1), [na(0)])[0], 'NoAddrsAvail')
  t.strictSame(server.lease(client(2), na(1)), ['2001:db8:1::18'], 'others have theirs')
})

t.test('max-leases-per-client6: another number of them', async (t) => {
  const server = new LeaseServer6(undefined, {}, { 'max-leases-per-client6': 2 })
  t.equal(server.lease(client(1), na(1), na(2)).length, 2)
  t.match(server.ias(REQUEST, client(1), [na(3)])[0], 'NoAddrsAvail')
  t.match(server.ias(REQUEST, client(1), [pd(3)])[0], '2001:db8:8000::/56', 'prefixes beside')
})

t.test('verify-source: a stranger who knows the DUID ends no lease', async (t) => {
  const why = ({ outcome }: LeaseServer6) =>
    outcome.kind === 'reply' ? outcome.kept.map((one) => one.why) : []
  const { mac } = client(2)
  const open = new LeaseServer6()
  open.lease(client(1), na(1))
  open.send(RELEASE, { ...client(1), mac }, [na(1, A)])
  t.strictSame(states(open, A), [LEASE_STATE.released], 'without the key')

  const server = new LeaseServer6(undefined, {}, { 'verify-source': true })
  server.lease(client(1), na(1), na(2))
  for (const type of [RELEASE, DECLINE]) {
    t.strictSame(said(server.send(type, { ...client(1), mac }, [na(1, A)])), [true])
    t.strictSame(why(server), ['from-elsewhere'])
  }
  t.strictSame(states(server, A), [LEASE_STATE.assigned])
  server.send(RELEASE, client(1), [na(1, A)])
  server.send(DECLINE, client(1), [na(2, B)])
  t.strictSame(states(server, A, B), [LEASE_STATE.released, LEASE_STATE.declined])

  t.comment('behind a relay, with what it says of its port')
  const relayed = new LeaseServer6(
    documentWith({ 'store-extended-info': true, interface: '', relay: { 'ip-addresses': [LINK] } }),
    {},
    { 'verify-source': true },
  )
  const behind = (port: string) => ({
    relays: [{ linkAddress: ipv6FromText(LINK)!, options: [[18, port] as const] }],
  })
  t.match(relayed.send(REQUEST, client(1), [na(1)], behind('port 1')), { ias: [/2001:db8:1::10/] })
  relayed.advance(20)
  relayed.send(RELEASE, client(1), [na(1, A)], behind('port 2'))
  t.strictSame(why(relayed), ['from-elsewhere'])
  relayed.send(RELEASE, client(1), [na(1, A)], behind('port 1'))
  t.strictSame(states(relayed, A), [LEASE_STATE.released])
})

t.test('who has as many bindings as it may is moved as others are', async (t) => {
  const server = new LeaseServer6()
  const ias = Array.from({ length: 8 }, (_, at) => na(at))
  const keys = server.lease(client(1), ...ias)
  server.reload(documentWith({ pools: [{ pool: '2001:db8:1::20 - 2001:db8:1::29' }] }))
  const named = keys.map((key, at) => na(at, key))
  t.strictSame(
    server.ias(RENEW, client(1), named),
    keys.map((key, at) => `NA ${at}: 2001:db8:1::2${at} 3000/4000, 0/0 ${key}`),
  )
  const few = new LeaseServer6()
  const five = few.lease(client(1), ...ias.slice(0, 5))
  few.reload(documentWith({ pools: [{ pool: '2001:db8:1::20 - 2001:db8:1::29' }] }))
  const more = [...five.map((key, at) => na(at, key)), na(7)]
  t.equal(few.ias(RENEW, client(1), more)[5], 'NA 7: 2001:db8:1::25 3000/4000')
})

t.test('§18.3.1: rapid commit, where it is asked for and configured', async (t) => {
  const options = [[OPTION6.rapidCommit, '']] as const
  const type = (server: LeaseServer6) => {
    const reply = server.send(SOLICIT, client(1), [na(), pd()], { options })
    if (typeof reply === 'string') return reply
    return [reply.type, reply.message.has(OPTION6.rapidCommit), server.row(A)?.state]
  }
  t.strictSame(type(new LeaseServer6()), [2, false, undefined])
  t.strictSame(type(new LeaseServer6(documentWith({ 'rapid-commit': true }))), [7, true, 0])
})

t.test('who declines one address after the other gets no new one for a while', async (t) => {
  const pools = [{ pool: '2001:db8:1::10 - 2001:db8:1::2f' }]
  const server = new LeaseServer6(documentWith({ pools }))
  server.lease(client(1), na(7))
  for (let round = 0; round < 11; round++) {
    const [key] = server.lease(client(1), na(1))
    server.send(DECLINE, client(1), [na(1, key!)])
    server.advance(30)
  }
  t.match(server.ias(REQUEST, client(1), [na(1)])[0], 'NoAddrsAvail')
  t.strictSame(server.ias(RENEW, client(1), [na(7, A)]), [`NA 7: ${A} 3000/4000`], 'what it has')
  t.match(server.lease(client(1), pd(1))[0], P, 'prefixes are none of it')
  t.match(server.lease(client(2), na(1))[0], '2001:db8:1::1c', 'others are served')
  server.advance(600)
  t.match(server.lease(client(1), na(1))[0], '2001:db8:1::1d')
})
