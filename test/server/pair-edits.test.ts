// Edits of the configuration at the two servers of a pair.

import t from 'tap'
import type { Edit } from '../../lib/config/edits.ts'
import type { ConfigResult } from '../../lib/server/configuration/running-configuration.ts'
import { ADMIN } from './configuration-world.ts'
import { configurationOf, type Office, office, SUBNET } from './edit-office.ts'

const BRANCH = {
  id: 2,
  subnet: '198.51.100.0/24',
  pools: [{ pool: '198.51.100.10-198.51.100.20' }],
}
const HOSTS = ['Dhcp4', 'subnet4', { id: 1 }, 'reservations']
const host = (last: number) => ({
  'hw-address': `02:00:00:00:01:${last}`,
  'ip-address': `192.0.2.${last}`,
})
const hostEdit = (last: number): Edit => ({
  path: [...HOSTS, { 'hw-address': host(last)['hw-address'] }],
  value: host(last),
})

function edit(one: Office, server: number, ...edits: Edit[]): ConfigResult {
  return answered(one, (answer) => configurationOf(one, server).edit(edits, 'pair', ADMIN, answer))
}

function answered({ lab }: Office, give: (answer: (result: ConfigResult) => void) => void) {
  let result: ConfigResult | undefined
  give((answer) => {
    result = answer
  })
  lab.world.advanceUntil(() => result !== undefined, 30_000)
  if (result === undefined) throw new Error('not answered')
  return result
}

function subnets(one: Office): unknown[] {
  return [0, 1].map((server) => configurationOf(one, server).document.Dhcp4!.subnet4)
}

function reserved(one: Office): unknown[] {
  return [0, 1].map((server) =>
    configurationOf(one, server)
      .document.Dhcp4!.subnet4![0]!.reservations?.map((each) => each['ip-address'])
      .sort(),
  )
}

function lines({ lab }: Office, server: number, id: string): number {
  return lab.server(server).log.lines.filter((line) => line.id === id).length
}

t.test('an edit is answered when both have it, and nobody meets anew for it', async (t) => {
  const one = office()
  const met = lines(one, 0, 'HA_PEER_MET')
  const result = edit(one, 0, { path: ['Dhcp4', 'subnet4', { id: 2 }], value: BRANCH })
  t.ok(result.allowed, result.why)
  t.same(subnets(one)[1], subnets(one)[0], 'at the moment of the answer')
  t.equal((subnets(one)[1] as unknown[]).length, 2)
  one.lab.advance(20_000)
  const pairs = [0, 1].map((server) => one.lab.server(server).server!.pair!)
  t.same(
    pairs.map(({ configDiffers, isPartnerConfigKnown }) => [configDiffers, isPartnerConfigKnown]),
    [
      [false, true],
      [false, true],
    ],
  )
  t.equal(lines(one, 0, 'HA_PEER_MET'), met)
  t.equal(lines(one, 0, 'HA_CONFIG_DIFFERS') + lines(one, 1, 'HA_CONFIG_DIFFERS'), 0)
  t.same(one.lab.invariants.violations, [])
})

t.test('both hosts die: what was answered is there again at both', async (t) => {
  const one = office()
  for (const last of [31, 32, 33]) edit(one, last % 2, hostEdit(last))
  for (const server of [0, 1]) one.lab.server(server).crash()
  for (const server of [0, 1]) one.lab.server(server).start()
  one.lab.reachNormal()
  const all = ['192.0.2.31', '192.0.2.32', '192.0.2.33']
  t.same(reserved(one), [all, all])
})

t.test('what was edited in a cut is at both when they meet, in one order', async (t) => {
  const one = office()
  one.lab.cutLink()
  one.lab.advance(30_000)
  const lifetime = (value: number): Edit => ({
    path: ['Dhcp4', 'subnet4', { id: 1 }, 'valid-lifetime'],
    value,
  })
  edit(one, 0, hostEdit(31), lifetime(700))
  edit(one, 1, hostEdit(32), lifetime(800))
  edit(one, 1, lifetime(900))
  t.not(JSON.stringify(subnets(one)[0]), JSON.stringify(subnets(one)[1]))
  one.lab.healLink()
  one.lab.reachNormal(60_000)
  one.lab.advance(10_000)
  t.same(reserved(one), [
    ['192.0.2.31', '192.0.2.32'],
    ['192.0.2.31', '192.0.2.32'],
  ])
  t.same(subnets(one)[1], subnets(one)[0])
  const [first] = subnets(one)[0] as { 'valid-lifetime': number }[]
  t.equal(first!['valid-lifetime'], 900, 'the later one')
  t.equal(one.lab.server(0).server!.pair!.configDiffers, false)
})

