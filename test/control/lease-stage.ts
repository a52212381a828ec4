// A server with leases that commands are given to, and its answers as clients read them.

import type { Test } from 'tap'
import type { Answer, Persona } from '../../lib/control/command.ts'
import { parsed } from '../../lib/control/parse.ts'
import { printed } from '../../lib/control/print.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { planOfBoth } from '../sim/plans.ts'
import { ADMIN, Stage } from './room.ts'

export type Reply = Readonly<Record<string, unknown>>

/** Request and reply; cltt is left out unless it is asked for. */
export type Row = readonly [command: string, given: unknown, reply: Reply, persona?: Persona]

export class LeaseStage {
  readonly stage: Stage

  constructor() {
    const plan = planOfBoth(
      {
        'valid-lifetime': 3600,
        'shared-networks': [
          {
            name: 'floor',
            subnet4: [
              {
                id: 8,
                subnet: '198.51.100.0/24',
                pools: [{ pool: '198.51.100.10 - 198.51.100.12' }],
              },
            ],
          },
        ],
        subnet4: [
          {
            id: 7,
            subnet: '192.0.2.0/24',
            pools: [{ pool: '192.0.2.10 - 192.0.2.19' }, { pool: '192.0.2.100/30' }],
          },
        ],
      },
      {
        ...{ 'valid-lifetime': 3600, 'preferred-lifetime': 1800 },
        subnet6: [
          {
            id: 11,
            subnet: '2001:db8:1::/64',
            pools: [{ pool: '2001:db8:1::100 - 2001:db8:1::1ff' }],
            'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 40, 'delegated-len': 56 }],
          },
        ],
      },
    )
    this.stage = new Stage(createLab({ plan, clients: [], clients6: [] }))
  }

  get lab() {
    return this.stage.lab
  }

  /** The answer as it is printed, whenever it comes. */
  text(command: string, given?: unknown, persona: Persona = 'dhcp4'): string {
    const answers: Answer[] = []
    const text = JSON.stringify({ command, ...(given === undefined ? {} : { arguments: given }) })
    this.stage.dispatcher.ask(text, persona, ADMIN, (answer) => answers.push(answer))
    this.lab.world.advanceUntil(() => answers.length > 0, 10_000)
    if (answers.length !== 1) throw new Error(`${answers.length} answers to ${text}`)
    return printed(answers[0])
  }

  ask(command: string, given?: unknown, persona?: Persona): Reply {
    return parsed(this.text(command, given, persona)).value as Reply
  }

  play(t: Test, rows: readonly Row[]): void {
    for (const [command, given, reply, persona = 'dhcp4'] of rows)
      t.strictSame(
        withoutCltt(this.ask(command, given, persona)),
        reply,
        `${command} ${JSON.stringify(given)}`,
      )
  }
}

/** Of whatever leases there are. */
function withoutCltt(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCltt)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => key !== 'cltt')
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutCltt(one)]))
}

/** A lease of DHCPv4 as it is told, but for cltt. */
export function lease4(address: string, hwAddress: string, more: Reply = {}): Reply {
  return {
    'fqdn-fwd': false,
    'fqdn-rev': false,
    hostname: '',
    'hw-address': hwAddress,
    'ip-address': address,
    state: 0,
    'subnet-id': 7,
    'valid-lft': 3600,
    ...more,
  }
}
