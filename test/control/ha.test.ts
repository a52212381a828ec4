// ha-*: request and reply, and what becomes of the pair. Both servers of a pair are Whio's.

import t from 'tap'
import type { Answer } from '../../lib/control/command.ts'
import { createPair, type PairLab, type PairSettings } from '../../lib/lab/pair.ts'
import { Stage } from './room.ts'

function paired(settings: PairSettings = {}): { pair: PairLab; one: Stage; two: Stage } {
  const pair = createPair({ clients: 0, ...settings })
  if (!pair.reachNormal()) throw new Error('no pair')
  return { pair, one: new Stage(pair), two: new Stage(pair, undefined, 1) }
}

function wrong(text: string): Answer {
  return { result: 1, text }
}

t.test('what is wrong with arguments is told with the words of Kea', async (t) => {
  const { one } = paired()
  const rows: readonly (readonly [string, unknown, Answer])[] = [
    ['ha-sync', undefined, wrong("arguments not found in the 'ha-sync' command")],
    ['ha-sync', [], wrong("arguments in the 'ha-sync' command are not a map")],
    ['ha-sync', {}, wrong("'server-name' is mandatory for the 'ha-sync' command")],
    [
      'ha-sync',
      { 'server-name': 1 },
      wrong("'server-name' must be a string in the 'ha-sync' command"),
    ],
    ['ha-sync', { 'server-name': 'zeta' }, wrong("zeta matches no configured 'server-name'")],
    [
      'ha-sync',
      { 'server-name': 'server1' },
      wrong("'server1' points to local server but should point to a partner"),
    ],
    [
      'ha-sync',
      { 'server-name': 'server2', 'max-period': 0 },
      wrong("'max-period' must be a positive integer in the 'ha-sync' command"),
    ],
    ['ha-scopes', undefined, wrong("arguments not found in the 'ha-scopes' command")],
    ['ha-scopes', {}, wrong("'scopes' is mandatory for the 'ha-scopes' command")],
    [
      'ha-scopes',
      { scopes: 'server1' },
      wrong("'scopes' must be a list in the 'ha-scopes' command"),
    ],
    ['ha-scopes', { scopes: [1] }, wrong("scope name must be a string in the 'scopes' argument")],
    [
      'ha-scopes',
      { scopes: ['zeta'] },
      wrong("invalid server name specified 'zeta' while enabling/disabling HA scopes"),
    ],
    [
      'ha-maintenance-notify',
      {},
      wrong("'cancel' is mandatory for the 'ha-maintenance-notify' command"),
    ],
    [
      'ha-maintenance-notify',
      { cancel: 1 },
      wrong("'cancel' must be a boolean in the 'ha-maintenance-notify' command"),
    ],
    [
      'ha-maintenance-notify',
      { cancel: true },
      wrong('Unable to cancel the maintenance for the server not in the in-maintenance state.'),
    ],
    ['ha-heartbeat', { 'server-name': 'zeta' }, wrong("zeta matches no configured 'server-name'")],
    ['ha-reset', [], wrong("arguments in the 'ha-reset' command are not a map")],
    [
      'ha-sync-complete-notify',
      { origin: 'x' },
      wrong("'origin' must be an integer in the 'ha-sync-complete-notify' command"),
    ],
    [
      'ha-sync-complete-notify',
      { 'origin-id': 'x' },
      wrong("'origin-id' must be an integer in the 'ha-sync-complete-notify' command"),
    ],
  ]
  for (const [command, given, answer] of rows)
    t.strictSame(
      one.ask({ command, arguments: given }),
      answer,
      `${command} ${JSON.stringify(given)}`,
    )
})

t.test('ha-heartbeat tells the state, whatever it is', async (t) => {
  const { pair, one, two } = paired()
  const beat = (stage: Stage, given?: object) =>
    stage.ask({ command: 'ha-heartbeat', arguments: given })
  t.strictSame(beat(one, { 'server-name': 'server2' }), {
    result: 0,
    text: 'HA peer status returned.',
    arguments: {
      state: 'load-balancing',
      scopes: ['server1'],
      'date-time': 'Thu, 01 Jan 2026 12:00:00 GMT',
      'unsent-update-count': 0,
    },
  })
  t.match(beat(two).arguments, { scopes: ['server2'] })
  pair.crash(1)
  pair.advance(60_000)
  t.match(beat(one).arguments, { state: 'partner-down', scopes: ['server1', 'server2'] })
})

