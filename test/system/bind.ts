// BIND with zones that may be updated: on a free port of the loopback, or in a namespace. Its files
// are in a folder of their own, gone when the test ends.
//
//   const bind = await Bind.start(t)                    // or { within: namespace, address }
//   resolver.send(ticket, bind.server('lab'), request, 500)
//   await bind.lines('open.test')                       // ['pc1 1200 A 192.0.2.10', ...]
//   await bind.update('update add static.open.test 300 A 192.0.2.2')
//   await bind.stop(); await bind.start()

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { octetsFromBytes } from '../../lib/bytes/octets.ts'
import type { NameServerPlan, TsigKeyPlan } from '../../lib/config/plan/names-plan.ts'
import { folder } from './daemon.ts'
import type { Namespace, Owner } from './netns.ts'

const run = promisify(execFile)

const SECRET = 'V2hpby10ZXN0LWtleS1mb3ItRE5TLXVwZGF0ZXMtMDE='

/** The one that lab.test and the reverse zone of IPv4 want. */
export const BIND_KEY: TsigKeyPlan = {
  name: 'whio-dhcp',
  algorithm: 'hmac-sha256',
  secret: octetsFromBytes(Buffer.from(SECRET, 'base64')),
  digestBits: 0,
}

/** As in a document, for a kea-dhcp-ddns or Whio. */
export const BIND_KEY_KEA = { name: 'whio-dhcp', algorithm: 'HMAC-SHA256', secret: SECRET }

export const REVERSE4 = '2.0.192.in-addr.arpa'
export const REVERSE6 = '1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'

export interface BindZone {
  /** What stands in its statement beside its file: `allow-update { any; };`. */
  readonly policy: string
  /** Lines of its file, beside SOA and NS. */
  readonly records?: readonly string[]
}

const GRANT = 'update-policy { grant whio-dhcp. zonesub'

/** lab.test and the reverse zone of IPv4 are for who has the key; the others for everybody. */
export const BIND_ZONES: Readonly<Record<string, BindZone>> = {
  'lab.test': { policy: `${GRANT} A AAAA DHCID; };`, records: ['ns A 127.0.0.1'] },
  'open.test': { policy: 'allow-update { any; };', records: ['static A 192.0.2.2'] },
  [REVERSE4]: { policy: `${GRANT} PTR DHCID; };` },
  [REVERSE6]: { policy: 'allow-update { any; };' },
}

export interface BindWish {
  readonly zones?: Readonly<Record<string, BindZone>>
  /** Where it runs; else beside the test. */
  readonly within?: Namespace
  /** Where it listens. */
  readonly address?: string
  /** 0 = a free one. In a namespace 53 unless something else is said. */
  readonly port?: number
  /** More statements. */
  readonly statements?: string
}

