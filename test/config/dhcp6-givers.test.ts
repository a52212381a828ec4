// What a Dhcp6 map says of classes, names, reservations and libraries, where it is not as in Dhcp4.

import t from 'tap'
import { textFromPrefix6 } from '../../lib/address/prefix6.ts'
import { hexFromOctets } from '../../lib/bytes/octets.ts'
import { Compiler } from '../../lib/config/compile/compile.ts'
import type { Dhcp6Document, ReservationDocument6 } from '../../lib/config/keys/document6.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { Plan6 } from '../../lib/config/plan/plan6.ts'
import { formatPath } from '../../lib/config/text/problem.ts'
import { frozen } from './frozen.ts'

const CONTEXT = { stateDirectory: '/nowhere' }
const SERVED = { 'interfaces-config': { interfaces: ['*'] } }
const POOL = { pool: '2001:db8:1::10 - 2001:db8:1::ffff' }
const PD_POOL = { prefix: '2001:db8:8000::', 'prefix-len': 40, 'delegated-len': 56 }
const SUBNET = { id: 1, subnet: '2001:db8:1::/64', pools: [POOL], 'pd-pools': [PD_POOL] }

type Members = Record<string, unknown>

interface Loaded {
  readonly plan: Plan6
  /** `severity code path`, without `Dhcp6.` */
  readonly said: string[]
  readonly words: string
}

function load(members: Members): Loaded {
  const map = { ...SERVED, subnet6: [SUBNET], ...members }
  const { plan, problems } = loadPlanFromObject({ Dhcp6: map }, CONTEXT)
  return {
    plan: plan?.dhcp6 as Plan6,
    said: problems.map(
      ({ severity, code, path }) => `${severity} ${code} ${formatPath(path.slice(1))}`,
    ),
    words: problems.map(({ message, hint }) => `${message} (${hint})`).join('\n'),
  }
}

const classes = (...list: Members[]): Members => ({ 'client-classes': list })

t.test('client-classes of Dhcp6: what is of DHCPv4 only is refused by name', async (t) => {
  const rows: [members: Members, said: string, words: RegExp][] = [
    [
      classes({ name: 'a', test: 'pkt4.mac == 0x001122334455' }),
      'error wrong-family client-classes[0].test',
      /pkt4 is of DHCPv4 only/,
    ],
    [
      classes({ name: 'a', test: 'relay4[1].exists' }),
      'error wrong-family client-classes[0].test',
      /relay4 is of DHCPv4 only/,
    ],
    [
      classes({ name: 'a', 'next-server': '192.0.2.1' }),
      'error unknown-key client-classes[0].next-server',
      /bootfile-url/,
    ],
    [
      classes({ name: 'a', 'option-def': [] }),
      'error unknown-key client-classes[0].option-def',
      /has no meaning here/,
    ],
    [
      classes({ name: 'a', 'preferred-lifetime': 4000, 'valid-lifetime': 3000 }),
      'warning lifetime-preferred client-classes[0].preferred-lifetime',
      /5\/8 of the valid lifetime/,
    ],
    [
      classes({ name: 'a', 'min-preferred-lifetime': 20, 'preferred-lifetime': 10 }),
      'error lifetime-bounds client-classes[0].preferred-lifetime',
      /below min-preferred-lifetime 20/,
    ],
    [
      { subnet6: [{ ...SUBNET, 'pd-pools': [{ ...PD_POOL, 'client-classes': ['nobody'] }] }] },
      'warning class-unknown subnet6[0].pd-pools[0].client-classes[0]',
      /no client is ever in the class nobody/,
    ],
  ]
  for (const [members, said, words] of rows) {
    const loaded = load(members)
    t.strictSame(loaded.said, [said])
    t.match(loaded.words, words)
  }
})

t.test('client-classes of Dhcp6: what a class gives, and who is in it', async (t) => {
  const { plan, said } = load(
    classes(
      {
        name: 'routers',
        test: "relay6[0].option[18].hex == 'port7' and pkt6.msgtype == 1 and option[25].exists",
        'valid-lifetime': 3000,
        'min-preferred-lifetime': 1000,
        'max-preferred-lifetime': 2000,
        'preferred-lifetime': 1500,
        'option-data': [{ name: 'dns-servers', data: '2001:db8::53' }],
      },
      { name: 'late', test: "member('routers') and option[224].exists" },
    ),
  )
  t.strictSame(said, [])
  const number = plan.classes.numberOf('routers')!
  const given = plan.classes.given[number]!
  t.match(given, {
    valid: { default: 3000, min: 3000, max: 3000 },
    preferred: { default: 1500, min: 1000, max: 2000 },
  })
  t.equal(hexFromOctets(given.options.options[0]!.data), '20010db8000000000000000000000053')
  t.notOk(plan.classes.definitions[1]!.afterKnown, 'option 224 has no late meaning in DHCPv6')
})

