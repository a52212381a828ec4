// ha-*: the pair by command, with Kea's words. Whio's servers are joined by a link of their own, so
// that what a peer says to another there (heartbeats, updates) needs no command; what an operator
// or a dashboard says is carried out by the pair. Where its rules of safety leave nothing to a
// command, the answer says so with the result of Kea's refusal.

import type { OrderResult } from '../../catalogue/order-result.ts'
import { isMap } from '../../config/text/map.ts'
import type { Pair } from '../../server/pair/pair.ts'
import { type Arguments, isInteger } from '../arguments.ts'
import {
  type Answer,
  type Asked,
  type Command,
  type ControlRoom,
  type Schema,
  SERVERS,
} from '../command.ts'
import { CommandRefused } from '../refused.ts'

const SERVER_NAME: Schema = { type: 'string', description: 'Name of a server of the pair' }
const NAMED: Schema = { type: 'object', properties: { 'server-name': SERVER_NAME } }

type Run = (given: Arguments, pair: Pair, answer: (answer: Answer) => void, asking: Asking) => void

interface Asking {
  readonly asked: Asked
  readonly room: ControlRoom
}

/** `run` gets arguments whose `server-name` is one of the pair's, if it is there. */
function row(
  name: string,
  summary: string,
  parameters: Command['parameters'],
  run: Run,
  access: Command['access'] = 'write',
): Command {
  return {
    ...{ name, access, summary, parameters },
    library: 'ha',
    personas: SERVERS,
    isHere: ({ server }) => server.pair !== undefined,
    run(asked, room, answer) {
      const pair = room.server.pair!
      run(checked(asked, pair), pair, answer, { asked, room })
    },
  }
}

export const HA: readonly Command[] = [
  row('ha-heartbeat', 'Tells the state of this server in its pair', NAMED, heartbeat),
  row(
    'ha-sync',
    'Makes sure that this server has every lease of another one',
    {
      type: 'object',
      required: ['server-name'],
      properties: {
        'server-name': SERVER_NAME,
        'max-period': { type: 'integer', minimum: 1, description: 'Not needed: nobody stops' },
      },
    },
    sync,
  ),
  row(
    'ha-scopes',
    'Answers the clients of these servers, until the state changes',
    {
      type: 'object',
      required: ['scopes'],
      properties: {
        scopes: { type: 'array', items: { type: 'string' } },
        'server-name': SERVER_NAME,
      },
    },
    scopes,
  ),
  row('ha-continue', 'Ends a pause of the state machine', NAMED, (_given, pair, answer) =>
    pair.orders.continue(({ allowed }) =>
      answer(done(`HA state machine ${allowed ? 'continues' : 'is not paused'}.`)),
    ),
  ),
  row(
    'ha-reset',
    'Sends the state machine back to its beginning',
    NAMED,
    (_given, pair, answer) => {
      const isWaiting = pair.machine.state === 'waiting'
      pair.orders.reset((result) => {
        const what = isWaiting ? 'already in WAITING state' : 'reset'
        answer(result.allowed ? done(`HA state machine ${what}.`) : refused(result))
      })
    },
  ),
  row(
    'ha-maintenance-start',
    'Serves in place of the partner, which is to be worked on',
    undefined,
    (_given, pair, answer) =>
      pair.orders.startMaintenance((result) =>
        answer(
          result.allowed
            ? done(startedWords(pair))
            : refused(result, unableTo('partner-in-maintenance', pair)),
        ),
      ),
  ),
  row(
    'ha-maintenance-cancel',
    'The work on the partner is done: it serves again',
    undefined,
    (_given, pair, answer) =>
      pair.orders.cancelMaintenance((result) =>
        answer(
          result.allowed
            ? done('Server maintenance successfully canceled.')
            : refused(result, whyNotCanceled(pair)),
        ),
      ),
  ),
  row(
    'ha-maintenance-notify',
    'Is what servers of Kea tell each other; those of Whio do so over their link',
    {
      type: 'object',
      required: ['cancel'],
      properties: {
        cancel: { type: 'boolean' },
        'server-name': SERVER_NAME,
        state: { type: 'string' },
      },
    },
    notify,
  ),
  row(
    'ha-sync-complete-notify',
    'The partner has every lease: takes back its dhcp-disable',
    {
      type: 'object',
      properties: {
        'server-name': SERVER_NAME,
        'origin-id': { type: 'integer' },
        origin: { type: 'integer' },
      },
    },
    syncComplete,
  ),
]

function done(text: string, more: object = {}): Answer {
  return { result: 0, text, ...more }
}

/** `words`: those of Kea, which clients compare, before the reason. */
function refused({ why }: OrderResult, words = ''): Answer {
  const reason = `${why.charAt(0).toUpperCase()}${why.slice(1)}.`
  return { result: 1, text: words === '' ? reason : `${words} ${reason}` }
}

function unableTo(state: string, { machine }: Pair): string {
  return `Unable to transition the server from the ${machine.state} to ${state} state.`
}

function whyNotCanceled({ machine }: Pair): string {
  const isThere = machine.state === 'partner-in-maintenance'
  return isThere
    ? ''
    : 'Unable to cancel maintenance request because the server is not in the partner-in-maintenance state.'
}

