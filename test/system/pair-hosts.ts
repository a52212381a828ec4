// Two hosts with a server each, and where their clients are: a network for DHCP and one for the
// link between the servers, each a bridge that can be taken apart. The load of pair-load.ts, and
// what must be true of every ACK that it heard.
//
//   host1 ── dhcp ┐                  ┌ dhcp ── host2
//                 ├ bridge `lan` ────┤               10.77.0.0/16: host1 .1, host2 .2, relay .9
//         clients ┘   visitor ───────┘
//   host1 ── ha ─── bridge `cable` ─── ha ── host2   10.78.0.0/24: .1, .2
//
// With a backup there is a host3, wired as the others are.

import { mkdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { Test } from 'tap'
import { Daemon, type LeaseRow, type LogLine, leasesLeftIn } from './daemon.ts'
import { type Namespace, type Network, network, type Owner, type Running } from './netns.ts'

export const SERVERS = ['10.77.0.1', '10.77.0.2'] as const
const RELAY = '10.77.0.9'

export type Which = 0 | 1

/** 2: the backup. */
export type Host = Which | 2

export interface Ack {
  readonly ack: string
  readonly hw: string
  /** The address of the server. */
  readonly from: string
  readonly isNew: boolean
  /** Date.now() of its arrival. */
  readonly at: number
  /** Milliseconds since the exchange began. */
  readonly waited: number
}

export interface PairOptions {
  readonly mode: Mode
  /** More keys of the high-availability map, for one of the hosts. */
  readonly ha?: (host: Host) => object
  /** More keys of each peer. */
  readonly peer?: (which: Host, host: Host) => object
  readonly isSecure?: boolean
  /** A third host has a backup of the two. */
  readonly hasBackup?: boolean
  /** A command that runs the server of a host behind it. */
  readonly prefix?: (host: Host) => readonly string[]
}

export type Mode = 'load-balancing' | 'hot-standby' | 'passive-backup'

const SECOND_ROLE = {
  'load-balancing': 'secondary',
  'hot-standby': 'standby',
  'passive-backup': 'backup',
} as const

export class PairHosts {
  readonly net: Network
  readonly at: string
  readonly hosts: readonly Namespace[]
  readonly clients: Namespace
  readonly visitor: Namespace
  readonly options: PairOptions
  readonly servers: Daemon[] = []

  /** `owner`: whose end is the end of the network. */
  constructor(owner: Owner, at: string, options: PairOptions) {
    this.at = at
    this.options = options
    const net = network(owner)
    this.net = net
    const names = ['host1', 'host2', ...(options.hasBackup ? ['host3'] : [])]
    this.hosts = names.map((name) => net.namespace(name))
    this.clients = net.namespace('clients')
    this.visitor = net.namespace('visitor')
    for (const [index, host] of this.hosts.entries()) {
      net.veth(this.clients, `dhcp${index}`, host, 'dhcp')
      net.veth(this.clients, `ha${index}`, host, 'ha')
      host.addAddress('dhcp', `10.77.0.${index + 1}/16`)
      host.addAddress('ha', `10.78.0.${index + 1}/24`)
    }
    net.veth(this.clients, 'visitor', this.visitor, 'eth0')
    const ports = (word: string) => names.map((_, index) => `${word}${index}`)
    net.bridge(this.clients, 'lan', [...ports('dhcp'), 'visitor'])
    net.bridge(this.clients, 'cable', ports('ha'))
    this.clients.addAddress('lan', `${RELAY}/16`)
    for (const name of names) mkdirSync(`${at}/${name}`)
  }

  /** What the configuration file of a host says. */
  dhcp4(host: Host, options = this.options) {
    const { mode, ha, peer, isSecure = false } = options
    const peers = this.hosts
      .map((_, index) => index as Host)
      .map((which) => ({
        name: `server${which + 1}`,
        role: which === 0 ? 'primary' : which === 1 ? SECOND_ROLE[mode] : 'backup',
        url: `${isSecure ? 'https' : 'http'}://10.78.0.${which + 1}:8000/`,
        ...peer?.(which, host),
      }))
    const parameters = { 'high-availability': [{ mode, peers, ...ha?.(host) }] }
    return {
      'interfaces-config': { interfaces: ['dhcp'] },
      loggers: [{ name: 'kea-dhcp4', severity: 'INFO', 'output-options': [{ output: 'stdout' }] }],
      'valid-lifetime': 86400,
      subnet4: [{ id: 1, subnet: '10.77.0.0/16', pools: [{ pool: '10.77.1.0 - 10.77.255.250' }] }],
      'hooks-libraries': [{ library: 'libdhcp_ha.so', parameters }],
    }
  }

  /** Writes the configuration of a host, whose server is not started yet. */
  prepare(host: Host, options = this.options): Daemon {
    const [at, dhcp4] = [`${this.at}/host${host + 1}`, this.dhcp4(host, options)]
    const prefix = options.prefix?.(host) ?? []
    const daemon = new Daemon(this.hosts[host]!, at, dhcp4, prefix, true)
    this.servers[host] = daemon
    return daemon
  }

  /** Switches on the server of a host with a new configuration. */
  launch(host: Host, options = this.options): Daemon {
    const daemon = this.prepare(host, options)
    daemon.restart()
    return daemon
  }

  server(host: Host): Daemon {
    return this.servers[host]!
  }

  /** The state in which the servers work together. */
  get normal(): string {
    return this.options.mode
  }

  /** Both are in the normal state, as the lines from these marks on say. */
  async areNormal(marks: readonly [number, number] = [0, 0]): Promise<void> {
    for (const host of [0, 1] as const) await this.enters(host, this.normal, marks[host])
  }

  async enters(host: Host, state: string, mark = 0): Promise<LogLine> {
    return await this.server(host).line('HA_STATE_TRANSITION', { to: state }, mark)
  }

  get marks(): [number, number] {
    return [this.server(0).mark, this.server(1).mark]
  }

  /** Kills one and waits for its end. */
  async kill(host: Host): Promise<void> {
    const { running } = this.server(host)
    running.kill('SIGKILL')
    await running.ended
  }

  /** Takes a host off the bridge of the link, so that nothing arrives and nobody is told. */
  cutCable(): void {
    this.clients.run('ip', 'link', 'set', 'ha1', 'nomaster')
  }

  mendCable(): void {
    this.clients.run('ip', 'link', 'set', 'ha1', 'master', 'cable')
  }

  /**
   * What comes over the link to a host is dropped there without a word, as by its firewall: all of
   * it, or what comes to a TCP port. What the host itself sends arrives.
   */
  deafen(host: Host, port?: number): void {
    this.hosts[host]!.run('ip', 'xfrm', 'policy', 'add', ...inbound(port), 'action', 'block')
  }

  undeafen(host: Host, port?: number): void {
    this.hosts[host]!.run('ip', 'xfrm', 'policy', 'delete', ...inbound(port))
  }

  /**
   * Packets of more than 300 bytes are lost between the hosts without a word, as where ICMP is
   * forbidden: signs of life arrive, a hello or rows do not.
   */
  narrowCable(isNarrow: boolean): void {
    for (const [index, host] of this.hosts.entries()) {
      // The kernel would pass long ones on unseen, for the card to cut.
      host.run('ip', 'link', 'set', 'ha', 'gso_max_segs', '1')
      this.clients.run('ip', 'link', 'set', `ha${index}`, 'mtu', isNarrow ? '300' : '1500')
    }
  }

  /** A host answers everything that comes over the link as a firewall that rejects: with ICMP. */
  forbid(host: Host): void {
    const namespace = this.hosts[host]!
    // Only routers say it by ICMP.
    namespace.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
    // The rule for its own addresses comes first otherwise.
    namespace.run('ip', 'rule', 'add', 'pref', '20', 'lookup', 'local')
    namespace.run('ip', 'rule', 'delete', 'pref', '0')
    namespace.run('ip', 'rule', 'add', 'pref', '10', 'iif', 'ha', 'prohibit')
  }

  permit(host: Host): void {
    this.hosts[host]!.run('ip', 'rule', 'delete', 'pref', '10')
  }

  /** Both interfaces of a host go down, or come up. */
  plug(host: Host, isIn: boolean): void {
    const namespace = this.hosts[host]!
    for (const device of ['dhcp', 'ha']) {
      if (isIn) namespace.up(device)
      else namespace.down(device)
    }
  }

  /** What a dead server has left in its journal. */
  leftBehind(host: Host): LeaseRow[] {
    return leasesLeftIn(this.server(host).journalFile, `${this.at}/host${host + 1}`)
  }

  /** Waits until the two journals say the same; returns what differs, if it does not end. */
  async differences(family: 4 | 6 = 4): Promise<string[]> {
    let found: string[] = []
    const rows = (host: Host) => rowsOf(this.server(host).journalFile, family)
    for (let round = 0; round < 1800; round++) {
      found = difference(rows(0), rows(1))
      if (found.length === 0) return []
      await delay(100)
    }
    return found.slice(0, 10)
  }

  /** Everything that must hold whenever both are up, and nobody asks any more. */
  async audit(t: Test, load: Load): Promise<void> {
    t.same(await this.differences(), [], 'the tables of the two journals are equal')
    for (const host of [0, 1] as const) {
      t.same(missing(load.acks, this.server(host).leases()), [], `server${host + 1} has every ACK`)
      t.notOk(this.server(host).wrote('INTERNAL_ERROR'))
      t.notOk(this.server(host).wrote(/^HA_(LEASE_CONFLICT|ALARM|OVER_EARLY|CONFIG_DIFFERS)$/))
    }
    t.same(conflicts(load.acks), [], 'no address was given to two clients, no client moved')
    t.same(load.refusals, [])
  }
}

/** Selector of a policy for packets that come in over the link. */
function inbound(port: number | undefined): string[] {
  const ports = port === undefined ? [] : ['proto', 'tcp', 'dport', `${port}`]
  return ['dir', 'in', 'src', '10.78.0.0/24', 'dst', '10.78.0.0/24', ...ports]
}

/** The relay of pair-load.ts with its clients. */
export class Load {
  readonly acks: Ack[] = []
  readonly refusals: unknown[] = []
  readonly #running: Running
  #settled = 0
  #parsedTo = 0

  private constructor(running: Running) {
    this.#running = running
  }

  static async start(where: Namespace): Promise<Load> {
    const running = where.node('test/system/pair-load.ts', RELAY, ...SERVERS)
    await running.until(/ready/)
    return new Load(running)
  }

  go(): void {
    this.#running.tell('go')
  }

  /**
   * All have their answer, and nobody begins any more: but those who begin or renew by this word.
   */
  async settle(how: 'settle' | 'renew' | `renew ${number}` | `begin ${number}` = 'settle') {
    const before = this.#settled
    this.#running.tell(how)
    await this.#until(() => this.#settled > before)
  }

  get mark(): number {
    this.#parse()
    return this.acks.length
  }

  /** Waits for so many more ACKs, from `mark` on, that a server gave; returns the first of them. */
  async heard(count: number, from: Which | 'any', mark: number, isNew?: boolean): Promise<Ack> {
    const wanted = (ack: Ack) =>
      (from === 'any' || ack.from === SERVERS[from]) && (isNew === undefined || ack.isNew === isNew)
    let seen = mark
    let left = count
    let first: Ack | undefined
    await this.#until(() => {
      for (; seen < this.acks.length; seen++) {
        if (!wanted(this.acks[seen]!)) continue
        first ??= this.acks[seen]
        left--
      }
      return left <= 0
    })
    return first!
  }

  async #until(isDone: () => boolean): Promise<void> {
    this.#parse()
    while (!isDone()) {
      await this.#running.lineBehind(this.#parsedTo)
      this.#parse()
    }
  }

  #parse(): void {
    const { stdout } = this.#running
    const end = stdout.lastIndexOf('\n') + 1
    if (end <= this.#parsedTo) return
    for (const text of stdout.slice(this.#parsedTo, end).split('\n')) {
      const line = text === '' ? '' : JSON.parse(text)
      if (line.ack !== undefined) this.acks.push(line)
      if (line.refused !== undefined) this.refusals.push(line)
      if (line.settled !== undefined) this.#settled++
    }
    this.#parsedTo = end
  }
}

