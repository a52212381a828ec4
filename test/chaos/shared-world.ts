// Four servers on one database, which has a standby, and clients of every temper that all of them
// hear. Servers are killed, stand still and are cut off from the database; the database is killed,
// restarted, and its standby takes over. Calendars of the servers are wrong. Whatever happens, no
// address is valid for two clients, and nobody is refused a lease that runs (judge.ts).
//
//   host1 … host4 ── bridge of clients (relay .9)     10.77.0.0/16: .1 … .4
//                 ── bridge of the database           10.78.0.0/24: .1 … .4, databases .101, .102

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { between, chance, oneOf } from '../../lib/lab/chance.ts'
import { Daemon, folder } from '../system/daemon.ts'
import { type Namespace, network, type Owner, type Running } from '../system/netns.ts'
import { withState } from '../system/own-state.ts'
import { Postgres } from '../system/postgres.ts'
import type { Report } from './clients.ts'

const COUNT = 4
const SERVERS = Array.from({ length: COUNT }, (_, index) => `10.77.0.${index + 1}`)
const DATABASES = ['10.78.0.101', '10.78.0.102'] as const
const RELAY = '10.77.0.9'
const CLIENTS = 80
const POOL = ['10.77.1.1', '10.77.1.90'] as const

/** Milliseconds by which the calendars of the servers are wrong. */
const SKEWS = [0, 3_600_000, -86_400_000, 90_000] as const

const SKEWED = fileURLToPath(new URL('./skewed-clock.ts', import.meta.url))

export const SHARED_FAULTS = [
  'kill',
  'pause',
  'cut',
  'stop-database',
  'kill-database',
  'fail-over',
] as const

export type SharedFault = (typeof SHARED_FAULTS)[number]

export interface SharedResult {
  readonly violations: readonly string[]
  readonly acks: number
  readonly served: number
  /** How often each fault happened. */
  readonly faults: Readonly<Record<string, number>>
  /** Seconds from the last fault until every server had the database, and every client a lease. */
  readonly healedAfter: number
  readonly servedAfter: number
  /** What happened, with the time of it. */
  readonly story: readonly string[]
}

export class SharedWorld {
  readonly #seed: number
  readonly #draw
  readonly #ends: (() => void | Promise<void>)[] = []
  readonly #owner: Owner = { after: (end) => this.#ends.push(end) }
  readonly #story: string[] = []
  readonly #servers: Daemon[] = []
  readonly #hosts: Namespace[] = []
  #clients!: Running
  #primary!: Postgres
  #standby: Postgres | undefined
  readonly #counts: Record<string, number> = {}
  #readTo = 0
  readonly #began = performance.now()

  constructor(seed: number) {
    this.#seed = seed
    this.#draw = chance(seed, 'shared-chaos')
  }

