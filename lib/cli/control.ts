// What an operator may order a running server, by the name of the command: the table serves both ends, the
// daemon that carries it out and the command line that asks (order.ts).

import type { ControlDuty } from '../platform/control-socket.ts'
import type { OrderAnswer, Orders } from '../server/orders.ts'
import type { Server } from '../server/server.ts'

interface ControlCommand {
  /** For the usage. */
  readonly text: string
  /** What is printed when it was done. */
  readonly done: string
  readonly give: (orders: Orders, answer: OrderAnswer) => void
}

export const CONTROL_COMMANDS: ReadonlyMap<string, ControlCommand> = new Map([
  [
    'partner-off',
    {
      text: 'the partner is off: give every address from here',
      done: 'every address is given from here; the partner must not serve before it has met this server again',
      give: (orders, answer) => orders.confirmPartnerOff(answer),
    },
  ],
  [
    'serve-alone',
    {
      text: 'serve though the partner has never been met',
      done: 'this server serves alone until it meets its partner',
      give: (orders, answer) => orders.serveAlone(answer),
    },
  ],
  [
    'end-doubt',
    {
      text: 'give addresses again that rest since a database was lost',
      done: 'every address may be given again',
      give: (orders, answer) => orders.endDoubt(answer),
    },
  ],
  [
    'maintenance-start',
    {
      text: 'serve in place of the partner, which is to be worked on',
      done: 'the partner may be worked on',
      give: (orders, answer) => orders.startMaintenance(answer),
    },
  ],
  [
    'maintenance-cancel',
    {
      text: 'the work is done: take the partner back',
      done: 'the partner comes back',
      give: (orders, answer) => orders.cancelMaintenance(answer),
    },
  ],
] satisfies [string, ControlCommand][])

/** Carries commands out on this server. */
export function controlDuty(server: Server): ControlDuty {
  return (name, answer) => {
    if (name === 'status') return answer({ done: true, why: '', status: server.status() })
    const command = CONTROL_COMMANDS.get(name)
    if (command === undefined) return answer({ done: false, why: `no command '${name}'` })
    if (server.pair === undefined)
      return answer({ done: false, why: 'this server is not one of a pair' })
    command.give(server.pair.orders, ({ allowed, why }) => answer({ done: allowed, why }))
  }
}
