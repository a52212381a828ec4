// RECONFIGURE (RFC 9915 §18.3.11) as clients meet it: real servers, and clients that obey only what
// is signed with their key and has a replay value above all before.

import t, { type Test } from 'tap'
import { type Octets, octetsFromHex } from '../../lib/bytes/octets.ts'
import type { OrderResult } from '../../lib/catalogue/order-result.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import type { Client6Action } from '../../lib/lab/client6-settings.ts'
import { createLab, type Lab } from '../../lib/lab/lab.ts'
import type { LabClient6Settings } from '../../lib/lab/lab-clients6.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import type { VirtualClient6 } from '../../lib/lab/virtual-client6.ts'
import { reconfigureNoteOf } from '../../lib/leases/reconfigure-note.ts'
import type { ReconfigureOrder } from '../../lib/server/reconfigure/reconfigurer6.ts'
import { MESSAGE_TYPE6, type MessageType6 } from '../../lib/wire/v6/codes.ts'

const RESOLVER = { name: 'dns-servers', data: '2001:db8::53' }
const OTHER_RESOLVER = { name: 'dns-servers', data: '2001:db8::54' }
const WHIO = { 'reconfigure-accept': true }
const ACCEPTS = { acceptsReconfigure: true }

function document(more: Partial<Dhcp6Document> = {}): Dhcp6Document {
  return {
    'valid-lifetime': 40_000,
    'preferred-lifetime': 30_000,
    'option-data': [RESOLVER],
    subnet6: [
      {
        id: 1,
        subnet: '2001:db8:1::/64',
        pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::ff' }],
        'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 48, 'delegated-len': 56 }],
      },
      {
        id: 2,
        subnet: '2001:db8:2::/64',
        relay: { 'ip-addresses': ['2001:db8:2::1'] },
        pools: [{ pool: '2001:db8:2::/80' }],
      },
    ],
    ...more,
  }
}

function planOf(more: Partial<Dhcp6Document> = {}, whio: object = WHIO): Plan {
  const config = { Dhcp6: document(more), Whio: whio }
  const { plan, problems } = loadPlanFromObject(config, { stateDirectory: undefined })
  if (plan === undefined) throw new Error(JSON.stringify(problems))
  return plan
}

/** What clients did, other than send: `client6-0 renew`, at which true time. */
class Watch {
  readonly obeyed: { client: VirtualClient6; asks: string; at: number }[] = []
  readonly refused: string[] = []

  constructor(lab: Lab) {
    for (const client of lab.clients6)
      client.onAction((_, action: Client6Action) => {
        if (action.kind === 'refused') this.refused.push(action.why)
        if (action.kind === 'reconfigured')
          this.obeyed.push({ client, asks: nameOf(action.asks), at: lab.world.now })
      })
  }

  get asks(): readonly string[] {
    return this.obeyed.map(({ asks }) => asks)
  }
}

function nameOf(type: number): string {
  return Object.entries(MESSAGE_TYPE6).find(([, number]) => number === type)![0]
}

function settled(
  clients6: readonly LabClient6Settings[],
  plan = planOf(),
): { lab: Lab; watch: Watch } {
  const lab = createLab({ plan, clients6 })
  if (!lab.settle()) throw new Error('somebody has no lease')
  lab.advance(20_000)
  return { lab, watch: new Watch(lab) }
}

function statistic(lab: Lab, name: string, index = 0): number {
  return lab.status(index)!.statistics[name]!
}

function whole(t: Test, lab: Lab, watch: Watch): void {
  t.same(watch.refused, [])
  t.same(lab.invariants.violations, [])
}

function order(lab: Lab, what: Partial<ReconfigureOrder>, index = 0): OrderResult {
  const asks = what.asks ?? MESSAGE_TYPE6.renew
  return lab.server(index).server!.reconfigure({ client: '', subnet: 0, ...what, asks })
}

const duidOf = (client: VirtualClient6): Octets => client.machine.settings.duid

