// The DHCP clients of Debian, each behind the same few verbs. All run client-script.sh at their
// events instead of a script that would configure the host: it prints a line for each event and
// sets the address of the interface, nothing else. `ip netns exec` gives each command a mount
// namespace of its own: /etc is made read-only there, so that not even a client that runs its usual
// script can change the host's resolv.conf. Files they keep are in a folder of the test; dhcpcd,
// which has fixed places, gets file systems of its own there.

import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Namespace, Running } from './netns.ts'

const SCRIPT = fileURLToPath(new URL('client-script.sh', import.meta.url))

/** Runs the command behind it where /etc cannot be written. */
const SEALED = [
  'sh',
  '-c',
  'mount --bind /etc /etc && mount -o remount,bind,ro /etc && exec "$@"',
  'sealed',
] as const

/** What a client told its script. Lists are separated by spaces. */
export interface ClientEvent {
  readonly reason: string
  readonly ip: string
  readonly mask: string
  readonly router: string
  readonly dns: string
  readonly lease: string
  readonly server: string
  /** Fields of the message: file, siaddr. */
  readonly file: string
  readonly next: string
  /** Options 66, 67, 60 and 43. */
  readonly tftp: string
  readonly bootfile: string
  readonly class: string
  readonly spaces: string
  /** Option 12. */
  readonly name: string
}

export abstract class Client {
  readonly where: Namespace
  readonly device = 'eth0'
  running: Running | undefined
  #heardTo = 0

  constructor(where: Namespace) {
    this.where = where
  }

  /** Switches the client on and waits for its lease. */
  abstract bind(): Promise<ClientEvent>

  /** Makes it renew its lease, and waits. */
  abstract renew(): Promise<ClientEvent>

  /** Makes it give its lease back, and waits until it has. */
  abstract release(): Promise<void>

  /** Makes it renew no more by itself for a while. */
  async calm(): Promise<void> {}

  /** Whether `address` is configured on its interface. */
  holds(address: string): boolean {
    const shown = this.where.run('ip', '-4', '-o', 'address', 'show', 'dev', this.device)
    return shown.includes(` ${address}/`)
  }

  /** Waits for the next event with this reason; those before it are passed over. */
  async event(reason: RegExp): Promise<ClientEvent> {
    const { running } = this
    if (running === undefined) throw new Error('the client is not running')
    for (;;) {
      const match = await running.until(/EVENT (\S+) (.*);\n/, this.#heardTo)
      this.#heardTo += match.index + match[0].length
      const fields = match[2]!.matchAll(/(\w+)=(.*?)(?= \w+=|$)/g)
      const event = Object.fromEntries([...fields].map(([, name, value]) => [name!, value!]))
      if (reason.test(match[1]!))
        return { reason: match[1]!, ...event } as Record<string, string> & ClientEvent
    }
  }

  /** Ends it without a word to the server, as a power cut would. */
  async cut(): Promise<void> {
    this.running?.kill('SIGKILL')
    await this.running?.ended
  }

  protected launch(program: string, ...args: string[]): void {
    this.#heardTo = 0
    this.running = this.where.start(...SEALED, program, ...args)
  }
}

/** BusyBox. Asks for unicast replies unless it is told `-B`. */
export class Udhcpc extends Client {
  readonly #args: readonly string[]

  constructor(where: Namespace, ...args: string[]) {
    super(where)
    this.#args = args
  }

  async bind(): Promise<ClientEvent> {
    if (this.running === undefined)
      this.launch('udhcpc', '-f', '-t', '20', '-i', this.device, '-s', SCRIPT, ...this.#args)
    // After a release it waits to be told.
    else this.running.kill('SIGUSR1')
    return await this.event(/^bound$/)
  }

  async renew(): Promise<ClientEvent> {
    this.running?.kill('SIGUSR1')
    return await this.event(/^renew$/)
  }

  async release(): Promise<void> {
    this.running?.kill('SIGUSR2')
    await this.event(/^deconfig$/)
  }
}

/**
 * ISC's client. It cannot be told to renew, so here it does every two seconds until it is calmed.
 */
export class Dhclient extends Client {
  readonly #at: string
  readonly #config: string

  /** Keeps its files in the folder `at`. `config` is text of a dhclient.conf. */
  constructor(where: Namespace, at: string, config = '') {
    super(where)
    this.#at = at
    this.#config = config
    this.#configure('supersede dhcp-renewal-time 2;')
  }

  /** Where it keeps what it knows of its leases. */
  get leaseFile(): string {
    return `${this.#at}/dhclient.leases`
  }

  /** The reason is REBOOT when a lease in its file was still good. */
  async bind(): Promise<ClientEvent> {
    rmSync(`${this.#at}/dhclient.pid`, { force: true })
    this.launch('dhclient', '-d', ...this.#options())
    const event = await this.event(/^(BOUND|REBOOT)$/)
    // Its file is written after the event and before this line.
    await this.running?.until(/bound to .* renewal in/)
    return event
  }

  async renew(): Promise<ClientEvent> {
    return await this.event(/^RENEW$/)
  }

  /** Starts it again with the lease it has. */
  override async calm(): Promise<void> {
    await this.cut()
    this.#configure('')
    await this.bind()
  }

  /** It remembers nothing afterwards: what it gets next is what the server remembers. */
  async release(): Promise<void> {
    this.where.run(...SEALED, 'dhclient', '-r', ...this.#options())
    await this.running?.ended
    rmSync(this.leaseFile)
  }

  #configure(more: string): void {
    writeFileSync(`${this.#at}/dhclient.conf`, `${this.#config}\n${more}\n`)
  }

  #options(): string[] {
    const files = ['leases', 'pid', 'conf'].flatMap((kind) => [
      `-${kind[0]}f`,
      `${this.#at}/dhclient.${kind}`,
    ])
    return ['-4', '-sf', SCRIPT, '-e', 'CLIENT_PROGRAM=dhclient', ...files, this.device]
  }
}

const DHCPCD = ['-4', '--noarp', '--nodelay', '-f', '/dev/null', '-c', SCRIPT]

/** Roy Marples's client. It sets the address itself, and forgets everything when it ends. */
export class Dhcpcd extends Client {
  readonly #args: readonly string[]

  constructor(where: Namespace, ...args: string[]) {
    super(where)
    this.#args = args
  }

  async bind(): Promise<ClientEvent> {
    const own = 'mount -t tmpfs none /run && mount -t tmpfs none /var/lib/dhcpcd'
    const script = `${own} && exec dhcpcd -B "$@"`
    this.launch('sh', '-c', script, 'dhcpcd', ...DHCPCD, ...this.#args, this.device)
    return await this.event(/^BOUND$/)
  }

  async renew(): Promise<ClientEvent> {
    this.#tell('-N')
    return await this.event(/^RENEW$/)
  }

  /** What `dhcpcd -n` does: asks everybody, by broadcast. */
  async rebind(): Promise<ClientEvent> {
    this.#tell('-n')
    return await this.event(/^(REBIND|RENEW|REBOOT)$/)
  }

  async release(): Promise<void> {
    this.#tell('-k')
    await this.running?.ended
  }

  /** Its control socket is in the file system of its own. What is told replaces its options. */
  #tell(option: string): void {
    const inside = ['--target', `${this.running?.pid}`, '--mount']
    const words = [...DHCPCD, ...this.#args, this.device]
    this.where.run('nsenter', ...inside, 'dhcpcd', option, ...words)
  }
}
