// Commands on leases of DHCPv6, as Kea's clients see them.

import t from 'tap'
import { LeaseStage, type Reply, type Row } from './lease-stage.ts'

const DUID = '00:01:02:03:04'
const HW = '02:11:22:33:44:55'

function lease6(address: string, iaid: number, more: Reply = {}): Reply {
  return {
    duid: DUID,
    'fqdn-fwd': false,
    'fqdn-rev': false,
    hostname: '',
    iaid,
    'ip-address': address,
    'preferred-lft': 3600,
    state: 0,
    'subnet-id': 11,
    type: 'IA_NA',
    'valid-lft': 3600,
    ...more,
  }
}

const na = { 'ip-address': '2001:db8:1::100', duid: DUID, iaid: 77 }
const pd = {
  'ip-address': '2001:db8:8000::',
  duid: DUID,
  iaid: 78,
  type: 'IA_PD',
  'prefix-len': 56,
  'subnet-id': 11,
}
const prefix = lease6('2001:db8:8000::', 78, { type: 'IA_PD', 'prefix-len': 56 })
const six = (rows: readonly Row[]): Row[] =>
  rows.map(([command, given, reply]) => [command, given, reply, 'dhcp6'])
const wrong = (text: string, result = 1) => ({ result, text })
const missing = { result: 3, text: 'Lease not found.' }
const got = (lease: Reply) => ({ result: 0, text: 'IPv6 lease found.', arguments: lease })

t.test('pairs 27 and 28: a prefix is added, and found by its client', async (t) => {
  const by = { 'subnet-id': 11, 'identifier-type': 'duid', identifier: DUID }
  new LeaseStage().play(
    t,
    six([
      [
        'lease6-add',
        pd,
        { result: 0, text: 'Lease for prefix 2001:db8:8000::/56, subnet-id 11 added.' },
      ],
      ['lease6-add', pd, { result: 4, text: 'IPv6 lease already exists.' }],
      [
        'lease6-add',
        { ...na, 'hw-address': HW },
        { result: 0, text: 'Lease for address 2001:db8:1::100, subnet-id 11 added.' },
      ],
      ['lease6-get', by, missing],
      ['lease6-get', { ...by, iaid: 77 }, got(lease6('2001:db8:1::100', 77, { 'hw-address': HW }))],
      ['lease6-get', { ...by, iaid: 78, type: 'IA_PD' }, got(prefix)],
      ['lease6-get', { 'ip-address': '2001:db8:8000::', type: 'IA_PD' }, got(prefix)],
      ['lease6-get', { 'ip-address': '2001:db8:8000::', type: '2' }, got(prefix)],
      ['lease6-get', { 'ip-address': '2001:db8:8000::' }, missing],
      ['lease6-del', { 'ip-address': '2001:db8:8000::' }, wrong('IPv6 lease not found.', 3)],
      [
        'lease6-del',
        { 'ip-address': '2001:db8:8000::', type: 'IA_PD' },
        { result: 0, text: 'IPv6 lease deleted.' },
      ],
    ]),
  )
})

t.test('pairs 29 and 30: many at once', async (t) => {
  const stage = new LeaseStage()
  stage.ask('lease6-add', { ...na, 'ip-address': '2001:db8:1::1ee' }, 'dhcp6')
  const applied = (count: number) => `Bulk apply of ${count} IPv6 leases completed.`
  const gone = {
    'error-message': 'lease not found',
    'ip-address': '2001:db8:1::1ff',
    result: 3,
    type: 'IA_NA',
  }
  stage.play(
    t,
    six([
      ['lease6-bulk-apply', { leases: [] }, { result: 3, text: applied(0) }],
      [
        'lease6-bulk-apply',
        {
          'deleted-leases': [
            { 'ip-address': '2001:db8:1::1ff', type: 'IA_NA' },
            { 'ip-address': '2001:db8:1::1ee', type: 'IA_NA' },
          ],
          leases: [na, { ...na, 'ip-address': '2001:db8:1::101', iaid: 2 }],
        },
        { result: 0, text: applied(3), arguments: { 'failed-deleted-leases': [gone] } },
      ],
      [
        'lease6-bulk-apply',
        { 'deleted-leases': [{ 'ip-address': '2001:db8:1::1ff' }] },
        { result: 3, text: applied(0), arguments: { 'failed-deleted-leases': [gone] } },
      ],
      [
        'lease6-bulk-apply',
        {
          'deleted-leases': [{ 'ip-address': '2001:db8:1::101' }],
          leases: [{ ...na, 'ip-address': '2001:db8:2::1', 'subnet-id': 11 }],
        },
        wrong(
          'The address 2001:db8:2::1 does not belong to subnet 2001:db8:1::/64, subnet-id=11',
          4,
        ),
      ],
      ['lease6-get', { 'ip-address': '2001:db8:1::101' }, got(lease6('2001:db8:1::101', 2))],
      [
        'lease6-bulk-apply',
        { leases: [{ ...na, duid: '00:09:09:09' }] },
        {
          result: 3,
          text: applied(0),
          arguments: {
            'failed-leases': [
              {
                'error-message':
                  'another client has a lease of it that is valid: that one is to be deleted first',
                'ip-address': '2001:db8:1::100',
                result: 4,
                type: 'IA_NA',
              },
            ],
          },
        },
      ],
      ['lease6-bulk-apply', undefined, wrong('Command arguments missing or a not a map.')],
      ['lease6-bulk-apply', {}, wrong("neither 'deleted-leases' nor 'leases' parameter specified")],
      ['lease6-bulk-apply', { leases: 5 }, wrong("the 'leases' parameter must be a list")],
    ]),
  )
})

