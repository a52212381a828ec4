// Two servers, and what happens to hosts: killed, paused, unplugged, cut off from each other,
// restarted, stopped, all under a load of new clients and renewals that a relay sends to both.
// Whatever happens, no address has two clients, what a server acknowledged is in its journal, every
// client is answered in the end, and when both are back their tables are equal. Durations are told,
// not judged.

import t, { type Test } from 'tap'
import { folder } from './daemon.ts'
import { type Client, type ClientEvent, Dhclient } from './dhcp-clients.ts'
import { systemSkip } from './netns.ts'
import {
  type Host,
  type Load,
  longestWait,
  makeCertificates,
  missing,
  PairHosts,
  SERVERS,
  tlsKeys,
  type Which,
} from './pair-hosts.ts'
import { begin, recovered } from './pair-stories.ts'

const skip = systemSkip('dhclient', 'openssl', 'mount')

const PASSWORD = { 'basic-auth-user': 'pair', 'basic-auth-password': 'a secret' }

/**
 * Something has happened to `away`: the other one takes over, and serves new clients and renewals.
 */
async function takenOver(t: Test, pair: PairHosts, load: Load, away: Which): Promise<void> {
  const began = Date.now()
  const survivor = (1 - away) as Which
  const { why } = await pair.enters(survivor, 'partner-down', pair.server(survivor).mark)
  t.comment(`partner-down after ${Date.now() - began} ms: ${why}`)
  const since = load.mark
  await load.heard(50, survivor, since, true)
  await load.heard(50, survivor, since, false)
  t.comment(`longest wait of a client: ${longestWait(load.acks, began)}`)
}

/** It was killed while they were connected: what it acknowledged is on both disks. */
function bothHaveAcksOf(t: Test, pair: PairHosts, load: Load, dead: Which): void {
  const survivor = pair.server((1 - dead) as Which)
  t.same(missing(load.acks, pair.leftBehind(dead), SERVERS[dead]), [], 'its journal has every ACK')
  t.same(missing(load.acks, survivor.leases(), SERVERS[dead]), [], "and so has the partner's")
}

/** Only the link between the two is cut: both serve everybody. */
async function cutOff(t: Test, pair: PairHosts, load: Load): Promise<void> {
  load.go()
  const { marks } = pair
  const began = Date.now()
  pair.cutCable()
  for (const host of [0, 1] as const) {
    const { why } = await pair.enters(host, 'partner-down', marks[host])
    t.comment(`server${host + 1} partner-down after ${Date.now() - began} ms: ${why}`)
  }
  const cut = load.mark
  for (const host of [0, 1] as const)
    for (const isNew of [true, false]) await load.heard(50, host, cut, isNew)
  t.comment(`longest wait of a client: ${longestWait(load.acks, began)}`)
  for (const host of [0, 1] as const)
    t.same(missing(load.acks, pair.server(host).leases(), SERVERS[host]), [], 'its own ACKs')
  const again = pair.marks
  const mended = Date.now()
  pair.mendCable()
  await recovered(t, pair, load, again, mended)
}

async function paused(t: Test, pair: PairHosts, load: Load, away: Which): Promise<void> {
  load.go()
  const taken = takenOver(t, pair, load, away)
  pair.server(away).running.kill('SIGSTOP')
  await taken
  const again = pair.marks
  // It may hear its partner again before it has noticed anything, and then never leaves its state.
  again[away] = 0
  const began = Date.now()
  pair.server(away).running.kill('SIGCONT')
  await recovered(t, pair, load, again, began)
}

async function unplugged(t: Test, pair: PairHosts, load: Load, away: Which): Promise<void> {
  load.go()
  const taken = takenOver(t, pair, load, away)
  const { mark } = pair.server(away)
  pair.plug(away, false)
  await taken
  await pair.enters(away, 'partner-down', mark)
  const again = pair.marks
  const began = Date.now()
  pair.plug(away, true)
  await recovered(t, pair, load, again, began)
}

async function stopped(t: Test, pair: PairHosts, load: Load, away: Which): Promise<void> {
  load.go()
  const survivor = (1 - away) as Which
  const { marks } = pair
  const taken = takenOver(t, pair, load, away)
  t.equal(await pair.server(away).stop(), 0)
  await taken
  await pair.server(survivor).line('HA_PEER_LEAVES', { peer: `server${away + 1}` }, marks[survivor])
  const began = Date.now()
  const again: [number, number] = [0, 0]
  again[survivor] = pair.server(survivor).mark
  pair.server(away).restart()
  await recovered(t, pair, load, again, began)
}

