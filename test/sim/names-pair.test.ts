// Names in DNS of a pair: whoever dies between an ACK and the update, the other one registers the
// name, and could not with a rule taken away.

import t from 'tap'
import type { Link, LinkSink } from '../../lib/ports/link.ts'
import type { ServerPorts } from '../../lib/server/settings.ts'
import { bound, dnsLines, namesPair, namesStage, onePlan, wantedLines } from './names-stage.ts'

const MINUTE = 60_000

const CLIENTS = Array.from({ length: 4 }, (_, at) => ({
  ...{ name: `c${at}`, hostname: `pc${at}`, startDelayMax: 0, start: false },
}))

function world(ports?: (own: ServerPorts) => ServerPorts) {
  const { lab, dns } = namesPair({ clients: CLIENTS }, {}, ports)
  lab.reachNormal()
  dns.behaviour.isAway = true
  for (const client of lab.clients) client.start()
  lab.advance(5000)
  return { lab, dns }
}

/** Records of names do not reach the partner. */
function deaf({ link, ...own }: ServerPorts): ServerPorts {
  const open = (sink: LinkSink) =>
    link!.open({
      ...bound(sink),
      onLinkMessage: (connection, message) => {
        if (typeof message !== 'string' || !message.startsWith('{"type":"names"'))
          sink.onLinkMessage(connection, message)
      },
    })
  return { ...own, link: { ...bound(link as Link), open } }
}

/** The journal stores no records of names. */
function forgetful({ journal, ...own }: ServerPorts): ServerPorts {
  const commit: typeof journal.commit = (changes, count, stamp, pair, edits, shared) =>
    journal.commit(changes, count, stamp, pair, edits, shared)
  return { ...own, journal: { ...bound(journal), commit } }
}

/** The first server dies for good, with what it owes; then DNS is well. */
function inherited(ports?: (own: ServerPorts) => ServerPorts): boolean {
  const { lab, dns } = world(ports)
  lab.servers[0]!.crash()
  dns.behaviour.isAway = false
  lab.advance(3 * MINUTE)
  const wanted = wantedLines(lab.servers[1]!)
  return wanted.length === 8 && wanted.every((line) => dnsLines(dns).includes(line))
}

t.test('the partner takes over what a server owed that is gone', async (t) => {
  t.ok(inherited())
  t.notOk(inherited(deaf), 'it could not, had it not been told')
})

t.test('while both are there each does its own, once', async (t) => {
  const { lab, dns } = world()
  dns.behaviour.isAway = false
  lab.advance(2 * MINUTE)
  t.same(dnsLines(dns), wantedLines(lab.servers[0]!))
  t.equal(dns.updates, 8, 'one for each direction of four names')
  const owed = lab.servers.map(({ server }) => server!.names.status())
  t.same(
    owed.map((status) => status.owed + status.owedByPartner),
    [0, 0],
    'and both know that it is done',
  )
})

t.test('a server that comes back does nothing that is no longer so', async (t) => {
  const { lab, dns } = world()
  lab.servers[0]!.crash()
  lab.advance(MINUTE)
  for (const client of lab.clients) client.release()
  lab.advance(MINUTE)
  dns.behaviour.isAway = false
  lab.servers[0]!.start()
  lab.advance(20 * MINUTE)
  t.same(dns.lines, [], 'it owed names of leases that have ended meanwhile')
})

t.test('nobody would know of it, were records not stored with the leases', async (t) => {
  const clients = CLIENTS.map((client) => ({ ...client, start: true }))
  const { lab, dns } = namesStage({ plan: onePlan(), clients }, {}, forgetful)
  dns.behaviour.isAway = true
  lab.advance(5000)
  lab.server().kill()
  dns.behaviour.isAway = false
  lab.restart()
  lab.advance(MINUTE)
  t.equal(wantedLines(lab.server()).length, 8)
  t.same(dns.lines, [])
})

t.test('a server that was away knows whose a name is when it is alone', async (t) => {
  const hwAddress = '02:00:00:00:00:77'
  const { lab, dns } = namesPair({
    clients: [{ hwAddress, clientId: '00:61:62:63', hostname: 'pc', startDelayMax: 0 }],
    clients6: [{ hwAddress, duid: '0002000000010203', hostname: 'pc', start: false }],
    dhcp6: {
      subnet6: [
        { id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::99' }] },
      ],
    },
  })
  lab.reachNormal()
  lab.servers[1]!.stop()
  lab.advance(2 * MINUTE)
  t.equal(dnsLines(dns).length, 2)
  lab.servers[1]!.start()
  lab.reachNormal()
  lab.servers[0]!.crash()
  for (const client of lab.clients6) client.start()
  lab.advance(4 * MINUTE)
  const wanted = wantedLines(lab.servers[1]!)
  t.equal(wanted.length, 4)
  t.same(dnsLines(dns), wanted, 'one machine, in both families')
})
