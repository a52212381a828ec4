// Commands on leases of DHCPv4, as Kea's clients see them: keys, texts and codes are Kea's.

import t from 'tap'
import { LeaseStage, lease4, type Row } from './lease-stage.ts'

const HW = '02:11:22:33:44:55'

const wrong = (text: string) => ({ result: 1, text })
const none = { result: 3, text: '0 IPv4 lease(s) found.', arguments: { leases: [] } }

t.test('pairs 13 and 14: a lease is added, and not twice', async (t) => {
  const lease = { 'ip-address': '192.0.2.10', 'hw-address': HW }
  new LeaseStage().play(t, [
    ['lease4-add', lease, { result: 0, text: 'Lease for address 192.0.2.10, subnet-id 7 added.' }],
    ['lease4-add', lease, { result: 4, text: 'IPv4 lease already exists.' }],
  ])
})

t.test('pair 15: a lease with an end and a name reads as it was stated', async (t) => {
  const stage = new LeaseStage()
  const { result } = stage.ask('lease4-add', {
    'ip-address': '192.0.2.11',
    'hw-address': HW,
    expire: 1_900_000_000,
    'valid-lft': 600,
    hostname: 'Host-A.Example.org',
    'fqdn-fwd': true,
    comment: 'hello',
  })
  t.equal(result, 0)
  t.equal(
    stage.text('lease4-get', { 'ip-address': '192.0.2.11' }),
    '{ "arguments": { "cltt": 1899999400, "fqdn-fwd": true, "fqdn-rev": false, ' +
      '"hostname": "host-a.example.org", "hw-address": "02:11:22:33:44:55", ' +
      '"ip-address": "192.0.2.11", "state": 0, "subnet-id": 7, ' +
      '"user-context": { "comment": "hello" }, "valid-lft": 600 }, ' +
      '"result": 0, "text": "IPv4 lease found." }',
  )
})

t.test('pairs 16 to 20, 22 and 23: what is not there, and what is wrong', async (t) => {
  new LeaseStage().play(t, [
    [
      'lease4-add',
      { 'ip-address': '192.0.2.12', 'hw-address': HW, 'subnet-id': 99 },
      {
        result: 4,
        text: 'Invalid subnet-id: No IPv4 subnet with subnet-id=99 currently configured.',
      },
    ],
    ['lease4-get', { 'ip-address': '192.0.2.99' }, { result: 3, text: 'Lease not found.' }],
    ['lease4-get', {}, wrong("Mandatory 'subnet-id' parameter missing.")],
    ['lease4-get-all', {}, wrong("'subnets' parameter not specified")],
    ['lease4-get-all', { subnets: [8] }, none],
    [
      'lease4-get-page',
      { from: '192.0.2.200', limit: 2 },
      { result: 3, text: '0 IPv4 lease(s) found.', arguments: { count: 0, leases: [] } },
    ],
    [
      'lease4-get-by-hw-address',
      { 'hw-address': '02-11-22-33-44-55' },
      wrong("invalid format of the decoded string '02-11-22-33-44-55'"),
    ],
  ])
})

t.test('pair 21: pages go on behind the last address, across subnets', async (t) => {
  const stage = new LeaseStage()
  const addresses = ['198.51.100.10', '192.0.2.14', '192.0.2.10', '192.0.2.13', '192.0.2.11']
  for (const address of addresses)
    t.equal(stage.ask('lease4-add', { 'ip-address': address, 'hw-address': HW }).result, 0)
  const page = (...last: string[]) => ({
    result: 0,
    text: `${last.length} IPv4 lease(s) found.`,
    arguments: {
      count: last.length,
      leases: last.map((one) =>
        one.startsWith('198') ? lease4(one, HW, { 'subnet-id': 8 }) : lease4(one, HW),
      ),
    },
  })
  stage.play(t, [
    ['lease4-get-page', { from: 'start', limit: 2 }, page('192.0.2.10', '192.0.2.11')],
    ['lease4-get-page', { from: '192.0.2.11', limit: 2 }, page('192.0.2.13', '192.0.2.14')],
    ['lease4-get-page', { from: '192.0.2.14', limit: 2 }, page('198.51.100.10')],
    [
      'lease4-get-page',
      { from: '192.0.2.13', limit: 0xffffffff },
      page('192.0.2.14', '198.51.100.10'),
    ],
    [
      'lease4-get-page',
      { from: '255.255.255.255', limit: 2 },
      { result: 3, text: '0 IPv4 lease(s) found.', arguments: { count: 0, leases: [] } },
    ],
  ])
})

