// A backup on a host of its own: it has every lease, whatever happens to it, and nobody waits for
// it unless the configuration says so.

import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { folder } from './daemon.ts'
import { systemSkip } from './netns.ts'
import { conflicts, Load, missing, PairHosts, sameLeases, type Which } from './pair-hosts.ts'
import { begin } from './pair-stories.ts'

const skip = systemSkip()

/** Waits until the backup on a host has the leases of server1. */
async function backedUp(pair: PairHosts, host: 1 | 2): Promise<void> {
  const files = [0, host].map((which) => pair.server(which as Which).journalFile)
  while (!sameLeases(files[0]!, files[1]!)) await delay(50)
}

t.jobs = 2

t.test('a pair with a backup', { skip, buffered: true }, async (t) => {
  const pair = new PairHosts(t, folder(t), { mode: 'load-balancing', hasBackup: true })
  const load = await begin(t, pair)
  for (const host of [0, 1] as const) await load.heard(50, host, 0)

  /** Everything is as it should be, and the two servers have gone on together all the time. */
  const audit = async (t: Test, marks: readonly [number, number]) => {
    await load.settle('renew')
    await backedUp(pair, 2)
    t.notOk(pair.server(2).wrote(/^(INTERNAL_ERROR|HA_ALARM|HA_LEASE_CONFLICT)$/))
    for (const host of [0, 1] as const) {
      t.notOk(pair.server(host).wrote('HA_STATE_TRANSITION', {}, marks[host]))
      t.notOk(pair.server(host).wrote('HA_LINK_LOST', { peer: /^server[12]$/ }, marks[host]))
    }
    await pair.audit(t, load)
  }

  await t.test('that comes later than the leases', async (t) => {
    const { marks } = pair
    const backup = pair.launch(2)
    await backup.line('HA_STATE_TRANSITION', { to: 'backup' })
    for (const host of [0, 1] as const)
      await pair.server(host).line('HA_SYNC_SENT', { peer: 'server3' }, marks[host])
    for (const host of [0, 1] as const) await load.heard(50, host, load.mark)
    await audit(t, marks)
    t.same(missing(load.acks, backup.leases()), [], 'it has every ACK')
  })

  await t.test('that is killed and starts again', async (t) => {
    load.go()
    const { marks } = pair
    await load.heard(20, 'any', load.mark)
    await pair.kill(2)
    for (const host of [0, 1] as const)
      await pair.server(host).line('HA_LINK_LOST', { peer: 'server3' }, marks[host])
    for (const host of [0, 1] as const) await load.heard(50, host, load.mark)
    pair.server(2).restart()
    for (const host of [0, 1] as const) {
      await pair.server(host).line('HA_SYNC_SENT', { peer: 'server3' }, marks[host])
      await load.heard(20, host, load.mark)
    }
    await audit(t, marks)
  })

  await t.test('that nothing reaches any more, though it is heard', async (t) => {
    load.go()
    const { marks } = pair
    pair.deafen(2)
    for (const host of [0, 1] as const)
      await pair.server(host).line('HA_LINK_LOST', { peer: 'server3' }, marks[host])
    for (const host of [0, 1] as const) await load.heard(50, host, load.mark)
    pair.undeafen(2)
    for (const host of [0, 1] as const)
      await pair.server(host).line('HA_SYNC_SENT', { peer: 'server3' }, marks[host])
    await audit(t, marks)
  })

  await t.test('while one of the two is killed, too', async (t) => {
    load.go()
    await load.heard(20, 'any', load.mark)
    await Promise.all([pair.kill(1), pair.kill(2)])
    await load.heard(50, 0, load.mark, true)
    const { mark } = pair.server(0)
    for (const host of [1, 2] as const) pair.server(host).restart()
    await pair.areNormal([mark, 0])
    for (const host of [0, 1] as const) {
      await load.heard(20, host, load.mark)
      await pair.server(host).line('HA_PEER_MET', { peer: 'server3' })
    }
    await audit(t, pair.marks)
    t.same(missing(load.acks, pair.server(2).leases()), [], 'the backup has every ACK')
  })
})

t.test('one server that waits for its backup', { skip, buffered: true }, async (t) => {
  const ha = () => ({ 'wait-backup-ack': true, 'max-ack-delay': 1000 })
  const pair = new PairHosts(t, folder(t), { mode: 'passive-backup', ha })
  const [one, two] = [pair.launch(0), pair.launch(1)]
  await pair.enters(0, 'passive-backup')
  await pair.enters(1, 'backup')
  await one.line('HA_SYNC_SENT', { peer: 'server2' })
  const load = await Load.start(pair.clients)
  load.go()
  await load.heard(100, 0, 0)

  await t.test('the server is killed', async (t) => {
    await pair.kill(0)
    t.ok(load.mark >= 100)
    t.same(missing(load.acks, pair.leftBehind(0)), [], 'its journal has every ACK')
    t.same(missing(load.acks, two.leases()), [], "and so has the backup's")
    one.restart()
    await one.line('HA_PEER_MET')
    await load.settle('renew')
    await backedUp(pair, 1)
  })

  await t.test('the backup is not heard any more', async (t) => {
    load.go()
    const { mark } = one
    pair.deafen(0)
    const { reason } = await one.line('HA_LINK_LOST', {}, mark)
    t.comment(reason)
    await load.heard(50, 0, load.mark)
    pair.undeafen(0)
    await one.line('HA_SYNC_SENT', {}, mark)
    await load.settle('renew')
    await backedUp(pair, 1)
    t.same(conflicts(load.acks), [])
    for (const server of [one, two]) t.notOk(server.wrote(/^(INTERNAL_ERROR|HA_ALARM)$/))
  })
})
