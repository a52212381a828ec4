// Commands that edit the configuration, given to a server in the least world.

import type { Answer, ControlRoom, Persona } from '../../lib/control/command.ts'
import { Dispatcher } from '../../lib/control/dispatcher.ts'
import { Statistics } from '../../lib/control/statistics/statistics.ts'
import { ConfigurationWorld } from '../server/configuration-world.ts'
import { ADMIN } from './room.ts'

/** As in the pairs of requests and replies: subnet 7, and a shared network with subnet 8. */
export const HOUSE = {
  Dhcp4: {
    'interfaces-config': { interfaces: ['eth0'] },
    'option-def': [{ name: 'lamp', code: 224, type: 'uint8' }],
    subnet4: [
      {
        id: 7,
        subnet: '192.0.2.0/24',
        pools: [{ pool: '192.0.2.10-192.0.2.19' }, { pool: '192.0.2.100/30' }],
        'valid-lifetime': 900,
      },
    ],
    'shared-networks': [
      {
        name: 'floor',
        'valid-lifetime': 500,
        subnet4: [
          { id: 8, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.1-198.51.100.3' }] },
        ],
      },
    ],
  },
  Dhcp6: {
    subnet6: [{ id: 11, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::100/120' }] }],
  },
}

export class EditStage {
  readonly house: ConfigurationWorld
  readonly #dispatcher: Dispatcher

  constructor(config: unknown = HOUSE) {
    this.house = new ConfigurationWorld(config)
    const room = {
      server: this.house.world.server,
      configuration: this.house.configuration,
      statistics: new Statistics(this.house.world.server, () => 0),
      log: { enabled: () => false, write: () => {} },
    }
    this.#dispatcher = new Dispatcher(room as unknown as ControlRoom)
  }

  /** The disk stores what the command changes. */
  ask(command: string, given?: unknown, persona: Persona = 'dhcp4'): Answer {
    const answers: Answer[] = []
    const request = given === undefined ? { command } : { command, arguments: given }
    this.#dispatcher.ask(JSON.stringify(request), persona, ADMIN, (answer) => answers.push(answer))
    if (answers.length === 0) this.house.store()
    if (answers.length !== 1) throw new Error(`${answers.length} answers to ${command}`)
    // As a client reads it.
    return JSON.parse(JSON.stringify(answers[0]))
  }

  ask6(command: string, given?: unknown): Answer {
    return this.ask(command, given, 'dhcp6')
  }
}
