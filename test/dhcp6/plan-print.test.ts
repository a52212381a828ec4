// Which changes of a configuration are news to the client of a lease, as a table.

import t from 'tap'
import type { Dhcp6Document, SubnetDocument6 } from '../../lib/config/keys/document6.ts'
import { planPrint } from '../../lib/dhcp6/plan-print.ts'
import { clientId, iaNa, iaPd, REQUEST, serverId } from './messages6.ts'
import { documentWith, planOf, SUBNET, TestServer6 } from './test-server6.ts'

const ADDRESS = '2001:db8:1::10'
const PREFIX = '2001:db8:8000::/56'
const RESOLVER = [{ name: 'dns-servers', data: '2001:db8::53' }]
const [POOL] = SUBNET.pools!
const [PD_POOL] = SUBNET['pd-pools']!
/** That of the client, and of somebody else. */
const DUID = '00:03:00:01:02:00:5e:10:00:01'
const OTHER = '00:03:00:01:02:00:5e:10:00:02'

type Case = readonly [
  what: string,
  subnet: Partial<SubnetDocument6>,
  global: Partial<Dhcp6Document>,
  address: boolean,
  prefix: boolean,
]

const CASES: readonly Case[] = [
  ['nothing', {}, {}, false, false],
  ['an option of all', {}, { 'option-data': RESOLVER }, true, true],
  ['an option of the subnet', { 'option-data': RESOLVER }, {}, true, true],
  ['an option of the pool', { pools: [{ ...POOL!, 'option-data': RESOLVER }] }, {}, true, false],
  [
    'an option of the pd-pool',
    { 'pd-pools': [{ ...PD_POOL!, 'option-data': RESOLVER }] },
    {},
    false,
    true,
  ],
  ['a larger pool', { pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::99' }] }, {}, false, false],
  ['another pool', { pools: [{ pool: '2001:db8:1::20 - 2001:db8:1::99' }] }, {}, true, false],
  ['no prefixes', { 'pd-pools': [] }, {}, false, true],
  [
    'prefixes of another length',
    { 'pd-pools': [{ ...PD_POOL!, 'delegated-len': 60 }] },
    {},
    false,
    true,
  ],
  [
    'a prefix to leave out',
    {
      'pd-pools': [
        { ...PD_POOL!, 'excluded-prefix': '2001:db8:8000::', 'excluded-prefix-len': 64 },
      ],
    },
    {},
    false,
    true,
  ],
  ['a shorter lifetime', { 'valid-lifetime': 3500 }, {}, true, true],
  ['an earlier T1', { 'renew-timer': 100 }, {}, true, true],
  ['the subnet is gone', { id: 2 }, {}, true, true],
  [
    'a reservation',
    { reservations: [{ duid: DUID, 'ip-addresses': ['2001:db8:1::77'] }] },
    {},
    true,
    true,
  ],
  [
    'a prefix reserved',
    { reservations: [{ duid: DUID, prefixes: ['2001:db8:4::/56'] }] },
    {},
    true,
    true,
  ],
  [
    'an option for it alone',
    { reservations: [{ duid: DUID, 'option-data': RESOLVER }] },
    {},
    true,
    true,
  ],
  [
    'a reservation of another',
    { reservations: [{ duid: OTHER, 'ip-addresses': ['2001:db8:1::77'] }] },
    {},
    false,
    false,
  ],
  [
    'its address is another’s',
    { reservations: [{ duid: OTHER, 'ip-addresses': [ADDRESS] }] },
    {},
    true,
    false,
  ],
  [
    'a class that gives nothing',
    {},
    { 'client-classes': [{ name: 'a', test: "'a' == 'b'" }] },
    false,
    false,
  ],
  [
    'a class with options',
    {},
    { 'client-classes': [{ name: 'a', test: "'a' == 'b'", 'option-data': RESOLVER }] },
    true,
    true,
  ],
]

t.test('what of a new configuration is news to whom', async (t) => {
  const served = new TestServer6(documentWith({}))
  served.reply(REQUEST, [clientId(), serverId(), iaNa(1), iaPd(1)])
  const rows = [ADDRESS, PREFIX].map((key) => served.row(key)!)
  for (const [what, subnet, global, address, prefix] of CASES) {
    const plan = planOf(documentWith(subnet, global))
    const news = rows.map((row) => planPrint(plan, row) !== planPrint(served.plan, row))
    t.same(news, [address, prefix], what)
  }
})