t.test('ha-scopes holds until the state changes', async (t) => {
  const { pair, one } = paired()
  const set = (scopes: string[]) => one.ask({ command: 'ha-scopes', arguments: { scopes } })
  const scopes = () => pair.server(0).server!.status().ha!.scopes
  const done = { result: 0, text: 'New HA scopes configured.' } as const
  t.strictSame(set(['server1', 'server2']), done)
  t.same(scopes(), ['server1', 'server2'])
  t.strictSame(set([]), done)
  t.same(scopes(), [])
  pair.crash(1)
  pair.advance(60_000)
  t.same(scopes(), ['server1', 'server2'])
})

t.test('ha-sync is done where both are connected, and says why not elsewhere', async (t) => {
  const { pair, one } = paired()
  const request = { command: 'ha-sync', arguments: { 'server-name': 'server2' } }
  t.strictSame(one.ask(request), {
    result: 0,
    text: 'Lease database synchronization complete.',
  })
  pair.crash(1)
  pair.advance(60_000)
  t.strictSame(
    one.ask(request),
    wrong('server2 is not connected; the two bring each other up to date then'),
  )
})

t.test('ha-continue and ha-reset', async (t) => {
  const { pair, one } = paired()
  t.strictSame(one.ask({ command: 'ha-continue' }), {
    result: 0,
    text: 'HA state machine is not paused.',
  })
  t.strictSame(one.ask({ command: 'ha-reset' }), { result: 0, text: 'HA state machine reset.' })
  t.ok(pair.reachNormal())
  const alone = createPair({ clients: 0 })
  alone.kill(1)
  alone.advance(10_000)
  t.strictSame(new Stage(alone).ask({ command: 'ha-reset' }), {
    result: 0,
    text: 'HA state machine already in WAITING state.',
  })
})

t.test('maintenance: started, the partner leaves; canceled, it comes back', async (t) => {
  const { pair, one, two } = paired()
  t.strictSame(
    one.ask({ command: 'ha-maintenance-cancel' }),
    wrong(
      'Unable to cancel maintenance request because the server is not in the partner-in-maintenance state. The partner is not in maintenance.',
    ),
  )
  const started = one.asked({ command: 'ha-maintenance-start' })
  pair.advance(5000)
  t.strictSame(started(), {
    result: 0,
    text: 'Server is now in the partner-in-maintenance state and its partner is in-maintenance state. The partner can be now safely shut down.',
  })
  t.same(pair.states(), ['partner-in-maintenance', 'in-maintenance'])
  t.strictSame(
    one.ask({ command: 'ha-maintenance-start' }),
    wrong(
      'Unable to transition the server from the partner-in-maintenance to partner-in-maintenance state. The partner is in maintenance already.',
    ),
  )
  const overLink =
    'The partner says this over the link of the pair, when it has maintenance started.'
  t.strictSame(
    two.ask({ command: 'ha-maintenance-notify', arguments: { cancel: true } }),
    wrong(overLink),
  )
  const canceled = one.asked({ command: 'ha-maintenance-cancel' })
  pair.advance(5000)
  t.strictSame(canceled(), { result: 0, text: 'Server maintenance successfully canceled.' })
  t.ok(pair.reachNormal())
  t.strictSame(two.ask({ command: 'ha-maintenance-notify', arguments: { cancel: false } }), {
    result: 1001,
    text: `Unable to transition the server from the load-balancing to in-maintenance state. ${overLink}`,
  })
  t.same(pair.states(), ['load-balancing', 'load-balancing'], 'and nothing came of it')
  t.same(pair.invariants.violations, [])
})

t.test('maintenance of a partner that is off is a takeover', async (t) => {
  const { pair, one } = paired()
  pair.crash(1)
  pair.advance(500)
  const started = one.asked({ command: 'ha-maintenance-start' })
  pair.advance(20_000)
  t.strictSame(started(), {
    result: 0,
    text: 'Server is now in the partner-down state as its partner appears to be offline for maintenance.',
  })
})

t.test('ha-sync-complete-notify takes the dhcp-disable of the partner back', async (t) => {
  const { one } = paired()
  one.ask({ command: 'dhcp-disable', arguments: { origin: 'ha-partner' } })
  t.ok(one.room.server.switches.isOff(4))
  t.strictSame(one.ask({ command: 'ha-sync-complete-notify' }), {
    result: 0,
    text: 'Server successfully notified about the synchronization completion.',
  })
  t.notOk(one.room.server.switches.isOff(4))
})
