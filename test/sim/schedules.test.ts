// Named schedules: histories, each of which breaks one rule of safety if that rule is left out.
// Each runs twice, with the product as it is and with the rule spoilt from outside, where it must
// be found.

import t, { type Test } from 'tap'
import { type Ipv4, ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { createLab, type Lab, type LabClientSettings, type LabSettings } from '../../lib/lab/lab.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { graceOf } from '../../lib/leases/grace.ts'
import type { Change, Lease } from '../../lib/leases/lease.ts'
import type { LeaseTable } from '../../lib/leases/table/lease-table.ts'
import { onePool } from './plans.ts'

const X = ipv4FromText('192.0.2.10')!
const ONE_ADDRESS = '192.0.2.10 - 192.0.2.10'
const HOUR = 3600
const DAY_MS = 86_400_000

interface Schedule {
  readonly name: string
  readonly settings: LabSettings
  /** Takes the rule away; called after the server has started, and after each restart. */
  readonly spoil: (table: LeaseTable) => void
  /** Ports with the rule taken away, where it is not in the table. */
  readonly spoiledPorts?: LabSettings['ports']
  readonly play: (lab: Lab, spoil: () => void) => void
  /** More that must be true with the rule in place. */
  readonly after?: (lab: Lab, t: Test) => void
}

/** Client 0 is A, client 1 is B; B is switched on by the schedule. */
function clients(a: LabClientSettings = {}, b: LabClientSettings = {}): LabClientSettings[] {
  return [
    { name: 'A', startDelayMax: 0, ...a },
    { name: 'B', startDelayMax: 0, start: false, requestedAddress: textFromIpv4(X), ...b },
  ]
}

function run(schedule: Schedule, isSpoiled: boolean): Lab {
  const ports = isSpoiled ? schedule.spoiledPorts : undefined
  const lab = createLab({ ...schedule.settings, ...(ports === undefined ? {} : { ports }) })
  const spoil = () => isSpoiled && schedule.spoil(lab.server().server!.tables.v4)
  spoil()
  lab.advance(5000)
  schedule.play(lab, spoil)
  return lab
}

const SCHEDULES: readonly Schedule[] = [
  {
    // A copy of an old RELEASE arrives after A has got the address again.
    name: '15 late-duplicate-release',
    settings: { plan: onePool(ONE_ADDRESS, HOUR), clients: clients() },
    spoil: (table) => rewriteRows(table, (lease) => ({ ...lease, start: lease.start - 20_000 })),
    play: (lab) => {
      const [a, b] = both(lab)
      lab.advance(60_000)
      a.release()
      lab.advance(1000)
      a.forget()
      a.start()
      lab.advance(2000)
      a.repeatRelease()
      lab.advance(1000)
      b.start()
      lab.advance(600_000)
    },
  },
  {
    // The lifetime is lowered; the ACK that says so never reaches A.
    name: '17 shorter-renewal-ack-lost',
    settings: { plan: onePool(ONE_ADDRESS, HOUR), clients: clients() },
    spoil: (table) =>
      rewriteChanges(table, (lease) => ({
        ...lease,
        end: lease.start + lease.validLifetime * 1000,
      })),
    play: (lab) => {
      const [a, b] = both(lab)
      lab.reload(onePool(ONE_ADDRESS, 60))
      lab.network.cut('server0', 'A')
      lab.advance(HOUR * 510)
      t.equal(a.state, 'renewing')
      b.start()
      lab.advance(HOUR * 300)
    },
  },
  {
    // A's address is reserved for B by a reload; the NAK to A's renewal is lost.
    name: '18 nak-lost',
    settings: {
      plan: onePool('192.0.2.10 - 192.0.2.11', HOUR),
      clients: clients({ requestedAddress: textFromIpv4(X) }),
    },
    spoil: (table) =>
      rewriteRows(table, (lease) =>
        lease.address === X ? { ...lease, end: lease.start + 60_000 } : lease,
      ),
    play: (lab) => {
      const [, b] = both(lab)
      const reservations = [{ 'hw-address': '02:00:00:00:00:02', 'ip-address': '192.0.2.10' }]
      lab.reload(
        onePool('192.0.2.10 - 192.0.2.11', HOUR, {
          subnet4: [
            {
              id: 1,
              subnet: '192.0.2.0/24',
              reservations,
              pools: [{ pool: '192.0.2.10 - 192.0.2.11' }],
            },
          ],
        }),
      )
      lab.network.cut('server0', 'A')
      lab.advance(HOUR * 510)
      b.start()
      lab.advance(HOUR * 300)
    },
    after: (lab, t) => {
      lab.network.heal()
      lab.advance(3 * HOUR * 1000)
      t.equal(lab.client(1).ipv4, X, 'B gets its reserved address when A no longer counts on it')
    },
  },
  {
    // The host comes back a day ahead by its calendar.
    name: '23 wall-jump-at-restart',
    settings: { plan: onePool(ONE_ADDRESS, HOUR), clients: clients() },
    spoil: () => {},
    spoiledPorts: (own) => ({
      ...own,
      journal: {
        ...bound(own.journal),
        open: (sink) =>
          own.journal.open({
            ...bound(sink),
            onReady: (info) => {
              const stamp = info.stamp === 0 ? 0 : own.clock.wall() - 1767225600000
              sink.onReady({ ...info, stamp })
            },
          }),
      },
    }),
    play: (lab) => {
      lab.crash()
      lab.server().node.skew += DAY_MS
      lab.restart()
      lab.client(1).start()
      lab.advance(HOUR * 400)
    },
    after: (lab, t) => t.equal(lab.client(0).ipv4, X, 'A keeps its address'),
  },
  {
    // The server's clock is fast and A's is slow, within what clocks may be.
    name: '24 fast-clock',
    settings: {
      plan: onePool(ONE_ADDRESS, 24 * HOUR),
      clients: clients({ renews: false, node: { drift: -0.0024 } }, {}),
      nodes: [{ drift: 0.0024 }],
    },
    spoil: (table) =>
      rewriteRows(table, (lease) => ({ ...lease, end: lease.end - graceOf(lease.validLifetime) })),
    play: (lab) => {
      lab.advance(DAY_MS - 500_000)
      lab.client(1).start()
      lab.advance(600_000)
    },
  },
  {
    // An infinite lease survives renewal arithmetic, a restart, and years.
    name: '31 infinite-lease',
    settings: { plan: onePool(ONE_ADDRESS, 0xffffffff), clients: clients() },
    spoil: (table) =>
      rewriteRows(table, (lease) => ({
        ...lease,
        end: Number.isFinite(lease.end) ? lease.end : lease.start,
      })),
    play: (lab, spoil) => {
      lab.restart()
      spoil()
      lab.advance(30 * 60_000)
      lab.client(1).start()
      lab.advance(60 * 60_000)
    },
    after: (lab, t) => {
      t.equal(lab.client(0).ipv4, X)
      t.equal(lab.client(0).remaining, Number.POSITIVE_INFINITY)
      t.equal(lab.leases()[0]?.end, Number.POSITIVE_INFINITY)
    },
  },
]

t.test(
  'journal-fails-while-idle: the server recovers with the disk, without spinning',
  async (t) => {
    const lab = createLab({ plan: onePool(ONE_ADDRESS, HOUR) })
    const { behaviour } = lab.server().disk
    behaviour.trouble = 'no space left on device'
    lab.advance(60_000)
    t.equal(lab.status()?.state, 'failed')
    t.ok(lab.world.steps < 1000, `${lab.world.steps} events in an idle minute`)
    behaviour.trouble = ''
    lab.advance(10_000)
    t.equal(lab.status()?.state, 'serving')
  },
)

t.test('a commit of a minute: the server waits for it without spinning', async (t) => {
  const lab = createLab({ plan: onePool(ONE_ADDRESS, HOUR), clients: clients() })
  lab.advance(5000)
  Object.assign(lab.server().disk.behaviour, { commitMin: 60_000, commitMax: 60_000 })
  const before = lab.world.steps
  lab.advance(300_000)
  t.ok(lab.world.steps - before < 1000, `${lab.world.steps - before} events in five minutes`)
})

// A RELEASE waits in the socket of a paused server, for longer than any datagram lives on the wire,
// while its sender already has the address again.
t.test('15 stale-release-from-socket', async (t) => {
  const lab = createLab({ plan: onePool(ONE_ADDRESS, HOUR), clients: clients() })
  const [a, b] = both(lab)
  lab.advance(60_000)
  a.release()
  lab.advance(1000)
  a.forget()
  a.start()
  lab.advance(2000)
  t.equal(a.ipv4, X)
  lab.server().node.pause()
  lab.advance(1000)
  a.repeatRelease()
  lab.advance(60_000)
  lab.server().node.resume()
  b.start()
  lab.advance(600_000)
  t.same(lab.invariants.violations, [])
})

for (const schedule of SCHEDULES)
  t.test(schedule.name, async (t) => {
    const lab = run(schedule, false)
    t.same(lab.invariants.violations, [])
    t.ok(lab.invariants.counters.exclusive > 0)
    schedule.after?.(lab, t)
    t.same(lab.invariants.violations, [])
    const spoiled = run(schedule, true)
    const found = spoiled.invariants.violations.filter((one) => one.includes('is valid for'))
    t.ok(found.length > 0, 'found when the rule is spoilt')
  })

function both(lab: Lab): [VirtualClient4, VirtualClient4] {
  return [lab.client(0), lab.client(1)]
}

/** The table shows other rows than it has. */
function rewriteRows(table: LeaseTable, rewrite: (lease: Lease) => Lease): void {
  const byAddress = table.byAddress.bind(table)
  table.byAddress = (address: Ipv4) => {
    const lease = byAddress(address)
    return lease === undefined ? undefined : rewrite(lease)
  }
}

/** The table takes other rows than it is told. */
function rewriteChanges(table: LeaseTable, rewrite: (lease: Lease) => Lease): void {
  const apply = table.apply.bind(table)
  table.apply = (change: Change) =>
    apply(change.kind === 'put' ? { kind: 'put', lease: rewrite(change.lease) } : change)
}

/** The methods of an object with private fields, to be copied into another. */
function bound<Methods extends object>(object: Methods): Methods {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(object))
  const methods = names
    .filter((name) => typeof Object(object)[name] === 'function' && name !== 'constructor')
    .map((name) => [name, Object(object)[name].bind(object)])
  return Object.fromEntries(methods)
}
