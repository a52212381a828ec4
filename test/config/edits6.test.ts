// Edits of a Dhcp6 map, and what they cost: of 10,000 subnets with as many pd-pools one is compiled
// again, and what is wrong with the others is told where they stand now.

import t from 'tap'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { prefix6FromText } from '../../lib/address/prefix6.ts'
import { Compiler } from '../../lib/config/compile/compile.ts'
import { edited, type Step } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import type { SubnetDocument6 } from '../../lib/config/keys/document6.ts'
import type { Plan6 } from '../../lib/config/plan/plan6.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import { frozen } from './frozen.ts'

const CONTEXT = { stateDirectory: '/nowhere' }
const COUNT = 10_000

/** One in a hundred has something to be told. */
function numbered(n: number): SubnetDocument6 {
  const word = (n + 1).toString(16)
  const host = n % 100 === 99 ? '1' : ''
  return {
    id: n + 1,
    subnet: `2001:db8:${word}::${host}/64`,
    pools: [{ pool: `2001:db8:${word}::1000/116` }],
    'pd-pools': [{ prefix: `2001:dba:${word}::`, 'prefix-len': 48, 'delegated-len': 56 }],
    'option-data': [{ name: 'dns-servers', data: `2001:db8:${word}::53` }],
    reservations: [{ duid: '00:03:00:01:02', 'ip-addresses': [`2001:db8:${word}::5`] }],
  }
}

function documentWith(subnet6: readonly SubnetDocument6[]): ConfigDocument {
  return frozen({ Dhcp6: { 'interfaces-config': { interfaces: ['*'] }, subnet6 } })
}

function changed(document: ConfigDocument, path: readonly Step[], value: unknown): ConfigDocument {
  return frozen(edited(document, ['Dhcp6', ...path], value) as ConfigDocument)
}

function compiledBy(compiler: Compiler, document: ConfigDocument) {
  const { plan, problems } = compiler.compile(document, CONTEXT)
  return { plan: plan?.dhcp6, lines: problems.map(formatProblem) }
}

t.test(`${COUNT} subnets and pd-pools`, async (t) => {
  const all = Array.from({ length: COUNT }, (_, n) => numbered(n))
  const compiler = new Compiler()
  let document = documentWith(all)
  let former = compiledBy(compiler, document)

  t.test('are found, and their reservations', async (t) => {
    const plan = former.plan!
    t.equal(plan.subnets.length, COUNT)
    t.equal(plan.subnetByAddress(ipv6FromText('2001:db8:1234::7')!)?.id, 0x1234)
    t.equal(plan.subnetOfPool(prefix6FromText('2001:dba:1234:ab00::/56')!)?.id, 0x1234)
    t.equal(plan.reservedKeys().length, COUNT)
    t.equal(former.lines.length, COUNT / 100)
  })

  const shared = [{ name: 'n', subnet6: [numbered(COUNT + 1)] }]
  const edits: readonly (readonly [title: string, Step[], value: unknown, made: number])[] = [
    ['a pool', ['subnet6', { id: 77 }, 'pools', 0, 'pool'], '2001:db8:4d::2000/120', 1],
    ['a pd-pool', ['subnet6', { id: 77 }, 'pd-pools', 0, 'delegated-len'], 60, 1],
    ['a reservation', ['subnet6', { id: 9_001 }, 'reservations', 0, 'hostname'], 'printer', 1],
    ['the first one gone', ['subnet6', { id: 1 }], undefined, 0],
    ['one more', ['subnet6', { id: COUNT + 1 }], numbered(COUNT), 1],
    ['a shared network', ['shared-networks'], shared, 1],
    ['a lifetime of all', ['valid-lifetime'], 600, COUNT + 1],
  ]
  for (const [title, path, value, made] of edits)
    t.test(`${title}: ${made} compiled`, async (t) => {
      document = changed(document, path, value)
      const now = compiledBy(compiler, document)
      const known = new Set(former.plan!.subnets)
      const fresh = now.plan!.subnets.filter((subnet) => !known.has(subnet))
      t.equal(fresh.length, made)
      t.same(now.lines, compiledBy(new Compiler(), document).lines, 'what is said is the same')
      former = now
    })

  t.test('what comes behind an error is as if it had never been', async (t) => {
    const path = ['subnet6', { id: 500 }, 'pools', 0, 'pool']
    const broken = compiledBy(compiler, changed(document, path, 'none'))
    t.equal(broken.plan, undefined)
    const mended = compiledBy(compiler, document)
    t.same(mended.lines, former.lines)
    t.equal(sharedBy(mended.plan!, former.plan!), former.plan!.subnets.length)
  })
})

function sharedBy(plan: Plan6, former: Plan6): number {
  const known = new Set(former.subnets)
  return plan.subnets.filter((subnet) => known.has(subnet)).length
}

t.test('a network that is as it was has the members that it had', async (t) => {
  const compiler = new Compiler()
  const network = { name: 'n', subnet6: [numbered(0), numbered(1)] }
  const document = frozen({
    Dhcp6: {
      'interfaces-config': { interfaces: ['*'] },
      'shared-networks': [network],
      subnet6: [numbered(2)],
    },
  })
  const before = compiledBy(compiler, document).plan!
  const after = compiledBy(compiler, changed(document, ['subnet6'], [])).plan!
  t.equal(after.subnets[0], before.subnets[0])
  t.same(after.subnets[0]!.network!.subnets, after.subnets)
})
