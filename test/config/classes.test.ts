// Definitions of classes and lists that name them: what is wrong or can hardly be meant, with its
// place; what the partner of a pair must agree on; what a reload makes anew.

import t from 'tap'
import { Compiler } from '../../lib/config/compile/compile.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { formatPath } from '../../lib/config/text/problem.ts'

const CONTEXT = { stateDirectory: '/nowhere' }
const SUBNET = { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }

const SERVED = { 'interfaces-config': { interfaces: ['*'] } }

type Members = Record<string, unknown>

/** `severity code path`, without `Dhcp4.` */
function said(members: Members): string[] {
  const { problems } = loadPlanFromObject({ Dhcp4: { ...SERVED, ...members } }, CONTEXT)
  return problems.map(
    ({ severity, code, path }) => `${severity} ${code} ${formatPath(path.slice(1))}`,
  )
}

const classes = (...list: Members[]) => ({ 'client-classes': list })

t.test('client-classes: what is wrong with a definition', async (t) => {
  const rows: readonly (readonly [definitions: Members[], ...said: string[]])[] = [
    [
      [
        { name: 'a', test: 'pkt4.htype == 1' },
        { name: 'b', test: "member('a')" },
      ],
    ],
    [[{ name: '' }], 'error class-name client-classes[0].name'],
    [[{ name: 'a' }, { name: 'a' }], 'error duplicate client-classes[1].name'],
    [[{ name: 'ALL', test: 'pkt4.htype == 1' }], 'error class-built-in client-classes[0].test'],
    [
      [{ name: 'KNOWN', 'only-in-additional-list': true }],
      'error class-built-in client-classes[0].only-in-additional-list',
    ],
    [
      [{ name: 'DROP', 'only-if-required': true }],
      'warning old-spelling client-classes[0].only-if-required',
      'error class-built-in client-classes[0].only-in-additional-list',
    ],
    [
      [{ name: 'a', test: '', 'template-test': "'x'" }],
      'error class-test client-classes[0].template-test',
      'error empty-expression client-classes[0].test',
    ],
    [[{ name: 'a', test: 'option[60].hex' }], 'error text-as-test client-classes[0].test'],
    [[{ name: 'a', test: "option[60].hex == 'x" }], 'error open-string client-classes[0].test'],
    [
      [{ name: 'a', test: "member('b')" }, { name: 'b' }],
      'error class-not-defined client-classes[0].test',
    ],
    [[{ name: 'a', test: "member('a')" }], 'error class-not-defined client-classes[0].test'],
    [[{ name: 'a', test: "member('HA_')" }], 'error class-not-defined client-classes[0].test'],
    [[{ name: 'a', test: "member('HA_x') or member('VENDOR_CLASS_x') or member('BOOTP')" }]],
    [
      [{ name: 'a', test: "member('SPAWN_t_x')" }],
      'error class-not-defined client-classes[0].test',
    ],
    [[{ name: 'a', 'template-test': "ifelse(member('later'), 'x', '')" }, { name: 'later' }]],
    [[{ name: 'drop', test: 'pkt4.htype == 1' }], 'warning class-name client-classes[0].name'],
    [
      [{ name: 'a', test: 'option[43].option[1].exists' }],
      'warning class-early client-classes[0].test',
    ],
    [[{ name: 'a', test: "option[43].option[1].exists and member('KNOWN')" }]],
    [
      [{ name: 'a', 'min-valid-lifetime': 1, 'max-valid-lifetime': 9 }],
      'error lifetime-bounds client-classes[0].min-valid-lifetime',
    ],
    [
      [{ name: 'a', 'valid-lifetime': 5, 'min-valid-lifetime': 6 }],
      'error lifetime-bounds client-classes[0].valid-lifetime',
    ],
    [
      [{ name: 'a', 'valid-lifetime': 9, 'max-valid-lifetime': 6 }],
      'error lifetime-bounds client-classes[0].valid-lifetime',
    ],
    [
      [{ name: 'a', 'valid-lifetime': 9, 'only-in-additional-list': true }],
      'warning class-lifetime client-classes[0].valid-lifetime',
    ],
    [[{ name: 'a', 'next-server': 'foo' }], 'error address client-classes[0].next-server'],
    [
      [{ name: 'a', 'boot-file-name': 'ä'.repeat(64) }],
      'error too-long client-classes[0].boot-file-name',
    ],
    [
      [{ name: 'a', 'option-data': [{ name: 'no-such', data: '1' }] }],
      'error option-unknown client-classes[0].option-data[0].name',
    ],
    [
      [{ name: 'a', 'option-def': [{ name: 'x', code: 100, type: 'uint8' }] }],
      'error option-def-class client-classes[0].option-def[0].code',
    ],
    [[{ name: 'a', tset: 'x' }], 'error unknown-key client-classes[0].tset'],
  ]
  for (const [definitions, ...expected] of rows)
    t.same(
      said({ ...classes(...definitions), subnet4: [SUBNET] }),
      expected,
      JSON.stringify(definitions),
    )
})

