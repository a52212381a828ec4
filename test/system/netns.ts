// Network namespaces for system tests: made by root, wired with veth pairs and bridges, gone when
// the test ends. Names carry the pid (`whio-<pid>-<n>-<word>`), so test files may run side by side;
// what a killed run left behind is swept by the next one. Whatever still runs in a namespace is
// killed first.
//
//   const net = network(t)                              // removed after t, and at the end
//   const server = net.namespace('server')
//   const client = net.namespace('client')
//   net.veth(server, 'eth0', client, 'eth0')            // both ends up
//   server.run('ip', 'address', 'add', '192.0.2.1/24', 'dev', 'eth0')
//   const whio = server.node('bin/whio.ts', 'serve', '-c', file)
//   await whio.until(/serving/)

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PATH = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`

/**
 * Why a system test that needs these programs cannot run here, or false: for tap's `skip`. Where
 * the environment says CI=true nothing may be skipped, so the reason is thrown.
 */
export function systemSkip(...programs: string[]): string | false {
  const reason = missing(['ip', ...programs])
  if (reason !== false && process.env.CI === 'true') throw new Error(`CI must not skip: ${reason}`)
  return reason
}

function missing(programs: readonly string[]): string | false {
  if (process.platform !== 'linux') return 'needs Linux network namespaces'
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces'
  const absent = programs.filter(
    (name) => !PATH.split(':').some((at) => existsSync(`${at}/${name}`)),
  )
  if (absent.length > 0) return `needs the program ${absent.join(', ')}`
  try {
    ip('netns', 'add', `whio-${process.pid}-probe`)
    ip('netns', 'delete', `whio-${process.pid}-probe`)
    return false
  } catch (error) {
    return `network namespaces cannot be made here: ${(error as Error).message}`
  }
}

/** How tap, CI and people end a test that does not end. */
const FATAL = ['SIGTERM', 'SIGALRM', 'SIGINT', 'SIGHUP'] as const

/** What a test gives: tap's `t`, or anything else with an end. */
export interface Owner {
  after(end: () => void | Promise<void>): unknown
}

/** A network of the test `owner`, removed after it. Without an owner: when the process ends. */
export function network(owner?: Owner): Network {
  const net = new Network()
  owner?.after(() => net.remove())
  return net
}

export class Network {
  readonly #namespaces: Namespace[] = []
  readonly #atExit = (): void => this.#removeNow()
  /** A test that takes too long is killed by its runner: first everything here goes. */
  readonly #atSignal = (signal: NodeJS.Signals): void => {
    this.#removeNow()
    this.#forget()
    process.kill(process.pid, signal)
  }

  constructor() {
    sweep()
    process.once('exit', this.#atExit)
    for (const signal of FATAL) process.once(signal, this.#atSignal)
  }

  /** A new namespace with `lo` up. `word` only makes its name readable. */
  namespace(word: string): Namespace {
    const namespace = new Namespace(word)
    this.#namespaces.push(namespace)
    return namespace
  }

  /** A veth pair between (or inside) namespaces; both ends are up. */
  veth(a: Namespace, deviceA: string, b: Namespace, deviceB: string): void {
    const peer = ['peer', 'name', deviceB, 'netns', b.name]
    ip('link', 'add', deviceA, 'netns', a.name, 'type', 'veth', ...peer)
    a.up(deviceA)
    b.up(deviceB)
  }

  /** A bridge in a namespace over devices that are already there; up, without learning delays. */
  bridge(namespace: Namespace, device: string, ports: readonly string[]): void {
    namespace.run('ip', 'link', 'add', device, 'type', 'bridge', 'forward_delay', '0')
    for (const port of ports) namespace.run('ip', 'link', 'set', port, 'master', device)
    namespace.up(device)
  }

  /** Kills what runs in the namespaces, removes them, and returns when the children are gone. */
  async remove(): Promise<void> {
    const ends = this.#namespaces.flatMap((namespace) => namespace.children.map((one) => one.ended))
    this.#removeNow()
    this.#forget()
    await Promise.all(ends)
  }

  #forget(): void {
    process.removeListener('exit', this.#atExit)
    for (const signal of FATAL) process.removeListener(signal, this.#atSignal)
  }

  #removeNow(): void {
    for (const namespace of this.#namespaces.splice(0)) namespace.remove()
  }
}

let count = 0

export class Namespace {
  /** As `ip netns` knows it. */
  readonly name: string
  readonly children: Running[] = []

  constructor(word: string) {
    this.name = `whio-${process.pid}-${++count}-${word}`
    ip('netns', 'add', this.name)
    this.up('lo')
  }

  /** Runs a program to its end and returns what it printed; throws, with stderr, when it fails. */
  run(program: string, ...args: string[]): string {
    return execute('ip', ['netns', 'exec', this.name, program, ...args])
  }

  /** Starts a program; it is killed at the end of the test. */
  start(program: string, ...args: string[]): Running {
    const child = spawn('ip', ['netns', 'exec', this.name, program, ...args], {
      cwd: ROOT,
      env: cleanEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const running = new Running(child, `${program} ${args.join(' ')}`)
    this.children.push(running)
    return running
  }

  /**
   * Starts a script of the project (path from the top of the checkout) with the Node of this
   * process.
   */
  node(script: string, ...args: string[]): Running {
    // tap puts its hooks into the environment of every child, also a cleaned one.
    return this.start('env', '-u', 'NODE_OPTIONS', process.execPath, script, ...args)
  }

  up(device: string): void {
    ip('-n', this.name, 'link', 'set', device, 'up')
  }

  down(device: string): void {
    ip('-n', this.name, 'link', 'set', device, 'down')
  }

  /** `address` with its prefix length: `192.0.2.1/24`. */
  addAddress(device: string, address: string): void {
    ip('-n', this.name, 'address', 'add', address, 'broadcast', '+', 'dev', device)
  }

  /** The same for IPv6, `2001:db8::1/64`, without waiting for others that may have it. */
  addAddress6(device: string, address: string): void {
    ip('-n', this.name, 'address', 'add', address, 'dev', device, 'nodad')
  }

  /** The link-local address of a device, as soon as it may be used. */
  async linkLocal(device: string): Promise<string> {
    const wanted = ['address', 'show', 'dev', device, 'scope', 'link', '-tentative']
    for (;;) {
      const found = /inet6 (fe80:\S+)\//.exec(ip('-n', this.name, '-6', ...wanted))
      if (found !== null) return found[1]!
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  removeAddress(device: string, address: string): void {
    ip('-n', this.name, 'address', 'delete', address, 'dev', device)
  }

  /** Hardware address of a device: `02:00:5e:10:00:01`. */
  hwAddress(device: string): string {
    return this.run('cat', `/sys/class/net/${device}/address`).trim()
  }

  /** Kills what still runs here, forked daemons too, and removes the namespace. */
  remove(): void {
    for (const child of this.children) child.kill('SIGKILL')
    removeNamespace(this.name)
  }
}

/** A program that runs in a namespace. */
export class Running {
  readonly pid: number
  /** Everything printed so far. */
  stdout = ''
  stderr = ''
  /** Exit code, or the name of the signal. */
  readonly ended: Promise<number | string>
  readonly #child: ChildProcess
  readonly #what: string
  #result: number | string | undefined
  #watchers: (() => void)[] = []

  constructor(child: ChildProcess, what: string) {
    this.#child = child
    this.#what = what
    this.pid = child.pid ?? 0
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear('stdout', text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#hear('stderr', text))
    child.stdin?.on('error', () => {})
    this.ended = new Promise((resolve) => {
      const end = (result: number | string): void => {
        this.#result ??= result
        this.#wake()
        resolve(result)
      }
      child.once('error', (error) => end(error.message))
      child.once('close', (code, signal) => end(code ?? signal ?? 'unknown'))
    })
  }

  /**
   * The first match of `pattern` in what the program has printed (stdout, then stderr), now or
   * later. Fails when the program ends without it. `from` skips characters of stdout already dealt
   * with.
   */
  async until(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout.slice(from)) ?? pattern.exec(this.stderr)
      if (match !== null) return match
      if (this.#result !== undefined)
        throw new Error(
          `${this.#what}: ended (${this.#result}) before ${pattern}\n${this.stdout}${this.stderr}`,
        )
      await new Promise<void>((resolve) => this.#watchers.push(resolve))
    }
  }

  /** Waits until a line of stdout ends behind `from`; fails when the program ends without one. */
  async lineBehind(from: number): Promise<void> {
    while (!this.stdout.includes('\n', from)) {
      if (this.#result !== undefined)
        throw new Error(
          `${this.#what}: ended (${this.#result})\n${this.stdout.slice(-4000)}${this.stderr}`,
        )
      await new Promise<void>((resolve) => this.#watchers.push(resolve))
    }
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  /** `ip netns exec` replaces itself with the program, so the signal reaches the program itself. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    if (this.#result === undefined) this.#child.kill(signal)
  }

  #hear(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text
    this.#wake()
  }

  #wake(): void {
    for (const watcher of this.#watchers.splice(0)) watcher()
  }
}

/** Children must not inherit the loaders and the bookkeeping of the test runner. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, PATH }
  for (const name of Object.keys(environment))
    if (name === 'NODE_OPTIONS' || /^_?TAP/.test(name)) delete environment[name]
  return environment
}

function ip(...args: string[]): string {
  return execute('ip', args)
}

function execute(program: string, args: readonly string[]): string {
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe']
  const options = { cwd: ROOT, encoding: 'utf8' as const, stdio, env: cleanEnvironment() }
  return execFileSync(program, args, options)
}

/** Removes a namespace of ours and kills, by pid, what runs in it. */
function removeNamespace(name: string): void {
  try {
    for (const pid of ip('netns', 'pids', name).split(/\s+/).filter(Boolean)) killPid(Number(pid))
    ip('netns', 'delete', name)
  } catch {
    // Already gone: somebody removed it by hand, or two ends of one run met.
  }
}

function killPid(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

/**
 * Removes the namespaces of runs that were killed: their pid is in the name, and no longer alive.
 */
function sweep(): void {
  for (const line of ip('netns', 'list').split('\n')) {
    const match = /^(whio-(\d+)-\S+)/.exec(line)
    if (match !== null && !isAlive(Number(match[2]))) removeNamespace(match[1]!)
  }
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`)
}
