// A pair whose servers read one configuration database: both by themselves, each when it looks.

import t from 'tap'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { judgedLoaded } from '../../lib/config/whole.ts'
import type { Reading, Running } from '../../lib/ports/config-source.ts'
import type { ConfigResult } from '../../lib/server/configuration/running-configuration.ts'
import { configurationOf, type Office, office, SUBNET } from './edit-office.ts'

const BRANCH = {
  id: 2,
  subnet: '198.51.100.0/24',
  pools: [{ pool: '198.51.100.10 - 198.51.100.20' }],
}
const OTHER = { ...SUBNET, pools: [{ pool: '192.0.2.10 - 192.0.2.50' }] }

/** What a database has in the place of the subnets of both files. */
function withDatabase(one: Office) {
  const database: { subnets: readonly object[] } = { subnets: [SUBNET] }
  for (const file of one.files)
    Object.assign(file, {
      pull(before: ConfigDocument, _: Running, done: (reading: Reading) => void): void {
        const { Dhcp4 } = file.config as { Dhcp4: object }
        const whole = { ...file.config, Dhcp4: { ...Dhcp4, subnet4: database.subnets } }
        const loaded = loadPlanFromObject(whole, file.context())
        done({ ...judgedLoaded(before, loaded), digest: '', trouble: '' })
      },
    })
  return database
}

function pull(one: Office, server: number): ConfigResult {
  let result: ConfigResult | undefined
  configurationOf(one, server).pull((answer) => {
    result = answer
  })
  one.lab.world.advanceUntil(() => result !== undefined, 30_000)
  if (result === undefined) throw new Error('not answered')
  return result
}

const ids = (one: Office) =>
  [0, 1].map((server) => configurationOf(one, server).document.Dhcp4!.subnet4!.map(({ id }) => id))
const said = ({ lab }: Office, server: number) =>
  lab.server(server).log.lines.filter(({ id }) => id === 'HA_CONFIG_DIFFERS').length
const differs = ({ lab }: Office) =>
  [0, 1].map((server) => lab.server(server).server!.pair!.configDiffers)

t.test('both take the same change, and nothing is said of it once both have', async (t) => {
  const one = office()
  const database = withDatabase(one)
  database.subnets = [SUBNET, BRANCH]
  for (const server of [0, 1]) t.match(pull(one, server), { allowed: true })
  one.lab.advance(20_000)
  t.same(ids(one), [
    [1, 2],
    [1, 2],
  ])
  t.same(differs(one), [false, false])
  t.same(one.lab.invariants.violations, [])
})

t.test('only one has seen the change: both say so, and no address has two clients', async (t) => {
  const one = office()
  const database = withDatabase(one)
  database.subnets = [OTHER, BRANCH]
  t.match(pull(one, 0), { allowed: true })
  for (let count = 0; count < 6; count++) one.lab.addClient({ startDelayMax: 0 })
  one.lab.advance(20_000)
  t.same(ids(one), [[1, 2], [1]])
  t.same(differs(one), [true, true])
  t.ok(said(one, 0) > 0 && said(one, 1) > 0)
  t.ok(
    one.lab.clients.every((client) => client.isBound),
    'everybody is served',
  )
  t.match(pull(one, 1), { allowed: true })
  one.lab.advance(20_000)
  t.same(differs(one), [false, false])
  t.same(one.lab.invariants.violations, [])
})