t.test('of very many names that nobody is in, the first are guessed', async (t) => {
  const meant = Array.from({ length: 150 }, (_, at) => `customers-of-row-${at}`)
  const pool = { ...SUBNET.pools[0], 'client-classes': meant.map((name) => `${name}x`) }
  const document = {
    ...SERVED,
    ...classes(...meant.map((name) => ({ name, test: "option[60].hex == 'x'" }))),
    subnet4: [{ ...SUBNET, pools: [pool] }],
  }
  const { problems } = loadPlanFromObject({ Dhcp4: document }, CONTEXT)
  const hints = problems.filter(({ code }) => code === 'class-unknown').map(({ hint }) => hint)
  t.equal(hints.length, meant.length, 'all are told')
  t.match(hints[0], /did you mean "customers-of-row-0"/)
  t.match(hints.at(-1), /give it a test/)
})

t.test('lists that name classes', async (t) => {
  const pool = (members: Members) => ({ ...SUBNET, pools: [{ ...SUBNET.pools[0], ...members }] })
  const guard = (...names: string[]) => ({ 'client-classes': names })
  const of = (members: Members) => ({
    reservations: [{ 'hw-address': '02:00:5e:10:00:01', ...members }],
  })
  const globally = (members: Members) => ({ 'reservations-global': true, ...of(members) })
  const voice = { name: 'voice', test: "option[60].hex == 'voice'" }
  const late = { name: 'late', test: "option[60].hex == 'x'", 'only-in-additional-list': true }
  const known = { name: 'ours', test: "member('KNOWN')" }
  const rows: readonly (readonly [members: Members, ...said: string[]])[] = [
    [{ ...classes(voice), subnet4: [pool(guard('voice'))] }],
    [
      { ...classes(voice), subnet4: [pool(guard('vioce'))] },
      'warning class-unknown subnet4[0].pools[0].client-classes[0]',
    ],
    [
      { ...classes(voice, { name: 'x' }), subnet4: [pool(guard('x'))] },
      'warning class-unknown subnet4[0].pools[0].client-classes[0]',
    ],
    [
      { ...classes(late), subnet4: [pool(guard('late'))] },
      'warning class-unknown subnet4[0].pools[0].client-classes[0]',
    ],
    [{ subnet4: [pool(guard('KNOWN'))] }],
    [
      { subnet4: [{ ...SUBNET, ...guard('KNOWN') }] },
      'warning class-late subnet4[0].client-classes',
    ],
    [{ subnet4: [{ ...SUBNET, ...guard('KNOWN') }], 'early-global-reservations-lookup': true }],
    [
      { subnet4: [{ ...SUBNET, ...guard('UNKNOWN') }], 'early-global-reservations-lookup': true },
      'warning class-late subnet4[0].client-classes',
    ],
    [
      { ...classes(known), subnet4: [{ ...SUBNET, ...guard('ours') }] },
      'warning class-late subnet4[0].client-classes',
    ],
    [{ ...classes(voice), subnet4: [{ ...SUBNET, ...guard('KNOWN', 'voice') }] }],
    [
      { ...globally(guard('gold')), subnet4: [{ ...SUBNET, ...guard('gold') }] },
      'warning class-late subnet4[0].client-classes',
    ],
    [
      {
        ...globally(guard('gold')),
        'early-global-reservations-lookup': true,
        subnet4: [{ ...SUBNET, ...guard('gold') }],
      },
    ],
    [
      {
        ...globally(guard('voice')),
        ...classes(voice),
        subnet4: [{ ...SUBNET, ...guard('voice') }],
      },
    ],
    [
      {
        'early-global-reservations-lookup': true,
        subnet4: [{ ...SUBNET, ...guard('gold'), ...of(guard('gold')) }],
      },
      'warning class-late subnet4[0].client-classes',
    ],
    [
      {
        ...globally(guard('gold')),
        'shared-networks': [{ name: 'n', subnet4: [{ ...SUBNET, ...guard('gold') }] }],
      },
    ],
    [
      { 'shared-networks': [{ name: 'n', ...guard('KNOWN'), subnet4: [SUBNET] }] },
      'warning class-late shared-networks[0].client-classes',
    ],
    [{ 'shared-networks': [{ name: 'n', subnet4: [{ ...SUBNET, ...guard('KNOWN') }] }] }],
    [{ ...classes(late), subnet4: [{ ...SUBNET, 'evaluate-additional-classes': ['late'] }] }],
    [
      { subnet4: [{ ...SUBNET, 'require-client-classes': ['x'] }] },
      'warning old-spelling subnet4[0].require-client-classes',
      'warning class-unknown subnet4[0].evaluate-additional-classes[0]',
    ],
    [
      {
        subnet4: [
          {
            ...pool(guard('gold')),
            reservations: [{ 'hw-address': '02:00:5e:10:00:01', ...guard('gold') }],
          },
        ],
      },
    ],
    [
      {
        ...classes({ name: 't', 'template-test': 'option[60].hex' }),
        subnet4: [pool(guard('SPAWN_t_x'))],
      },
    ],
  ]
  for (const [members, ...expected] of rows)
    t.same(said(members), expected, JSON.stringify(members))
})