t.test('pages are in the order of addresses, whatever the lengths of prefixes', async (t) => {
  const stage = new LeaseStage()
  const high = { ...pd, 'ip-address': '2001:db8:8000:100::', 'prefix-len': 64, iaid: 79 }
  for (const lease of [pd, high, na, { ...na, 'ip-address': '2001:db8:1::2', iaid: 1 }])
    t.equal(stage.ask('lease6-add', lease, 'dhcp6').result, 0)
  const order: string[] = []
  for (let from = 'start'; order.length < 9; ) {
    const reply = stage.ask('lease6-get-page', { from, limit: 1 }, 'dhcp6')
    if (reply.result === 3) break
    const { leases } = reply.arguments as { leases: Reply[] }
    from = leases[0]!['ip-address'] as string
    order.push(from)
  }
  t.strictSame(order, [
    '2001:db8:1::2',
    '2001:db8:1::100',
    '2001:db8:8000::',
    '2001:db8:8000:100::',
  ])
  const all = stage.ask('lease6-get-all', undefined, 'dhcp6').arguments as { leases: Reply[] }
  t.strictSame(
    all.leases.map((lease) => lease['ip-address']),
    order,
  )
  const mine = stage.ask('lease6-get-by-duid', { duid: DUID }, 'dhcp6')
  t.equal(mine.text, '4 IPv6 lease(s) found.')
})

t.test('who has declined an address has it no more', async (t) => {
  const stage = new LeaseStage()
  stage.ask('lease6-add', { ...na, state: 1 }, 'dhcp6')
  const declined = lease6('2001:db8:1::100', 0, { duid: '00:00:00', state: 1, 'preferred-lft': 0 })
  const found = { result: 0, text: '1 IPv6 lease(s) found.', arguments: { leases: [declined] } }
  stage.play(
    t,
    six([
      ['lease6-get', { 'ip-address': '2001:db8:1::100' }, got(declined)],
      ['lease6-get-by-duid', { duid: '00:00:00' }, found],
      ['lease6-get-by-duid', { duid: '00' }, found],
    ]),
  )
})

t.test('an address that its client has made itself may be told of', async (t) => {
  const stage = new LeaseStage()
  stage.ask('lease6-add', { ...na, state: 4 }, 'dhcp6')
  stage.play(
    t,
    six([
      [
        'lease6-get',
        { 'ip-address': '2001:db8:1::100' },
        got(lease6('2001:db8:1::100', 0, { state: 4 })),
      ],
      [
        'lease6-del',
        { 'ip-address': '2001:db8:1::100' },
        { result: 0, text: 'IPv6 lease deleted.' },
      ],
      ['lease6-get', { 'ip-address': '2001:db8:1::100' }, missing],
    ]),
  )
})

t.test('wrong arguments are answered with the words that clients compare', async (t) => {
  const rows: readonly (readonly [object, string, number?])[] = [
    [{ duid: undefined }, "missing parameter 'duid'"],
    [{ iaid: undefined }, "missing parameter 'iaid'"],
    [{ 'ip-address': '192.0.2.1' }, 'Non-IPv6 address specified: 192.0.2.1'],
    [{ duid: '' }, 'Empty DUIDs are not allowed'],
    [{ iaid: -1 }, "out of range value (-1) specified for parameter 'iaid'"],
    [
      { type: 'IA_XX' },
      'Incorrect lease type: IA_XX, the only supported values are: na, ta and pd',
    ],
    [{ type: 'IA_PD' }, "missing parameter 'prefix-len'"],
    [
      { type: 'IA_PD', 'prefix-len': 56 },
      'Subnet-id is 0 or not specified. This is allowed for address leases only, not prefix leases.',
    ],
    [{ ...pd, state: 1 }, 'Invalid declined state for PD prefix.'],
    [
      { ...pd, 'ip-address': '2001:db8:8000::1' },
      'Prefix address: 2001:db8:8000::1 exceeds prefix/prefix-len pair: 2001:db8:8000::/56',
    ],
  ]
  const stage = new LeaseStage()
  for (const [more, text, result = 1] of rows)
    t.strictSame(stage.ask('lease6-add', { ...na, ...more }, 'dhcp6'), { result, text }, text)
  stage.play(
    t,
    six([
      [
        'lease6-get',
        { 'subnet-id': 11, 'identifier-type': 'hw-address', identifier: DUID },
        wrong('Query by hw-address is not allowed in v6.'),
      ],
      [
        'lease6-del',
        { 'subnet-id': 11, 'identifier-type': 'hw-address', identifier: DUID },
        wrong('Delete by hw-address is not allowed in v6.'),
      ],
      [
        'lease6-get',
        { 'ip-address': '192.0.2.1' },
        wrong('Invalid IPv6 address specified: 192.0.2.1'),
      ],
      [
        'lease6-get-page',
        { from: '192.0.2.1', limit: 2 },
        wrong("'from' parameter value 192.0.2.1 is not an IPv6 address"),
      ],
      ['lease6-get-by-duid', {}, wrong("'duid' parameter not specified")],
    ]),
  )
})
