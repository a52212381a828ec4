// What is wrong in the HA block of a document. Rules are rows: what is written, and exactly what is
// said, and where.

import t from 'tap'
import { hooks, lines, load, type Members, peer, peers, relationship } from './ha-documents.ts'

t.test('rules of a relationship', async (t) => {
  const [first, second] = peers() as [Members, Members]
  const LB = 'load-balancing has one primary, one secondary, and backups'
  const HS = 'hot-standby has one primary, one standby, and backups'
  const PB = 'passive-backup has one primary, and backups'
  const standby = { mode: 'hot-standby', peers: peers('hot-standby') }
  const passive = { mode: 'passive-backup', peers: [first] }
  const states = (...list: Members[]) => ({ 'state-machine': { states: list } })
  const rows: readonly (readonly [members: Members, ...said: string[]])[] = [
    // Roles.
    [{ peers: [first] }, `error ha.peers: no peer is the secondary (${LB})`],
    [{ peers: [second] }, `error ha.peers: no peer is the primary (${LB})`],
    [
      { peers: [first, second, peer(3, 'primary')] },
      `error ha.peers[2].role: 'server1' is the primary already (${LB})`,
    ],
    [
      { peers: [first, second, peer(3, 'secondary')] },
      `error ha.peers[2].role: 'server2' is the secondary already (${LB})`,
    ],
    [
      { peers: [first, second, peer(3, 'standby')] },
      `error ha.peers[2].role: load-balancing has no standby (${LB})`,
    ],
    [
      { mode: 'hot-standby' },
      `error ha.peers: no peer is the standby (${HS})`,
      `error ha.peers[1].role: hot-standby has no secondary (${HS})`,
    ],
    [{ mode: 'passive-backup' }, `error ha.peers[1].role: passive-backup has no secondary (${PB})`],
    [
      { mode: 'passive-backup', peers: [peer(1, 'backup')] },
      `error ha.peers: no peer is the primary (${PB})`,
    ],
    [passive],
    [
      { peers: [] },
      `error ha.peers: no peer is the primary (${LB})`,
      `error ha.peers: no peer is the secondary (${LB})`,
    ],
    // Names and urls.
    [
      { peers: [first, { ...second, name: ' server1' }] },
      "error ha.peers[1].name: 'server1' is taken (peers[0] is called so)",
    ],
    [
      { peers: [first, { ...second, name: ' ' }] },
      'error ha.peers[1].name: a peer needs a name (such as "server1")',
    ],
    [
      { peers: [first, { ...second, url: 'http://192.0.2.1:8000/' }] },
      "error ha.peers[1].url: 'server1' has this address and port already (each server listens at its own)",
    ],
    [
      {
        peers: [first, { ...second, url: 'http://192.0.2.1:8001/' }],
        'this-server-name': 'server2',
      },
    ],
    [
      { peers: [first, { ...second, url: 'http://0.0.0.0:8000/' }] },
      'error ha.peers[1].url: 0.0.0.0 is no address to call (write one of its own)',
    ],
    // Modes.
    [
      { ...standby, 'delayed-updates-limit': 1 },
      'error ha.delayed-updates-limit: hot-standby has no communication-recovery, so there is nothing to limit (leave it out, or write 0)',
    ],
    [{ ...standby, 'delayed-updates-limit': 0 }],
    [
      { ...passive, 'delayed-updates-limit': 100 },
      'error ha.delayed-updates-limit: passive-backup has no communication-recovery, so there is nothing to limit (leave it out, or write 0)',
    ],
    [
      { 'wait-backup-ack': true },
      'error ha.wait-backup-ack: in load-balancing clients wait for the partner, never for backups (leave it out, or write false)',
    ],
    [
      { ...standby, 'wait-backup-ack': true },
      'error ha.wait-backup-ack: in hot-standby clients wait for the partner, never for backups (leave it out, or write false)',
    ],
    [{ ...passive, 'wait-backup-ack': true }],
    // Times.
    [
      { 'heartbeat-delay': 0 },
      'warning ha.heartbeat-delay: 0 would be no heartbeat, and nobody would notice that the partner is silent (500 is used)',
    ],
    [
      { 'heartbeat-delay': 1000, 'max-response-delay': 1000 },
      'warning ha.max-response-delay: max-response-delay 1000 is not above heartbeat-delay 1000 (the partner seems silent between two heartbeats; three of them are good)',
    ],
    [
      { 'max-response-delay': 0 },
      'error ha.max-response-delay: 0 is out of range (1 to 4294967295)',
    ],
    [{ 'sync-page-limit': 0 }, 'error ha.sync-page-limit: 0 is out of range (1 to 4294967295)'],
    [
      { 'max-ack-delay': '5000' },
      'error ha.max-ack-delay: "5000" is not a whole number (0 to 4294967295, without quotes)',
    ],
    // What is replicated.
    [
      { 'send-lease-updates': false, 'sync-leases': false },
      'warning ha.send-lease-updates: leases given from here are not told to the partner (each server knows and renews its own leases only; two that share a lease-database of type postgresql know all)',
    ],
    [
      { 'send-lease-updates': false },
      'warning ha.send-lease-updates: leases given from here are not told to the partner (each server knows and renews its own leases only; two that share a lease-database of type postgresql know all)',
    ],
    [
      { 'sync-leases': false },
      'info ha.sync-leases: a server that returns does not wait for the leases that it missed (it is sent them all the same: what is free depends on them)',
    ],
    // Limits of Whio's.
    [
      { 'sync-page-limit': 10_000 },
      'info ha.sync-page-limit: pages have 500 rows at most, so that clients are served in between',
    ],
    [{ 'sync-page-limit': 500, 'max-ack-delay': 500 }],
    [
      { 'max-ack-delay': 0 },
      'info ha.max-ack-delay: it counts for clients; the partner has 500 ms to store a lease all the same',
    ],
    [
      { 'max-response-delay': 150 },
      'warning ha.max-response-delay: in 150 ms a host that is well may not answer (the two may seem gone to each other again and again; 3000 is the default)',
    ],
    // The state machine.
    [
      states({ state: 'ready', pause: 'once' }, { state: 'ready' }),
      "error ha.state-machine.states[1].state: 'ready' stands here a second time (first as states[0])",
    ],
    [
      states({ state: 'raedy', pause: 'once' }),
      'error ha.state-machine.states[0].state: "raedy" is not a known word (did you mean "ready"?)',
    ],
    [
      states({ state: 'ready', pause: 'often' }),
      'error ha.state-machine.states[0].pause: "often" is not a known word (one of "never", "once", "always")',
    ],
    [
      states({ state: 'hot-standby', pause: 'once' }, { state: 'passive-backup' }),
      'warning ha.state-machine.states[0].state: a server in load-balancing is never hot-standby, so it never waits there',
    ],
    [
      states({ state: 'terminated', pause: 'always' }),
      'warning ha.state-machine.states[0].state: a server in load-balancing is never terminated, so it never waits there',
    ],
    // Who may call.
    [
      { peers: [peer(1, 'primary'), peer(2, 'secondary')] },
      'warning ha.peers[0].url: whoever reaches this address can speak for the partner: nothing proves who calls (https with require-client-certs, or basic-auth-user)',
    ],
    [
      {
        peers: [peer(1, 'primary', { url: 'http://127.0.0.1:1/' }), peer(2, 'secondary')],
        'this-server-name': 'server1',
      },
    ],
    // Keys that Kea passes over in silence.
    [
      { 'heartbeat-dealy': 1 },
      'warning ha.heartbeat-dealy: unknown key, so nothing comes of it (did you mean "heartbeat-delay"?)',
    ],
    [{ xyzzy: 1 }, 'warning ha.xyzzy: unknown key, so nothing comes of it'],
    [{ comment: 'x', 'user-context': {} }],
    [
      {
        peers: [
          { ...first, 'require-client-certs': true },
          { ...second, rol: 'x' },
        ],
      },
      'warning ha.peers[0].require-client-certs: the key has no meaning here, so nothing comes of it (it belongs elsewhere: servers that serve together, each of them named)',
      'warning ha.peers[1].rol: unknown key, so nothing comes of it (did you mean "role"?)',
    ],
    [
      { 'state-machine': { stats: [] } },
      'warning ha.state-machine.stats: unknown key, so nothing comes of it (did you mean "states"?)',
    ],
    // What follows from an error is not told.
    [
      { peers: [first, { ...second, role: 'secundary' }] },
      'error ha.peers[1].role: "secundary" is not a known word (did you mean "secondary"?)',
    ],
    [
      { peers: [{ ...first, url: 5 }, second], 'this-server-name': 'server1' },
      'error ha.peers[0].url: 5 is not a text (put it in double quotes)',
    ],
    [
      { mode: 'balanced' },
      'error ha.mode: "balanced" is not a known word (one of "load-balancing", "hot-standby", "passive-backup")',
    ],
  ]
  for (const [members, ...said] of rows) {
    const loaded = load(relationship(members))
    t.same(lines(loaded).sort(), said.sort(), JSON.stringify(members))
    const isGood = said.every((line) => !line.startsWith('error'))
    t.equal(loaded.plan?.ha !== undefined, isGood, 'a plan exactly where nothing is wrong')
  }
})