t.test('a reload with another resolver: who accepts it renews at once', async (t) => {
  const { lab, watch } = settled([ACCEPTS, {}, { ...ACCEPTS, ias: [{ kind: 'pd' }] }])
  const before = statistic(lab, 'pkt6-renew-received')
  lab.reload(planOf({ 'option-data': [OTHER_RESOLVER] }))
  lab.advance(10_000)
  t.same(watch.asks, ['renew', 'renew'])
  t.notOk(watch.obeyed.some(({ client }) => client === lab.client6(1)))
  t.equal(statistic(lab, 'pkt6-renew-received') - before, 2)
  t.equal(statistic(lab, 'pkt6-reconfigure-sent'), 2)
  t.equal(statistic(lab, 'reconfigure-answered'), 2)
  t.match(
    lab.server().log.lines.find(({ id }) => id === 'DHCP6_RECONFIGURED'),
    {
      fields: { asked: 2, answered: 2, silent: 0, unreachable: 0 },
    },
  )
  lab.advance(600_000)
  t.equal(statistic(lab, 'pkt6-reconfigure-sent'), 2, 'nothing is repeated')
  whole(t, lab, watch)
})

t.test('a reload of the same file asks nobody', async (t) => {
  const { lab, watch } = settled([ACCEPTS])
  lab.reload(planOf())
  lab.advance(60_000)
  t.same(watch.asks, [])
  whole(t, lab, watch)
})

t.test('a client whose address is reserved for it from now on moves there', async (t) => {
  const { lab, watch } = settled([ACCEPTS, ACCEPTS])
  const [subnet, other] = document().subnet6!
  const duid = Buffer.from(duidOf(lab.client6(0)), 'latin1').toString('hex')
  const reservations = [{ duid, 'ip-addresses': ['2001:db8:1::cafe'] }]
  lab.reload(planOf({ subnet6: [{ ...subnet!, reservations }, other!] }))
  lab.advance(60_000)
  t.same(
    watch.obeyed.map(({ client }) => client),
    [lab.client6(0)],
    'nobody else is asked',
  )
  t.same(lab.client6(0).addresses, ['2001:db8:1::cafe'])
  whole(t, lab, watch)
})

t.test('a pool that is gone: its clients renew, and get what there is', async (t) => {
  const { lab, watch } = settled([ACCEPTS, { ...ACCEPTS, ias: [{ kind: 'pd' }] }])
  const [subnet, other] = document().subnet6!
  const pdPools = [{ prefix: '2001:db8:9000::', 'prefix-len': 48, 'delegated-len': 56 }]
  const pools = [{ pool: '2001:db8:1::1000/120' }]
  lab.reload(planOf({ subnet6: [{ ...subnet!, pools, 'pd-pools': pdPools }, other!] }))
  lab.advance(60_000)
  t.same(watch.asks, ['renew', 'renew'])
  t.match(lab.client6(0).addresses, [/^2001:db8:1::10\w\w$/])
  t.match(lab.client6(1).addresses, [/^2001:db8:9000:/])
  whole(t, lab, watch)
})

t.test('values rise over a restart, also where the calendar went back', async (t) => {
  const { lab, watch } = settled([ACCEPTS])
  for (let time = 0; time < 3; time++) {
    t.ok(order(lab, {}).allowed)
    lab.advance(5000)
    lab.restart()
    lab.advance(60_000)
  }
  const values = lab.rows6().map(({ userContext }) => reconfigureNoteOf(userContext)!.replay)
  t.equal(values.length, 1)
  t.same(watch.asks, ['renew', 'renew', 'renew'])
  // The calendar of a host without a battery begins anew.
  const high = 2 ** 50
  const far = lab.rows6()[0]!
  t.ok(values[0]! < high)
  lab.server().server!.tables.v6.apply({
    kind: 'put',
    lease: { ...far, userContext: far.userContext.replace(String(values[0]), String(high)) },
  })
  t.ok(order(lab, {}).allowed)
  lab.advance(5000)
  t.equal(reconfigureNoteOf(lab.rows6()[0]!.userContext)!.replay, high + 2)
  // A client that comes back gets its key anew, with a value above, too.
  lab.client6(0).release()
  lab.advance(20_000)
  lab.client6(0).start()
  lab.advance(20_000)
  t.equal(lab.client6(0).state, 'bound')
  t.equal(reconfigureNoteOf(lab.rows6()[0]!.userContext)!.replay, high + 4)
  whole(t, lab, watch)
})

t.test('behind a relay it takes what the relay said', async (t) => {
  for (const keeps of [true, false]) {
    const kept = { 'store-extended-info': keeps }
    const { lab, watch } = settled([{ ...ACCEPTS, subnet: 2 }], planOf(kept))
    lab.reload(planOf({ ...kept, 'option-data': [OTHER_RESOLVER] }))
    lab.advance(10_000)
    t.same(watch.asks, keeps ? ['renew'] : [])
    t.equal(statistic(lab, 'reconfigure-unreachable'), keeps ? 0 : 1)
    whole(t, lab, watch)
  }
})