/** The ACKs, of all or of one server, that are not in a journal as they were given. */
export function missing(acks: readonly Ack[], rows: readonly LeaseRow[], from?: string): Ack[] {
  const holders = new Map(rows.map((row) => [row.address, row]))
  return acks.filter(({ ack, hw, from: server }) => {
    if (from !== undefined && server !== from) return false
    const row = holders.get(ack)
    return row?.hw_address !== hw || row.state !== 'assigned'
  })
}

/**
 * ACKs that give an address to a second client, or a client a second address: no lease ends in a
 * test.
 */
export function conflicts(acks: readonly Ack[]): Ack[] {
  const holders = new Map<string, string>()
  const addresses = new Map<string, string>()
  return acks.filter(({ ack, hw }) => {
    const holder = holders.get(ack) ?? hw
    const address = addresses.get(hw) ?? ack
    holders.set(ack, holder)
    addresses.set(hw, address)
    return holder !== hw || address !== ack
  })
}

/** The longest that a client waited that was under way at a time or began later; for people. */
export function longestWait(acks: readonly Ack[], time: number): string {
  const waits = acks
    .filter(({ at }) => at > time)
    .map(({ at, waited }) => {
      // What it had waited before does not count: it may have been one without a server until then.
      return Math.min(waited, at - time)
    })
  return `${Math.max(0, ...waits)} ms`
}

