// Servers that share a database, and what each says of the others: whose configurations differ, in
// the log, in the status and in the metrics, and what became of queries there.

import t from 'tap'
import { troublesOf, unreadyOf } from '../../lib/cli/readiness.ts'
import { databaseLines } from '../../lib/cli/status-lines.ts'
import { metricsOf } from '../../lib/control/metrics/metrics.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { metricsText } from '../../lib/platform/metrics/metrics-text.ts'
import { onePool } from '../sim/plans.ts'
import { onDatabase } from '../sim/shared-plans.ts'

const ABOUT = { version: '1.2.3', uptime: () => 77 }

const plan = (pool: string, lifetime = 600) => onDatabase(onePool(pool, lifetime))
const SMALL = '192.0.2.10 - 192.0.2.11'
const LARGE = '192.0.2.10 - 192.0.2.20'

t.test('other subnets, pools or lifetimes at another server are told once', async (t) => {
  const lab = createLab({ plan: plan(SMALL), servers: 3, shared: true })
  const differing = (index: number) => lab.status(index)!.database!.differing
  const lines = (index: number) =>
    lab.server(index).log.lines.filter(({ id }) => id === 'DATABASE_CONFIG_DIFFERS')
  lab.advance(30_000)
  t.same([0, 1, 2].map(differing), [[], [], []])
  lab.reload(plan(LARGE), 1)
  lab.advance(30_000)
  t.same([0, 1, 2].map(differing), [['server1'], ['server0', 'server2'], ['server1']])
  t.same(
    lines(0).map(({ fields }) => fields.members),
    ['server1'],
  )
  t.match(databaseLines(lab.status(0)!), [
    /^lease database: 3 servers are on it; server1 has other subnets, pools, reserved/,
  ])
  t.same(unreadyOf(lab.status(0)!, []), [], 'and it is ready')
  lab.reload(plan(LARGE), 0)
  lab.reload(plan(LARGE), 2)
  lab.advance(30_000)
  t.same([0, 1, 2].map(differing), [[], [], []])
  lab.reload(plan(LARGE, 1200), 0)
  lab.advance(30_000)
  t.same([0, 1, 2].map(differing), [['server1', 'server2'], ['server0'], ['server0']])
  lab.stop(0)
  lab.advance(30_000)
  t.same([1, 2].map(differing), [[], []], 'who is gone says nothing')
})

t.test('status and metrics of a database that several servers write', async (t) => {
  const lab = createLab({ plan: plan(LARGE), servers: 2, shared: true, clients: 3 })
  const text = async () => (await metricsText(metricsOf(lab.server(0).server!, ABOUT))).join('')
  lab.advance(30_000)
  const before = await text()
  t.match(before, /\nwhio_database_up 1\n/)
  t.match(before, /\nwhio_database_members 2\n/)
  t.match(before, /\nwhio_database_members_differing 0\n/)
  const changes = Number(/\nwhio_commit_changes_total (\d+)\n/.exec(before)![1])
  t.ok(changes >= 3)
  const { conflicts, confirmations } = lab.status(0)!.database!
  t.ok(before.includes(`\nwhio_database_conflicts_total ${conflicts}\n`))
  t.ok(before.includes(`\nwhio_database_confirmations_total ${confirmations}\n`))
  const behind = Number(/\nwhio_database_behind_seconds ([\d.]+)\n/.exec(before)![1])
  t.ok(behind < 1)
  t.same(databaseLines(lab.status(0)!), ['lease database: 2 servers are on it'])
  lab.server(0).path.isCut = true
  lab.advance(60_000)
  const after = await text()
  t.match(after, /\nwhio_database_up 0\n/)
  t.ok(Number(/\nwhio_database_behind_seconds ([\d.]+)\n/.exec(after)![1]) > 50)
  t.match(databaseLines(lab.status(0)!), [/^lease database: it does not answer \(.+\)$/])
  t.same(troublesOf(lab.status(0)!), [], 'a restart would not bring it back')
  t.match(unreadyOf(lab.status(0)!, []), [
    /^leases cannot be stored \(the database does not answer/,
  ])
  lab.server(0).path.isCut = false
  lab.advance(10_000)
  t.same(unreadyOf(lab.status(0)!, []), [])
})
