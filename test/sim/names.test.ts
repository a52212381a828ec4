// Names in DNS as histories: clients come and go, DNS is away, servers die between an ACK and the
// update.

import t from 'tap'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import type { Resolver, ResolverSink } from '../../lib/ports/resolver.ts'
import type { ServerPorts } from '../../lib/server/settings.ts'
import { excessNames } from './name-checks.ts'
import {
  bound,
  DDNS,
  dnsLines,
  NAMED,
  namedPlan,
  namesStage,
  onePlan,
  wantedLines,
} from './names-stage.ts'

const MINUTE = 60_000

function named(count: number, more: object = {}) {
  return Array.from({ length: count }, (_, at) => ({
    ...{ name: `c${at}`, hostname: `pc${at}`, startDelayMax: 0, ...more },
  }))
}

t.test('a lease is registered in both directions, and removed with a RELEASE', async (t) => {
  const { lab, dns } = namesStage({ plan: onePlan(), clients: named(1) })
  lab.advance(5000)
  t.same(dnsLines(dns), ['192.0.2.10 pc0.lan', 'pc0.lan 192.0.2.10'])
  t.ok(dns.lines.some((line) => line.startsWith('pc0.lan DHCID 0000')))
  lab.client(0).release()
  lab.advance(5000)
  t.same(dns.lines, [])
  t.equal(lab.server().server?.names.ledger.size, 0, 'nothing is kept of it')
})

t.test('names of leases that end are removed when they are reclaimed', async (t) => {
  const { lab, dns } = namesStage({ plan: onePlan(), clients: named(2, { renews: false }) })
  lab.advance(5000)
  t.equal(dnsLines(dns).length, 4)
  for (const client of lab.clients) client.stop()
  lab.advance(20 * MINUTE)
  t.same(dns.lines, [])
})

t.test('DNS is away for an hour: nobody waits, and then all is there', async (t) => {
  const { lab, dns } = namesStage({ plan: onePlan(), clients: named(20) })
  dns.behaviour.isAway = true
  lab.advance(60 * MINUTE)
  t.ok(lab.clients.every((client) => client.isBound))
  t.same(dns.lines, [])
  dns.behaviour.isAway = false
  lab.advance(2 * MINUTE)
  t.same(dnsLines(dns), wantedLines(lab.server()))
  t.equal(dnsLines(dns).length, 40)
})

t.test('new zones come into force while DNS does not answer: nothing is forgotten', async (t) => {
  const plan = onePlan()
  const { lab, dns } = namesStage({ plan, clients: named(1) })
  lab.advance(5000)
  dns.behaviour.isAway = true
  lab.client(0).release()
  lab.advance(1000)
  const removed = () => dns.lines.length === 0
  t.notOk(removed())
  t.equal(lab.server().server!.names.queue.inFlight, 1, 'one is under way')
  lab.server().reload({ ...plan, names: { ...plan.names, rate: plan.names.rate + 1 } })
  lab.advance(10_000)
  dns.behaviour.isAway = false
  lab.advance(5 * MINUTE)
  t.ok(removed(), dns.lines.join())
})

t.test(
  'DNS is away for six hours, for both families: little is kept, and it is asked seldom',
  async (t) => {
    const pools6 = [{ pool: '2001:db8:1::10 - 2001:db8:1::99' }]
    const plan = namedPlan({
      ...DDNS,
      Dhcp4: {
        ...NAMED,
        'valid-lifetime': 600,
        subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.99' }] }],
      },
      Dhcp6: {
        ...NAMED,
        'valid-lifetime': 600,
        'preferred-lifetime': 400,
        subnet6: [{ id: 1, subnet: '2001:db8:1::/64', pools: pools6 }],
      },
    })
    let asked = 0
    const { lab, dns } = namesStage(
      {
        plan,
        clients: named(15),
        clients6: named(15).map((one) => ({ hostname: `${one.hostname}-6` })),
      },
      {},
      (own) => {
        const resolver = own.resolver!
        const send: Resolver['send'] = (...question) => {
          asked++
          resolver.send(...question)
        }
        return { ...own, resolver: { ...bound(resolver), send } }
      },
    )
    dns.behaviour.isAway = true
    for (let hour = 0; hour < 6; hour++) {
      for (const [at, { machine }] of lab.clients.entries())
        machine.settings = { ...machine.settings, hostname: `pc${at}-${hour}` }
      if (hour === 3) lab.restart()
      lab.advance(60 * MINUTE)
      t.same(excessNames(lab, 60), [])
    }
    t.same(dns.lines, [])
    t.ok(lab.clients.every((client) => client.isBound))
    // A minute or so between two tries of its one server.
    t.ok(asked > 100 && asked < 1000, `${asked} questions`)
    dns.behaviour.isAway = false
    lab.advance(3 * MINUTE)
    t.same(dnsLines(dns), wantedLines(lab.server()))
    t.equal(dnsLines(dns).length, 60)
    const { ledger } = lab.server().server!.names
    t.equal(ledger.owed.size, 0)
  },
)