// Whether some client is in two classes only their clients know: what depends on it is not said.
t.test('subnets for different classes that share relays or addresses', async (t) => {
  const voice = { name: 'voice', test: "option[60].hex == 'voice'" }
  const data = { name: 'data', test: "option[60].hex == 'data'" }
  const subnet = (id: number, prefix: string, ...guard: string[]) => ({
    id,
    subnet: prefix,
    relay: { 'ip-addresses': ['10.9.9.9'] },
    'client-classes': guard,
  })
  const of = (first: Members, second: Members, network: Members = {}) =>
    said({
      ...classes(voice, data),
      subnet4: [first],
      'shared-networks': [{ name: 'n', ...network, subnet4: [second] }],
    })
  const shadow = 'warning shadowed shared-networks[0].subnet4[0].relay.ip-addresses'
  const a = (...guard: string[]) => subnet(1, '10.0.1.0/24', ...guard)
  const b = (...guard: string[]) => subnet(2, '10.0.2.0/24', ...guard)
  t.same(of(a('voice'), b('data')), [])
  t.same(of(a('voice'), b()), [])
  t.same(of(a(), b('voice')), [shadow], 'all are taken')
  t.same(of(a('voice'), b('voice')), [shadow])
  t.same(of(a('voice', 'data'), b('voice')), [shadow])
  t.same(of(a('voice'), b('voice', 'data')), [], 'who is in data only gets there')
  t.same(of(a('voice'), b('data'), { 'client-classes': ['voice'] }), [shadow], 'the network')
  const within = (first: string, second: string) =>
    said({
      ...classes(voice, data),
      subnet4: [
        { id: 1, subnet: '10.0.0.0/8', 'client-classes': [first] },
        { id: 2, subnet: '10.0.2.0/24', 'client-classes': [second] },
      ],
    })
  t.same(within('voice', 'data'), [])
  t.same(within('voice', 'voice'), ['warning subnet-overlap subnet4[1].subnet'])
})

const PEERS = [
  { name: 'server1', url: 'http://192.0.2.1:8000/', role: 'primary' },
  { name: 'server2', url: 'http://192.0.2.2:8000/', role: 'secondary' },
]
const RELATIONSHIP = { mode: 'load-balancing', 'this-server-name': 'server1', peers: PEERS }
const PAIR = {
  'hooks-libraries': [
    { library: 'libdhcp_ha.so', parameters: { 'high-availability': [RELATIONSHIP] } },
  ],
}

function fingerprintOf(members: Members): string {
  const { plan } = loadPlanFromObject({ Dhcp4: { ...SERVED, ...PAIR, ...members } }, CONTEXT)
  return plan!.fingerprint
}

