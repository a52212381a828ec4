// A configuration database of a running server: what it says comes into force as a reload does, and
// what cannot be changes nothing.

import t from 'tap'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { judgedLoaded } from '../../lib/config/whole.ts'
import type { Reading, Running } from '../../lib/ports/config-source.ts'
import { ADMIN, CONTEXT, ConfigurationWorld, OFFICE, TestSource } from './configuration-world.ts'

const BRANCH = { id: 2, subnet: '198.51.100.0/24' }
const PRINTER = { 'hw-address': '02:00:00:00:00:07', 'ip-address': '192.0.2.7' }
const LIST = ['Dhcp4', 'subnet4', { id: 1 }, 'reservations']

/** What the file and a database say together. */
class DatabaseSource extends TestSource {
  subnets: readonly object[] = []
  trouble = ''
  /** Why it was told of plans: what is in force. */
  used = 0

  pull(before: ConfigDocument, _: Running, done: (reading: Reading) => void): void {
    const { trouble } = this
    if (trouble !== '') return done({ edits: undefined, problems: [], digest: '', trouble })
    const file = this.config as typeof OFFICE
    const subnet4 = [...file.Dhcp4.subnet4, ...this.subnets]
    const whole = loadPlanFromObject({ ...file, Dhcp4: { ...file.Dhcp4, subnet4 } }, CONTEXT)
    done({ ...judgedLoaded(before, whole), digest: '', trouble: '' })
  }

  override using(): void {
    this.used++
  }
}

class DatabaseWorld extends ConfigurationWorld {
  declare readonly source: DatabaseSource

  static begun(config: object = OFFICE): DatabaseWorld {
    return new DatabaseWorld(config, [], new DatabaseSource(config))
  }

  pull() {
    return this.answered((answer) => this.configuration.pull(answer))
  }

  get ids(): readonly number[] {
    return this.dhcp4.subnet4!.map(({ id }) => id)
  }
}

t.test('what it says comes into force, and what it says no more ends', async (t) => {
  const office = DatabaseWorld.begun()
  office.source.subnets = [BRANCH]
  t.match(office.pull(), { allowed: true })
  t.same(office.ids, [1, 2])
  t.equal(office.source.used, 1)
  t.ok(office.world.log.some(({ id }) => id === 'DHCP4_CONFIG_COMPLETE'))
  const { version } = office.configuration
  t.match(office.pull(), { allowed: true })
  t.equal(office.configuration.version, version, 'the same again is no change')
  office.source.subnets = []
  t.match(office.pull(), { allowed: true })
  t.same(office.ids, [1])
})

t.test('edits of commands go on to stand over it: those of a partner, of before', async (t) => {
  const office = DatabaseWorld.begun()
  t.match(office.edit([{ path: LIST, value: [PRINTER] }]), { allowed: true })
  office.source.subnets = [BRANCH]
  t.match(office.pull(), { allowed: true, dropped: 0 })
  t.same(office.ids, [1, 2])
  t.equal(office.dhcp4.subnet4![0]!.reservations!.length, 1)
  t.equal(office.configuration.status.edits, 1)
})

t.test('what cannot be served changes nothing, and is told', async (t) => {
  const office = DatabaseWorld.begun()
  const { document } = office.configuration
  office.source.subnets = [{ ...BRANCH, pools: [{ pool: '10.0.0.1 - 10.0.0.9' }] }]
  const why = /^Dhcp4\.subnet4\[1\]\.pools\[0\]\.pool: /
  t.match(office.pull(), { allowed: false, why })
  t.equal(office.configuration.document, document)
  t.equal(office.source.used, 0)
  const refused = office.world.log.find(({ id }) => id === 'CONFIG_DATABASE_REFUSED')
  t.match(refused?.fields, { problem: why })
})

t.test('one that is away changes nothing', async (t) => {
  const office = DatabaseWorld.begun()
  const { document } = office.configuration
  office.source.trouble = 'nobody is there'
  t.match(office.pull(), { allowed: false, why: 'nobody is there' })
  t.equal(office.configuration.document, document)
  t.notOk(office.world.log.some(({ id }) => id === 'CONFIG_DATABASE_REFUSED'))
})

t.test('a server that stops takes nothing any more', async (t) => {
  const office = DatabaseWorld.begun()
  office.source.subnets = [BRANCH]
  office.world.server.stop(() => {})
  let why = ''
  office.configuration.pull((result) => {
    why = result.why
  })
  t.equal(why, 'the server is stopping')
  t.same(office.ids, [1])
})

t.test('without a database there is nothing to pull', async (t) => {
  const office = new ConfigurationWorld()
  const { document } = office.configuration
  t.match(
    office.answered((answer) => office.configuration.pull(answer)),
    { allowed: true, why: '' },
  )
  t.equal(office.configuration.document, document)
})

const DATABASES = { 'config-databases': [{ type: 'mysql', host: 'db1', name: 'kea' }] }

t.test('commands edit nothing of a configuration that comes from a database', async (t) => {
  const Dhcp4 = { ...OFFICE.Dhcp4, 'config-control': DATABASES }
  const office = DatabaseWorld.begun({ Dhcp4 })
  const why = 'the configuration comes from a file and from mysql database kea at db1:3306'
  const refused = { allowed: false, why: `${why}: change it there` }
  const edits = [{ path: ['Dhcp4', 'valid-lifetime'], value: 900 }]
  t.match(office.edit(edits), refused)
  const members = { Dhcp4: { ...Dhcp4, 'valid-lifetime': 900 } }
  const replaced = office.answered((answer) => office.configuration.replace(members, ADMIN, answer))
  t.match(replaced, refused)
  t.equal(office.dhcp4['valid-lifetime'], 600)
  t.equal(office.stored.size, 0)
})

t.test('no command names a database: it would not have been asked', async (t) => {
  const office = DatabaseWorld.begun()
  const why = /^config-control comes into force by the file/
  const edits = [{ path: ['Dhcp4', 'config-control'], value: DATABASES }]
  t.match(office.edit(edits), { allowed: false, why })
  const members = { Dhcp4: { ...OFFICE.Dhcp4, 'config-control': DATABASES } }
  const replaced = office.answered((answer) => office.configuration.replace(members, ADMIN, answer))
  t.match(replaced, { allowed: false, why })
  t.equal(office.dhcp4['config-control'], undefined)
})
