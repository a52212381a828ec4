// libdhcp_limits: what the user-context of a subnet says, and what is told of mistakes.

import t from 'tap'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

function load(limits: unknown, isNamed = true) {
  const { plan, problems } = loadPlanFromObject(
    {
      Dhcp4: {
        'interfaces-config': { interfaces: ['eth0'] },
        ...(isNamed ? { 'hooks-libraries': [{ library: 'libdhcp_limits.so' }] } : {}),
        subnet4: [{ id: 1, subnet: '192.0.2.0/24', 'user-context': { limits } }],
      },
    },
    { stateDirectory: '/nowhere' },
  )
  const said = problems.map((one) => `${one.severity} ${formatProblem(one)}`)
  return { limits: plan?.dhcp4?.subnets[0]?.limits, said }
}

const DAY = 86_400_000

t.test('what a subnet says', async (t) => {
  const rate = (text: string) => load({ 'rate-limit': text }).limits
  const cases: [string, object][] = [
    ['1 packet per second', { messages: 1, within: 1000 }],
    ['100 packets per minute', { messages: 100, within: 60_000 }],
    ['7 packets per hour', { messages: 7, within: 3_600_000 }],
    ['0 packets per day', { messages: 0, within: DAY }],
    ['7 packets per week', { messages: 7, within: 7 * DAY }],
    ['7 packets per month', { messages: 7, within: 30 * DAY }],
    ['7 packets per year', { messages: 7, within: 365 * DAY }],
  ]
  for (const [text, expected] of cases)
    t.same(rate(text), { rate: expected, addresses: undefined, prefixes: undefined }, text)
  t.same(load({ 'address-limit': 0 }), {
    limits: { rate: undefined, addresses: 0, prefixes: undefined },
    said: [],
  })
  t.same(load({}).limits, { rate: undefined, addresses: undefined, prefixes: undefined })
})

t.test('mistakes', async (t) => {
  const at = 'Dhcp4.subnet4[0].user-context.limits'
  const rate = (text: string) =>
    `error ${at}.rate-limit: '${text}' is not a rate (such as "100 packets per second"; or minute, hour, day, week, month, year)`
  const cases: [unknown, string][] = [
    [{ 'rate-limit': '10 per second' }, rate('10 per second')],
    [{ 'rate-limit': '-1 packets per second' }, rate('-1 packets per second')],
    [{ 'rate-limit': '1 packets per fortnight' }, rate('1 packets per fortnight')],
    [{ 'address-limit': -1 }, `error ${at}.address-limit: -1 is out of range (0 to 4294967295)`],
    [
      { 'adress-limit': 1 },
      `error ${at}.adress-limit: unknown key (did you mean "address-limit"?)`,
    ],
    [
      { 'prefix-limit': 1 },
      `info ${at}.prefix-limit: without effect in Whio (DHCPv4 delegates none)`,
    ],
    [7, `error ${at}: 7 is not a map`],
  ]
  for (const [limits, expected] of cases) t.same(load(limits).said, [expected])
  t.same(load({ 'address-limit': 1 }, false), {
    limits: undefined,
    said: [`warning ${at}: nothing is limited (name libdhcp_limits.so in hooks-libraries)`],
  })
})

t.test('limits of a pool, a network or the whole server are told to be none', async (t) => {
  const lost = { 'user-context': { limits: { 'rate-limit': '1 packet per second' } } }
  const subnet = (id: number) => {
    const subnet = `192.0.${id}.0/24`
    return { id, subnet, pools: [{ pool: `192.0.${id}.10 - 192.0.${id}.19`, ...lost }] }
  }
  const { problems } = loadPlanFromObject(
    {
      Dhcp4: {
        'interfaces-config': { interfaces: ['eth0'] },
        'hooks-libraries': [{ library: 'libdhcp_limits.so' }],
        ...lost,
        subnet4: [subnet(1)],
        'shared-networks': [{ name: 'floor', ...lost, subnet4: [subnet(2)] }],
      },
    },
    { stateDirectory: '/nowhere' },
  )
  const said = problems.map((one) => formatProblem(one)).sort()
  const where = [
    '',
    'shared-networks[0].',
    'shared-networks[0].subnet4[0].pools[0].',
    'subnet4[0].pools[0].',
  ]
  const what = 'nothing is limited here (limits are those of subnets and classes)'
  t.same(said, where.map((at) => `Dhcp4.${at}user-context.limits: ${what}`).sort())
})
