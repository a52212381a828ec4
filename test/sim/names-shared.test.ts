// Names in DNS of several servers on one database: of a lease that the database refuses nothing is
// sent, and nothing is stored; what a server owes that has died, another one does.

import t from 'tap'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { ConflictMode } from '../../lib/names/rules.ts'
import { dnsLines, namesStage, onePlan, wantedLines } from './names-stage.ts'
import { onDatabase } from './shared-plans.ts'

const X = '192.0.2.10'
const MINUTE = 60_000

const CLIENTS = ['A', 'B'].map((name) => ({
  ...{ name, hostname: `pc-${name.toLowerCase()}`, startDelayMax: 0, start: false },
}))

interface Wish {
  readonly mode?: ConflictMode
  readonly pool?: string
  readonly dhcp4?: Partial<Dhcp4Document>
  readonly servers?: number
}

/** S1 and S2 serve; A and B are off. What each server asked of DNS is kept. */
function stage({
  mode = 'check-with-dhcid',
  pool = `${X} - ${X}`,
  dhcp4 = {},
  servers = 2,
}: Wish = {}) {
  const plan = onePlan({
    ...{ 'ddns-conflict-resolution-mode': mode, 'valid-lifetime': 600, authoritative: true },
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool }] }],
    ...dhcp4,
  })
  const asked: string[] = []
  const { lab, dns } = namesStage(
    { plan: onDatabase(plan), servers, shared: true, clients: CLIENTS },
    {},
    (own, { name }) => {
      const { resolver } = own
      return {
        ...own,
        resolver: {
          open: (sink) => resolver!.open(sink),
          close: () => resolver!.close(),
          transfer: (...zone) => resolver!.transfer(...zone),
          send: (ticket, server, request, timeout) => {
            asked.push(`${name} ${request.kind === 'update' ? JSON.stringify(request) : ''}`)
            resolver!.send(ticket, server, request, timeout)
          },
        },
      }
    },
  )
  lab.advance(5000)
  const only = (client: string, server: number) => {
    for (const [at, { name }] of lab.servers.entries())
      for (const [there, back] of [
        [client, name],
        [name, client],
      ] as const)
        lab.network[at === server ? 'heal' : 'cut'](there, back)
  }
  const [a, b] = [lab.clients[0]!, lab.clients[1]!]
  return { lab, dns, a, b, only, asked }
}

for (const mode of ['check-with-dhcid', 'no-check-without-dhcid'] as const)
  t.test(`of two that get one address at once the loser has no name, ${mode}`, async (t) => {
    const { lab, dns, a, b, only, asked } = stage({ mode })
    for (const { path } of lab.servers) path.latencyMin = path.latencyMax = 400
    only('A', 0)
    only('B', 1)
    a.start()
    b.start()
    lab.advance(MINUTE)
    t.ok(lab.database!.conflicts > 0, 'one was refused')
    const winner = a.isBound ? 'pc-a' : 'pc-b'
    t.same(dnsLines(dns), [`${X} ${winner}.lan`, `${winner}.lan ${X}`])
    const loser = a.isBound ? 'pc-b' : 'pc-a'
    t.same(
      asked.filter((one) => one.includes(loser)),
      [],
      'and nothing was ever said of it',
    )
    t.same(dnsLines(dns), wantedLines(lab.server(0)))
    t.equal(lab.database!.names().filter(({ text }) => text.includes(loser)).length, 0)
  })

t.test('who owes another name there removes the name that a dead server registered', async (t) => {
  const { lab, dns, a, b, only } = stage()
  only('A', 1)
  a.start()
  lab.advance(5000)
  dns.behaviour.isAway = true
  a.release()
  lab.advance(10 * MINUTE)
  only('B', 0)
  lab.server(1).path.isCut = true
  b.start()
  lab.advance(1000)
  dns.behaviour.isAway = false
  lab.advance(5000)
  t.ok(dnsLines(dns).includes(`pc-b.lan ${X}`))
  dns.behaviour.isAway = true
  lab.server(1).path.isCut = false
  lab.advance(5000)
  lab.server(0).crash()
  lab.advance(15 * MINUTE)
  t.same(wantedLines(lab.server(1)), [])
  dns.behaviour.isAway = false
  lab.advance(20 * MINUTE)
  t.same(dns.lines, [])
})

