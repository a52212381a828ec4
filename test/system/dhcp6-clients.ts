// The DHCPv6 clients of Debian behind the verbs of dhcp-clients.ts, each where it cannot write what
// the host has. They run client-script6.sh at their events.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Namespace, Running } from './netns.ts'

const SCRIPT = fileURLToPath(new URL('client-script6.sh', import.meta.url))

/** Runs the command behind it with folders of its own, and where /etc cannot be written. */
const SEALED = [
  'sh',
  '-c',
  'mount --bind /etc /etc && mount -o remount,bind,ro /etc && for at in /run /var/lib/dhcpcd /var/lib/dhcpv6; do mount -t tmpfs none $at; done; exec "$@"',
  'sealed',
] as const

/** What a client told its script. */
export interface ClientEvent6 {
  readonly reason: string
  readonly ip: string
  /** With its length. */
  readonly prefix: string
  readonly dns: string
}

export abstract class Client6 {
  readonly where: Namespace
  readonly device = 'eth0'
  running: Running | undefined
  #heardTo = 0

  constructor(where: Namespace) {
    this.where = where
  }

  /** Whether the address is configured on the interface. */
  holds(address: string, device: string = this.device): boolean {
    const shown = this.where.run('ip', '-6', '-o', 'address', 'show', 'dev', device)
    return shown.includes(` ${address}/`)
  }

  /** Waits for the next event with this reason; those before it are passed over. */
  async event(reason: RegExp): Promise<ClientEvent6> {
    const { running } = this
    if (running === undefined) throw new Error('the client is not running')
    for (;;) {
      const match = await running.until(
        /EVENT (\S+) ip=(.*?) prefix=(.*?) dns=(.*?);\n/,
        this.#heardTo,
      )
      this.#heardTo += match.index + match[0].length
      const [, why = '', ip = '', prefix = '', dns = ''] = match
      if (reason.test(why)) return { reason: why, ip, prefix, dns }
    }
  }

  /** Ends it without a word to the server, as a power cut would. */
  async cut(): Promise<void> {
    this.running?.kill('SIGKILL')
    await this.running?.ended
  }

  protected launch(...command: string[]): void {
    this.#heardTo = 0
    this.running = this.where.start(...SEALED, ...command)
  }
}

/** ISC's client: `-N` for an address, `-P` for a prefix, in `wishes`. */
export class Dhclient6 extends Client6 {
  readonly #at: string
  readonly #wishes: readonly string[]

  /** Keeps its files in the folder `at`. */
  constructor(where: Namespace, at: string, ...wishes: string[]) {
    super(where)
    this.#at = at
    this.#wishes = wishes
    writeFileSync(`${at}/dhclient6.conf`, '')
  }

  /** With a lease in its file it asks whether that still fits: CONFIRM, or REBIND for a prefix. */
  start(): void {
    rmSync(`${this.#at}/dhclient6.pid`, { force: true })
    this.launch('dhclient', '-6', '-d', ...this.#wishes, ...this.#options())
  }

  async bind(): Promise<ClientEvent6> {
    this.start()
    const event = await this.event(/^(BOUND6|REBIND6)$/)
    // Its file is written after the event and before this line.
    await this.running?.until(/PRC: Expiration scheduled/)
    return event
  }

  /** It remembers nothing afterwards: what it gets next is what the server remembers. */
  async release(): Promise<void> {
    await this.cut()
    this.where.run(...SEALED, 'dhclient', '-6', '-r', ...this.#wishes, ...this.#options())
    rmSync(`${this.#at}/dhclient6.leases`)
  }

  #options(): string[] {
    const files = ['leases', 'pid', 'conf'].flatMap((kind) => [
      `-${kind[0]}f`,
      `${this.#at}/dhclient6.${kind}`,
    ])
    return ['-sf', SCRIPT, '-D', 'LL', '-e', 'CLIENT_PROGRAM=dhclient', ...files, this.device]
  }
}

/**
 * Roy Marples's client: an address, and a prefix for its second interface, if `hasLan`. `asks`: for
 * what it asks beside resolvers. `leases`: the lines that say what it wants, if not these.
 */
export class Dhcpcd6 extends Client6 {
  readonly #config: string

  constructor(
    where: Namespace,
    at: string,
    hasLan: boolean,
    asks = '',
    leases: readonly string[] = hasLan ? ['ia_na 1', 'ia_pd 2 lan0/0/64'] : ['ia_na 1'],
  ) {
    super(where)
    this.#config = `${at}/dhcpcd.conf`
    const lines = ['noipv6rs', 'duid', 'interface eth0', 'ipv6', ...leases]
    const option = `option dhcp6_name_servers ${asks}`
    writeFileSync(this.#config, `${[option, ...lines].join('\n')}\n`)
  }

  async bind(): Promise<ClientEvent6> {
    this.start()
    return await this.event(/^BOUND6$/)
  }

  start(): void {
    this.launch('dhcpcd', '-B', ...this.#words())
  }

  async renew(): Promise<ClientEvent6> {
    this.#tell('-N')
    return await this.event(/^RENEW6$/)
  }

  async release(): Promise<void> {
    this.#tell('-k')
    await this.running?.ended
  }

  #words(): string[] {
    return ['-6', '--nodelay', '-f', this.#config, '-c', SCRIPT, this.device]
  }

  /** Its control socket is in the file system of its own. */
  #tell(option: string): void {
    const inside = ['--target', `${this.running?.pid}`, '--mount']
    this.where.run('nsenter', ...inside, 'dhcpcd', option, ...this.#words())
  }
}

/** KAME's client, of which OPNsense has another branch: a prefix, laid on its second interface. */
export class WideDhcp6c extends Client6 {
  readonly #at: string

  constructor(where: Namespace, at: string) {
    super(where)
    this.#at = at
    const text = `interface eth0 { send ia-pd 7; };
id-assoc pd 7 { prefix-interface lan0 { sla-id 1; sla-len 8; ifid 1; }; };
`
    writeFileSync(`${at}/dhcp6c.conf`, text)
  }

  start(): void {
    const files = ['-c', `${this.#at}/dhcp6c.conf`, '-p', `${this.#at}/dhcp6c.pid`]
    this.launch('dhcp6c', '-f', '-D', ...files, this.device)
  }

  async bind(): Promise<void> {
    this.start()
    await this.running!.until(/add an address (\S+) on lan0/)
  }

  /** It gives everything back when it is ended in good order. */
  async release(): Promise<void> {
    this.running?.kill('SIGTERM')
    await this.running?.ended
  }
}

/** A folder of a client: what it keeps goes when it has ended. */
export function inside(at: string, word: string): string {
  const path = join(at, word)
  mkdirSync(path)
  return path
}

/** For the prefix that the host gets. */
export function secondInterface(where: Namespace): void {
  where.run('ip', 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan1')
  where.up('lan0')
  where.up('lan1')
}
