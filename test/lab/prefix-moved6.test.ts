// A provider hands out another prefix, as clients of a whole server meet it (`prefix-from`): those
// that accept RECONFIGURE move at once, the others when they renew, and everybody keeps the end of
// the address.

import t from 'tap'
import { prefix6FromText } from '../../lib/address/prefix6.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { createPair } from '../../lib/lab/pair.ts'
import { pairConfig } from '../../lib/lab/pair-config.ts'

const CONFIG = {
  Dhcp6: {
    'valid-lifetime': 4000,
    'preferred-lifetime': 3000,
    subnet6: [
      {
        id: 1,
        subnet: '0:0:0:1::/64',
        'prefix-from': 'wan/56',
        interface: 'lan',
        pools: [{ pool: '::10 - ::ff' }],
        'pd-pools': [{ prefix: '0:0:0:80::', 'prefix-len': 57, 'delegated-len': 64 }],
      },
    ],
  },
  Whio: { 'reconfigure-accept': true },
}

function planWith(prefix: string, config: object = CONFIG, thisServer?: string): Plan {
  const prefixesOf = () => [prefix6FromText(prefix)!]
  const named = thisServer === undefined ? {} : { thisServer }
  const context = { stateDirectory: '/nowhere', prefixesOf, ...named }
  const { plan, problems } = loadPlanFromObject(config, context)
  if (plan === undefined) throw new Error(JSON.stringify(problems))
  return plan
}

const [FORMER, NEXT] = ['2001:db8:a:ff00::/56', '2001:db8:b:ee00::/56']
const follow = (text: string) => text.replace('2001:db8:a:ff', '2001:db8:b:ee')

t.test('everybody moves with the prefix', async (t) => {
  const clients6 = [
    { acceptsReconfigure: true },
    {},
    { acceptsReconfigure: true, ias: [{ kind: 'pd' as const }] },
    { ias: [{ kind: 'pd' as const }] },
  ]
  const lab = createLab({ plan: planWith(FORMER), clients6 })
  t.ok(lab.settle())
  lab.advance(20_000)
  const had = lab.clients6.map((client) => [...client.addresses])
  t.ok(had.flat().every((key) => key.startsWith('2001:db8:a:ff')))
  const has = had.map((keys) => keys.map(follow))

  lab.reload(planWith(NEXT))
  lab.advance(30_000)
  const soon = lab.clients6.map((client) => [...client.addresses])
  t.same(soon, [has[0], had[1], has[2], had[3]], 'who accepts RECONFIGURE')
  lab.advance(2_000_000)
  t.same(
    lab.clients6.map((client) => [...client.addresses]),
    has,
    'the others with T1',
  )
  t.same(lab.invariants.violations, [])
})

t.test('a pair: the servers differ until both have the other prefix', async (t) => {
  const config = pairConfig({ dhcp6: CONFIG.Dhcp6, whio: CONFIG.Whio })
  const plans = (prefix: string) =>
    ['server1', 'server2'].map((name) => planWith(prefix, config, name))
  const clients6 = Array.from({ length: 8 }, () => ({ acceptsReconfigure: true }))
  const lab = createPair({ plans: plans(FORMER), clients6 })
  t.ok(lab.reachNormal())
  t.ok(lab.settle())
  lab.advance(20_000)
  const had = lab.clients6.flatMap((client) => client.addresses)
  t.equal(new Set(had).size, 8)

  const differs = () =>
    [0, 1].some((index) => lab.server(index).log.lines.some(({ id }) => id === 'HA_CONFIG_DIFFERS'))
  const [first, second] = plans(NEXT)
  t.notOk(differs())
  lab.reload(first!, 0)
  lab.advance(60_000)
  t.ok(differs(), 'one of the hosts still has the former prefix')
  lab.reload(second!, 1)
  lab.advance(60_000)
  lab.advance(4_000_000)
  const has = lab.clients6.flatMap((client) => client.addresses)
  // The same end may be the other server's to give.
  t.ok(
    has.every((address) => address.startsWith('2001:db8:b:ee01:')),
    `${has}`,
  )
  t.equal(new Set(has).size, 8)
  t.same(lab.invariants.violations, [])
})
