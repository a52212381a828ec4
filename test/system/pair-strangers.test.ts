// Who comes to the url of a server of a pair and is no partner: clients are served and the partner is
// connected all the same, whatever strangers do, and however few file descriptors are left for them.

import { readdirSync } from 'node:fs'
import t from 'tap'
import { folder } from './daemon.ts'
import { type Namespace, systemSkip } from './netns.ts'
import { PairHosts } from './pair-hosts.ts'
import { begin } from './pair-stories.ts'

const skip = systemSkip('prlimit')

/** Where strangers come from. */
function strangers(pair: PairHosts): Namespace {
  const where = pair.net.namespace('strangers')
  pair.net.veth(pair.clients, 'strangers', where, 'eth0')
  pair.clients.run('ip', 'link', 'set', 'strangers', 'master', 'cable')
  where.addAddress('eth0', '10.78.0.50/24')
  return where
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

t.test('strangers take the last file descriptor', { skip, buffered: true }, async (t) => {
  const pair = new PairHosts(t, folder(t), { mode: 'load-balancing' })
  const where = strangers(pair)
  const load = await begin(t, pair)
  for (const host of [0, 1] as const) await load.heard(50, host, 0)
  const { marks } = pair
  const one = pair.server(0)
  const { pid } = one.running
  const limit = openFiles(pid) + 8
  where.run('prlimit', '--pid', `${pid}`, `--nofile=${limit}:${limit}`)
  const crowd = where.node('test/system/idle-connections.ts', '10.78.0.1', '8000', '200')
  await crowd.until(/"began":2\d\d/)
  // Several looks at the interfaces are due meanwhile.
  await load.heard(600, 0, load.mark)
  t.comment(`${openFiles(pid)} of ${limit} files are open`)
  t.notOk(one.wrote('HA_LINK_LOST', {}, marks[0]))
  crowd.kill('SIGKILL')
  await crowd.ended
  await load.settle('renew')
  await pair.audit(t, load)
})
