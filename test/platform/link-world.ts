// What the tests of the link stand on: plans on loopback, a sink that remembers, raw connections,
// and certificates. Everything opened here is closed at the end of the test, however it ends.

import { execFileSync } from 'node:child_process'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { HaPeer, HaPlan, HaTls } from '../../lib/config/plan/ha-plan.ts'
import { openLink, type WebSocketLink } from '../../lib/platform/link/link.ts'
import type { Patience } from '../../lib/platform/link/settings.ts'
import type { LinkConnection, LinkSink } from '../../lib/ports/link.ts'
import type { Log } from '../../lib/ports/log.ts'

export interface PeerWish {
  /** Of this server; `self` by default. */
  name?: string
  host?: string
  port?: number
  basicAuth?: HaPeer['basicAuth']
  tls?: HaTls | undefined
}

export interface LinkWish {
  own?: PeerWish
  /** The other servers by name. */
  peers?: Record<string, PeerWish>
  requireClientCerts?: boolean
  checksCertificateNames?: boolean
  patience?: Partial<Patience>
}

type Event =
  | { kind: 'opened'; connection: LinkConnection }
  | { kind: 'message'; connection: LinkConnection; message: string | Uint8Array }
  | { kind: 'closed'; connection: LinkConnection; reason: string }
  | { kind: 'dial-failed'; peer: string; failure: string; detail: string }
  | { kind: 'listener'; trouble: string }
  | { kind: 'stranger'; remote: string; why: string }

type Kind = Event['kind']
type Of<K extends Kind> = Extract<Event, { kind: K }>

/** Remembers everything it is told; `next` waits for facts, not for time. */
export class Recorder implements LinkSink {
  readonly events: Event[] = []
  readonly hooks: Partial<LinkSink> = {}
  #taken = new Set<Event>()
  #watchers: (() => void)[] = []

  onLinkOpened(connection: LinkConnection): void {
    this.#add({ kind: 'opened', connection })
    this.hooks.onLinkOpened?.(connection)
  }

  onLinkMessage(connection: LinkConnection, message: string | Uint8Array): void {
    this.#add({ kind: 'message', connection, message })
    this.hooks.onLinkMessage?.(connection, message)
  }

  onLinkClosed(connection: LinkConnection, reason: string): void {
    this.#add({ kind: 'closed', connection, reason })
    this.hooks.onLinkClosed?.(connection, reason)
  }

  onDialFailed(peer: string, failure: string, detail: string): void {
    this.#add({ kind: 'dial-failed', peer, failure, detail })
  }

  onListener(trouble: string): void {
    this.#add({ kind: 'listener', trouble })
  }

  onStranger(remote: string, why: string): void {
    this.#add({ kind: 'stranger', remote, why })
  }

  all<K extends Kind>(kind: K): Of<K>[] {
    return this.events.filter((event): event is Of<K> => event.kind === kind)
  }

  /** The first event of this kind that was not waited for yet. */
  async next<K extends Kind>(kind: K): Promise<Of<K>> {
    for (;;) {
      const event = this.all(kind).find((event) => !this.#taken.has(event))
      if (event !== undefined) {
        this.#taken.add(event)
        return event
      }
      await this.#changed()
    }
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await this.#changed()
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#watchers.push(resolve))
  }

  #add(event: Event): void {
    this.events.push(event)
    for (const watcher of this.#watchers.splice(0)) watcher()
  }
}

export interface LoggedLine {
  id: string
  fields: Record<string, unknown>
}

export interface Place {
  link: WebSocketLink
  sink: Recorder
  lines: LoggedLine[]
  /** Closes the link, once. */
  close(): Promise<void>
}

/** A link that listens (port 0 unless asked for) and knows these peers. */
export async function openPlace(t: Test, wish: LinkWish = {}): Promise<Place> {
  const place = makePlace(t, wish)
  place.link.open(place.sink)
  const { trouble } = await place.sink.next('listener')
  t.equal(trouble, '')
  return place
}

/** The same, not opened. */
export function makePlace(t: Test, wish: LinkWish = {}): Place {
  const lines: LoggedLine[] = []
  const log: Log = {
    enabled: () => true,
    write: (_level, id, _text, fields) => lines.push({ id, fields }),
  }
  const link = openLink({ plan: planOf(wish), log, patience: wish.patience ?? {} })
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= new Promise<void>((resolve) => link.close(resolve))
    return closed
  }
  t.teardown(close)
  return { link, sink: new Recorder(), lines, close }
}