t.test(
  'of two edits that exclude each other both servers keep the same one, and say so',
  async (t) => {
    const one = office()
    one.lab.cutLink()
    one.lab.advance(30_000)
    edit(one, 0, { path: ['Dhcp4', 'subnet4', { id: 5 }], value: { ...BRANCH, id: 5 } })
    edit(one, 1, { path: ['Dhcp4', 'subnet4', { id: 6 }], value: { ...BRANCH, id: 6 } })
    one.lab.healLink()
    one.lab.reachNormal(60_000)
    one.lab.advance(10_000)
    t.same(subnets(one)[1], subnets(one)[0])
    t.equal((subnets(one)[0] as unknown[]).length, 2)
    for (const server of [0, 1]) {
      t.equal(configurationOf(one, server).status.unusable.length, 1)
      t.equal(lines(one, server, 'CONFIG_EDIT_UNUSABLE'), 1)
    }
  },
)

t.test('a server that was off learns what was edited; a new disk, too', async (t) => {
  const one = office()
  one.lab.server(1).crash()
  one.lab.advance(60_000)
  edit(one, 0, hostEdit(31))
  one.lab.server(1).start()
  one.lab.reachNormal(60_000)
  one.lab.advance(5000)
  t.same(reserved(one)[1], ['192.0.2.31'])
  one.lab.server(1).crash()
  one.lab.server(1).replaceDisk()
  one.lab.server(1).start()
  one.lab.world.advanceUntil(() => reserved(one)[1] !== undefined, 120_000)
  t.same(reserved(one)[1], ['192.0.2.31'])
})

t.test('a reload drops what was not written, at both', async (t) => {
  const one = office()
  edit(one, 0, hostEdit(31))
  edit(one, 1, hostEdit(32))
  const result = answered(one, (answer) => configurationOf(one, 0).reload(ADMIN, answer))
  t.equal(result.dropped, 2)
  one.lab.advance(5000)
  t.same(reserved(one), [undefined, undefined])
  t.equal(lines(one, 0, 'CONFIG_EDITS_DROPPED'), 1)
  t.equal(lines(one, 1, 'CONFIG_EDITS_DROPPED'), 1)
  for (const server of [0, 1]) one.lab.server(server).crash()
  for (const server of [0, 1]) one.lab.server(server).start()
  one.lab.reachNormal(60_000)
  one.lab.advance(5000)
  t.same(reserved(one), [undefined, undefined], 'for good')
})

t.test('a reload in a cut drops them at the other one when they meet', async (t) => {
  const one = office()
  edit(one, 0, hostEdit(31))
  one.lab.cutLink()
  one.lab.advance(30_000)
  answered(one, (answer) => configurationOf(one, 0).reload(ADMIN, answer))
  edit(one, 1, hostEdit(32))
  one.lab.healLink()
  one.lab.reachNormal(60_000)
  one.lab.advance(10_000)
  t.same(reserved(one), [['192.0.2.32'], ['192.0.2.32']])
})

t.test('one has written its file: the other one keeps the edit over its own', async (t) => {
  const one = office()
  edit(one, 0, hostEdit(31))
  const { document } = configurationOf(one, 0)
  one.files[0]!.config = structuredClone(document)
  answered(one, (answer) => configurationOf(one, 0).written(document, answer))
  answered(one, (answer) => configurationOf(one, 0).reload(ADMIN, answer))
  for (const server of [0, 1]) one.lab.server(server).crash()
  for (const server of [0, 1]) one.lab.server(server).start()
  one.lab.reachNormal(60_000)
  one.lab.advance(5000)
  t.same(reserved(one), [['192.0.2.31'], ['192.0.2.31']])
  t.same(
    [0, 1].map((server) => configurationOf(one, server).status.edits),
    [0, 1],
  )
})