t.test('pairs 24 and 25: update, and deletion', async (t) => {
  const lease = { 'ip-address': '192.0.2.15', 'hw-address': HW }
  new LeaseStage().play(t, [
    [
      'lease4-update',
      lease,
      {
        result: 4,
        text: 'failed to update the lease with address 192.0.2.15 either because the lease has been deleted or it has changed in the database, in both cases a retry might succeed',
      },
    ],
    ['lease4-update', { ...lease, 'force-create': true }, { result: 0, text: 'IPv4 lease added.' }],
    ['lease4-update', { ...lease, hostname: 'Foo' }, { result: 0, text: 'IPv4 lease updated.' }],
    [
      'lease4-get',
      { 'ip-address': '192.0.2.15' },
      {
        result: 0,
        text: 'IPv4 lease found.',
        arguments: lease4('192.0.2.15', HW, { hostname: 'foo' }),
      },
    ],
    ['lease4-del', { 'ip-address': '192.0.2.15' }, { result: 0, text: 'IPv4 lease deleted.' }],
    ['lease4-del', { 'ip-address': '192.0.2.15' }, { result: 3, text: 'IPv4 lease not found.' }],
    ['lease4-get', { 'ip-address': '192.0.2.15' }, { result: 3, text: 'Lease not found.' }],
    ['lease4-get-all', undefined, none],
  ])
})

t.test('pair 26: a subnet is emptied', async (t) => {
  const stage = new LeaseStage()
  for (const last of [10, 11, 12])
    stage.ask('lease4-add', { 'ip-address': `192.0.2.${last}`, 'hw-address': HW })
  const deleted = (count: number, ids: string) => ({
    result: count === 0 ? 3 : 0,
    text: `Deleted ${count} IPv4 lease(s) from subnet(s)${ids}`,
  })
  stage.play(t, [
    ['lease4-wipe', { 'subnet-id': 8 }, deleted(0, ' 8')],
    ['lease4-wipe', { 'subnet-id': 7 }, deleted(3, ' 7')],
    ['lease4-wipe', { 'subnet-id': 7 }, deleted(0, ' 7')],
    ['lease4-wipe', {}, deleted(0, ' 7 8')],
    ['lease4-wipe', undefined, deleted(0, ' 7 8')],
  ])
})

t.test('a lease that is valid is another client’s by deletion only', async (t) => {
  const stage = new LeaseStage()
  const lease = { 'ip-address': '192.0.2.15', 'hw-address': HW }
  stage.ask('lease4-add', lease)
  const other = { ...lease, 'hw-address': '02:00:00:00:00:99' }
  t.match(stage.ask('lease4-update', other), {
    result: 4,
    text: /^failed to update the lease with address 192\.0\.2\.15: another client has a lease/,
  })
  stage.ask('lease4-del', { 'ip-address': '192.0.2.15' })
  t.match(stage.ask('lease4-add', other), { result: 0 })
})

