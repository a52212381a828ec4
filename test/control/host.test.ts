// Reservations by command, in the words of Kea's clients.

import t from 'tap'
import { EditStage } from './edit-stage.ts'

const HOST = { 'hw-address': 'ff:01:02:03:ff:01', 'ip-address': '192.0.2.60', 'subnet-id': 7 }
const SHOWN = {
  'boot-file-name': '',
  'client-classes': [],
  hostname: '',
  'hw-address': 'ff:01:02:03:ff:01',
  'ip-address': '192.0.2.60',
  'next-server': '0.0.0.0',
  'option-data': [],
  'server-hostname': '',
  'subnet-id': 7,
}

t.test('pair 39: a reservation is added, and stands on the first page of its subnet', async (t) => {
  const stage = new EditStage()
  t.same(stage.ask('reservation-add', { reservation: HOST }), { result: 0, text: 'Host added.' })
  t.same(stage.ask('reservation-get-page', { 'subnet-id': 7, limit: 3 }), {
    result: 0,
    text: '1 IPv4 host(s) found.',
    arguments: { count: 1, hosts: [SHOWN], next: { from: 1, 'source-index': 0 } },
  })
  t.same(stage.ask('reservation-get-page', { 'subnet-id': 7, limit: 3, from: 1 }), {
    result: 3,
    text: '0 IPv4 host(s) found.',
    arguments: { count: 0, hosts: [] },
  })
  t.match(stage.ask('reservation-get-page', { limit: 3, 'source-index': 1 }), {
    result: 3,
    arguments: { count: 0, hosts: [] },
  })
})

t.test('pages go through all subnets, each reservation once', async (t) => {
  const stage = new EditStage()
  const hosts = [21, 22, 23, 24, 25].map((last) => ({
    'hw-address': `02:00:00:00:00:${last}`,
    'ip-address': last < 24 ? `192.0.2.${last}` : `198.51.100.${last}`,
    'subnet-id': last < 24 ? 7 : 8,
  }))
  for (const reservation of hosts) t.equal(stage.ask('reservation-add', { reservation }).result, 0)
  const seen: string[] = []
  let next: unknown = { from: 0 }
  for (let page = 0; page < 9; page++) {
    const answer = stage.ask('reservation-get-page', { limit: 2, ...(next as object) })
    const { hosts: some, next: behind } = answer.arguments as {
      hosts: { 'ip-address': string }[]
      next: unknown
    }
    seen.push(...some.map((host) => host['ip-address']))
    if (answer.result === 3) break
    next = behind
  }
  t.same(
    seen,
    hosts.map((host) => host['ip-address']),
  )
})

t.test('a reservation is found by whatever is known of it', async (t) => {
  const stage = new EditStage()
  const reservation = { ...HOST, hostname: 'Printer.example' }
  stage.ask('reservation-add', { reservation })
  const shown = { ...SHOWN, hostname: 'Printer.example' }
  const one = { result: 0, text: '1 IPv4 host(s) found.', arguments: { hosts: [shown] } }
  const id = { 'identifier-type': 'hw-address', identifier: 'FF010203FF01' }
  t.same(stage.ask('reservation-get', { 'subnet-id': 7, ...id }), {
    result: 0,
    text: 'Host found.',
    arguments: shown,
  })
  t.match(stage.ask('reservation-get', { 'subnet-id': 7, 'ip-address': '192.0.2.60' }), {
    result: 0,
  })
  t.same(stage.ask('reservation-get', { 'subnet-id': 8, ...id }), {
    result: 3,
    text: 'Host not found.',
  })
  t.same(stage.ask('reservation-get-all', { 'subnet-id': 7 }), one)
  t.same(stage.ask('reservation-get-all', { 'subnet-id': 8 }), {
    result: 3,
    text: '0 IPv4 host(s) found.',
    arguments: { hosts: [] },
  })
  t.same(stage.ask('reservation-get-by-hostname', { hostname: 'printer.EXAMPLE' }), one)
  t.same(stage.ask('reservation-get-by-id', id), one)
  t.same(stage.ask('reservation-get-by-address', { 'ip-address': '192.0.2.60' }), one)
})