  /** These faults in their order, or for so many milliseconds whatever comes. */
  async run(what: readonly SharedFault[] | number): Promise<SharedResult> {
    try {
      await this.#build()
      this.#clients.tell('go')
      await this.#until(({ acks }) => acks >= CLIENTS)
      const until = typeof what === 'number' ? performance.now() + what : 0
      if (typeof what !== 'number') for (const fault of what) await this.#happen(fault)
      while (performance.now() < until) await this.#happen(oneOf(this.#draw, SHARED_FAULTS))
      return await this.#end()
    } finally {
      for (const end of this.#ends.reverse()) await end()
    }
  }

  async #build(): Promise<void> {
    const net = network(this.#owner)
    const lan = net.namespace('clients')
    const cable = net.namespace('database')
    for (let index = 0; index < COUNT; index++) {
      const host = net.namespace(`host${index + 1}`)
      this.#hosts.push(host)
      net.veth(lan, `dhcp${index}`, host, 'eth0')
      net.veth(cable, `db${index}`, host, 'db')
      host.addAddress('eth0', `${SERVERS[index]}/16`)
      host.addAddress('db', `10.78.0.${index + 1}/24`)
    }
    const ports = (word: string) => this.#hosts.map((_, index) => `${word}${index}`)
    net.bridge(lan, 'br0', ports('dhcp'))
    net.bridge(cable, 'br0', ports('db'))
    lan.addAddress('br0', `${RELAY}/16`)
    for (const address of DATABASES) cable.addAddress('br0', `${address}/24`)
    const wish = { within: cable, address: DATABASES[0] }
    this.#primary = await Postgres.start(this.#owner, wish)
    await this.#primary.query('create database dhcp')
    this.#standby = await this.#primary.standby(this.#owner, { ...wish, address: DATABASES[1] })
    // Nothing that was answered is lost when it takes over.
    await this.#primary.query(`alter system set synchronous_standby_names = '*'`)
    await this.#primary.query('select pg_reload_conf()')
    const at = folder(this.#owner)
    for (const [index, host] of this.#hosts.entries()) this.#start(index, host, at)
    await Promise.all(this.#servers.map((server) => server.serves('eth0')))
    const log = join(at, 'clients.log')
    const words = [RELAY, SERVERS.join(','), `${CLIENTS}`, `${this.#seed}`, ...POOL, log]
    this.#clients = lan.node('test/chaos/clients.ts', ...words)
    await this.#clients.until(/ready/)
  }

  #start(index: number, host: Namespace, at: string): void {
    const own = join(at, `host${index + 1}`)
    mkdirSync(own)
    const document = {
      'interfaces-config': { interfaces: ['eth0'] },
      'server-tag': `host${index + 1}`,
      'lease-database': {
        ...{ type: 'postgresql', host: DATABASES.join(','), name: 'dhcp', user: 'postgres' },
        ...{ 'connect-timeout': 2, 'on-fail': oneOf(this.#draw, ON_FAIL) },
      },
      'valid-lifetime': 12,
      'decline-probation-period': 20,
      'expired-leases-processing': { 'reclaim-timer-wait-time': 1, 'hold-reclaimed-time': 0 },
      subnet4: [{ id: 1, subnet: '10.77.0.0/16', pools: [{ pool: POOL.join(' - ') }] }],
    }
    // What stands behind is `env -u NODE_OPTIONS node whio serve`.
    const load = `shift 3; node=$1; shift; exec "$node" --import ${SKEWED} "$@"`
    const prefix = ['env', `WHIO_SKEW=${SKEWS[index]}`, 'sh', '-c', load, 'sh']
    const state = withState(join(own, 'state'))
    this.#servers.push(new Daemon(host, own, document, [...state, ...prefix]))
  }

  async #happen(fault: SharedFault): Promise<void> {
    const { acks } = await this.#report()
    const which = this.#draw(COUNT)
    this.#say(`${fault} ${/database|fail/.test(fault) ? '' : `host${which + 1}`}`)
    this.#counts[fault] = (this.#counts[fault] ?? 0) + 1
    await this.#faults[fault](which)
    // Clients go on before the next thing happens.
    await this.#until((report) => report.acks >= acks + CLIENTS / 4)
    await this.#back()
  }

  readonly #faults: Readonly<Record<SharedFault, (which: number) => Promise<void>>> = {
    kill: async (which) => {
      const server = this.#servers[which]!
      server.running.kill('SIGKILL')
      await server.running.ended
      await delay(between(this.#draw, 0, 2000))
      server.restart()
      await server.serves('eth0')
    },
    pause: async (which) => {
      const { running } = this.#servers[which]!
      running.kill('SIGSTOP')
      await delay(between(this.#draw, 500, 5000))
      running.kill('SIGCONT')
    },
    cut: async (which) => {
      this.#hosts[which]!.down('db')
      await delay(between(this.#draw, 2500, 6000))
      this.#hosts[which]!.up('db')
    },
    'stop-database': async () => {
      await this.#primary.stop()
      await delay(between(this.#draw, 0, 3000))
      await this.#primary.start()
    },
    'kill-database': async () => {
      await this.#primary.kill()
      await delay(between(this.#draw, 0, 3000))
      await this.#primary.start()
    },
    'fail-over': async () => {
      const standby = this.#standby
      if (standby === undefined) return
      this.#standby = undefined
      await this.#primary.kill()
      await standby.promote()
      // There is nobody left to wait for.
      await standby.query('alter system reset synchronous_standby_names')
      await standby.query('select pg_reload_conf()')
      this.#primary = standby
    },
  }

  /** Every server has the database again. */
  async #back(): Promise<void> {
    for (const server of this.#servers) {
      const away = server.lines.findLastIndex(({ id }) => id === 'DATABASE_AWAY')
      if (away >= 0) await server.line('DATABASE_BACK', {}, away)
    }
  }

  async #end(): Promise<SharedResult> {
    const began = performance.now()
    await this.#back()
    const healed = performance.now()
    this.#clients.tell('calm')
    const { violations, acks, served, holdings } = await this.#until(
      (report) => report.served >= CLIENTS,
    )
    const rows = await this.#primary.query(
      `select host('0.0.0.0'::inet + address) || ' ' || encode(hwaddr, 'hex') from whio.kea_lease4
       where state = 0`,
      'dhcp',
    )
    const stored = new Set(rows.split('\n'))
    const missing = holdings
      .filter(({ left }) => left > 0)
      .map(({ address, hw }) => `${address} ${hw.replaceAll(':', '')}`)
      .filter((holding) => !stored.has(holding))
      .map((holding) => `the database does not know of ${holding}`)
    for (const violation of [...violations, ...missing]) this.#say(violation)
    return {
      violations: [...violations, ...missing],
      ...{ acks, served, story: this.#story, faults: this.#counts },
      healedAfter: (healed - began) / 1000,
      servedAfter: (performance.now() - healed) / 1000,
    }
  }

  async #report(): Promise<Report> {
    const from = this.#readTo
    this.#clients.tell('tell')
    for (;;) {
      await this.#clients.lineBehind(this.#readTo)
      const { stdout } = this.#clients
      const end = stdout.lastIndexOf('\n') + 1
      const lines = stdout.slice(from, end).split('\n')
      this.#readTo = end
      const last = lines.findLast((line) => line.startsWith('{'))
      if (last !== undefined) return JSON.parse(last) as Report
    }
  }

  async #until(isTrue: (report: Report) => boolean): Promise<Report> {
    for (;;) {
      const report = await this.#report()
      if (isTrue(report)) return report
      await delay(100)
    }
  }

  #say(text: string): void {
    this.#story.push(`${((performance.now() - this.#began) / 1000).toFixed(1)} s: ${text}`)
  }
}

const ON_FAIL = ['stop-retry-exit', 'serve-retry-exit', 'serve-retry-continue'] as const
