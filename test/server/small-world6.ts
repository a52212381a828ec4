// The least world a server of DHCPv6 can live in: small-world.ts for the other family.

import { type Ipv6, ipv6FromText } from '../../lib/address/ipv6.ts'
import { type Prefix6, textFromPrefix6 } from '../../lib/address/prefix6.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import type { DatagramSink6, Interface6, Reply6 } from '../../lib/ports/datagrams6.ts'
import type { Hooks } from '../../lib/ports/hooks.ts'
import type { JournalSink } from '../../lib/ports/journal.ts'
import type { ServerEvent } from '../../lib/server/events.ts'
import { Server } from '../../lib/server/server.ts'
import { encodeMessage6, iaOption6 } from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'
import { decode6, Message6 } from '../../lib/wire/v6/reader.ts'

const ip = (text: string): Ipv6 => ipv6FromText(text)!

export const GROUP = ip('ff02::1:2')

export const ETH6: Interface6 = {
  ...{ name: 'eth0', index: 2, linkLocal: ip('fe80::1') },
  addresses: [{ address: ip('fe80::1'), length: 64 }],
}

/** The DUID that the server has, whatever the plan says. */
export const DUID: Octets = '\0\x03\0\x01\x02\0\0\0\0\x01'

export function planWith6(subnet: object = {}, global: object = {}): Plan {
  const { plan, problems } = loadPlanFromObject(
    {
      Dhcp6: {
        'interfaces-config': { interfaces: ['eth0'] },
        ...{ 'valid-lifetime': 600, 'preferred-lifetime': 400, ...global },
        subnet6: [
          {
            ...{ id: 1, subnet: '2001:db8:1::/64', interface: 'eth0', allocator: 'iterative' },
            pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::1f' }],
            'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 48, 'delegated-len': 56 }],
            ...subnet,
          },
        ],
      },
    },
    { stateDirectory: undefined },
  )
  if (plan === undefined) throw new Error(JSON.stringify(problems))
  return plan
}

export class SmallWorld6 {
  readonly server: Server
  /** In order: `commit 2`, `send REPLY 2001:db8:1::10 2001:db8:8000::/56`. */
  readonly happenings: string[] = []
  readonly events: ServerEvent[] = []
  readonly log: string[] = []
  duid: Octets = DUID
  now = 0
  journalSink: JournalSink | undefined
  sink: DatagramSink6 | undefined
  #isStoring = false
  #wake: { at: number; fire: () => void } | undefined

  constructor(plan: Plan = planWith6(), hooks?: Hooks) {
    this.server = new Server(
      plan,
      { ...this.#ports(), hooks },
      {
        ...{ serverPort: 67, clientPort: 68 },
        onEvent: (event) => this.events.push(event),
      },
    )
    this.server.start()
    const info = { stamp: 0, change: 0, setAside: 0, database: 'd', pair: undefined }
    this.journalSink!.onReady(info)
  }

  /** A message of client `number` arrives at the group. */
  arrive(type: number, number: number, options: readonly OptionPair6[], to: Ipv6 = GROUP): void {
    const client: OptionPair6 = [OPTION6.clientId, `\0\x03\0\x01\x02\0\0\0\x01${chr(number)}`]
    const bytes = encodeMessage6(type, number, [client, ...options])
    const from = ip(`fe80::1:${number}`)
    this.sink!.onDatagram(ETH6, bytes, 0, bytes.length, from, 546, to)
  }

  /** An address and a prefix are asked for; `server`: named, '' = none. */
  ask(type: number, number: number, server: Octets = '', ias: readonly OptionPair6[] = BOTH): void {
    const named: OptionPair6[] = server === '' ? [] : [[OPTION6.serverId, server]]
    this.arrive(type, number, [...named, ...ias])
  }

  endBatch(): void {
    this.sink!.onBatchEnd()
    this.advance(5)
  }

  committed(): void {
    this.#isStoring = false
    this.journalSink!.onCommitted()
    this.advance(5)
  }

  advance(ms: number): void {
    const end = this.now + ms
    while (this.#wake !== undefined && this.#wake.at <= end) {
      const { at, fire } = this.#wake
      this.#wake = undefined
      this.now = Math.max(this.now, at)
      fire()
    }
    this.now = end
  }

  /** Time passes, and the disk stores at once whatever it is given. */
  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      if (this.#isStoring) this.committed()
      this.advance(Math.min(1000, Math.max(0, end - this.now)))
    }
    if (this.#isStoring) this.committed()
  }

  statistic(name: string): number | undefined {
    return this.server.status().statistics[name]
  }

  #ports() {
    return {
      clock: {
        monotonic: () => this.now,
        wall: () => 1_700_000_000_000 + this.now,
        wakeAt: (at: number, fire: () => void) => {
          this.#wake = { at, fire }
        },
        cancel: () => {
          this.#wake = undefined
        },
      },
      draw: () => 0,
      serverId: { kept: DUID, duidOf: () => this.duid },
      datagrams6: {
        open: (sink: DatagramSink6) => {
          this.sink = sink
        },
        send: (replies: readonly Reply6[]) => {
          for (const reply of replies) this.happenings.push(`send ${textOf(reply)}`)
        },
        select: () => {},
        interfaces: () => [],
        status: () => [
          { ...{ name: 'eth0', serving: true, trouble: '' }, addresses: [ip('fe80::1')] },
        ],
        traffic: () => [],
        close: (done: () => void) => done(),
      },
      journal: {
        open: (sink: JournalSink) => {
          this.journalSink = sink
        },
        commit: (_bytes: Uint8Array, count: number) => {
          this.#isStoring = true
          this.happenings.push(`commit ${count}`)
        },
        close: (done: () => void) => done(),
      },
      log: {
        enabled: () => true,
        write: (_level: string, id: string) => {
          this.log.push(id)
        },
      },
    }
  }
}

export const NA = iaOption6(OPTION6.iaNa, 1)
export const PD = iaOption6(OPTION6.iaPd, 1)
const BOTH = [NA, PD]

function chr(number: number): string {
  return String.fromCharCode(number)
}

/** `REPLY 2001:db8:1::10`: what the client may use by it. */
function textOf({ bytes, start, end }: Reply6): string {
  const message = new Message6()
  decode6(message, bytes, start, end)
  const keys: Prefix6[] = message.ias.flatMap(({ entries }) =>
    entries.filter(({ valid }) => valid > 0).map(({ key }) => key),
  )
  const name = message.type === MESSAGE_TYPE6.advertise ? 'ADVERTISE' : 'REPLY'
  return [name, ...keys.map(textFromPrefix6)].join(' ')
}