t.test('what is asked for in a wrong way is told in the words of Kea', async (t) => {
  const stage = new EditStage()
  stage.ask('reservation-add', { reservation: HOST })
  const id = { 'identifier-type': 'hw-address', identifier: 'x' }
  const other = { ...HOST, 'hw-address': '02:00:00:00:00:01' }
  const same = { ...HOST, 'ip-address': '192.0.2.61' }
  const { 'subnet-id': _, ...nowhere } = other
  const rows: [command: string, given: object, text: string | RegExp][] = [
    ['reservation-add', { x: 1 }, 'reservation must be specified'],
    [
      'reservation-add',
      { reservation: { ...other, 'subnet-id': 9 } },
      "IPv4 subnet with ID of '9' is not configured",
    ],
    [
      'reservation-add',
      { reservation: { ...other, 'ip-address': '10.0.0.1' } },
      "specified reservation '10.0.0.1' is not matching the IPv4 subnet prefix '192.0.2.0/24'",
    ],
    [
      'reservation-add',
      { reservation: nowhere },
      "Mandatory 'subnet-id' parameter missing. Perhaps subnet 7 (192.0.2.0/24) is meant.",
    ],
    ['reservation-add', { reservation: same }, 'Database duplicate entry error'],
    [
      'reservation-add',
      { reservation: same, 'operation-target': 'memory' },
      "failed to add new host using the HW address 'ff:01:02:03:ff:01' to the IPv4 subnet id '7' as this host has already been added",
    ],
    [
      'reservation-add',
      { reservation: other, 'operation-target': 'memory' },
      "failed to add new host using the HW address '02:00:00:00:00:01' to the IPv4 subnet id '7' for the address 192.0.2.60: There's already a reservation for this address",
    ],
    [
      'reservation-add',
      { reservation: { ...other, 'ip-address': 'x' } },
      /address 'x' is not a valid IPv4 address/,
    ],
    [
      'reservation-add',
      { reservation: { ...other, 'ip-address': '192.0.2.62', hostnam: 'x' } },
      /unsupported configuration parameter 'hostnam'/,
    ],
    ['reservation-get', id, /^missing parameter 'subnet-id', use 'reservation-get-by-address'/],
    [
      'reservation-get',
      { 'subnet-id': 7, ...id, 'identifier-type': 'nose' },
      "Value of 'identifier-type' was not recognized.",
    ],
    ['reservation-get', { 'subnet-id': 7, ...id }, "Unable to parse 'identifier' value."],
    ['reservation-get-all', { 'subnet-id': 9 }, "IPv4 subnet with ID of '9' is not configured"],
    ['reservation-get-page', { 'subnet-id': 7 }, "missing parameter 'limit'"],
    [
      'reservation-get-page',
      { limit: 0 },
      "out of range value (0) specified for parameter 'limit'",
    ],
    [
      'reservation-get-page',
      { limit: 1, 'source-index': 11 },
      "out of range value (11) specified for parameter 'source-index'",
    ],
    ['reservation-get-by-hostname', { hostname: '' }, 'Empty hostname'],
    [
      'reservation-get-by-id',
      { 'subnet-id': 7, ...id },
      "'subnet-id' is forbidden in reservation-get-by-id",
    ],
    [
      'reservation-get-by-address',
      { 'ip-address': 'x' },
      "Failed to convert 'x' to address: Failed to convert string to address 'x': Invalid argument",
    ],
  ]
  for (const [command, given, text] of rows) {
    const answer = stage.ask(command, given)
    t.same(Object.keys(answer).sort(), ['result', 'text'])
    t.equal(answer.result, 1)
    if (typeof text === 'string') t.equal(answer.text, text)
    else t.match(answer.text, text)
  }
  t.equal(stage.house.configuration.status.edits, 1, 'nothing of it has changed anything')
})

t.test('a reservation without a subnet is a global one', async (t) => {
  const stage = new EditStage()
  const reservation = { 'hw-address': '02:00:00:00:00:01', hostname: 'roamer' }
  t.same(stage.ask('reservation-add', { reservation }), {
    result: 0,
    text: 'Host added. subnet-id not specified, assumed global (subnet-id 0).',
  })
  t.match(stage.ask('reservation-get-all', { 'subnet-id': 0 }), {
    arguments: { hosts: [{ hostname: 'roamer', 'subnet-id': 0 }] },
  })
})

t.test('a reservation is changed and deleted', async (t) => {
  const stage = new EditStage()
  stage.ask('reservation-add', { reservation: HOST })
  const reservation = { ...HOST, 'hw-address': 'ff010203ff01', hostname: 'new' }
  t.same(stage.ask('reservation-update', { reservation }), { result: 0, text: 'Host updated.' })
  t.match(stage.ask('reservation-get-all', { 'subnet-id': 7 }), {
    arguments: { hosts: [{ hostname: 'new' }] },
  })
  const absent = { ...HOST, 'hw-address': '02:00:00:00:00:09' }
  t.equal(stage.ask('reservation-update', { reservation: absent }).result, 1)
  const which = { 'subnet-id': 7, 'ip-address': '192.0.2.60' }
  t.same(stage.ask('reservation-del', which), { result: 0, text: 'Host deleted.' })
  t.same(stage.ask('reservation-del', which), { result: 3, text: 'Host not deleted (not found).' })
})

t.test('with ip-reservations-unique false one address is reserved for two', async (t) => {
  const stage = new EditStage({
    Dhcp4: {
      'ip-reservations-unique': false,
      'interfaces-config': { interfaces: ['eth0'] },
      subnet4: [{ id: 7, subnet: '192.0.2.0/24' }],
    },
  })
  stage.ask('reservation-add', { reservation: HOST })
  const reservation = { ...HOST, 'hw-address': '02:00:00:00:00:01' }
  t.same(stage.ask('reservation-add', { reservation }), { result: 0, text: 'Host added.' })
})

t.test('reservations of DHCPv6', async (t) => {
  const stage = new EditStage()
  const reservation = {
    duid: '0001000102',
    'ip-addresses': ['2001:db8:1::5'],
    prefixes: ['2001:db8:9::/56'],
    'subnet-id': 11,
  }
  t.same(stage.ask6('reservation-add', { reservation }), { result: 0, text: 'Host added.' })
  t.match(stage.ask6('reservation-get-by-address', { 'ip-address': '2001:db8:1:0::5' }), {
    result: 0,
    text: '1 IPv6 host(s) found.',
    arguments: {
      hosts: [{ duid: '00:01:00:01:02', prefixes: ['2001:db8:9::/56'], 'subnet-id': 11 }],
    },
  })
  t.match(
    stage.ask6('reservation-get', {
      'subnet-id': 11,
      'identifier-type': 'duid',
      identifier: '00:01:00:01:02',
    }),
    { result: 0 },
  )
  t.match(
    stage.ask6('reservation-add', {
      reservation: { ...reservation, duid: '0002', 'ip-addresses': ['2001:db8:2::5'] },
    }),
    {
      result: 1,
      text: "specified reservation '2001:db8:2::5' is not matching the IPv6 subnet prefix '2001:db8:1::/64'",
    },
  )
  t.same(stage.ask6('reservation-del', { 'subnet-id': 11, 'ip-address': '2001:db8:1::5' }), {
    result: 0,
    text: 'Host deleted.',
  })
})
