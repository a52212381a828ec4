// The configuration of a running server, changed by commands.

import t from 'tap'
import { canonical } from '../../lib/config/canonical/canonical.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { carriedOut } from '../../lib/server/configuration/rebuild.ts'
import type { Tried } from '../../lib/server/configuration/running-configuration.ts'
import { ADMIN, CONTEXT, ConfigurationWorld, OFFICE } from './configuration-world.ts'

const PRINTER = { 'hw-address': '02:00:00:00:00:07', 'ip-address': '192.0.2.7' }
const LIST = ['Dhcp4', 'subnet4', { id: 1 }, 'reservations']
const BRANCH = {
  id: 2,
  subnet: '198.51.100.0/24',
  pools: [{ pool: '198.51.100.10-198.51.100.20' }],
}

/** What client 7 is offered: the last octet. */
function offered(world: ConfigurationWorld): number {
  world.world.arrive(1, 7)
  world.world.sink!.onBatchEnd()
  return world.world.given.at(-1)! & 255
}

t.test(
  'a reservation that is added is given to its client, and answered when stored',
  async (t) => {
    const office = new ConfigurationWorld()
    t.equal(offered(office), 10, 'of the pool, before')
    let answered = false
    office.configuration.edit([{ path: LIST, value: [PRINTER] }], 'pair', ADMIN, () => {
      answered = true
    })
    office.world.advance(5)
    t.notOk(answered, 'the disk has not stored it yet')
    t.equal(offered(office), 7, 'it is in force all the same: no ACK leaves before it is stored')
    office.store()
    t.ok(answered)
    t.equal(office.configuration.status.edits, 1)
    t.equal(office.configuration.base, office.configuration.base)
    t.equal(office.dhcp4.subnet4![0]!.reservations!.length, 1)
  },
)

t.test('an error of ours is told to who asked, and who asks next is served', async (t) => {
  const office = new ConfigurationWorld()
  const failed = office.answered((answer) =>
    office.configuration.edit(
      () => {
        throw new Error('nobody knows why')
      },
      'pair',
      ADMIN,
      answer,
    ),
  )
  t.match(failed, { allowed: false, why: /^an error of the server/ })
  t.match(office.world.log.find(({ id }) => id === 'INTERNAL_ERROR')?.fields, {
    error: /nobody knows why/,
  })
  t.match(office.edit([{ path: LIST, value: [PRINTER] }]), { allowed: true })
})

t.test('an edit survives a restart, and stands over the file', async (t) => {
  const office = new ConfigurationWorld()
  office.edit([{ path: ['Dhcp4', 'subnet4', { id: 2 }], value: BRANCH }])
  office.edit([{ path: LIST, value: [PRINTER] }])
  office.edit([{ path: [...LIST, { 'hw-address': '020000000007' }, 'hostname'], value: 'paper' }])
  const again = office.restarted()
  t.same(again.configuration.document, office.configuration.document)
  t.equal(offered(again), 7)
  t.equal(again.configuration.status.edits, 3)
  t.match(
    again.world.log.find(({ id }) => id === 'CONFIG_EDITS_STAND'),
    { fields: { edits: 3 } },
  )
  t.notOk(again.world.log.some(({ id }) => id === 'CONFIG_EDITS_OTHER_FILE'))
})

t.test('a start with edits and another file says so; what fits is in force', async (t) => {
  const office = new ConfigurationWorld()
  office.edit([{ path: LIST, value: [PRINTER] }])
  office.edit([{ path: ['Dhcp4', 'subnet4', { id: 2 }], value: BRANCH }])
  const [first] = OFFICE.Dhcp4.subnet4
  const file = { Dhcp4: { ...OFFICE.Dhcp4, subnet4: [{ ...first, id: 9 }] } }
  const again = office.restarted(file)
  t.ok(again.world.log.some(({ id }) => id === 'CONFIG_EDITS_OTHER_FILE'))
  t.same(
    again.dhcp4.subnet4!.map(({ id }) => id),
    [9, 2],
  )
  t.equal(again.configuration.status.unusable.length, 1)
  t.match(again.configuration.status.unusable[0]!, /subnet4 has no/)
})

