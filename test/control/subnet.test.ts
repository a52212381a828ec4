// Subnets, shared networks and classes by command, in the words of Kea's clients.

import t from 'tap'
import { EditStage } from './edit-stage.ts'

const NEW = {
  id: 42,
  subnet: '203.0.113.0/24',
  pools: [{ pool: '203.0.113.5-203.0.113.6' }],
}

t.test('pair 40: a subnet is added, deleted, and not there any more', async (t) => {
  const stage = new EditStage()
  const subnets = [{ id: 42, subnet: '203.0.113.0/24' }]
  t.same(stage.ask('subnet4-add', { subnet4: [NEW] }), {
    result: 0,
    text: 'IPv4 subnet added',
    arguments: { subnets },
  })
  t.match(stage.ask('subnet4-get', { id: 42 }), {
    result: 0,
    text: 'Info about IPv4 subnet 203.0.113.0/24 (id 42) returned',
    arguments: { subnet4: [{ id: 42, pools: [{ pool: '203.0.113.5-203.0.113.6' }] }] },
  })
  t.same(stage.ask('subnet4-del', { id: 42 }), {
    result: 0,
    text: 'IPv4 subnet 203.0.113.0/24 (id 42) deleted',
    arguments: { subnets },
  })
  t.same(stage.ask('subnet4-get', { id: 42 }), { result: 3, text: 'No subnet with id 42 found' })
  t.same(stage.ask('subnet4-del', { id: 42 }), { result: 3, text: 'no subnet with id 42 found' })
})

t.test('subnets are listed with their shared networks', async (t) => {
  const stage = new EditStage()
  t.same(stage.ask('subnet4-list'), {
    result: 0,
    text: '2 IPv4 subnets found',
    arguments: {
      subnets: [
        { id: 7, subnet: '192.0.2.0/24', 'shared-network-name': null },
        { id: 8, subnet: '198.51.100.0/24', 'shared-network-name': 'floor' },
      ],
    },
  })
  t.match(stage.ask6('subnet6-list'), { result: 0, text: '1 IPv6 subnet found' })
  const bare = new EditStage({ Dhcp4: { 'interfaces-config': { interfaces: ['eth0'] } } })
  t.same(bare.ask('subnet4-list'), {
    result: 3,
    text: '0 IPv4 subnets found',
    arguments: { subnets: [] },
  })
})

t.test('a subnet is told with all that holds in it', async (t) => {
  const stage = new EditStage()
  const [shown] = (
    stage.ask('subnet4-get', { subnet: '198.51.100.0/24' }).arguments as { subnet4: object[] }
  ).subnet4
  t.match(shown, {
    id: 8,
    'valid-lifetime': 500,
    'option-data': [],
    relay: { 'ip-addresses': [] },
    reservations: [],
  })
})

t.test('a subnet becomes another, whole or in part', async (t) => {
  const stage = new EditStage()
  const reservation = { 'hw-address': '02:00:00:00:00:01', 'subnet-id': 42 }
  stage.ask('subnet4-add', { subnet4: [NEW] })
  stage.ask('reservation-add', { reservation })
  const told = () =>
    (stage.ask('subnet4-get', { id: 42 }).arguments as { subnet4: Record<string, unknown>[] })
      .subnet4[0]!
  const done = {
    result: 0,
    text: 'IPv4 subnet updated',
    arguments: { subnets: [{ id: 42, subnet: '203.0.113.0/24' }] },
  }
  const option = { name: 'domain-name', data: 'example' }
  t.same(
    stage.ask('subnet4-delta-add', {
      subnet4: [
        {
          id: 42,
          subnet: '203.0.113.0/24',
          'valid-lifetime': 777,
          pools: [{ pool: '203.0.113.8 - 203.0.113.9' }, { pool: '203.0.113.5 - 203.0.113.6' }],
          'option-data': [option],
        },
      ],
    }),
    done,
  )
  t.match(told(), {
    'valid-lifetime': 777,
    pools: [{ pool: '203.0.113.5-203.0.113.6' }, { pool: '203.0.113.8-203.0.113.9' }],
    'option-data': [{ name: 'domain-name', data: 'example' }],
    reservations: [{ 'hw-address': '02:00:00:00:00:01' }],
  })
  t.same(
    stage.ask('subnet4-delta-del', {
      subnet4: [
        {
          id: 42,
          subnet: '203.0.113.0/24',
          'valid-lifetime': 1,
          pools: [{ pool: '203.0.113.5-203.0.113.6' }],
          'option-data': [{ name: 'domain-name' }],
        },
      ],
    }),
    done,
  )
  t.match(told(), {
    'valid-lifetime': 7200,
    pools: [{ pool: '203.0.113.8-203.0.113.9' }],
    'option-data': [],
  })
  t.same(stage.ask('subnet4-update', { subnet4: [{ ...NEW, 'renew-timer': 5 }] }), done)
  t.match(told(), {
    'renew-timer': 5,
    pools: [{ pool: '203.0.113.5-203.0.113.6' }],
    reservations: [{ 'hw-address': '02:00:00:00:00:01' }],
  })
})