t.test('killed between the ACK and the update: the next life registers the name', async (t) => {
  const { lab, dns } = namesStage({ plan: onePlan(), clients: named(3) })
  dns.behaviour.isAway = true
  lab.advance(5000)
  t.ok(lab.clients.every((client) => client.isBound))
  lab.server().kill()
  dns.behaviour.isAway = false
  lab.restart()
  lab.advance(5000)
  t.same(dnsLines(dns), wantedLines(lab.server()))
  t.equal(dnsLines(dns).length, 6)
})

t.test('killed between the RELEASE and the removal: the next life removes it', async (t) => {
  const { lab, dns } = namesStage({ plan: onePlan(), clients: named(1) })
  lab.advance(5000)
  dns.behaviour.isAway = true
  lab.client(0).release()
  lab.advance(1000)
  lab.server().crash()
  dns.behaviour.isAway = false
  lab.restart()
  lab.advance(5000)
  t.same(dns.lines, [])
})

t.test('a server that refuses is asked again, and all is there when it does not', async (t) => {
  const { lab, dns } = namesStage({ plan: onePlan(), clients: named(2) }, { refuses: true })
  lab.advance(MINUTE)
  t.same(dns.lines, [])
  const refusals = lab.server().log.lines.filter(({ id }) => id === 'DDNS_REFUSED')
  t.equal(refusals.length, 1, 'it is told once')
  dns.behaviour.refuses = false
  lab.advance(10 * MINUTE)
  t.same(dnsLines(dns), wantedLines(lab.server()))
})

t.test('a name is not told to DNS before its lease is stored', async (t) => {
  const { lab, dns } = namesStage({ plan: onePlan(), clients: named(1) })
  dns.behaviour.isAway = true
  lab.advance(5000)
  const { machine } = lab.client(0)
  machine.settings = { ...machine.settings, hostname: 'other' }
  Object.assign(lab.server().disk.behaviour, { commitMin: MINUTE, commitMax: MINUTE })
  const { names } = lab.server().server!
  t.ok(lab.world.advanceUntil(() => names.ledger.keysOf('other.lan').length > 0, 10 * MINUTE))
  dns.behaviour.isAway = false
  names.retry()
  lab.advance(20_000)
  t.notOk(dnsLines(dns).some((line) => line.includes('other')))
  lab.advance(3 * MINUTE)
  t.same(dnsLines(dns), ['192.0.2.10 other.lan', 'other.lan 192.0.2.10'])
})

t.test('somebody takes a name by hand: its former address leads there no more', async (t) => {
  const { lab, dns } = namesStage({ plan: onePlan(), clients: named(1) })
  lab.advance(5000)
  dns.lose('pc0.lan')
  dns.put({ name: 'pc0.lan', type: 1, dnsClass: 1, ttl: 60, data: '\x0a\x00\x00\x01' })
  lab.server().server!.names.resend(lab.client(0).ipv4)
  lab.advance(5000)
  t.same(dns.lines, ['pc0.lan A 10.0.0.1'])
})

/** DNS servers that refuse to remove anything while they are told to. */
function refusingRemovals(isOn: () => boolean) {
  return (own: ServerPorts, { node }: VirtualServer): ServerPorts => {
    const resolver = own.resolver!
    let sink: ResolverSink
    const open: Resolver['open'] = (of) => {
      sink = of
      resolver.open(of)
    }
    const send: Resolver['send'] = (ticket, server, request, timeout) => {
      const isRemoval =
        request.kind === 'update' && request.updates.every(({ dnsClass }) => dnsClass !== 1)
      if (!isRemoval || !isOn()) return resolver.send(ticket, server, request, timeout)
      const refusal = { rcode: 5, answers: [], authority: [], clockAhead: 0 }
      node.after(1, () => sink.onDnsAnswer(ticket, { kind: 'reply', ...refusal }))
    }
    return { ...own, resolver: { ...bound(resolver), open, send } }
  }
}

for (const mode of ['no-check-with-dhcid', 'no-check-without-dhcid'] as const)
  t.test(
    `${mode}: a former name that is removed late does not take the new one along`,
    async (t) => {
      let isRefusing = false
      const ports = refusingRemovals(() => isRefusing)
      const plan = onePlan({ 'ddns-conflict-resolution-mode': mode })
      const { lab, dns } = namesStage({ plan, clients: named(1) }, {}, ports)
      lab.advance(5000)
      isRefusing = true
      const { machine } = lab.client(0)
      machine.settings = { ...machine.settings, hostname: 'other' }
      lab.advance(6 * MINUTE)
      t.ok(dnsLines(dns).includes('192.0.2.10 other.lan'), 'the new one is there')
      isRefusing = false
      lab.advance(10 * MINUTE)
      t.same(dnsLines(dns), ['192.0.2.10 other.lan', 'other.lan 192.0.2.10'])
    },
  )