t.test('what cannot be served is refused with its place, and changes nothing', async (t) => {
  const office = new ConfigurationWorld()
  const { document } = office.configuration
  const refusals: [unknown, RegExp][] = [
    [{ ...BRANCH, subnett: 1 }, /Dhcp4\.subnet4\[1\]\.subnett: unknown key/],
    [{ ...BRANCH, subnet: 7 }, /Dhcp4\.subnet4\[1\]\.subnet: 7 is not a text/],
    [{ ...BRANCH, pools: [{ pool: '192.0.9.1-192.0.9.2' }] }, /Dhcp4\.subnet4\[1\]\.pools\[0\]/],
    [{ ...BRANCH, subnet: '192.0.2.0/25' }, /Dhcp4\.subnet4/],
  ]
  for (const [value, why] of refusals) {
    const result = office.edit([{ path: ['Dhcp4', 'subnet4', { id: 2 }], value }])
    t.equal(result.allowed, false)
    t.match(result.why, why)
  }
  t.equal(office.configuration.document, document)
  t.equal(office.stored.size, 0)
  const nowhere = office.edit([{ path: ['Dhcp4', 'subnet4', { id: 7 }, 'pools'], value: [] }])
  t.match(nowhere.why, /subnet4 has no \{"id":7\}/)
})

t.test('of several edits all are carried out or none', async (t) => {
  const office = new ConfigurationWorld()
  const { document } = office.configuration
  const result = office.edit([
    { path: ['Dhcp4', 'subnet4', { id: 2 }], value: BRANCH },
    { path: ['Dhcp4', 'subnet4', { id: 2 }, 'reservations'], value: [{ 'ip-address': 'x' }] },
  ])
  t.notOk(result.allowed)
  t.equal(office.configuration.document, document)
})

t.test(
  'a reload reads the file: edits that were not written are gone, and it says so',
  async (t) => {
    const office = new ConfigurationWorld()
    office.edit([{ path: LIST, value: [PRINTER] }])
    office.edit([{ path: ['Dhcp4', 'valid-lifetime'], value: 900 }])
    const result = office.answered((answer) => office.configuration.reload(ADMIN, answer))
    t.match(result, { allowed: true, dropped: 2 })
    t.equal(offered(office), 10)
    t.equal(office.dhcp4['valid-lifetime'], 600)
    t.match(
      office.world.log.find(({ id }) => id === 'CONFIG_EDITS_DROPPED'),
      { level: 'warn', fields: { edits: 2 } },
    )
    t.equal(office.restarted().configuration.status.edits, 0)
  },
)

t.test('a file with errors changes nothing, and edits stay', async (t) => {
  const office = new ConfigurationWorld()
  office.edit([{ path: LIST, value: [PRINTER] }])
  office.source.config = { Dhcp4: { subnet4: [{ id: 1, subnet: 'nonsense' }] } }
  const result = office.answered((answer) => office.configuration.reload(ADMIN, answer))
  t.match(result, { allowed: false, why: /has 1 error: what was in force stays in force/ })
  t.match(office.configuration.status, { edits: 1, refused: /has 1 error/ })
  t.equal(offered(office), 7)
})

t.test('edits that were written stand in the file: a reload finds them there', async (t) => {
  const office = new ConfigurationWorld()
  office.edit([{ path: LIST, value: [PRINTER] }])
  const { document } = office.configuration
  office.edit([{ path: ['Dhcp4', 'valid-lifetime'], value: 900 }])
  office.source.config = structuredClone(document)
  const result = office.answered((answer) => office.configuration.written(document, answer))
  t.ok(result.allowed)
  t.equal(office.configuration.status.edits, 1, 'one was made while the file was written')
  t.equal(office.dhcp4['valid-lifetime'], 900)
  const again = office.restarted()
  t.same(again.configuration.document, office.configuration.document)
  t.notOk(again.world.log.some(({ id }) => id === 'CONFIG_EDITS_OTHER_FILE'))
  again.answered((answer) => again.configuration.reload(ADMIN, answer))
  t.equal(offered(again), 7)
  t.equal(again.dhcp4['valid-lifetime'], 600)
})

t.test(
  'a whole configuration in its place is the difference, which survives a restart',
  async (t) => {
    const office = new ConfigurationWorld()
    office.edit([{ path: LIST, value: [PRINTER] }])
    const [first] = OFFICE.Dhcp4.subnet4
    const Dhcp4 = { ...OFFICE.Dhcp4, 'valid-lifetime': 700, subnet4: [BRANCH, { ...first }] }
    const result = office.answered((answer) =>
      office.configuration.replace({ Dhcp4 }, ADMIN, answer),
    )
    t.ok(result.allowed, result.why)
    t.same(office.dhcp4, Dhcp4)
    t.same(office.restarted().dhcp4, Dhcp4)
    const { document } = office.configuration
    const same = office.answered((answer) =>
      office.configuration.replace(structuredClone(document), ADMIN, answer),
    )
    t.ok(same.allowed)
    t.equal(office.configuration.document, document, 'the same again is no change')
  },
)

