// Links that fail by halves: one direction is dead, one end alone believes in the connection, a
// firewall lets only one of the two dial, drops or rejects, or the partner's host has never
// existed.

import t from 'tap'
import { folder } from './daemon.ts'
import { systemSkip } from './netns.ts'
import {
  Load,
  makeCertificates,
  missing,
  PairHosts,
  SERVERS,
  tlsKeys,
  type Which,
} from './pair-hosts.ts'
import { begin, recovered } from './pair-stories.ts'

const skip = systemSkip('openssl')

const LINK_PORT = 8000

// Most of it is silence.
t.jobs = 2

t.test('half of a link', { skip, buffered: true }, async (t) => {
  const pair = new PairHosts(t, folder(t), { mode: 'load-balancing' })
  const load = await begin(t, pair)
  for (const host of [0, 1] as const) await load.heard(50, host, 0)

  for (const deaf of [0, 1] as const)
    await t.test(`server${deaf + 1} is not heard by the other, but hears it`, async (t) => {
      load.go()
      const { marks } = pair
      const began = Date.now()
      pair.deafen((1 - deaf) as Which)
      for (const host of [0, 1] as const) {
        const { why } = await pair.enters(host, 'partner-down', marks[host])
        t.comment(`server${host + 1} partner-down after ${Date.now() - began} ms: ${why}`)
      }
      const { mark } = load
      for (const host of [0, 1] as const)
        for (const isNew of [true, false]) await load.heard(30, host, mark, isNew)
      for (const host of [0, 1] as const)
        t.same(missing(load.acks, pair.server(host).leases(), SERVERS[host]), [], 'its own ACKs')
      const again = pair.marks
      const mended = Date.now()
      pair.undeafen((1 - deaf) as Which)
      await recovered(t, pair, load, again, mended)
    })

  await t.test('long packets get lost on the way', async (t) => {
    load.go()
    const { marks } = pair
    const began = Date.now()
    pair.narrowCable(true)
    for (const host of [0, 1] as const) {
      const { why } = await pair.enters(host, 'partner-down', marks[host])
      t.comment(`server${host + 1} partner-down after ${Date.now() - began} ms: ${why}`)
    }
    for (const host of [0, 1] as const) await load.heard(30, host, load.mark)
    const again = pair.marks
    const mended = Date.now()
    pair.narrowCable(false)
    await recovered(t, pair, load, again, mended)
  })

  await t.test('one is killed and starts again, unseen by the other', async (t) => {
    load.go()
    // Neither the end of its connections nor the refusal of new ones is seen.
    pair.deafen(0)
    await pair.kill(1)
    const two = pair.server(1)
    two.restart()
    await two.line('HA_LISTENING')
    const again: [number, number] = [pair.server(0).mark, 0]
    const mended = Date.now()
    pair.undeafen(0)
    await pair.enters(1, pair.normal)
    await pair.server(0).line('HA_PEER_MET', { peer: 'server2' }, again[0])
    t.comment(`both normal after ${Date.now() - mended} ms`)
    await load.heard(30, 0, load.mark)
    await load.heard(30, 1, load.mark)
    await load.settle('renew')
    await pair.audit(t, load)
  })
})

t.test('hosts and firewalls at the start', { skip, buffered: true }, async (t) => {
  const pair = new PairHosts(t, folder(t), { mode: 'hot-standby' })
  const one = () => pair.server(0)
  pair.clients.down('ha1')
  pair.launch(0)
  const load = await Load.start(pair.clients)
  load.go()

  await t.test("the partner's host is not there", async (t) => {
    const { msg } = await one().line('HA_DIAL_FAILED', { failure: 'unreachable' })
    t.comment(msg)
    await one().line('DHCP4_PACKET_DROP', { reason: 'no-rights' })
    t.equal(load.mark, 0, 'a server that has never met its partner serves nobody')
  })

  await t.test('its host is there, the server is not', async () => {
    const { mark } = one()
    pair.clients.up('ha1')
    await one().line('HA_DIAL_FAILED', { failure: 'refused' }, mark)
  })

  await t.test('a firewall forbids', async (t) => {
    pair.forbid(0)
    const two = pair.launch(1)
    const { detail } = await two.line('HA_DIAL_FAILED', { failure: 'unreachable' })
    // The kernel does not answer each packet.
    t.comment(detail)
    t.equal(load.mark, 0)
    pair.permit(0)
    await pair.areNormal()
    await load.heard(10, 0, 0)
  })

  for (const closed of [0, 1] as const)
    await t.test(`nobody can dial server${closed + 1}`, async (t) => {
      for (const server of pair.servers) t.equal(await server.stop(), 0)
      pair.deafen(closed, LINK_PORT)
      for (const server of pair.servers) server.restart()
      await pair.areNormal()
      const remote = `10.78.0.${2 - closed}:${LINK_PORT}`
      await pair.server(closed).line('HA_PEER_MET', { remote })
      await load.heard(30, 0, load.mark)
      pair.undeafen(closed, LINK_PORT)
    })

  await load.settle()
  await pair.audit(t, load)
})

t.test('IPv6 and TLS', { skip, buffered: true }, async (t) => {
  const tls = folder(t)
  const pair = new PairHosts(t, folder(t), {
    mode: 'load-balancing',
    ha: (host) => tlsKeys(tls, host),
    peer: (which) => ({ url: `https://[fd00:78::${which + 1}]:${LINK_PORT}/` }),
  })
  for (const [index, host] of pair.hosts.entries())
    host.run('ip', 'address', 'add', `fd00:78::${index + 1}/64`, 'dev', 'ha', 'nodad')
  const names = ['server1=fd00:78::1', 'server2=fd00:78::2']
  makeCertificates(pair.clients, tls, names)
  const load = await begin(t, pair)
  for (const host of [0, 1] as const) await load.heard(30, host, 0)
  await load.settle()
  await pair.audit(t, load)
  t.ok(pair.server(0).wrote('HA_PEER_MET', { remote: /^\[fd00:78::2\]:\d+$/ }))
})