// ---- what is wrong with arguments

/** Those of ha-maintenance-start and -cancel are not looked at. */
function checked({ command, arguments: given }: Asked, pair: Pair): Arguments {
  const isNeeded = command === 'ha-sync' || command === 'ha-scopes'
  if (given === undefined && isNeeded)
    throw new CommandRefused(`arguments not found in the '${command}' command`)
  if (given === undefined) return {}
  if (!isMap(given)) throw new CommandRefused(`arguments in the '${command}' command are not a map`)
  const { 'server-name': name } = given
  if (name === undefined) return given
  if (typeof name !== 'string')
    throw new CommandRefused(`'server-name' must be a string in the '${command}' command`)
  if (!pair.plan.peers.some((peer) => peer.name === name))
    throw new CommandRefused(`${name} matches no configured 'server-name'`)
  return given
}

// ---- the commands

function heartbeat(
  _given: Arguments,
  pair: Pair,
  answer: (answer: Answer) => void,
  { room }: Asking,
): void {
  const { state, scopes, partner, peers } = pair.status()
  const lag = peers.find(({ name }) => name === partner?.name)?.lag ?? 0
  answer(
    done('HA peer status returned.', {
      arguments: {
        state,
        scopes,
        'date-time': room.host.httpDate(),
        'unsent-update-count': lag,
      },
    }),
  )
}

/** Servers that are connected bring each other up to date by themselves, and neither stops. */
function sync(given: Arguments, pair: Pair, answer: (answer: Answer) => void): void {
  const { 'server-name': name, 'max-period': period } = given
  if (typeof name !== 'string')
    throw new CommandRefused("'server-name' is mandatory for the 'ha-sync' command")
  if (period !== undefined && !(isInteger(period) && period > 0))
    throw new CommandRefused("'max-period' must be a positive integer in the 'ha-sync' command")
  if (name === pair.plan.thisServer.name)
    throw new CommandRefused(`'${name}' points to local server but should point to a partner`)
  const session = pair.sessions.with(name)
  if (session === undefined)
    throw new CommandRefused(`${name} is not connected; the two bring each other up to date then`)
  if (session.incoming?.isSynced !== true)
    throw new CommandRefused(`the leases of ${name} are on their way already`)
  answer(done('Lease database synchronization complete.'))
}

function scopes({ scopes: given }: Arguments, pair: Pair, answer: (answer: Answer) => void): void {
  if (given === undefined)
    throw new CommandRefused("'scopes' is mandatory for the 'ha-scopes' command")
  if (!Array.isArray(given))
    throw new CommandRefused("'scopes' must be a list in the 'ha-scopes' command")
  const names: readonly unknown[] = given
  for (const name of names)
    if (typeof name !== 'string')
      throw new CommandRefused("scope name must be a string in the 'scopes' argument")
  const unknown = names.find((name) => !pair.plan.peers.some((peer) => peer.name === name))
  if (unknown !== undefined)
    throw new CommandRefused(
      `invalid server name specified '${unknown}' while enabling/disabling HA scopes`,
    )
  pair.orders.setScopes(names as readonly string[], (result) =>
    answer(result.allowed ? done('New HA scopes configured.') : refused(result)),
  )
}

function startedWords(pair: Pair): string {
  return pair.machine.state === 'partner-down'
    ? 'Server is now in the partner-down state as its partner appears to be offline for maintenance.'
    : 'Server is now in the partner-in-maintenance state and its partner is in-maintenance state. The partner can be now safely shut down.'
}

function notify({ cancel, state }: Arguments, pair: Pair, answer: (answer: Answer) => void): void {
  if (cancel === undefined)
    throw new CommandRefused("'cancel' is mandatory for the 'ha-maintenance-notify' command")
  if (typeof cancel !== 'boolean')
    throw new CommandRefused("'cancel' must be a boolean in the 'ha-maintenance-notify' command")
  if (state !== undefined && typeof state !== 'string')
    throw new CommandRefused("'state' must be a string in the 'ha-maintenance-notify' command")
  const why = 'The partner says this over the link of the pair, when it has maintenance started.'
  const { state: own } = pair.machine
  if (!cancel) {
    return answer({ result: NOT_ALLOWED, text: `${unableTo('in-maintenance', pair)} ${why}` })
  }
  const isIn = own === 'in-maintenance'
  const unable = 'Unable to cancel the maintenance for the server not in the in-maintenance state.'
  answer({ result: 1, text: isIn ? why : unable })
}

/** What Kea says where a server cannot be taken out. */
const NOT_ALLOWED = 1001

function syncComplete(
  given: Arguments,
  _pair: Pair,
  answer: (answer: Answer) => void,
  { asked, room }: Asking,
): void {
  const { 'origin-id': id, origin = 2000 } = given
  const said = id === undefined ? origin : id
  if (!isInteger(said)) {
    const key = id === undefined ? 'origin' : 'origin-id'
    const command = "the 'ha-sync-complete-notify' command"
    throw new CommandRefused(`'${key}' must be an integer in ${command}`)
  }
  room.server.switches.enable(asked.persona === 'dhcp6' ? 6 : 4, Number(said))
  answer(done('Server successfully notified about the synchronization completion.'))
}