export interface Meeting {
  dialler: Place
  host: Place
  /** As the dialler sees it. */
  there: LinkConnection
  /** As the one that was dialled sees it. */
  here: LinkConnection
}

/** Two links, one of which has dialled the other. */
export async function meet(t: Test, own: LinkWish = {}, other: LinkWish = {}): Promise<Meeting> {
  const host = await openPlace(t, own)
  const dialler = await openPlace(t, {
    ...other,
    peers: { server1: { ...own.own, port: host.link.port } },
  })
  dialler.link.dial('server1')
  const there = (await dialler.sink.next('opened')).connection
  const here = (await host.sink.next('opened')).connection
  return { dialler, host, there, here }
}

export function planOf(wish: LinkWish): HaPlan {
  const { own = {}, peers = {}, requireClientCerts = true, checksCertificateNames = true } = wish
  const thisServer = peerOf(own.name ?? 'self', own)
  return {
    mode: 'load-balancing',
    thisServer,
    partner: undefined,
    peers: [thisServer, ...Object.entries(peers).map(([name, wish]) => peerOf(name, wish))],
    sharesDatabase: false,
    sendLeaseUpdates: true,
    syncLeases: true,
    syncPageLimit: 10_000,
    delayedUpdatesLimit: 0,
    heartbeatDelay: 500,
    maxResponseDelay: 3000,
    maxAckDelay: 3000,
    maxUnackedClients: 0,
    waitBackupAck: false,
    requireClientCerts,
    checksCertificateNames,
    pauses: new Map(),
    whenSilent: 'safe',
    sharesEdits: true,
    reserve: 0.2,
  }
}

function peerOf(name: string, { host = '127.0.0.1', port = 0, basicAuth, tls }: PeerWish): HaPeer {
  const secure = tls !== undefined
  const text = `${secure ? 'https' : 'http'}://${host}:${port}/`
  return {
    name,
    role: 'primary',
    url: { text, host, port, secure },
    autoFailover: true,
    basicAuth,
    tls,
  }
}

/** A TCP connection that is read as latin1 text. */
export class Raw {
  readonly socket: Socket
  text = ''
  closed = false

  constructor(t: Test, port: number, localAddress = '127.0.0.1') {
    this.socket = connect({ host: '127.0.0.1', port, localAddress })
    this.socket.on('error', () => {})
    this.socket.on('data', (bytes) => {
      this.text += bytes.toString('latin1')
    })
    this.socket.on('close', () => {
      this.closed = true
    })
    t.teardown(() => this.socket.destroy())
  }

  /** Everything that came until the other end closed. */
  async rest(): Promise<string> {
    if (!this.closed) await new Promise((resolve) => this.socket.once('close', resolve))
    return this.text
  }

  async until(part: string): Promise<void> {
    while (!this.text.includes(part) && !this.closed)
      await new Promise((resolve) => {
        this.socket.once('data', resolve)
        this.socket.once('close', resolve)
      })
  }

  /** Becomes a WebSocket by hand; frames are then up to the test. */
  async upgrade(headers: readonly string[] = []): Promise<this> {
    this.socket.write(upgradeRequest(headers))
    await this.until('\r\n\r\n')
    return this
  }
}

export function upgradeRequest(headers: readonly string[] = []): string {
  return [
    'GET / HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: whio.1',
    ...headers,
    '\r\n',
  ].join('\r\n')
}

/** RFC 6455 §5.2, masked with zeros; `length` may lie. */
export function frame(first: number, payload: Buffer, length = payload.length): Buffer {
  const head = Buffer.alloc(14)
  head[0] = first
  head[1] = 0x80 | 127
  head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

/** A TCP server that does with its connections what the test says. */
export async function rawServer(t: Test, onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

/** A port of loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

const MAKE = join(import.meta.dirname, '../../examples/ha/make-certificates.sh')

/** Runs the example; gives what it prints. */
export function makeCertificates(folder: string, ...servers: string[]): string {
  return execFileSync(MAKE, [folder, ...servers], { encoding: 'utf8' })
}

export function tlsOf(folder: string, name: string): HaTls {
  return {
    trustAnchor: join(folder, 'ca.crt'),
    certFile: join(folder, `${name}.crt`),
    keyFile: join(folder, `${name}.key`),
  }
}

export function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' })
}