export class Bind {
  readonly address: string
  readonly folder: string
  readonly #wish: BindWish
  #port = 0
  #process: ChildProcess | undefined
  #log = ''
  readonly #atExit = (): void => {
    this.#process?.kill('SIGKILL')
  }

  static async start(owner: Owner, wish: BindWish = {}): Promise<Bind> {
    const one = new Bind(folder(owner), wish)
    owner.after(() => one.#remove())
    await one.start()
    return one
  }

  private constructor(at: string, wish: BindWish) {
    this.folder = at
    this.#wish = wish
    this.address = wish.address ?? '127.0.0.1'
    process.once('exit', this.#atExit)
    this.#writeZones()
  }

  get port(): number {
    return this.#port
  }

  /** What it has logged since it was started. */
  get log(): string {
    return this.#log
  }

  server(key?: TsigKeyPlan): NameServerPlan {
    return { address: this.address, port: this.#port, key }
  }

  /** Returns when it answers. What was updated before is there again. */
  async start(): Promise<void> {
    const { within, port = within === undefined ? 0 : 53 } = this.#wish
    for (;;) {
      this.#port ||= port || (await freePort())
      writeFileSync(join(this.folder, 'named.conf'), this.#configuration())
      if (await this.#run()) return
      if (port !== 0 || !/address in use/.test(this.#log))
        throw new Error(`named ended:\n${this.#log}`)
      this.#port = 0
    }
  }

  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGTERM')
    await ended
  }

  /** It stands still: what is sent to it waits, and is answered by nobody. */
  async freeze(): Promise<void> {
    const pid = this.#process?.pid
    if (pid === undefined) return
    process.kill(pid, 'SIGSTOP')
    while (!isStopped(pid)) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  async dig(...words: string[]): Promise<string> {
    const where = [`@${this.address}`, '-p', `${this.#port}`]
    return await this.program('dig', ...where, '+time=30', '+tries=1', ...words)
  }

  /**
   * The records of a zone as lines, sorted: name below the zone (`@` its own), TTL, type and data.
   * Without SOA, NS and what DNSSEC adds.
   */
  async lines(zone: string): Promise<string[]> {
    const text = await this.dig('+noall', '+answer', '+nosplit', zone, 'AXFR')
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith(';'))
    return lines
      .map((line) => line.split(/\s+/))
      .filter(([, , , type]) => !NOT_OURS.has(type!))
      .map(
        ([name, ttl, , type, ...data]) => `${below(name!, zone)} ${ttl} ${type} ${data.join(' ')}`,
      )
      .sort()
  }

  /** The lines of these zones without TTLs and digests, sorted. */
  async bare(...zones: readonly string[]): Promise<string[]> {
    const lines = await Promise.all(zones.map((zone) => this.lines(zone)))
    const bare = (line: string) => line.replace(/ \d+ /, ' ').replace(/(DHCID) .*/, '$1')
    return lines.flat().map(bare).sort()
  }

  /** Lines for nsupdate, signed with the key: `update add pc.lab.test 300 A 192.0.2.7`. */
  async update(...lines: string[]): Promise<void> {
    const file = join(this.folder, 'update')
    writeFileSync(file, [`server ${this.address} ${this.#port}`, ...lines, 'send', ''].join('\n'))
    await this.program('nsupdate', '-y', `hmac-sha256:whio-dhcp:${SECRET}`, file)
  }

  #configuration(): string {
    const { zones = BIND_ZONES, statements = '' } = this.#wish
    const isSix = this.address.includes(':')
    const listen = `port ${this.#port} { ${this.address}; };`
    const all = Object.entries(zones).map(
      ([name, { policy }]) => `zone "${name}" { type primary; file "${fileOf(name)}"; ${policy} };`,
    )
    return `
      key "whio-dhcp." { algorithm hmac-sha256; secret "${SECRET}"; };
      options {
        directory "${this.folder}"; recursion no; notify explicit; dnssec-validation no;
        empty-zones-enable no; pid-file "named.pid"; session-keyfile "session.key";
        listen-on ${isSix ? '{ none; };' : listen} listen-on-v6 ${isSix ? listen : '{ none; };'}
      };
      controls { };
      ${statements}
      ${all.join('\n')}`
  }

  #writeZones(): void {
    for (const [name, { records = [] }] of Object.entries(this.#wish.zones ?? BIND_ZONES)) {
      const head = ['$TTL 300', '@ SOA ns.lab.test. h.lab.test. 1 3600 600 86400 60']
      const text = [...head, '@ NS ns.lab.test.', ...records, ''].join('\n')
      writeFileSync(join(this.folder, fileOf(name)), text)
    }
    mkdirSync(join(this.folder, 'keys'))
  }

  /** False: it has ended before it was there. */
  async #run(): Promise<boolean> {
    const { within } = this.#wish
    const words = ['named', '-g', '-n', '1', '-c', join(this.folder, 'named.conf')]
    const into = within === undefined ? [] : ['ip', 'netns', 'exec', within.name]
    const [program, ...args] = [...into, ...words]
    this.#log = ''
    const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'], env: PLAIN })
    this.#process = child
    child.stderr.setEncoding('utf8')
    return await new Promise<boolean>((resolve, reject) => {
      child.stderr.on('data', (text: string) => {
        this.#log += text
        // Where it cannot listen it goes on without.
        if (/address in use/.test(this.#log)) child.kill('SIGKILL')
        else if (/ running\n/.test(this.#log)) resolve(true)
      })
      child.once('error', reject)
      child.once('close', () => resolve(false))
    })
  }

  async #remove(): Promise<void> {
    this.thaw()
    await this.stop()
    process.removeListener('exit', this.#atExit)
  }

  /** A program of BIND where it runs. */
  async program(name: string, ...args: string[]): Promise<string> {
    const { within } = this.#wish
    const into = within === undefined ? [] : ['ip', 'netns', 'exec', within.name]
    const [program, ...rest] = [...into, name, ...args]
    const { stdout } = await run(program!, rest, { env: PLAIN, maxBuffer: 1 << 26 })
    return stdout
  }
}

const NOT_OURS = new Set([
  'SOA',
  'NS',
  'RRSIG',
  'NSEC',
  'NSEC3',
  'NSEC3PARAM',
  'DNSKEY',
  'CDS',
  'CDNSKEY',
  'TYPE65534',
])

/** Programs of BIND are in folders of administrators. */
const PLAIN = { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: '/' }

/** With all its threads. */
function isStopped(pid: number): boolean {
  const states = readdirSync(`/proc/${pid}/task`).map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'),
  )
  return states.every((stat) => /\) T /.test(stat))
}

function fileOf(zone: string): string {
  return `${zone.replaceAll('/', '-')}.zone`
}

function below(name: string, zone: string): string {
  const bare = name.replace(/\.$/, '')
  return bare === zone ? '@' : bare.slice(0, -(zone.length + 1))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
