// Edits of a document, and what they cost: of 10,000 subnets one is compiled again, whose problems
// and those of all others are told where they stand.

import t from 'tap'
import { Compiler } from '../../lib/config/compile/compile.ts'
import { edited, type Step } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import type { Dhcp4Document, SubnetDocument } from '../../lib/config/keys/document4.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { formatProblem, type Problem } from '../../lib/config/text/problem.ts'
import { frozen } from './frozen.ts'

const CONTEXT = { stateDirectory: '/nowhere' }

interface Document4 {
  readonly Dhcp4: Dhcp4Document
}

function changed(document: Document4, path: readonly Step[], value: unknown): Document4 {
  const result = edited(document, ['Dhcp4', ...path], value)
  if (!('Dhcp4' in result)) throw new Error((result as Problem).message)
  return frozen(result as Document4)
}

const OFFICE: Document4 = frozen({
  Dhcp4: {
    'valid-lifetime': 600,
    subnet4: [
      { id: 1, subnet: '192.0.2.0/24' },
      { id: 5, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.10 - 198.51.100.20' }] },
    ],
    'shared-networks': [{ name: 'floor', subnet4: [{ id: 7, subnet: '203.0.113.0/24' }] }],
  },
})

t.test('an edit', async (t) => {
  t.test(
    'finds elements by id, by name and by index, and shares what it does not touch',
    async (t) => {
      const { Dhcp4 } = changed(OFFICE, ['subnet4', { id: 5 }, 'pools', 0, 'pool-id'], 3)
      t.same(Dhcp4.subnet4![1]!.pools, [{ pool: '198.51.100.10 - 198.51.100.20', 'pool-id': 3 }])
      t.equal(Dhcp4.subnet4![0], OFFICE.Dhcp4.subnet4![0])
      t.equal(Dhcp4['shared-networks'], OFFICE.Dhcp4['shared-networks'])
      const path = ['shared-networks', { name: 'floor' }, 'subnet4', { id: 7 }, 'interface']
      const other = changed(OFFICE, path, 'eth1').Dhcp4
      t.equal(other['shared-networks']![0]!.subnet4![0]!.interface, 'eth1')
      t.equal(other.subnet4, OFFICE.Dhcp4.subnet4)
    },
  )

  t.test('adds and takes out', async (t) => {
    const more = changed(OFFICE, ['subnet4', { id: 9 }], { id: 9, subnet: '10.0.0.0/24' })
    t.same(
      more.Dhcp4.subnet4!.map(({ id }) => id),
      [1, 5, 9],
    )
    const fewer = changed(more, ['subnet4', { id: 1 }], undefined)
    t.same(
      fewer.Dhcp4.subnet4!.map(({ id }) => id),
      [5, 9],
    )
    t.notOk('valid-lifetime' in changed(fewer, ['valid-lifetime'], undefined).Dhcp4)
  })

  t.test('that changes nothing gives the document itself', async (t) => {
    t.equal(changed(OFFICE, ['valid-lifetime'], 600), OFFICE)
  })

  t.test('that leads nowhere says how far it came', async (t) => {
    const cases: readonly (readonly [path: readonly Step[], value: unknown, message: string])[] = [
      [['subnet4', { id: 6 }, 'interface'], 'eth0', 'Dhcp4.subnet4 has no {"id":6}'],
      [['subnet4', { id: 6 }], undefined, 'Dhcp4.subnet4 has no {"id":6}'],
      [['subnet4', 'id'], 1, 'Dhcp4.subnet4 has no id'],
      [['subnet4', 3], {}, 'Dhcp4.subnet4 has no 3'],
      [['reservations', 0], {}, 'Dhcp4 has no reservations'],
      [['renew-timer'], undefined, 'Dhcp4 has no renew-timer'],
      [['valid-lifetime', 'x'], 1, 'Dhcp4.valid-lifetime has no x'],
    ]
    for (const [path, value, message] of cases)
      t.equal((edited(OFFICE, ['Dhcp4', ...path], value) as Problem).message, message)
  })
})

const COUNT = 10_000

function network(n: number): string {
  return `10.${n >> 8}.${n & 255}`
}

/** One in a hundred has something wrong with it. */
function subnet(n: number): SubnetDocument {
  const host = n % 100 === 0 ? '0' : '1'
  return {
    id: n + 1,
    subnet: `${network(n)}.0/24`,
    pools: [{ pool: `${network(n)}.${host} - ${network(n)}.99` }],
    'option-data': [{ name: 'routers', data: `${network(n)}.254` }],
    reservations: [{ 'hw-address': '02:00:5e:10:00:01', 'ip-address': `${network(n)}.200` }],
  }
}

function manySubnets(): Document4 {
  const subnet4 = Array.from({ length: COUNT }, (_, n) => subnet(n))
  return frozen({ Dhcp4: { 'interfaces-config': { interfaces: ['*'] }, subnet4 } })
}

interface Compiled {
  readonly plan: Plan
  readonly lines: readonly string[]
}

function compiledBy(compiler: Compiler, document: ConfigDocument): Compiled {
  const { plan, problems } = compiler.compile(document, CONTEXT)
  return { plan: plan!, lines: problems.map(formatProblem) }
}

/** How many subnets of the plan are not those of the former one. */
function newIn(plan: Plan, former: Plan): number {
  const known = new Set(former.dhcp4!.subnets)
  return plan.dhcp4!.subnets.filter((subnet) => !known.has(subnet)).length
}

t.test('an edit of one of 10,000 subnets compiles one', async (t) => {
  const compiler = new Compiler()
  let document = manySubnets()
  const begun = performance.now()
  let before = compiledBy(compiler, document)
  const whole = performance.now() - begun
  const edits: readonly (readonly [name: string, path: Step[], value: unknown, made: number])[] = [
    ['a pool', ['subnet4', { id: 77 }, 'pools', 0, 'pool'], `${network(76)}.50 - .60`, 1],
    ['the pool mended', ['subnet4', { id: 77 }, 'pools', 0, 'pool'], `${network(76)}.0/25`, 1],
    ['a reservation', ['subnet4', { id: 9_001 }, 'reservations', 0, 'hostname'], 'printer', 1],
    ['the first one gone', ['subnet4', { id: 1 }], undefined, 0],
    ['one more', ['subnet4', { id: COUNT + 1 }], subnet(COUNT), 1],
    ['a shared network', ['shared-networks'], [{ name: 'n', subnet4: [subnet(COUNT + 1)] }], 1],
  ]
  // What comes second is as if it had come alone.
  const documents = edits.map(([, path, value]) => {
    document = changed(document, path, value)
    return document
  })
  for (const [index, [name, , , made]] of edits.entries()) {
    const start = performance.now()
    const after = compiledBy(compiler, documents[index]!)
    const took = performance.now() - start
    t.comment(`${name}: ${took.toFixed(0)} ms, all of it ${whole.toFixed(0)} ms`)
    const alone = compiledBy(new Compiler(), documents[index]!)
    t.same(after.lines, alone.lines, `${name}: the same is said, at the same places`)
    t.equal(after.plan?.fingerprint, alone.plan?.fingerprint, `${name}: the same plan`)
    if (after.plan === undefined) continue
    t.equal(newIn(after.plan, before.plan), made, name)
    before = after
  }
})

t.test('what all subnets inherit makes all of them anew', async (t) => {
  const compiler = new Compiler()
  const before = compiledBy(compiler, OFFICE)
  const longer = compiledBy(compiler, changed(OFFICE, ['valid-lifetime'], 700))
  t.equal(newIn(longer.plan, before.plan), 3)
  t.same(
    longer.plan.dhcp4!.subnets.map(({ lifetime }) => lifetime.default),
    [700, 700, 700],
  )
})

t.test('subnets of a shared network know the others of it as they are now', async (t) => {
  const compiler = new Compiler()
  const before = compiledBy(compiler, OFFICE)
  const path = ['shared-networks', { name: 'floor' }, 'subnet4', { id: 8 }]
  const { plan } = compiledBy(compiler, changed(OFFICE, path, { id: 8, subnet: '10.0.0.0/24' }))
  t.equal(newIn(plan, before.plan), 2)
  const members = (of: Plan) => of.dhcp4!.subnetById(7)!.network!.subnets.map(({ id }) => id)
  t.same(members(plan), [7, 8])
  t.same(members(before.plan), [7], 'the plan before stays as it was')
})

t.test('guards are those of the pair as it is known now', async (t) => {
  const peers = [
    { name: 'a', url: 'http://127.0.0.1:1/', role: 'primary' as const },
    { name: 'b', url: 'http://127.0.0.1:2/', role: 'secondary' as const },
  ]
  const pair = { 'high-availability': [{ mode: 'load-balancing' as const, peers }] }
  const document: Dhcp4Document = frozen({
    'hooks-libraries': [{ library: 'libdhcp_ha.so', parameters: pair }],
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', 'client-classes': ['HA_b'] }],
  })
  const compiler = new Compiler()
  const guardAs = (thisServer: string, by = compiler) =>
    by.compile({ Dhcp4: document }, { ...CONTEXT, thisServer }).plan?.dhcp4?.subnets[0]?.guard
  t.equal(guardAs('nobody'), undefined, 'nothing is served')
  t.same(guardAs('a'), guardAs('a', new Compiler()))
})

t.test(
  'what edits leave behind is forgotten: a thousand documents later all is compiled anew',
  async (t) => {
    const compiler = new Compiler()
    let former = compiledBy(compiler, OFFICE).plan
    const made: number[] = []
    for (let n = 0; n < 2500; n++) {
      const { plan } = compiledBy(compiler, OFFICE)
      if (newIn(plan, former) > 0) made.push(n)
      former = plan
    }
    t.same(made, [999, 1999])
  },
)

t.test('a new element begins a list where there is none', async (t) => {
  const host = { 'hw-address': '02:00:00:00:00:01', 'ip-address': '192.0.2.9' }
  const path = ['Dhcp4', 'subnet4', { id: 1 }, 'reservations', { 'hw-address': '020000000001' }]
  const bare = { Dhcp4: { subnet4: [{ id: 1, subnet: '192.0.2.0/24' }] } }
  const first = edited(bare, path, host) as ConfigDocument
  t.same(first.Dhcp4!.subnet4![0]!.reservations, [host])
  const other = { ...host, hostname: 'b' }
  const second = edited(first, path, other) as ConfigDocument
  t.same(second.Dhcp4!.subnet4![0]!.reservations, [other], 'written in another way it is the same')
  t.match(
    edited(bare, path, undefined),
    { code: 'edit-nowhere' },
    'nothing is taken out of nothing',
  )
})

for (const [written, asked] of [
  ['02:00:00:00:00:0A', '02000000000a'],
  ["'printer'", '7072696e746572'],
  ['0x0200', '02:00'],
  ['2:0:5', '02:00:05'],
])
  t.test(`a host that stands as ${written} is found as ${asked}`, async (t) => {
    const list = [{ 'client-id': '0102' }, { 'client-id': written }]
    const document = { Dhcp4: { reservations: list } } as unknown as ConfigDocument
    const path = ['Dhcp4', 'reservations', { 'client-id': asked! }]
    const rest = edited(document, path, undefined) as ConfigDocument
    t.same(rest.Dhcp4!.reservations, [{ 'client-id': '0102' }])
  })