t.test('who does not answer is told eight times, with longer and longer waits', async (t) => {
  const { lab, watch } = settled([ACCEPTS])
  lab.client6(0).stop()
  t.ok(order(lab, {}).allowed)
  const tellings: number[] = []
  for (let second = 0; second < 600; second++) {
    const before = statistic(lab, 'pkt6-reconfigure-sent')
    lab.advance(1000)
    if (statistic(lab, 'pkt6-reconfigure-sent') > before) tellings.push(second)
  }
  t.same(tellings, [0, 2, 6, 14, 30, 62, 126, 254])
  t.equal(statistic(lab, 'reconfigure-silent'), 1)
  t.match(order(lab, { client: duidOf(lab.client6(0)) }), { allowed: true })
  t.match(order(lab, { client: duidOf(lab.client6(0)) }), { allowed: false })
  whole(t, lab, watch)
})

t.test('many clients are asked at a pace', async (t) => {
  const { lab, watch } = settled(Array.from({ length: 150 }, () => ACCEPTS))
  lab.reload(planOf({ 'option-data': [OTHER_RESOLVER] }))
  lab.advance(30_000)
  t.equal(new Set(watch.obeyed.map(({ client }) => client)).size, 150)
  const times = watch.obeyed.map(({ at }) => at)
  const within = times.filter((at) => at < times[0]! + 1000).length
  t.ok(within <= 65, `${within} in a second`)
  whole(t, lab, watch)
})

t.test('whio reconfigure: whom and what an operator says', async (t) => {
  const kept = planOf({ 'store-extended-info': true })
  const { lab, watch } = settled([ACCEPTS, { ...ACCEPTS, subnet: 2 }, {}], kept)
  const told = (asks: MessageType6, what: Partial<ReconfigureOrder>): string => {
    watch.obeyed.length = 0
    const { allowed, why } = order(lab, { asks: asks as ReconfigureOrder['asks'], ...what })
    lab.advance(10_000)
    if (!allowed) return why
    return watch.obeyed.map(({ client, asks }) => `${client.name} ${asks}`).join(', ')
  }
  const [one, two, deaf] = lab.clients6
  t.equal(told(MESSAGE_TYPE6.rebind, { client: duidOf(one!) }), `${one!.name} rebind`)
  t.equal(told(MESSAGE_TYPE6.informationRequest, { subnet: 2 }), `${two!.name} informationRequest`)
  t.equal(two!.state, 'bound', 'it keeps its leases')
  t.equal(two!.addresses.length, 1)
  t.match(told(MESSAGE_TYPE6.renew, {}), /renew, .* renew$/)
  t.match(told(MESSAGE_TYPE6.renew, { client: duidOf(deaf!) }), /no key/)
  t.match(told(MESSAGE_TYPE6.renew, { client: octetsFromHex('0003000199')! }), /no key/)
  t.match(told(MESSAGE_TYPE6.renew, { subnet: 7 }), /no subnet 7/)
  lab.reload(planOf({}, {}))
  t.match(told(MESSAGE_TYPE6.renew, {}), /reconfigure-accept is off/)
  whole(t, lab, watch)
})

const OPTIONS_ALONE = { ...ACCEPTS, ias: [] }

t.test('RFC 9915 §18.3.6: who has options alone is told to ask for them again', async (t) => {
  const clients = [OPTIONS_ALONE, { ...OPTIONS_ALONE, subnet: 2 }, ACCEPTS, { ias: [] }]
  const { lab, watch } = settled(clients)
  const [beside, relayed, leased, deaf] = lab.clients6
  const asked = (): string[] =>
    watch.obeyed.splice(0).map(({ client, asks }) => `${client.name} ${asks}`)
  const again = [beside, relayed].map((client) => `${client!.name} informationRequest`)

  lab.reload(planOf({ 'option-data': [OTHER_RESOLVER] }))
  lab.advance(10_000)
  t.same(asked().sort(), [...again, `${leased!.name} renew`].sort())
  t.equal(statistic(lab, 'reconfigure-answered'), 3)

  t.comment('a change of the one subnet')
  const [subnet, other] = document().subnet6!
  const own = { ...other!, 'option-data': [RESOLVER] }
  const moved = { 'option-data': [OTHER_RESOLVER], subnet6: [subnet!, own] }
  lab.reload(planOf(moved))
  lab.advance(10_000)
  t.same(asked(), [again[1]])

  t.comment('a change that is none to it: a pool')
  const pools = [{ pool: '2001:db8:2::1000/116' }]
  lab.reload(planOf({ ...moved, subnet6: [subnet!, { ...own, pools }] }))
  lab.advance(10_000)
  t.same(asked(), [])

  t.comment('what an operator says')
  t.ok(order(lab, { client: duidOf(beside!) }).allowed)
  lab.advance(10_000)
  t.same(asked(), [again[0]], 'it has nothing that it could renew')
  t.ok(order(lab, { subnet: 2 }).allowed)
  lab.advance(10_000)
  t.same(asked(), [again[1]])
  t.match(order(lab, { client: duidOf(deaf!) }), { allowed: false, why: /no key/ })
  whole(t, lab, watch)
})

