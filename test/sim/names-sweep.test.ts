// Names in DNS compared with leases by the servers of a pair, each what it is answerable for; and
// beside all that may happen to DNS and to the server meanwhile.

import t from 'tap'
import { DNS_CLASS, RR_TYPE } from '../../lib/ddns/codes.ts'
import type { VirtualDns } from '../../lib/lab/virtual-dns.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import type { SweepKind, SweepReport } from '../../lib/server/names/sweep-report.ts'
import { dnsLines, namesPair, namesStage, onePlan, wantedLines } from './names-stage.ts'
import { onDatabase } from './shared-plans.ts'

const MINUTE = 60_000

function clients(count: number) {
  return Array.from({ length: count }, (_, at) => ({
    ...{ name: `c${at}`, hostname: `pc${at}`, startDelayMax: 0 },
  }))
}

interface Lab {
  advance(millis: number): void
}

function swept(lab: Lab, { server }: VirtualServer, kind: SweepKind): SweepReport {
  const refusal = server!.sweep.begin(kind)
  if (refusal !== '') throw new Error(refusal)
  while (server!.sweep.isRunning) lab.advance(1000)
  return server!.sweep.report()
}

const namesIn = ({ findings }: SweepReport) => findings.map(({ name }) => name)

/** With a DHCID, as a client of nobody has it. */
function haunt(dns: VirtualDns, name: string, last: number): void {
  const common = { name, dnsClass: DNS_CLASS.internet, ttl: 1200 }
  dns.put({ ...common, type: RR_TYPE.a, data: String.fromCharCode(192, 0, 2, last) })
  dns.put({ ...common, type: RR_TYPE.dhcid, data: `\0\x01\x01${'g'.repeat(32)}` })
}

t.test('each server of a pair finds what is its own to see to', async (t) => {
  const { lab, dns } = namesPair({ clients: clients(8) })
  lab.reachNormal()
  lab.advance(MINUTE)
  const before = dns.lines
  t.equal(dnsLines(dns).length, 16)
  for (let at = 0; at < 8; at++) dns.lose(`pc${at}.lan`)
  const [one, two] = lab.servers.map((server) => namesIn(swept(lab, server, 'check')))
  t.equal(one!.length + two!.length, 8)
  t.equal(new Set([...one!, ...two!]).size, 8, 'each by one of the two')
  t.ok(one!.length > 0 && two!.length > 0)
  for (const server of lab.servers) swept(lab, server, 'repair')
  lab.advance(MINUTE)
  t.same(dns.lines, before)
})

t.test('the partner is gone: its names are seen to here', async (t) => {
  const { lab, dns } = namesPair({ clients: clients(8) })
  lab.reachNormal()
  lab.advance(MINUTE)
  lab.servers[1]!.crash()
  lab.advance(2 * MINUTE)
  for (let at = 0; at < 8; at++) dns.lose(`pc${at}.lan`)
  t.equal(swept(lab, lab.servers[0]!, 'repair').counts.missing, 8)
  lab.advance(MINUTE)
  t.same(dnsLines(dns), wantedLines(lab.servers[0]!))
})

t.test('in a cut nobody takes for nobody’s what the other may have given', async (t) => {
  const { lab, dns } = namesPair({ clients: clients(4) })
  lab.reachNormal()
  lab.advance(MINUTE)
  const taken = dnsLines(dns).join()
  const free = Array.from({ length: 50 }, (_, at) => 20 + at).filter(
    (last) => !taken.includes(`192.0.2.${last} `),
  )
  for (const last of free) haunt(dns, `ghost${last}.lan`, last)
  const together = swept(lab, lab.servers[0]!, 'check').counts.orphans
  lab.cutLink()

  lab.advance(MINUTE)
  const apart = lab.servers.map((server) => swept(lab, server, 'check').counts.orphans)
  t.ok(together > 0)
  t.ok(apart[0]! < together && apart[1]! < together, `${apart} of ${together}`)
})

t.test('clients come and go meanwhile: a repair undoes nothing of theirs', async (t) => {
  const plan = onePlan()
  const { lab, dns } = namesStage({ plan, clients: clients(30) }, { latencyMax: 400, lost: 10 })
  lab.advance(MINUTE)
  for (let at = 0; at < 30; at += 3) dns.lose(`pc${at}.lan`)
  for (let last = 60; last < 80; last++) haunt(dns, `ghost${last}.lan`, last)
  t.equal(lab.server().server!.sweep.begin('repair'), '')
  for (let at = 0; at < 30; at++) {
    lab.advance(2000)
    if (at % 2 === 0) lab.client(at).release()
    else {
      const { machine } = lab.client(at)
      machine.settings = { ...machine.settings, hostname: `new${at}` }
    }
  }
  while (lab.server().server!.sweep.isRunning) lab.advance(1000)
  t.equal(lab.server().server!.sweep.report().state, 'done')
  lab.advance(10 * MINUTE)
  t.same(dnsLines(dns), wantedLines(lab.server()))
})

t.test('a server that is killed meanwhile removes what it had begun to', async (t) => {
  const { lab, dns } = namesStage({ plan: onePlan(), clients: clients(3) })
  lab.advance(MINUTE)
  const before = dns.lines
  haunt(dns, 'ghost.lan', 60)
  t.equal(lab.server().server!.sweep.begin('repair'), '')
  while (lab.server().server!.sweep.isRunning) {
    lab.advance(100)
    // It is owed from now on, and DNS does not take it.
    if (lab.server().server!.sweep.report().counts.orphans > 0) dns.behaviour.isAway = true
  }
  t.equal(lab.server().server!.sweep.report().counts.removed, 1)
  lab.advance(5000)
  lab.restart()
  lab.advance(5000)
  dns.behaviour.isAway = false
  lab.advance(3 * MINUTE)
  t.same(dns.lines, before)
})

t.test('on one database each member finds the names of leases that it gave', async (t) => {
  const plan = onDatabase(onePlan())
  const { lab, dns } = namesStage({ plan, servers: 2, shared: true, clients: clients(8) })
  lab.advance(MINUTE)
  const before = dns.lines
  t.equal(dnsLines(dns).length, 16)
  for (let at = 0; at < 8; at++) dns.lose(`pc${at}.lan`)
  haunt(dns, 'ghost.lan', 60)
  const found = lab.servers.map((server) => namesIn(swept(lab, server, 'check')))
  const names = found.flat().filter((name) => name !== 'ghost.lan')
  t.equal(new Set(names).size, 8, 'none is left out')
  t.equal(names.length, 8, 'and none is at both')
  for (const server of lab.servers) swept(lab, server, 'repair')
  lab.advance(MINUTE)
  t.same(dns.lines, before)
})