t.test('the library', async (t) => {
  const one = hooks(relationship())['hooks-libraries'] as readonly Members[]
  const said = (list: readonly Members[]) => lines(load({}, { 'hooks-libraries': list }))
  t.same(said(one), [])
  const at = 'hooks-libraries[0].parameters.high-availability'
  t.same(said([{ library: 'libdhcp_ha.so' }]), [
    `error ${at}: nothing is said of the pair (a list with one map: mode, peers)`,
  ])
  t.same(said([{ library: 'libdhcp_ha.so', parameters: { 'high-availability': [] } }]), [
    `error ${at}: nothing is said of the pair (a list with one map: mode, peers)`,
  ])
  t.same(said([...one, ...one]), [
    'error hooks-libraries[1].library: the library of a pair stands here a second time (hooks-libraries[0] is the first)',
  ])
  const hub = hooks(relationship(), relationship())['hooks-libraries'] as readonly Members[]
  t.same(said(hub), [
    `error ${at}[1]: 2 relationships (hub and spoke) are not served by this version (one partner a server)`,
  ])
  t.equal(load({}, { 'hooks-libraries': hub }).plan, undefined)
  t.same(said([{ library: 'libdhcp_ha.so', parameters: { 'high-availability': {} } }]), [
    `error ${at}: a map is not a list (put it in [ ])`,
  ])
  t.same(said([{ library: 'libdhcp_lease_cmds.so', parameters: { 'binding-variables': [] } }]), [
    'info hooks-libraries[0].library: "libdhcp_lease_cmds.so" is without effect in Whio (its commands are built in, and so is what a pair needs of it)',
  ])
})

