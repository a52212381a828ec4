// The files of a configuration with databases that they name: which texts and which rows count.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type ConfigPart, partOf } from '../../lib/config/backend/part.ts'
import { editedBy, isProblem } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import type { ConfigDatabasePlan } from '../../lib/config/plan/config-databases-plan.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import type { ConfigDatabases } from '../../lib/platform/config-databases/config-databases.ts'
import { loadConfigFiles } from '../../lib/platform/config-file.ts'
import { fileSource } from '../../lib/platform/config-source.ts'
import type { ConfigSource, Reading } from '../../lib/ports/config-source.ts'

const FAMILIES = [4, 6] as const

const NO_ROWS = {
  ...{ globals: [], definitions: [], globalOptions: [], options: [], classDefinitions: [] },
  ...{ classes: [], networks: [], subnets: [], pools: [], prefixPools: [] },
}

function lifetime(family: 4 | 6, value: string): ConfigPart {
  const row = { name: 'valid-lifetime', value, parameter_type: 0, tag: 'all' }
  return partOf({ ...NO_ROWS, globals: [row] }, family, 'a database')
}

/** A database of each family, in the test's hand. */
class Databases {
  readonly each = {
    4: { name: 'db4', trouble: '', part: lifetime(4, '44'), accepted: lifetime(4, '0') },
    6: { name: 'db6', trouble: '', part: lifetime(6, '66'), accepted: lifetime(6, '0') },
  }
  refused = ''
  readonly status = []

  async ask(plans: readonly ConfigDatabasePlan[]) {
    return plans.map(({ family }) => this.each[family])
  }

  accept(plans: readonly ConfigDatabasePlan[], parts: readonly ConfigPart[]): void {
    for (const { family } of plans)
      this.each[family].accepted = parts.find((one) => one.family === family)!
  }

  refuse(why: string): void {
    this.refused = why
  }
}

class World {
  readonly databases = new Databases()
  readonly file: string
  readonly source: ConfigSource
  document: ConfigDocument
  plan: Plan

  constructor(t: Test) {
    const folder = mkdtempSync(join(tmpdir(), 'whio-source-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    this.file = join(folder, 'whio.json')
    const control = { 'config-databases': [{ type: 'mysql', name: 'kea' }] }
    const map = { 'config-control': control, 'valid-lifetime': 7 }
    this.write({ Dhcp4: map, Dhcp6: map })
    const { plan, document, texts } = loadConfigFiles([this.file])
    this.plan = plan!
    this.document = document!
    this.source = fileSource({
      ...{ files: [this.file], included: [], words: { thisServer: undefined } },
      ...{ using: () => {}, texts, databases: this.databases as unknown as ConfigDatabases },
    })
  }

  write(config: object): void {
    writeFileSync(this.file, JSON.stringify(config))
  }

  /** Asked, and put in force where it can be. */
  async does(what: 'pull' | 'read'): Promise<Reading> {
    const running = { started: this.plan, inForce: this.plan }
    const reading = await new Promise<Reading>((resolve) =>
      this.source[what]!(this.document, running, resolve),
    )
    if (reading.edits === undefined) return reading
    const document = editedBy(this.document, reading.edits)
    if (isProblem(document)) throw new Error(formatProblem(document))
    this.document = document
    this.source.using(this.plan)
    return reading
  }

  get lifetimes(): readonly unknown[] {
    const { Dhcp4, Dhcp6 } = this.document
    return [Dhcp4!['valid-lifetime'], Dhcp6!['valid-lifetime']]
  }
}

t.test('what the databases say goes on top of the texts as they were read', async (t) => {
  const world = new World(t)
  world.write({ Dhcp4: { 'valid-lifetime': 1 } })
  t.match(await world.does('pull'), { trouble: '' })
  t.same(world.lifetimes, [44, 66])
  t.match(await world.does('pull'), { edits: [], trouble: '' })
})

t.test('one that is away does not keep the other from coming into force', async (t) => {
  const world = new World(t)
  await world.does('pull')
  const { 4: four, 6: six } = world.databases.each
  four.trouble = 'gone'
  six.part = lifetime(6, '67')
  const reading = await world.does('pull')
  t.same(world.lifetimes, [44, 67])
  t.match(reading.problems.at(-1), { severity: 'warning', message: 'db4: gone' })
  const again = await world.does('pull')
  t.match(again, {
    edits: undefined,
    trouble: 'the configuration database cannot be read: db4: gone',
  })
})

t.test('what cannot be served is noted at the databases', async (t) => {
  const world = new World(t)
  await world.does('pull')
  world.databases.each[4].part = lifetime(4, 'long')
  const reading = await world.does('pull')
  t.equal(reading.edits, undefined)
  t.match(world.databases.refused, /^configuration database, global parameter valid-lifetime /)
  t.same(world.lifetimes, [44, 66])
})

t.test('a file that is read again names other databases, or none', async (t) => {
  const world = new World(t)
  await world.does('pull')
  world.write({ Dhcp4: { 'valid-lifetime': 1 }, Dhcp6: { 'valid-lifetime': 2 } })
  t.match(await world.does('read'), { trouble: '' })
  t.same(world.lifetimes, [1, 2])
  t.equal(world.document.Dhcp4!['config-control'], undefined)
})

/** Nobody has ever reached one of them. */
function neverRead({ databases }: World): void {
  for (const family of FAMILIES) {
    const one = databases.each[family]
    one.part = one.accepted = undefined as unknown as ConfigPart
    one.trouble = 'nobody is there'
  }
}

t.test('a database that a file names anew, and nobody can read, is not in force', async (t) => {
  const world = new World(t)
  neverRead(world)
  world.plan = { ...world.plan, configDatabases: [] }
  const reading = await world.does('read')
  t.match(reading, { edits: undefined, trouble: /cannot be read: db4: nobody is there; db6: / })
})

t.test('where the file is served alone until then, it is read again alone', async (t) => {
  const world = new World(t)
  neverRead(world)
  const control = { 'config-databases': [{ type: 'mysql', name: 'kea' }] }
  const map = { 'config-control': control, 'valid-lifetime': 8 }
  world.write({ Dhcp4: map, Dhcp6: map })
  const reading = await world.does('read')
  t.same(world.lifetimes, [8, 8])
  const away = reading.problems.filter(({ code }) => code === 'database-away')
  t.match(away, [{ severity: 'warning', message: 'db4: nobody is there' }, { message: /db6/ }])
})