t.test('what is wrong with a subnet is told in the words of Kea', async (t) => {
  const stage = new EditStage()
  const { subnet: _, ...bare } = NEW
  const { id: __, ...nameless } = NEW
  const rows: [command: string, given: unknown, text: string | RegExp][] = [
    [
      'subnet4-add',
      { subnet4: [{ ...NEW, id: 7 }] },
      "ID of the new IPv4 subnet '7' is already in use",
    ],
    [
      'subnet4-add',
      { subnet4: [{ ...NEW, id: 8 }] },
      "ID of the new IPv4 subnet '8' is already in use",
    ],
    [
      'subnet4-add',
      { subnet4: [{ ...NEW, subnet: '192.0.2.0/24' }] },
      "subnet with the prefix of '192.0.2.0/24' already exists",
    ],
    [
      'subnet4-add',
      { subnet4: [{ ...NEW, reservations: [] }] },
      /^must not specify host reservations with 'subnet4-add'\. /,
    ],
    [
      'subnet4-add',
      { subnet4: [bare] },
      /^subnet configuration failed: mandatory 'subnet' parameter is missing/,
    ],
    [
      'subnet4-add',
      { subnet4: [{ ...NEW, pools: [{ pool: '10.0.0.1-10.0.0.2' }] }] },
      /a pool of type V4, with the following address range: 10\.0\.0\.1-10\.0\.0\.2 does not match the prefix of a subnet: 203\.0\.113\.0\/24/,
    ],
    [
      'subnet4-update',
      { subnet4: [nameless] },
      "must specify subnet id with 'subnet4-update' command.",
    ],
    ['subnet4-update', { subnet4: [NEW] }, "Can't find subnet '42' to update"],
    [
      'subnet4-delta-add',
      undefined,
      "invalid number of arguments 0 for the 'subnet4-delta-add' command. Expecting 'subnet4' list",
    ],
    [
      'subnet4-delta-add',
      { subnet4: [] },
      "invalid number of subnets specified for the 'subnet4-delta-add' command. Expected one subnet",
    ],
    [
      'subnet4-delta-add',
      { subnet4: [{ id: 7, subnet: '192.0.2.0/24', 'valid-lifetime': 'x' }] },
      /^'valid-lifetime' parameter is not an integer/,
    ],
    ['subnet4-del', {}, "subnet identifier is required for the 'subnet4-del' command"],
    [
      'network4-add',
      { 'shared-networks': [{ name: 'floor' }] },
      "duplicate network 'floor' found in the configuration",
    ],
    ['network4-subnet-add', { name: 'floor', id: 8 }, /is already part of shared network 'floor'/],
  ]
  for (const [command, given, text] of rows) {
    const answer = stage.ask(command, given)
    t.same([answer.result, Object.keys(answer).length], [1, 2], command)
    if (typeof text === 'string') t.equal(answer.text, text)
    else t.match(answer.text, text)
  }
  t.equal(stage.house.configuration.status.edits, 0)
})

t.test('a subnet without an id is numbered behind the others', async (t) => {
  const stage = new EditStage()
  const { id: _, ...nameless } = NEW
  t.match(stage.ask('subnet4-add', { subnet4: [nameless] }), {
    result: 0,
    arguments: { subnets: [{ id: 9 }] },
  })
})

t.test('shared networks: subnets go in and out, and outlive their network', async (t) => {
  const stage = new EditStage()
  t.same(stage.ask('network4-list'), {
    result: 0,
    text: '1 IPv4 network found',
    arguments: { 'shared-networks': [{ name: 'floor' }] },
  })
  t.same(stage.ask('network4-add', { 'shared-networks': [{ name: 'attic' }] }), {
    result: 0,
    text: "A new IPv4 shared network 'attic' added",
    arguments: { 'shared-networks': [{ name: 'attic' }] },
  })
  t.same(stage.ask('network4-subnet-add', { name: 'attic', id: 7 }), {
    result: 0,
    text: "IPv4 subnet 192.0.2.0/24 (id 7) is now part of shared network 'attic'",
  })
  t.match(stage.ask('network4-get', { name: 'attic' }), {
    result: 0,
    text: "Info about IPv4 shared network 'attic' returned",
    arguments: { 'shared-networks': [{ name: 'attic', subnet4: [{ id: 7 }] }] },
  })
  const reservation = {
    'hw-address': '02:00:00:00:00:01',
    'ip-address': '192.0.2.9',
    'subnet-id': 7,
  }
  t.equal(stage.ask('reservation-add', { reservation }).result, 0, 'also inside of a network')
  t.same(stage.ask('network4-subnet-del', { name: 'attic', id: 7 }), {
    result: 0,
    text: "IPv4 subnet 192.0.2.0/24 (id 7) is now removed from shared network 'attic'",
  })
  t.same(stage.ask('network4-del', { name: 'floor' }), {
    result: 0,
    text: "IPv4 shared network 'floor' deleted",
    arguments: { 'shared-networks': [{ name: 'floor' }] },
  })
  t.match(stage.ask('subnet4-list').arguments, {
    subnets: [
      { id: 7, 'shared-network-name': null },
      { id: 8, 'shared-network-name': null },
    ],
  })
  t.same(stage.ask('network4-del', { name: 'floor' }), {
    result: 3,
    text: "no shared network with name 'floor' found",
  })
  t.same(stage.ask('network4-get', { name: 'floor' }), {
    result: 3,
    text: "No 'floor' shared network found",
  })
})

