// What an operator may order a running server, by the name of the command: the table serves both
// ends, the daemon that carries it out and the command line that asks (order.ts).

import { ALLOWED, refused } from '../catalogue/order-result.ts'
import type { ControlDuty, ControlReply } from '../platform/control-socket.ts'
import type { Author } from '../server/configuration/running-configuration.ts'
import type { OperatorOrders, OrderAnswer } from '../server/pair/orders.ts'
import type { Millis } from '../time/units.ts'
import type { Daemon } from './daemon.ts'
import { leasePage } from './lease-pages.ts'
import { orderFromText } from './reconfigure-words.ts'

/** Whoever may write to the socket beside the journal. */
const OPERATOR: Author = { user: '', from: 'whio reload', command: 'reload' }

interface ControlCommand {
  /** For the usage. */
  readonly text: string
  /** What is printed when it was done; `partner`: the name of the partner. */
  readonly done: (partner: string) => string
  /** How long it may take. */
  readonly patience: Millis
  readonly give: (daemon: Daemon, answer: (reply: ControlReply) => void) => void
}

/** Until it is stored. */
const PATIENCE: Millis = 15_000
/** A stop waits for the disk and, for a moment, for the partner. */
const STOP_PATIENCE: Millis = 60_000

export const CONTROL_COMMANDS: ReadonlyMap<string, ControlCommand> = new Map([
  [
    'reload',
    {
      text: 'read the configuration again, as SIGHUP does, and say what came of it',
      done: () => 'the configuration is in force',
      patience: PATIENCE,
      give: (daemon, answer) => daemon.reload(OPERATOR, answer),
    },
  ],
  [
    'stop',
    {
      text: 'stop in good order, as SIGTERM does, and wait for it',
      done: () => 'the server has stopped',
      patience: STOP_PATIENCE,
      give: (daemon, answer) => daemon.stop(() => answer(ALLOWED)),
    },
  ],
  [
    'partner-off',
    {
      text: 'the partner is off: give every address from here',
      done: (partner) =>
        `every address is given from here; ${partner} must not serve before it has met this server again`,
      patience: PATIENCE,
      give: toPair((orders, answer) => orders.confirmPartnerOff(answer)),
    },
  ],
  [
    'serve-alone',
    {
      text: 'serve though the partner has never been met',
      done: (partner) => `this server serves alone until it meets ${partner}`,
      patience: PATIENCE,
      give: toPair((orders, answer) => orders.serveAlone(answer)),
    },
  ],
  [
    'end-doubt',
    {
      text: 'give addresses again that rest since a database was lost, or its clock jumped',
      done: () => 'every address may be given again',
      patience: PATIENCE,
      give: ({ server }, answer) => server.endDoubt(answer),
    },
  ],
  [
    'forget-lifetime',
    {
      text: 'no client has a longer lease than leases and subnets show',
      done: (partner) => `longer lifetimes are forgotten; say the same to ${partner}`,
      patience: PATIENCE,
      give: toPair((orders, answer) => orders.forgetLifetime(answer)),
    },
  ],
  [
    'maintenance-start',
    {
      text: 'serve in place of the partner, which is to be worked on',
      done: (partner) => `${partner} may be worked on`,
      patience: PATIENCE,
      give: toPair((orders, answer) => orders.startMaintenance(answer)),
    },
  ],
  [
    'maintenance-cancel',
    {
      text: 'the work is done: take the partner back',
      done: (partner) => `${partner} comes back`,
      patience: PATIENCE,
      give: toPair((orders, answer) => orders.cancelMaintenance(answer)),
    },
  ],
] satisfies [string, ControlCommand][])

/** One of Kea's commands, as text; the answer's text is `told`. */
export type AskOwn = (request: string, answer: (reply: ControlReply) => void) => void

/** Carries commands out on this server. */
export function controlDuty(daemon: Daemon, ask: AskOwn): ControlDuty {
  return (name, answer, about) => {
    if (name === 'ctl') return ask(about, answer)
    if (name === 'why') return answer({ ...ALLOWED, told: daemon.server.why(about) })
    if (name === 'leases') return answer(leasePage(daemon.server, about))
    if (name === 'reconfigure') return answer(reconfigure(daemon, about))
    if (name === 'status') return answer({ ...ALLOWED, status: daemon.status() })
    const command = CONTROL_COMMANDS.get(name)
    if (command === undefined) return answer(refused(`no command '${name}'`))
    command.give(daemon, answer)
  }
}

function reconfigure({ server }: Daemon, about: string): ControlReply {
  const order = orderFromText(about)
  return order === undefined ? refused('it is not said who is meant') : server.reconfigure(order)
}

function toPair(
  give: (orders: OperatorOrders, answer: OrderAnswer) => void,
): ControlCommand['give'] {
  return ({ server }, answer) => {
    const { orders, pair } = server.pairing
    const name = pair?.plan.partner?.name
    const partner = name === undefined ? {} : { partner: name }
    if (orders === undefined) return answer(refused('this server is not one of a pair'))
    give(orders, (result) => answer({ ...result, ...partner }))
  }
}