t.test('a pair whose leases are in a database that both servers write', async (t) => {
  const [first, second] = peers() as [Members, Members]
  const database = { 'lease-database': { type: 'postgresql', name: 'whio', host: 'db1' } }
  const hint =
    '"send-lease-updates": false where both servers name one database; a pair with a database each keeps the leases in lease-database of type memfile'
  const sent = `leases in a database that servers share are not sent to the partner (${hint})`
  const quiet = { 'send-lease-updates': false }
  const backup = peer(3, 'backup', { 'basic-auth-user': 'u', 'basic-auth-password': 'p' })
  const rows: readonly (readonly [members: Members, ...said: string[]])[] = [
    [quiet],
    [{ ...quiet, 'sync-leases': false }],
    [
      { ...quiet, 'sync-leases': true },
      'info ha.sync-leases: nothing is fetched from the partner: both servers read one database ("sync-leases": false)',
    ],
    [{}, `error ha: ${sent}`],
    [{ 'send-lease-updates': true }, `error ha.send-lease-updates: ${sent}`],
    [
      { ...quiet, peers: [first, second, backup] },
      'error ha.peers[2].role: the leases are in a database that servers share: a backup has nothing to keep (leave it out; a third server on the database needs no libdhcp_ha.so)',
    ],
    [
      { ...quiet, mode: 'passive-backup', peers: [first, backup] },
      'error ha.mode: a backup keeps a copy of the leases: of a database that servers share it has none (load-balancing or hot-standby)',
    ],
  ]
  for (const [members, ...said] of rows) {
    const loaded = load(relationship(members), database)
    const about = lines(loaded).filter((line) => line.includes(' ha'))
    t.same(about, said, JSON.stringify(members))
    const isGood = said.every((line) => !line.startsWith('error'))
    t.equal(loaded.plan?.ha !== undefined, isGood, 'a plan exactly where nothing is wrong')
    if (isGood)
      t.match(loaded.plan?.ha, { sharesDatabase: true, sendLeaseUpdates: false, syncLeases: false })
    if (isGood) t.equal(loaded.plan?.database.serverTag, 'server1', 'its name in the database')
  }
})