t.test('a network is deleted with its subnets where that is said', async (t) => {
  const stage = new EditStage()
  t.equal(stage.ask('network4-del', { name: 'floor', 'subnets-action': 'delete' }).result, 0)
  t.match(stage.ask('subnet4-list'), { text: '1 IPv4 subnet found' })
})

t.test('classes are listed, defined, changed and deleted', async (t) => {
  const stage = new EditStage()
  t.same(stage.ask('class-list'), {
    result: 3,
    text: '0 classes found',
    arguments: { 'client-classes': [] },
  })
  const voip = { name: 'voip', test: "option[60].text == 'voip'" }
  const both = { name: 'both', test: "member('voip')" }
  t.same(stage.ask('class-add', { 'client-classes': [voip] }), {
    result: 0,
    text: "Class 'voip' added",
  })
  t.same(stage.ask('class-add', { 'client-classes': [both] }), {
    result: 0,
    text: "Class 'both' added",
  })
  t.same(stage.ask('class-list'), {
    result: 0,
    text: '2 classes found',
    arguments: { 'client-classes': [{ name: 'voip' }, { name: 'both' }] },
  })
  t.match(stage.ask('class-get', { name: 'voip' }), {
    result: 0,
    text: "Class 'voip' definition returned",
    arguments: { 'client-classes': [{ ...voip, 'option-data': [], 'next-server': '0.0.0.0' }] },
  })
  const update = { ...voip, 'valid-lifetime': 60 }
  t.same(stage.ask('class-update', { 'client-classes': [update] }), {
    result: 0,
    text: "Class 'voip' updated",
  })
  t.match(stage.ask('class-list').arguments, { 'client-classes': [{ name: 'voip' }, {}] })
  t.same(stage.ask('class-del', { name: 'voip' }), {
    result: 1,
    text: "Class 'voip' is used by class 'both'",
  })
  t.same(stage.ask('class-del', { name: 'both' }), { result: 0, text: "Class 'both' deleted" })
  t.same(stage.ask('class-del', { name: 'both' }), { result: 3, text: "Class 'both' not found" })
})

t.test('what is wrong with a class is told in the words of Kea', async (t) => {
  const stage = new EditStage()
  const rows: [command: string, given: unknown, text: string | RegExp][] = [
    ['class-add', undefined, "invalid command 'class-add': no arguments specified"],
    [
      'class-add',
      [],
      "invalid command 'class-add': expected 'arguments' to be a map, got list instead",
    ],
    ['class-add', {}, "invalid command 'class-add': 'arguments' is empty"],
    ['class-add', { x: 1 }, "missing 'client-classes' argument for the 'class-add' command"],
    [
      'class-add',
      { 'client-classes': 1 },
      "'client-classes' argument specified for the 'class-add' command is not a list",
    ],
    [
      'class-add',
      { 'client-classes': [{ name: 'a', unknown: 1 }] },
      "unsupported client class parameter 'unknown'",
    ],
    ['class-add', { 'client-classes': [{ name: 'a', test: 'nonsense(' }] }, /./],
    ['class-get', { x: 1 }, "missing 'name' argument for the 'class-get' command"],
  ]
  for (const [command, given, text] of rows) {
    const answer = stage.ask(command, given)
    t.same([answer.result, Object.keys(answer).length], [1, 2], command)
    if (typeof text === 'string') t.equal(answer.text, text)
    else t.match(answer.text, text)
  }
  t.same(stage.ask('class-update', { 'client-classes': [{ name: 'a' }] }), {
    result: 3,
    text: "Class 'a' is not found",
  })
  const known = { name: 'k', test: "member('KNOWN')" }
  stage.ask('class-add', { 'client-classes': [known] })
  t.equal(stage.ask('class-update', { 'client-classes': [{ name: 'k', test: 'true' }] }).result, 1)
})

t.test('DHCPv6 has the same, each family its own', async (t) => {
  const stage = new EditStage()
  const subnet6 = [{ id: 12, subnet: '2001:db8:2::/64' }]
  t.match(stage.ask6('subnet6-add', { subnet6 }), { result: 0, text: 'IPv6 subnet added' })
  t.match(stage.ask6('subnet6-get', { id: 12 }), {
    result: 0,
    arguments: { subnet6: [{ id: 12 }] },
  })
  t.match(stage.ask6('network6-list'), { result: 3, text: '0 IPv6 networks found' })
  t.same(stage.ask6('class-add', { 'client-classes': [{ name: 'six' }] }), {
    result: 0,
    text: "Class 'six' added",
  })
  t.match(stage.ask('class-list'), { result: 3 })
})