t.test(
  'another file at the partner: the edit is in force here, and both say that they differ',
  async (t) => {
    const one = office()
    const { config } = one.files[1]!
    const { Dhcp4, ...rest } = config as { Dhcp4: object }
    one.files[1]!.config = { ...rest, Dhcp4: { ...Dhcp4, subnet4: [{ ...SUBNET, id: 9 }] } }
    answered(one, (answer) => configurationOf(one, 1).reload(ADMIN, answer))
    one.lab.advance(5000)
    const result = edit(one, 0, hostEdit(31))
    t.ok(result.allowed)
    t.same(reserved(one), [['192.0.2.31'], undefined])
    t.equal(lines(one, 0, 'HA_EDIT_UNUSABLE'), 1)
    t.equal(lines(one, 1, 'CONFIG_EDIT_UNUSABLE'), 1)
    one.lab.advance(20_000)
    for (const server of [0, 1]) {
      t.ok(one.lab.server(server).server!.pair!.configDiffers)
      t.ok(lines(one, server, 'HA_CONFIG_DIFFERS') > 0)
    }
  },
)

t.test('what only one host has stays there', async (t) => {
  const one = office()
  edit(one, 0, { path: ['Dhcp4', 'valid-lifetime'], value: 900 }, hostEdit(31))
  t.same(
    [0, 1].map((server) => configurationOf(one, server).document.Dhcp4!['valid-lifetime']),
    [900, 600],
  )
  t.same(reserved(one), [['192.0.2.31'], ['192.0.2.31']])
})

for (const silent of [0, 1])
  t.test(
    `share-edits false at server ${silent + 1}: each has its own, and it says so`,
    async (t) => {
      const whio = [undefined, undefined] as (object | undefined)[]
      whio[silent] = { ha: { 'share-edits': false } }
      const one = office(whio)
      t.ok(edit(one, 0, hostEdit(31)).allowed)
      one.lab.advance(10_000)
      t.same(reserved(one), [['192.0.2.31'], undefined])
      t.equal(lines(one, 0, 'HA_EDITS_NOT_SHARED'), 1)
    },
  )

t.test('whoever tells both servers is told twice that it is done', async (t) => {
  const one = office()
  edit(one, 0, hostEdit(31))
  const { path, value } = hostEdit(31)
  t.ok(configurationOf(one, 1).isFromPartner(path, value))
  t.notOk(configurationOf(one, 0).isFromPartner(path, value), 'twice at one is a mistake')
})

t.test('a partner that does not answer is not waited for', async (t) => {
  const one = office()
  one.lab.server(1).pause()
  const began = one.lab.now
  t.ok(edit(one, 0, hostEdit(31)).allowed)
  t.ok(one.lab.now - began < 10_000)
  one.lab.server(1).resume()
  one.lab.reachNormal(60_000)
  one.lab.advance(10_000)
  t.same(reserved(one)[1], ['192.0.2.31'])
})

t.test('a large edit comes in pieces', async (t) => {
  const one = office()
  const reservations = Array.from({ length: 3000 }, (_, index) => ({
    'hw-address': `0200000${(0x10000 + index).toString(16)}`,
    hostname: `host-${index}`,
  }))
  const value = { ...BRANCH, reservations }
  t.ok(edit(one, 0, { path: ['Dhcp4', 'subnet4', { id: 2 }], value }).allowed)
  t.same(subnets(one)[1], subnets(one)[0])
})

t.test('an edit that is too long for the link stays here, and that is told', async (t) => {
  const one = office()
  const value = { ...BRANCH, 'user-context': { note: 'x'.repeat(41_000_000) } }
  t.ok(edit(one, 0, { path: ['Dhcp4', 'subnet4', { id: 2 }], value }).allowed)
  t.equal((subnets(one)[1] as unknown[]).length, 1)
  const said = one.lab.server(0).log.lines.find(({ id }) => id === 'HA_EDITS_NOT_SHARED')
  t.match(said?.fields, { why: /one of 41\.\d million characters is too long/ })
})

t.test(
  'a server that returns without the last edits gets them before anybody is warned',
  async (t) => {
    const one = office()
    one.lab.server(1).crash()
    one.lab.advance(60_000)
    edit(one, 0, { path: ['Dhcp4', 'subnet4', { id: 2 }], value: BRANCH })
    one.lab.server(1).start()
    one.lab.reachNormal(60_000)
    one.lab.advance(20_000)
    t.same(subnets(one)[1], subnets(one)[0])
    t.equal(lines(one, 0, 'HA_CONFIG_DIFFERS') + lines(one, 1, 'HA_CONFIG_DIFFERS'), 0)
  },
)
