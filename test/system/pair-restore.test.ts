// An older copy of a server's database is put back while its partner is paused. On the host that
// has noted what the database was, it serves nobody before the two have met. Where a whole host is
// put back, as a virtual machine from its snapshot, nothing there knows: the copy serves its
// clients alone, and counts on past everything that the partner has seen of it. Then the partner
// knows.

import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { type Daemon, folder } from './daemon.ts'
import { systemSkip } from './netns.ts'
import { conflicts, type Host, Load, missing, PairHosts } from './pair-hosts.ts'

const skip = systemSkip()

/** Clients that the copy knows, and those that its database gave addresses to later. */
const [KNOWN, LATER] = [16, 32]

/** A number of a journal, which its server may be using. */
function numberIn({ journalFile }: Daemon, sql: string): number {
  const db = new Database(journalFile, { readonly: true })
  try {
    return db.prepare(sql).pluck().get() as number
  } finally {
    db.close()
  }
}

async function copyOf({ journalFile }: Daemon, copy: string): Promise<void> {
  const db = new Database(journalFile, { readonly: true })
  try {
    await db.backup(copy)
  } finally {
    db.close()
  }
}

function putBack({ journalFile }: Daemon, copy: string): void {
  for (const end of ['', '-wal', '-shm', '.clock']) rmSync(journalFile + end, { force: true })
  copyFileSync(copy, journalFile)
}

/** A pair with clients of both groups, of which only the first is in the copy. */
async function copied(t: Test, hasWitness: boolean) {
  const at = folder(t)
  const prefix = (host: Host) => (hasWitness ? ['env', `XDG_STATE_HOME=${at}/state${host}`] : [])
  const pair = new PairHosts(t, at, { mode: 'load-balancing', prefix })
  const [one, two] = [pair.launch(0), pair.launch(1)]
  await pair.areNormal()
  const load = await Load.start(pair.clients)
  await load.settle(`begin ${KNOWN}`)
  const copy = join(at, 'copy.sqlite')
  await copyOf(two, copy)
  await load.settle(`begin ${LATER}`)
  t.same(await pair.differences(), [])
  const putItBack = async () => {
    t.equal(await two.stop(), 0)
    one.running.kill('SIGSTOP')
    putBack(two, copy)
    two.restart()
  }
  return { pair, one, two, load, putItBack }
}
async function allIsWell(t: Test, pair: PairHosts, load: Load): Promise<void> {
  t.same(conflicts(load.acks), [], 'nobody gets what somebody has by the lost changes')
  await load.settle('renew')
  t.same(conflicts(load.acks), [], 'everybody keeps an own address')
  t.same(await pair.differences(), [], 'every key is where the other one says')
  for (const server of pair.servers) t.same(missing(load.acks, server.leases()), [])
  t.same(load.refusals, [])
}

t.test('a copy on its own host waits for its partner', { skip }, async (t) => {
  const { pair, one, two, load, putItBack } = await copied(t, true)
  await putItBack()
  await two.line('JOURNAL_OLDER')
  await two.line('HA_AFTER_RESTORE', { because: 'older' })
  const renewed = load.settle('renew')
  await two.line('DHCP4_PACKET_DROP', { reason: 'no-rights' })
  t.equal(load.mark, KNOWN + LATER, 'it answers nobody')
  one.running.kill('SIGCONT')
  await two.line('HA_SHARED')
  await renewed
  await load.settle('begin 60')
  await allIsWell(t, pair, load)
})

t.test('a copy that has counted on is found out when the two meet', { skip }, async (t) => {
  const { pair, one, two, load, putItBack } = await copied(t, false)
  const { marks } = pair
  await putItBack()
  await pair.enters(1, 'partner-down')
  const seen = numberIn(one, 'SELECT max(value) FROM pair, json_each(pair.applied)')
  const counted = () => numberIn(two, 'SELECT change FROM meta')
  t.ok(counted() < seen, `the copy is at ${counted()}, its partner has seen ${seen}`)
  while (counted() <= seen) await load.settle(`renew ${KNOWN}`)
  t.comment(`it has counted to ${counted()}`)

  one.running.kill('SIGCONT')
  await two.line('HA_ALARM', { alarm: 'my-database-behind' })
  await one.line('HA_ALARM', { alarm: 'partner-lost-database' }, marks[0])
  await pair.enters(1, pair.normal)
  await load.settle('begin 60')
  await allIsWell(t, pair, load)
})