t.test('what is known of a lease finds it', async (t) => {
  const stage = new LeaseStage()
  const one = { 'ip-address': '192.0.2.10', 'hw-address': HW, 'client-id': '01:02', hostname: 'Q' }
  const two = { 'ip-address': '192.0.2.11', 'hw-address': '02:00:00:00:00:99', state: 1 }
  for (const lease of [one, two]) stage.ask('lease4-add', lease)
  const told = lease4('192.0.2.10', HW, { 'client-id': '01:02', hostname: 'q' })
  const declined = lease4('192.0.2.11', '', { state: 1 })
  const found = (lease: object, more = '') => ({
    result: 0,
    text: `1 IPv4 lease(s) found${more}.`,
    arguments: { leases: [lease] },
  })
  const get = { result: 0, text: 'IPv4 lease found.', arguments: told }
  const by = (type: string, identifier: string) => ({
    'subnet-id': 7,
    'identifier-type': type,
    identifier,
  })
  stage.play(t, [
    ['lease4-get', by('hw-address', HW), get],
    ['lease4-get', by('client-id', '0102'), get],
    [
      'lease4-get',
      { ...by('hw-address', HW), 'subnet-id': 8 },
      { result: 3, text: 'Lease not found.' },
    ],
    ['lease4-get-by-hw-address', { 'hw-address': HW }, found(told)],
    ['lease4-get-by-hw-address', { 'hw-address': '' }, found(declined)],
    ['lease4-get-by-client-id', { 'client-id': '0102' }, found(told)],
    ['lease4-get-by-client-id', { 'client-id': '01:03' }, none],
    ['lease4-get-by-hostname', { hostname: 'Q' }, found(told)],
    ['lease4-get-by-hostname', { hostname: 'nope' }, none],
    ['lease4-get-by-state', { state: 'declined' }, found(declined, ' with state declined (1)')],
    [
      'lease4-get-by-state',
      { state: 0, 'subnet-id': 7 },
      found(told, ' with state default (0) in subnet 7'),
    ],
    [
      'lease4-get-by-state',
      { state: 9 },
      { result: 3, text: '0 IPv4 lease(s) found with state 9.', arguments: { leases: [] } },
    ],
    [
      'lease4-get-all',
      { subnets: [8, 7] },
      {
        result: 0,
        text: '2 IPv4 lease(s) found.',
        arguments: { leases: [told, declined] },
      },
    ],
    [
      'lease4-get-all',
      undefined,
      {
        result: 0,
        text: '2 IPv4 lease(s) found.',
        arguments: { leases: [told, declined] },
      },
    ],
  ])
  const twice = stage.ask('lease4-get-all', { subnets: [7, 7] })
  t.equal(twice.text, '4 IPv4 lease(s) found.')
})

