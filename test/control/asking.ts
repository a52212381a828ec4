// Commands to a server of the least world: statistics are seen to move by what happens there.

import { plainRole } from '../../lib/config/plan/role.ts'
import type { Answer, ControlRoom, Persona } from '../../lib/control/command.ts'
import { Dispatcher } from '../../lib/control/dispatcher.ts'
import { printed } from '../../lib/control/print.ts'
import { Statistics } from '../../lib/control/statistics/statistics.ts'
import type { Server } from '../../lib/server/server.ts'

export type Samples = readonly (readonly [number, string])[]

export class Asking {
  readonly statistics: Statistics
  readonly #dispatcher: Dispatcher
  readonly #persona: Persona

  constructor(server: Server, persona: Persona = 'dhcp4') {
    this.statistics = new Statistics(server, () => 0)
    const log = { enabled: () => false, write: () => {} }
    const room = { server, statistics: this.statistics, log } as unknown as ControlRoom
    this.#dispatcher = new Dispatcher(room)
    this.#persona = persona
  }

  ask(command: string, given?: unknown): Answer {
    const text = JSON.stringify({ command, ...(given === undefined ? {} : { arguments: given }) })
    const role = plainRole('admin')
    const answers: Answer[] = []
    const who = { user: '', role, from: '', door: 'unix' } as const
    this.#dispatcher.ask(text, this.#persona, who, (answer) => answers.push(answer))
    if (answers.length !== 1) throw new Error(`${answers.length} answers`)
    return answers[0]!
  }

  /** All statistics as a client reads them, through the text of the answer. */
  all(command = 'statistic-get-all'): Readonly<Record<string, Samples>> {
    return JSON.parse(printed(this.ask(command).arguments))
  }

  samples(name: string): Samples | undefined {
    const { [name]: samples } = this.ask('statistic-get', { name }).arguments as {
      [name: string]: Samples
    }
    return samples
  }

  /** The values, newest first. */
  values(name: string): readonly number[] | undefined {
    return this.samples(name)?.map(([value]) => value)
  }

  /** The newest values of these. */
  newest(...names: readonly string[]): readonly (number | undefined)[] {
    return names.map((name) => this.samples(name)?.[0]?.[0])
  }
}