t.test('ddns-generated-prefix: the longest address of DHCPv6 must fit behind it', async (t) => {
  const name = (prefix: string) => load({ 'ddns-generated-prefix': prefix })
  t.strictSame(name('p'.repeat(23)).said, [])
  const long = name('p'.repeat(24))
  t.strictSame(long.said, ['error name-prefix ddns-generated-prefix'])
  t.match(long.words, /-ffff-ffff-ffff-ffff-ffff-ffff-ffff-ffff' and the domain are not/)
  const ofPool = { ...POOL, 'ddns-qualifying-suffix': 'guests.example' }
  const { plan } = load({
    'ddns-qualifying-suffix': 'example.',
    'hostname-char-set': '[^a-z]',
    subnet6: [{ ...SUBNET, pools: [ofPool] }],
  })
  const [subnet] = plan.subnets
  t.match(subnet!.names, { suffix: 'example', prefix: 'myhost', updates: undefined })
  t.equal(subnet!.pools[0]!.names.suffix, 'guests.example')
  t.equal(subnet!.pools[0]!.names.sanitizer, subnet!.names.sanitizer)
})

t.test('reservations: keys of all lists that are looked up, and what overlaps', async (t) => {
  const own = [{ duid: '000300010001', prefixes: ['2001:db8:8000:100::/56'] }]
  const global = [{ duid: '000300010002', 'ip-addresses': ['2001:db8:1::99'] }]
  const { plan, said } = load({
    reservations: global,
    'reservations-global': true,
    subnet6: [{ ...SUBNET, reservations: own }],
  })
  t.strictSame(said, [])
  t.strictSame(plan.reservedKeys().map(textFromPrefix6), [
    '2001:db8:8000:100::/56',
    '2001:db8:1::99',
  ])
  const inside = load({
    subnet6: [
      {
        ...SUBNET,
        reservations: [{ duid: '000300010001', prefixes: ['2001:db8:8000:100::/60'] }],
      },
    ],
  })
  t.strictSame(inside.said, ['error reservation-overlap subnet6[0].reservations[0].prefixes[0]'])
  const unused = load({ reservations: global })
  t.strictSame(unused.said, ['warning reservation-unused reservations'])
  t.strictSame(unused.plan.reservedKeys(), [])
})

t.test('an edit of one reservation of many makes nothing else anew', async (t) => {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
  const reservations: ReservationDocument6[] = Array.from({ length: 20_000 }, (_, at) => ({
    duid: `00030001${hex(at, 8)}`,
    'ip-addresses': [`2001:db8:1::1:${hex(at, 4)}`],
    prefixes: [`2001:db8:9${hex(at >> 8, 3)}:${hex(at & 255, 2)}00::/56`],
  }))
  const document = (list: readonly ReservationDocument6[]): Dhcp6Document =>
    ({ ...SERVED, subnet6: [SUBNET], 'reservations-global': true, reservations: list }) as never
  const compiler = new Compiler()
  const made = (list: readonly ReservationDocument6[], by = compiler) => {
    const { plan, problems } = by.compile({ Dhcp6: frozen(document(list)) }, CONTEXT)
    t.strictSame(problems, [])
    return plan!.dhcp6!
  }
  const first = made(reservations)
  const edited = reservations.with(777, { ...reservations[777]!, hostname: 'moved' })
  const second = made(edited)
  t.equal(second.reservedKeys().length, 40_000)
  const who = { knownBy: (kind: string) => (kind === 'duid' ? '\0\x03\0\x01\0\0\x03\x09' : '') }
  const other = { knownBy: (kind: string) => (kind === 'duid' ? '\0\x03\0\x01\0\0\x03\x08' : '') }
  t.equal(second.reservations.global(who)?.hostname, 'moved')
  t.equal(second.reservations.global(other), first.reservations.global(other))
  t.equal(first.reservations.global(who)?.hostname, '')
})

t.test('libraries: what they are told in Dhcp6', async (t) => {
  const library = (name: string, parameters: Members = {}): Members => ({
    'hooks-libraries': [{ library: `/opt/libdhcp_${name}.so`, parameters }],
  })
  const at = 'hooks-libraries[0].parameters'
  const flexId = { 'identifier-expression': 'relay6[0].option[18].hex' }
  const option = (own: Members): Members => library('flex_option', { options: [own] })
  const limits = (own: Members): Members => ({
    ...library('limits'),
    subnet6: [{ ...SUBNET, 'user-context': { limits: own } }],
  })
  const rows: [members: Members, ...said: string[]][] = [
    [library('flex_id', flexId)],
    [library('flex_id', { ...flexId, 'replace-client-id': false, 'ignore-iaid': false })],
    [library('flex_id', { ...flexId, 'replace-client-id': true, 'ignore-iaid': true })],
    [
      library('flex_id', { 'identifier-expression': 'relay4[1].hex' }),
      `error wrong-family ${at}.identifier-expression`,
    ],
    [option({ code: 59, supersede: "'http://x/' + hexstring(option[1].hex, '')" })],
    [option({ name: 'dns-servers', add: '2001:db8::53' })],
    [option({ code: 39, remove: 'option[39].exists' })],
    [option({ code: 3, remove: 'option[3].exists' }), `error flex-option ${at}.options[0]`],
    [
      option({ code: 17, 'sub-options': [{ code: 1, add: "'x'" }] }),
      `error flex-option ${at}.options[0].sub-options[0]`,
    ],
    [option({ code: 17, 'sub-options': [{ space: 'vendor-4491', code: 1, add: "'x'" }] })],
    [
      option({ code: 70000, add: "'x'" }),
      `error out-of-range ${at}.options[0].code`,
      `error option-unnamed ${at}.options[0]`,
    ],
    [option({ code: 59, space: 'dhcp4', add: "'x'" }), `error wrong-word ${at}.options[0].space`],
    [limits({ 'rate-limit': '10 packets per second' })],
    [limits({ 'address-limit': 10, 'prefix-limit': 2 })],
    [library('run_script', { name: '/bin/told' })],
    [library('legal_log', { path: '/var/log/x' })],
  ]
  for (const [members, ...said] of rows)
    t.strictSame(load(members).said, said, JSON.stringify(members))
  const { plan } = load(limits({ 'rate-limit': '10 packets per second' }))
  t.match(plan.subnets[0]!.limits, { rate: { messages: 10 }, addresses: undefined })
  t.equal(load(library('run_script', { name: '/bin/told' })).plan.notices.script, '/bin/told')
})
