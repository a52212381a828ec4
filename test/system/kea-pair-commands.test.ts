// ha-* and leases-reclaim as Kea of the system answers them and as Whio does: one server of a pair
// each, whose partner has never been there. What servers that have met are asked is in
// test/control.

import t, { type Test } from 'tap'
import { BothServers, type Library, libraryOf, SILENCE } from './both-servers.ts'
import { systemSkip } from './netns.ts'

function pairOf(name: string): Library {
  const url = (port: number) => `http://127.0.0.1:${port}/`
  const peers = [
    { name: 'server1', role: 'primary', url: url(18001) },
    { name: 'server2', role: 'standby', url: url(18002) },
    { name: 'server3', role: 'backup', url: url(18003) },
  ]
  // The partner stays unknown for longer than this takes.
  const patience = { 'heartbeat-delay': 60_000, 'max-response-delay': 65_000 }
  const pair = { 'this-server-name': name, mode: 'hot-standby', ...patience, peers }
  return { library: libraryOf('ha'), parameters: { 'high-availability': [pair] } }
}

/** A request, and where the two differ what each of them answers, with the reason. */
type Row =
  | readonly [command: string, given?: unknown]
  | readonly [command: string, given: unknown, kea: unknown, whio: unknown, why: string]

const wrong = (text: string) => ({ result: 1, text })
const CLOSED = 'an error that Kea has thrown closes the connection'
const BEYOND_KEA = 'behind the words of Kea there is a reason'

const FIRST: readonly Row[] = [
  ['ha-heartbeat'],
  ['ha-continue'],
  ['ha-reset'],
  ['ha-sync'],
  ['ha-sync', []],
  ['ha-sync', {}],
  ['ha-sync', { 'server-name': 1 }],
  [
    'ha-sync',
    { 'server-name': 'zeta' },
    SILENCE,
    wrong("zeta matches no configured 'server-name'"),
    CLOSED,
  ],
  ['ha-sync', { 'server-name': 'server2', 'max-period': 0 }],
  ['ha-sync', { 'server-name': 'server2', 'max-period': 'x' }],
  [
    'ha-sync',
    { 'server-name': 'server2' },
    wrong('Connection refused'),
    wrong('server2 is not connected; the two bring each other up to date then'),
    'nothing is fetched by a command',
  ],
  ['ha-scopes'],
  ['ha-scopes', []],
  ['ha-scopes', {}],
  ['ha-scopes', { scopes: 'server1' }],
  ['ha-scopes', { scopes: [1] }],
  ['ha-scopes', { scopes: ['zeta'] }],
  ['ha-scopes', { scopes: [] }],
  [
    'ha-scopes',
    { scopes: ['server1'] },
    { result: 0, text: 'New HA scopes configured.' },
    wrong('This server holds no rights to any address.'),
    'who has never met its partner gives nothing',
  ],
  [
    'ha-maintenance-notify',
    undefined,
    SILENCE,
    wrong("'cancel' is mandatory for the 'ha-maintenance-notify' command"),
    CLOSED,
  ],
  [
    'ha-maintenance-notify',
    { cancel: 1 },
    SILENCE,
    wrong("'cancel' must be a boolean in the 'ha-maintenance-notify' command"),
    CLOSED,
  ],
  ['ha-maintenance-notify', { cancel: true }],
  ['ha-sync-complete-notify'],
  ['leases-reclaim'],
  ['leases-reclaim', {}],
  ['leases-reclaim', { remove: 1 }],
  ['leases-reclaim', { remove: false }],
  ['leases-reclaim', { remove: true }],
  [
    'ha-maintenance-start',
    undefined,
    {
      result: 0,
      text: 'Server is now in the partner-down state as its partner appears to be offline for maintenance.',
    },
    wrong(
      'Unable to transition the server from the waiting to partner-in-maintenance state. This server holds no rights to any address.',
    ),
    'who has never met its partner gives nothing',
  ],
]

const CANNOT_CANCEL =
  'Unable to cancel maintenance request because the server is not in the partner-in-maintenance state.'
const CANNOT_LEAVE = 'Unable to transition the server from the backup to in-maintenance state.'
const CANNOT_STAY =
  'Unable to transition the server from the backup to partner-in-maintenance state.'

const BACKUP: readonly Row[] = [
  ['ha-heartbeat'],
  ['ha-continue'],
  [
    'ha-maintenance-cancel',
    undefined,
    wrong(CANNOT_CANCEL),
    wrong(
      `${CANNOT_CANCEL} The partner is not in maintenance as far as this server knows; the two are not connected, repeat this when they are.`,
    ),
    BEYOND_KEA,
  ],
  [
    'ha-maintenance-start',
    undefined,
    wrong(CANNOT_STAY),
    wrong(`${CANNOT_STAY} This server holds no rights to any address.`),
    BEYOND_KEA,
  ],
  [
    'ha-maintenance-notify',
    { cancel: false },
    { result: 1001, text: CANNOT_LEAVE },
    {
      result: 1001,
      text: `${CANNOT_LEAVE} The partner says this over the link of the pair, when it has maintenance started.`,
    },
    BEYOND_KEA,
  ],
  ['ha-scopes', { scopes: [] }],
  ['ha-sync-complete-notify'],
]

async function compare(t: Test, server: string, rows: readonly Row[]): Promise<void> {
  const both = await BothServers.start(t, 4, [pairOf(server)])
  // Whio is one a moment after its start.
  const state = server === 'server3' ? 'backup' : 'waiting'
  for (;;) {
    const { whio } = await both.ask({ command: 'ha-heartbeat' })
    if ((whio as { arguments: { state: string } }).arguments.state === state) break
  }
  for (const [command, given, kea, whio, why] of rows) {
    const replies = await both.ask({ command, ...(given !== undefined && { arguments: given }) })
    const about = `${command} ${JSON.stringify(given)}`
    if (kea === undefined) t.strictSame(dateless(replies.whio), dateless(replies.kea), about)
    else t.strictSame(replies, { kea, whio }, `${about}: ${why}`)
  }
}

/** Two servers are not asked within one second. */
function dateless(reply: unknown): string {
  return JSON.stringify(reply, (key, value) => (key === 'date-time' ? typeof value : value))
}

t.test('Kea and Whio', { skip: systemSkip('kea-dhcp4') }, async (t) => {
  t.test('the first server of a pair', (t) => compare(t, 'server1', FIRST))
  t.test('a server for copies', (t) => compare(t, 'server3', BACKUP))
})