// The words of Kea 2.2 where it was asked the same, but for places in the text of the request.
const FAULTS: readonly (readonly [
  command: string,
  given: unknown,
  text: string,
  result?: number,
])[] = [
  ['lease4-add', undefined, 'no parameters specified for the command'],
  ['lease4-add', {}, "missing parameter 'ip-address'"],
  ['lease4-add', { 'ip-address': '192.0.2.10' }, "missing parameter 'hw-address'"],
  ['lease4-add', { 'ip-address': 5 }, "invalid type specified for parameter 'ip-address'"],
  [
    'lease4-add',
    { 'ip-address': '2001:db8::1', 'hw-address': HW },
    'Non-IPv4 address specified: 2001:db8::1',
  ],
  [
    'lease4-add',
    { 'ip-address': '192.0.2.bogus', 'hw-address': HW },
    "Failed to convert '192.0.2.bogus' to address: Failed to convert string to address '192.0.2.bogus': Invalid argument",
  ],
  [
    'lease4-add',
    { 'ip-address': '203.0.113.1', 'hw-address': HW },
    'subnet-id not specified and failed to find a subnet for address 203.0.113.1',
    4,
  ],
  [
    'lease4-add',
    { 'ip-address': '203.0.113.1', 'hw-address': HW, 'subnet-id': 7 },
    'The address 203.0.113.1 does not belong to subnet 192.0.2.0/24, subnet-id=7',
    4,
  ],
  ['lease4-get', undefined, 'Parameters missing or are not a map.'],
  ['lease4-get', { 'ip-address': '::1' }, 'Invalid IPv4 address specified: ::1'],
  [
    'lease4-get',
    { 'ip-address': 'x' },
    "Failed to convert string to address 'x': Invalid argument",
  ],
  ['lease4-get', { 'ip-address': 7 }, "'ip-address' is not a string."],
  ['lease4-get', { 'subnet-id': '7' }, "'subnet-id' parameter is not integer."],
  [
    'lease4-get',
    { 'subnet-id': 7 },
    "No 'ip-address' provided and 'identifier-type' is either missing or not a string.",
  ],
  [
    'lease4-get',
    { 'subnet-id': 7, 'identifier-type': 'hw-address' },
    "No 'ip-address' provided and 'identifier' is either missing or not a string.",
  ],
  [
    'lease4-get',
    { 'subnet-id': 7, 'identifier-type': 'foo', identifier: '01' },
    'Incorrect identifier type: foo, the only supported values are: address, hw-address, duid',
  ],
  [
    'lease4-get',
    { 'subnet-id': 7, 'identifier-type': 'duid', identifier: '01' },
    'Query by duid is not allowed in v4.',
  ],
  [
    'lease4-del',
    { 'subnet-id': 7, 'identifier-type': 'duid', identifier: '01' },
    'Delete by duid is not allowed in v4.',
  ],
  [
    'lease4-get',
    { 'ip-address': '192.0.2.10', type: 'IA_XX' },
    'Invalid lease type specified: IA_XX, only supported values are: IA_NA, IA_TA, IA_PD and V4',
  ],
  ['lease4-get-all', { subnets: 7 }, "'subnets' parameter must be a list"],
  ['lease4-get-all', { subnets: ['7'] }, 'listed subnet identifiers must be numbers'],
  ['lease4-get-page', undefined, 'no parameters specified for the lease4-get-page command'],
  ['lease4-get-page', {}, "'from' parameter not specified"],
  ['lease4-get-page', { from: 5 }, "'from' parameter must be a string"],
  ['lease4-get-page', { from: 'start' }, "'limit' parameter not specified"],
  ['lease4-get-page', { from: 'start', limit: 0 }, 'page size of retrieved leases must not be 0'],
  ['lease4-get-page', { from: 'start', limit: 'x' }, "'limit' parameter must be a number"],
  [
    'lease4-get-page',
    { from: 'start', limit: 4294967296 },
    'page size of retrieved leases must not be greater than 4294967295',
  ],
  [
    'lease4-get-page',
    { from: 'foo', limit: 1 },
    "'from' parameter value is neither 'start' keyword nor a valid IPv4 address",
  ],
  ['lease4-get-page', { from: '::', limit: 1 }, "'from' parameter value :: is not an IPv4 address"],
  ['lease4-get-by-hw-address', undefined, 'Command arguments missing or a not a map.'],
  ['lease4-get-by-hw-address', {}, "'hw-address' parameter not specified"],
  ['lease4-get-by-hw-address', { 'hw-address': 5 }, "'hw-address' parameter must be a string"],
  ['lease4-get-by-client-id', {}, "'client-id' parameter not specified"],
  ['lease4-get-by-client-id', { 'client-id': '' }, 'Empty DUIDs are not allowed'],
  [
    'lease4-get-by-client-id',
    { 'client-id': 'zz' },
    "'zz' is not a valid string of hexadecimal digits",
  ],
  ['lease4-get-by-hostname', { hostname: '' }, "'hostname' parameter is empty"],
  ['lease4-get-by-state', { state: 'x' }, "'state' parameter value (x) is not recognized"],
  ['lease4-get-by-state', { state: true }, "'state' parameter must be a number or a string"],
  ['lease4-update', undefined, 'no parameters specified for lease4-update command'],
  ['lease4-del', {}, "Mandatory 'subnet-id' parameter missing."],
  ['lease4-wipe', { 'subnet-id': 'x' }, "invalid type specified for parameter 'subnet-id'"],
  ['lease4-resend-ddns', {}, "'ip-address' parameter is missing."],
  ['lease4-resend-ddns', { 'ip-address': '192.0.2.1' }, 'DDNS updating is not enabled', 4],
]