t.test('a server that starts again learns of them as they ask', async (t) => {
  const { lab, watch } = settled([OPTIONS_ALONE])
  const [client] = lab.clients6
  lab.restart()
  lab.advance(60_000)
  t.match(order(lab, { client: duidOf(client!) }), { allowed: false, why: /no key/ })
  lab.advance(86_400_000)
  t.ok(order(lab, { client: duidOf(client!) }).allowed)
  lab.advance(10_000)
  t.same(watch.asks, ['informationRequest'])
  whole(t, lab, watch)
})

function pairOf(option: object): Plan[] {
  const [subnet6] = document().subnet6!
  const dhcp6 = document({ subnet6: [subnet6!], 'option-data': [option as typeof RESOLVER] })
  return pairPlans(pairConfig({ dhcp6, whio: WHIO }))
}

function reloadBoth(lab: PairLab, option: object): void {
  for (const [index, plan] of pairOf(option).entries()) lab.reload(plan, index)
}

t.test(
  'a pair: each server tells its own clients, and after a failover those of the other',
  async (t) => {
    const lab = createPair({
      plans: pairOf(RESOLVER),
      clients6: Array.from({ length: 12 }, () => ACCEPTS),
    })
    t.ok(lab.reachNormal())
    t.ok(lab.settle())
    lab.advance(20_000)
    const watch = new Watch(lab)
    reloadBoth(lab, OTHER_RESOLVER)
    lab.advance(30_000)
    t.equal(watch.obeyed.length, 12, 'each is told once')
    const asked = [0, 1].map((index) => statistic(lab, 'reconfigure-asked', index))
    t.ok(
      asked.every((count) => count > 0),
      `${asked}`,
    )
    t.equal(asked[0]! + asked[1]!, 12, 'nobody by both')
    t.same(lab.invariants.pair.differences(), [])
    watch.obeyed.length = 0
    t.ok(order(lab, {}, 0).allowed)
    lab.advance(30_000)
    t.equal(watch.obeyed.length, asked[0], 'the clients of the other server are not asked')
    const stranger = lab.clients6.find((one) => !watch.obeyed.some(({ client }) => client === one))
    t.match(order(lab, { client: duidOf(stranger!) }, 0), { allowed: false, why: /partner/ })
    lab.crash(0)
    lab.advance(120_000)
    watch.obeyed.length = 0
    t.ok(order(lab, {}, 1).allowed)
    lab.advance(30_000)
    t.equal(new Set(watch.obeyed.map(({ client }) => client)).size, 12)
    lab.start(0)
    t.ok(lab.reachNormal())
    lab.advance(60_000)
    watch.obeyed.length = 0
    for (const index of [0, 1]) t.ok(order(lab, {}, index).allowed)
    lab.advance(30_000)
    t.equal(watch.obeyed.length, 12, 'and each has a value of its own')
    whole(t, lab, watch)
  },
)

t.test('a pair: who has options alone obeys the server that answered it first', async (t) => {
  const lab = createPair({
    plans: pairOf(RESOLVER),
    clients6: Array.from({ length: 6 }, () => OPTIONS_ALONE),
  })
  t.ok(lab.reachNormal())
  t.ok(lab.settle())
  lab.advance(20_000)
  const watch = new Watch(lab)
  reloadBoth(lab, OTHER_RESOLVER)
  lab.advance(30_000)
  t.equal(new Set(watch.obeyed.map(({ client }) => client)).size, 6)
  t.ok(watch.asks.every((asks) => asks === 'informationRequest'))
  t.same(lab.invariants.violations, [])
})