t.test('what both servers of a pair must agree on', async (t) => {
  t.test('guards of the pair count as they did before there were other classes', async (t) => {
    const network = {
      name: 'n',
      'client-classes': ['HA_server1', 'HA_server2'],
      subnet4: [
        {
          id: 2,
          subnet: '10.0.0.0/24',
          'client-classes': ['HA_server2'],
          pools: [{ pool: '10.0.0.8/29' }],
        },
      ],
    }
    const pools = [
      { pool: '192.0.2.10 - 192.0.2.19', 'client-classes': ['HA_server1'] },
      { pool: '192.0.2.20 - 192.0.2.29' },
    ]
    const members = { 'shared-networks': [network], subnet4: [{ ...SUBNET, pools }] }
    t.equal(fingerprintOf(members), '462c7d7ee32802ef9a1bd80c3e0d2a27')
  })
  t.test('of other guards: their names and the tests behind them', async (t) => {
    const voice = (test: string) => ({ name: 'voice', test })
    const other = { name: 'other', test: 'pkt4.htype == 1' }
    const of = (definitions: Members[], ...guard: string[]) =>
      fingerprintOf({
        ...classes(...definitions),
        subnet4: [{ ...SUBNET, pools: [{ ...SUBNET.pools[0], 'client-classes': guard }] }],
      })
    const first = of([voice("option[60].hex == 'v'"), other], 'voice', 'other')
    t.equal(of([other, voice("option[60].hex == 'v'")], 'other', 'voice'), first, 'in any order')
    t.not(of([voice("option[60].hex == 'w'"), other], 'voice', 'other'), first)
    t.not(of([voice("option[60].hex == 'v'"), other], 'voice'), first)
    t.equal(of([other], 'x'), of([], 'x'), 'what nobody is kept out by does not count')
    const asking = { name: 'a', test: "member('voice')" }
    t.not(
      of([voice("option[60].hex == 'v'"), asking], 'a'),
      of([voice("option[60].hex == 'w'"), asking], 'a'),
      'tests that a test asks for',
    )
  })
})

t.test(
  'a reload that leaves the classes alone makes neither them nor the subnets anew',
  async (t) => {
    const definitions = [{ name: 'voice', test: "option[60].hex == 'voice'" }]
    const guarded = { ...SUBNET, pools: [{ ...SUBNET.pools[0], 'client-classes': ['voice'] }] }
    const other = { id: 2, subnet: '198.51.100.0/24' }
    const document = { ...SERVED, 'client-classes': definitions, subnet4: [guarded, other] }
    const compiler = new Compiler()
    const plan = (subnet4: unknown[]) =>
      compiler.compile({ Dhcp4: { ...document, subnet4 } as Dhcp4Document }, CONTEXT).plan!.dhcp4!
    const before = plan([guarded, other])
    const after = plan([guarded, { ...other, 'valid-lifetime': 5 }])
    t.equal(after.classes, before.classes)
    t.equal(after.subnetById(1), before.subnetById(1))
    const named = plan([guarded, { ...other, 'client-classes': ['VENDOR_CLASS_new'] }])
    t.equal(named.subnetById(1), before.subnetById(1), 'numbers stay')
    t.equal(named.classes.numberOf('voice'), before.classes.numberOf('voice'))
    t.not(named.classes.numberOf('VENDOR_CLASS_new'), undefined)
    t.equal(before.classes.numberOf('VENDOR_CLASS_new'), undefined, 'the former plan is as it was')
  },
)

t.test('without classes beside those of a pair there is no program', async (t) => {
  const programOf = (members: Members) =>
    loadPlanFromObject({ Dhcp4: { ...SERVED, ...PAIR, ...members } }, CONTEXT).plan!.dhcp4!.classes
      .program
  const guarded = (...names: string[]) => ({ subnet4: [{ ...SUBNET, 'client-classes': names }] })
  t.equal(programOf({ subnet4: [SUBNET] }), undefined)
  t.equal(programOf(guarded('HA_server1')), undefined)
  t.equal(programOf(guarded('ALL')), undefined)
  for (const name of ['KNOWN', 'VENDOR_CLASS_x']) t.ok(programOf(guarded(name)), name)
  const reservations = [{ 'hw-address': '02:00:5e:10:00:01', 'client-classes': ['DROP'] }]
  t.ok(programOf({ subnet4: [{ ...SUBNET, reservations }] }))
})