const MODES = ['check-with-dhcid', 'no-check-with-dhcid', 'no-check-without-dhcid'] as const

/** The first of three servers gives A its address; DNS hears of it, or nothing from then on. */
function given(mode: ConflictMode, isHeard: boolean) {
  const one = stage({ mode, servers: 3 })
  const { lab, dns, a, only } = one
  dns.behaviour.isAway = !isHeard
  only('A', 0)
  a.start()
  lab.advance(5000)
  dns.behaviour.isAway = true
  return one
}

const AT_X = [`${X} pc-a.lan`, `pc-a.lan ${X}`]

for (const mode of MODES) {
  t.test(`a server dies between ACK and DNS: another one tells the name, ${mode}`, async (t) => {
    const { lab, dns, a } = given(mode, false)
    t.ok(a.isBound)
    lab.server(0).crash()
    dns.behaviour.isAway = false
    lab.advance(2 * MINUTE)
    t.same(dnsLines(dns), AT_X)
    t.equal(dns.updates, 2, 'once in each direction')
    t.same(
      lab.servers.map(({ server }) => server?.names.status().owed ?? 0),
      [0, 0, 0],
    )
    lab.server(0).start()
    lab.advance(2 * MINUTE)
    t.same([dnsLines(dns), dns.updates], [AT_X, 2], 'who comes back does nothing once more')
  })

  t.test(`a server dies between RELEASE and DNS: another one removes it, ${mode}`, async (t) => {
    const { lab, dns, a, b, only } = given(mode, true)
    t.same(dnsLines(dns), AT_X)
    a.release()
    lab.advance(1000)
    lab.server(0).crash()
    only('B', 1)
    b.start()
    lab.advance(5000)
    t.ok(b.isBound, 'and somebody else has the address')
    dns.behaviour.isAway = false
    lab.advance(2 * MINUTE)
    t.same(dnsLines(dns), [`${X} pc-b.lan`, `pc-b.lan ${X}`])
  })

  t.test(`the lease of a server that has died ends: its name is removed, ${mode}`, async (t) => {
    const { lab, dns, a, b, only } = given(mode, true)
    lab.server(0).crash()
    a.stop()
    dns.behaviour.isAway = false
    lab.advance(20 * MINUTE)
    t.same(dns.lines, [])
    only('B', 1)
    b.start()
    lab.advance(MINUTE)
    lab.server(0).start()
    lab.advance(5 * MINUTE)
    t.same(dnsLines(dns), [`${X} pc-b.lan`, `pc-b.lan ${X}`], 'the next one stays, who comes back')
  })
}

const TAKEN_FOR_GONE: Record<string, (lab: ReturnType<typeof stage>['lab']) => void> = {
  'cut off': (lab) => {
    const { path } = lab.server(0)
    path.isCut = true
    lab.advance(2 * MINUTE)
    path.isCut = false
  },
  paused: (lab) => {
    lab.server(0).pause()
    lab.advance(2 * MINUTE)
    lab.server(0).resume()
  },
  'the clock of the database jumped': (lab) => {
    lab.database!.skew += 2 * MINUTE
  },
}

for (const [what, happens] of Object.entries(TAKEN_FOR_GONE))
  t.test(`who was taken for gone owes a name after its restart, too: ${what}`, async (t) => {
    const { lab, dns, a } = given('no-check-with-dhcid', false)
    const [first] = lab.servers
    happens(lab)
    lab.advance(MINUTE)
    a.stop()
    a.start()
    lab.advance(MINUTE)
    t.ok(a.isBound)
    first!.crash()
    lab.advance(1000)
    first!.start()
    lab.advance(5000)
    dns.behaviour.isAway = false
    lab.advance(2 * MINUTE)
    t.same(dnsLines(dns), AT_X)
  })

t.test(
  'who renews at another server keeps its name, and DNS hears it once more at most',
  async (t) => {
    const { lab, dns, a, only } = given('no-check-with-dhcid', true)
    dns.behaviour.isAway = false
    t.equal(dns.updates, 2)
    for (const server of [1, 0, 1, 0, 1]) {
      only('A', server)
      a.stop()
      a.start()
      lab.advance(MINUTE)
      t.same(dnsLines(dns), AT_X)
    }
    t.equal(dns.updates, 4)
  },
)