t.test('wrong arguments are answered with the words that clients compare', async (t) => {
  const stage = new LeaseStage()
  stage.play(
    t,
    FAULTS.map(([command, given, text, result = 1]): Row => [command, given, { result, text }]),
  )
  const base = { 'ip-address': '192.0.2.10', 'hw-address': HW }
  const rows: readonly (readonly [object, string])[] = [
    [{ 'client-id': 'zz' }, "'zz' is not a valid string of hexadecimal digits"],
    [{ 'client-id': '01' }, 'client-id is too short (1), at least 2 is required'],
    [{ 'hw-address': '021122334455' }, "invalid format of the decoded string '021122334455'"],
    [
      { 'hw-address': '' },
      'Lease4: 192.0.2.10, state: default has neither hardware address or client id',
    ],
    [
      { 'hw-address': Array(17).fill('02').join(':') },
      'address vector size exceeds MAX_HWADDR_LEN',
    ],
    [{ 'subnet-id': '7' }, "invalid type specified for parameter 'subnet-id'"],
    [{ 'subnet-id': -1 }, "out of range value (-1) specified for parameter 'subnet-id'"],
    [{ 'valid-lft': -1 }, "out of range value (-1) specified for parameter 'valid-lft'"],
    [
      { 'valid-lft': 4294967296 },
      "out of range value (4294967296) specified for parameter 'valid-lft'",
    ],
    [{ expire: -1 }, 'expiration time must be positive for address 192.0.2.10'],
    [{ expire: 100 }, 'expiration time must be greater than valid lifetime for address 192.0.2.10'],
    [
      { 'fqdn-fwd': true },
      'No hostname specified and either forward or reverse fqdn was set to true.',
    ],
    [{ 'fqdn-fwd': 1 }, "invalid type specified for parameter 'fqdn-fwd'"],
    [
      { state: 8 },
      'Invalid state value: 8, supported values are: 0 (default), 1 (declined), 2 (expired-reclaimed), 3 (released) and 4 (registered)',
    ],
    [{ 'user-context': 5 }, "Invalid user context '5' is not a JSON map."],
    [
      { comment: 'one', 'user-context': { comment: 'two' } },
      `Duplicated comment entry '"one"' in user context '{ "comment": "two" }'`,
    ],
  ]
  for (const [more, text] of rows)
    t.strictSame(stage.ask('lease4-add', { ...base, ...more }), wrong(text), text)
  t.strictSame(stage.ask('lease4-get-all'), none, 'nothing of that has done anything')
})

t.test('leases are written as a file that Kea reads', async (t) => {
  const stage = new LeaseStage()
  for (const last of [11, 10])
    stage.ask('lease4-add', {
      'ip-address': `192.0.2.${last}`,
      'hw-address': HW,
      expire: 1_900_000_000,
      'user-context': { a: 'x,y' },
    })
  stage.ask('lease4-del', { 'ip-address': '192.0.2.11' })
  const reply = stage.ask('lease4-write', { filename: 'leases.csv' })
  const [[path, text] = ['', '']] = stage.stage.files
  t.strictSame(reply, { result: 0, text: `IPv4 lease database into '${path}'.` })
  t.equal(
    text,
    'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n' +
      '192.0.2.10,02:11:22:33:44:55,,3600,1900000000,7,0,0,,0,{ "a": "x&#x2cy" },0\n',
  )
  stage.play(t, [
    ['lease4-write', {}, wrong("'filename' parameter not specified")],
    ['lease4-write', undefined, wrong("'filename' parameter not specified")],
    [
      'lease4-write',
      { filename: '/tmp/x' },
      wrong("'filename' parameter is invalid: another folder"),
    ],
  ])
})

t.test('a server of DHCPv6 knows leases of DHCPv4, too', async (t) => {
  const stage = new LeaseStage()
  stage.ask('lease4-add', { 'ip-address': '192.0.2.10', 'hw-address': HW }, 'dhcp6')
  t.match(stage.ask('lease4-get', { 'ip-address': '192.0.2.10' }), { result: 0 })
})