interface Row {
  readonly address: number | string
  /** What must be the same on both. */
  readonly content: string
  readonly gave: number
  readonly got: number
}

function rowsOf(file: string, family: 4 | 6 = 4): Map<number | string, Row> {
  const db = new Database(file, { fileMustExist: true, readonly: true })
  try {
    const content = ['state', 'subnet_id', 'hex(hwaddr)', 'hex(client_id)', 'valid_lifetime']
      .map((column) => `coalesce(${column}, '')`)
      .join(` || ' ' || `)
    const from = family === 4 ? 'address, %s FROM lease4' : 'hex(key) AS address, %s FROM lease6'
    const columns = from.replace('%s', `${content} AS content, gave, got`)
    const rows = db.prepare(`SELECT ${columns}`).all()
    return new Map((rows as Row[]).map((row) => [row.address, row]))
  } finally {
    db.close()
  }
}

/** Whether two journals hold the same leases; the keys are between the two servers of a pair. */
export function sameLeases(one: string, other: string): boolean {
  const [rows, others] = [rowsOf(one), rowsOf(other)]
  return (
    rows.size === others.size &&
    [...rows].every(([address, row]) => others.get(address)?.content === row.content)
  )
}

/** Where two tables do not say the same: a key that one gave, the other must have got. */
type Rows = ReadonlyMap<number | string, Row>

function difference(one: Rows, other: Rows): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((address) => {
    const [a, b] = [one.get(address), other.get(address)]
    const isSame = a?.content === b?.content && a?.gave === b?.got && a?.got === b?.gave
    return isSame ? [] : [`${JSON.stringify(a)} ${JSON.stringify(b)}`]
  })
}

/**
 * Certificates as a pair's administrator makes them: ca.crt, serverN.crt, serverN.key in a folder.
 */
export function makeCertificates(
  where: Namespace,
  folder: string,
  names = ['server1=10.78.0.1', 'server2=10.78.0.2'],
): void {
  where.run('sh', 'examples/ha/make-certificates.sh', folder, ...names)
}

/** The keys of TLS for a host whose files are in a folder. */
export function tlsKeys(folder: string, host: Host): object {
  return {
    'trust-anchor': `${folder}/ca.crt`,
    'cert-file': `${folder}/server${host + 1}.crt`,
    'key-file': `${folder}/server${host + 1}.key`,
  }
}