t.test('a trial of edits, or of a whole configuration, changes nothing', async (t) => {
  const office = new ConfigurationWorld()
  const { document } = office.configuration
  const told: Tried[] = []
  const tell = (tried: Tried) => told.push(tried)
  office.configuration.try([{ path: LIST, value: [PRINTER] }], tell)
  office.configuration.try([{ path: LIST, value: 7 }], tell)
  office.configuration.test({ Dhcp4: { subnet4: 7 } }, tell)
  office.configuration.test({ Dhcp4: { ...document.Dhcp4, 'valid-lifetime': 700 } }, tell)
  t.match(told, [{ isServed: true }, { isServed: false }, { isServed: false }, { isServed: true }])
  t.same(told[3]!.edits, [{ path: ['Dhcp4', 'valid-lifetime'], value: 700 }])
  t.equal(office.configuration.document, document)
  t.equal(offered(office), 10)
})

t.test('what was got and set with one change is one edit', async (t) => {
  const office = new ConfigurationWorld()
  const { document } = office.configuration
  const got = () => structuredClone({ Dhcp4: canonical(office.configuration.document, 4) })
  const set = (members: object) =>
    office.answered((answer) => office.configuration.replace(members, ADMIN, answer))
  t.ok(set(got()).allowed)
  t.equal(office.configuration.document, document, 'nothing is another')
  t.equal(office.configuration.status.edits, 0)
  const wanted = got() as { Dhcp4: { subnet4: { 'renew-timer'?: number }[] } }
  wanted.Dhcp4.subnet4[0]!['renew-timer'] = 100
  t.ok(set(wanted).allowed)
  const [subnet] = OFFICE.Dhcp4.subnet4
  t.same(office.dhcp4, { ...OFFICE.Dhcp4, subnet4: [{ ...subnet, 'renew-timer': 100 }] })
  t.equal(office.configuration.status.edits, 1)
})

t.test('a stop or a disk that does not store: nothing is changed', async (t) => {
  const office = new ConfigurationWorld()
  office.world.server.stop(() => {})
  let why = ''
  office.configuration.edit([{ path: LIST, value: [PRINTER] }], 'pair', ADMIN, (result) => {
    why = result.why
  })
  t.equal(why, 'the server is stopping')
})

t.test('a batch that fails is stored later, and answered then', async (t) => {
  const office = new ConfigurationWorld()
  let answered = false
  office.configuration.edit([{ path: LIST, value: [PRINTER] }], 'pair', ADMIN, () => {
    answered = true
  })
  office.world.advance(5)
  office.world.edits.length = 0
  office.world.isCommitting = false
  office.world.journalSink!.onFailed('the disk is full')
  office.world.advance(2000)
  t.notOk(answered)
  office.store()
  t.ok(answered)
  t.equal(office.restarted().configuration.status.edits, 1)
})

t.test('whoever watches is told of each change', async (t) => {
  const office = new ConfigurationWorld()
  const seen: unknown[] = []
  const end = office.configuration.watch(({ version, by }) => seen.push([version, by]))
  office.edit([{ path: LIST, value: [PRINTER] }])
  office.answered((answer) => office.configuration.reload(ADMIN, answer))
  end()
  office.edit([{ path: LIST, value: [PRINTER] }])
  t.same(seen, [
    [2, ADMIN],
    [3, 'file'],
  ])
})

t.test('problems of a map are told in lines of its family', async (t) => {
  const subnet6 = [{ id: 1, subnet: '2001:db8::/64' }]
  const interfaces = { 'interfaces-config': { interfaces: ['eth0'] } }
  const office = new ConfigurationWorld({ ...OFFICE, Dhcp6: { ...interfaces, subnet6 } })
  const told = (config: unknown) => {
    office.world.log.length = 0
    office.source.config = config
    office.answered((answer) => office.configuration.reload(ADMIN, answer))
    return office.world.log.map(({ id }) => id).filter((id) => id.includes('CONFIG_'))
  }
  t.strictSame(told({ ...OFFICE, Dhcp6: { ...interfaces, subnet6, 'renew-timer': -1 } }), [
    'DHCP6_CONFIG_ERROR',
    'DHCP6_CONFIG_REFUSED',
  ])
  t.strictSame(told({ Dhcp4: { ...OFFICE.Dhcp4, 'renew-timer': -1 }, Dhcp6: { subnet6 } }), [
    'DHCP4_CONFIG_ERROR',
    // It names no interfaces.
    'DHCP6_CONFIG_NOTE',
    'DHCP4_CONFIG_REFUSED',
  ])
})