/** The client renews until it has heard this server. */
async function renewedBy(client: Client, host: Which): Promise<ClientEvent> {
  for (;;) {
    const event = await client.event(/^(RENEW|REBIND)$/)
    if (event.server === SERVERS[host]) return event
  }
}

// Both pairs mostly wait: for each other's silence.
t.jobs = 2

t.test('load-balancing', { skip, buffered: true }, async (t) => {
  const pair = new PairHosts(t, folder(t), { mode: 'load-balancing', peer: () => PASSWORD })
  let load!: Load

  await t.test('both start at once', async (t) => {
    load = await begin(t, pair)
    for (const host of [0, 1] as const) await load.heard(50, host, 0)
    await load.settle()
    await pair.audit(t, load)
    t.notOk(pair.server(0).wrote(/^HA_(STRANGER|PEER_REFUSED|LINK_LOST)$/))
  })

  await t.test('only the link between them is cut', (t) => cutOff(t, pair, load))

  await t.test('one is killed', async (t) => {
    load.go()
    const { mark } = load
    await load.heard(37, 1, mark)
    const killed = takenOver(t, pair, load, 1)
    await pair.kill(1)
    await killed
    bothHaveAcksOf(t, pair, load, 1)
    const began = Date.now()
    const again: [number, number] = [pair.server(0).mark, 0]
    pair.server(1).restart()
    await recovered(t, pair, load, again, began)
  })

  await t.test('one is paused', (t) => paused(t, pair, load, 0))
  await t.test('one is unplugged', (t) => unplugged(t, pair, load, 1))
  await t.test('one is stopped in good order', (t) => stopped(t, pair, load, 0))

  await t.test('both are killed and start again', async (t) => {
    load.go()
    const { mark } = load
    await load.heard(30, 'any', mark)
    await Promise.all([pair.kill(0), pair.kill(1)])
    for (const host of [0, 1] as const)
      t.same(missing(load.acks, pair.leftBehind(host)), [], 'every ACK is on both disks')
    const began = Date.now()
    for (const server of pair.servers) server.restart()
    await recovered(t, pair, load, [0, 0], began)
  })

  await t.test('every client keeps its address', async (t) => {
    await load.settle('renew')
    await pair.audit(t, load)
    t.comment(`${load.acks.length} ACKs`)
    for (const server of pair.servers) server.running.kill('SIGTERM')
    for (const server of pair.servers) t.equal(await server.running.ended, 0)
  })
})

t.test('hot-standby with TLS', { skip, buffered: true }, async (t) => {
  const at = folder(t)
  const tls = folder(t)
  const ha = (host: Host) => tlsKeys(tls, host)
  const pair = new PairHosts(t, at, { mode: 'hot-standby', ha, isSecure: true })
  makeCertificates(pair.clients, tls)
  const load = await begin(t, pair)
  const visitor = new Dhclient(pair.visitor, at, 'supersede dhcp-rebinding-time 3;')
  const bound = await visitor.bind()
  t.equal(bound.server, SERVERS[0])
  await load.heard(50, 0, 0)

  await t.test('the active one is killed', async (t) => {
    const { mark } = load
    t.equal(load.acks.filter(({ from }) => from === SERVERS[1]).length, 0, 'the other was silent')
    const killed = takenOver(t, pair, load, 0)
    const began = Date.now()
    await pair.kill(0)
    const { at } = await load.heard(1, 1, mark)
    t.comment(`first ACK of the standby ${at - began} ms after the SIGKILL`)
    await killed
    bothHaveAcksOf(t, pair, load, 0)
    t.equal((await renewedBy(visitor, 1)).ip, bound.ip, 'dhclient keeps its address')
  })

  await t.test('and returns', async (t) => {
    const began = Date.now()
    const again: [number, number] = [0, pair.server(1).mark]
    pair.server(0).restart()
    await pair.areNormal(again)
    t.comment(`both hot-standby again after ${Date.now() - began} ms`)
    const { mark } = load
    await load.heard(50, 0, mark)
    t.equal((await renewedBy(visitor, 0)).ip, bound.ip)
    await visitor.cut()
  })

  await t.test('only the link between them is cut', (t) => cutOff(t, pair, load))
  await t.test('the active one is paused', (t) => paused(t, pair, load, 0))
  await t.test('the active one is unplugged', (t) => unplugged(t, pair, load, 0))
  await t.test('the active one is stopped in good order', (t) => stopped(t, pair, load, 0))

  await t.test('every client keeps its address', async (t) => {
    await load.settle('renew')
    await pair.audit(t, load)
    t.comment(`${load.acks.length} ACKs`)
  })
})