t.test('clients are answered while a document is compiled, by what is in force', async (t) => {
  const subnets = Array.from({ length: 4000 }, (_, index) => ({
    id: index + 10,
    subnet: `10.${index >> 8}.${index & 255}.0/24`,
  }))
  const { Dhcp4 } = OFFICE
  const office = new ConfigurationWorld({
    Dhcp4: { ...Dhcp4, subnet4: [...Dhcp4.subnet4, ...subnets] },
  })
  office.source.waiting = []
  office.world.tick = 5
  const answers: string[] = []
  const edit = (name: string, value: object) =>
    office.configuration.edit([{ path: LIST, value: [value] }], 'pair', ADMIN, () =>
      answers.push(name),
    )
  edit('first', PRINTER)
  edit('second', { ...PRINTER, 'ip-address': '192.0.2.8' })
  const seen = new Set<number>()
  let slices = 0
  for (let work = office.source.waiting.shift(); work; work = office.source.waiting.shift()) {
    slices++
    seen.add(offered(office))
    work()
  }
  t.ok(slices > 20, `${slices} slices`)
  t.same([...seen], [10, 7], 'before, then what the first one says')
  t.equal(offered(office), 8)
  office.world.tick = 0
  office.store()
  office.store()
  t.same(answers, ['first', 'second'])
})

t.test('clients are answered while many edits of one change are judged', async (t) => {
  const office = new ConfigurationWorld()
  office.source.waiting = []
  office.world.tick = 5
  const many = Array.from({ length: 100 }, (_, nth) => ({
    path: [...LIST, { 'hw-address': `0600000000${(nth + 16).toString(16)}` }],
    value: { 'hw-address': `0600000000${(nth + 16).toString(16)}`, hostname: `host-${nth}` },
  }))
  office.configuration.edit(
    [...many, { path: [...LIST, 0], value: PRINTER }],
    'pair',
    ADMIN,
    () => {},
  )
  const seen: number[] = []
  for (let work = office.source.waiting.shift(); work; work = office.source.waiting.shift()) {
    seen.push(offered(office))
    work()
  }
  t.ok(seen.lastIndexOf(10) >= 100, 'a slice for each')
  t.equal(offered(office), 7)
  const { reservations } = office.dhcp4.subnet4![0]!
  t.equal(reservations!.length, 100)
  // What came of it is put in its place in the same way, here after a reload or at the partner.
  const steps = carriedOut(OFFICE as ConfigDocument, [{ path: LIST, value: [] }, ...many])
  let count = 0
  while (steps.next().done !== true) count++
  t.equal(count, 101)
})

t.test('edits that stand over the files are put there anew with clients between', async (t) => {
  const subnets = Array.from({ length: 4000 }, (_, index) => ({
    id: index + 10,
    subnet: `10.${index >> 8}.${index & 255}.0/24`,
  }))
  const { Dhcp4 } = OFFICE
  const office = new ConfigurationWorld({
    Dhcp4: { ...Dhcp4, subnet4: [...Dhcp4.subnet4, ...subnets] },
  })
  office.edit([{ path: LIST, value: [PRINTER] }])
  office.edit([{ path: ['Dhcp4', 'valid-lifetime'], value: 700 }])
  office.source.waiting = []
  office.world.tick = 5
  // What the machine has is another, so that nothing is known of the base any more.
  office.source.context = () => ({ ...CONTEXT })
  office.configuration.compileAnew()
  const seen = new Set<number>()
  let slices = 0
  for (let work = office.source.waiting.shift(); work; work = office.source.waiting.shift()) {
    slices++
    seen.add(offered(office))
    work()
  }
  t.ok(slices > 80, `${slices} slices: of the files, and again with the edits`)
  t.same([...seen], [7])
  t.equal(office.configuration.plan.dhcp4!.subnets.length, 4001)
  t.equal(offered(office), 7)
})

t.test(
  'a stop while a document is compiled: nothing is changed, and that is answered',
  async (t) => {
    const office = new ConfigurationWorld()
    office.source.waiting = []
    office.world.tick = 5
    let why = ''
    office.configuration.edit([{ path: LIST, value: [PRINTER] }], 'pair', ADMIN, (result) => {
      why = result.why
    })
    office.world.server.stop(() => {})
    for (let work = office.source.waiting.shift(); work; work = office.source.waiting.shift())
      work()
    t.equal(why, 'the server is stopping')
    t.equal(office.stored.size, 0)
  },
)
