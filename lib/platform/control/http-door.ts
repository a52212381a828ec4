// A door of HTTP, with TLS or without: connections, how many, and what is known of them before they
// say anything. What they may say is for http-app.ts.

import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import type { DoorPlan, HttpDoorPlan } from '../../config/plan/control-plan.ts'
import type { Millis } from '../../time/units.ts'
import { plainAddress, remoteText } from '../link/address.ts'
import { certificateNames } from '../link/certificate.ts'
import { TlsFiles, type TlsMaterial } from '../link/tls.ts'
import type { House } from './desk.ts'
import type { Door, DoorEvents } from './door.ts'
import { Handshakes } from './handshakes.ts'
import { type AppDoor, badTarget, httpApp } from './http-app.ts'
import { type GuestTimes, HttpGuest } from './http-guest.ts'
import { IDLE, PATIENCE } from './settings.ts'
import type { Slices } from './slices.ts'

/** Beyond so many the one that has waited longest goes. */
const GUESTS_MAX = 256
/** Certificate files are looked at whenever somebody comes. */
const FILES_EVERY: Millis = 0
/** Of the head of a request. */
const HEAD_MAX = 16 * 1024

export class HttpDoor implements Door, AppDoor {
  readonly #house: () => House
  readonly slices: Slices
  readonly #events: DoorEvents
  readonly #times: GuestTimes
  readonly #http: HttpServer
  readonly #guests = new Set<HttpGuest>()
  readonly #handshakes: Handshakes
  /** Ends of the answers that have none of their own. */
  readonly #streams = new Set<() => void>()
  #plan: HttpDoorPlan
  #rules: string
  #rights = 0
  #server: Server | undefined
  #tls: TlsServer | undefined
  #files: TlsFiles | undefined
  #material: TlsMaterial | undefined
  #tlsWishes = ''
  #isClosed = false

  constructor(
    plan: HttpDoorPlan,
    house: () => House,
    slices: Slices,
    events: DoorEvents,
    times: GuestTimes = { patience: PATIENCE, idle: IDLE },
  ) {
    this.#plan = plan
    this.#house = house
    this.#rules = this.#rulesNow()
    this.slices = slices
    this.#events = events
    this.#times = times
    this.#http = this.#reader()
    this.#handshakes = new Handshakes(slices, times.patience, (socket) =>
      this.#welcome(socket, certificateNames(socket)),
    )
  }

  get plan(): HttpDoorPlan {
    return this.#plan
  }

  get house(): House {
    return this.#house()
  }

  get rights(): number {
    return this.#rights
  }

  get name(): string {
    const { address, port, tls } = this.#plan
    const host = address.includes(':') ? `[${address}]` : address
    return `${tls === undefined ? 'http' : 'https'}://${host}:${this.port || port}`
  }

  /** The bound port; 0 while there is none. */
  get port(): number {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port ?? 0
  }

  get isAnswering(): boolean {
    return [...this.#guests].some(({ isBusy }) => isBusy)
  }

  async open(): Promise<void> {
    const { address, port } = this.#plan
    this.#tls = this.#tlsServer()
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      this.#admit(socket),
    )
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: address, port, exclusive: true }, resolve)
    })
    if (this.#isClosed) {
      server.close()
      return
    }
    this.#server = server
    server.on('error', ({ message }) => this.#events.onTrouble(message))
  }

  /** The socket stays, and so do those who are in; who follows something has to ask again. */
  use(plan: DoorPlan): void {
    if (plan.kind !== 'http') return
    this.#plan = plan
    const rules = this.#rulesNow()
    if (rules !== this.#rules) this.#endStreams()
    this.#rules = rules
    // Each edit of the configuration comes here, and most of them concern nobody's certificate.
    if (this.#server === undefined || this.#wishes() === this.#tlsWishes) return
    try {
      this.#tls = this.#tlsServer()
    } catch (error) {
      // Who comes is shown the former certificate.
      this.#events.onTrouble((error as Error).message)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#server?.close()
    this.#server = undefined
    this.#handshakes.close()
    // Nobody would wait for an answer that has no end.
    this.#endStreams()
    for (const guest of this.#guests) guest.leave()
  }

  onStream(out: ServerResponse, end: () => void): void {
    this.#streams.add(end)
    out.once('close', () => this.#streams.delete(end))
  }

  onRefusedLogin({ facts: { from } }: HttpGuest): void {
    this.#events.onRefusedLogin(from)
  }

  #endStreams(): void {
    this.#rights++
    for (const end of this.#streams) end()
  }

  /** What says who may come in and what they may do. */
  #rulesNow(): string {
    const { users, tls } = this.#plan
    return JSON.stringify([users, tls, this.house.roles])
  }

  #reader(): HttpServer {
    const app = httpApp(this)
    const listen = getRequestListener(app.fetch, {
      hostname: 'localhost',
      overrideGlobalObjects: false,
      autoCleanupIncoming: false,
      errorHandler: badTarget,
    })
    const http = createHttpServer(
      {
        requireHostHeader: false,
        maxHeaderSize: HEAD_MAX,
        // Guests have clocks of their own.
        headersTimeout: 0,
        requestTimeout: 0,
        keepAliveTimeout: 0,
      },
      (request, response) => {
        const guest = request.socket as unknown as HttpGuest
        guest.began(request)
        response.once('close', () => guest.answered(request))
        for (const { name, value } of this.#plan.headers) response.appendHeader(name, value)
        listen(request, response)
      },
    )
    http.on('checkExpectation', (request, response) => http.emit('request', request, response))
    http.on('clientError', (error: NodeJS.ErrnoException, guest) => {
      if (error.code?.startsWith('HPE_')) (guest as unknown as HttpGuest).spoil()
      else guest.destroy()
    })
    return http
  }

  /** What TLS is made from, but for what the files hold. */
  #wishes(): string {
    return JSON.stringify([this.#plan.tls, this.#asksForCertificate])
  }

  get #asksForCertificate(): boolean {
    const { roles } = this.house
    return (
      this.#plan.tls?.isCertRequired === true ||
      roles.some(({ certificates }) => certificates.length > 0)
    )
  }

  #tlsServer(): TlsServer | undefined {
    const { tls } = this.#plan
    this.#tlsWishes = this.#wishes()
    if (tls === undefined) return undefined
    const files = new TlsFiles(tls, FILES_EVERY, (trouble) => {
      if (trouble !== '') this.#events.onTrouble(trouble)
    })
    this.#files = files
    this.#material = files.current()
    const server = createTlsServer({
      ...this.#material.options,
      requestCert: this.#asksForCertificate,
      rejectUnauthorized: tls.isCertRequired,
      handshakeTimeout: this.#times.patience,
      ALPNProtocols: ['http/1.1'],
      allowHalfOpen: true,
    })
    this.#handshakes.watch(server)
    return server
  }

  /** Changed files are in force for who comes from now on. */
  #renew(tls: TlsServer): void {
    const material = this.#files?.current()
    if (material === undefined || material === this.#material) return
    this.#material = material
    tls.setSecureContext(material.options)
  }

  #admit(socket: Socket): void {
    socket.on('error', () => socket.destroy())
    if (socket.remoteAddress === undefined || !this.#makeRoom()) {
      socket.destroy()
      return
    }
    socket.setNoDelay(true)
    const tls = this.#tls
    if (tls === undefined) this.#welcome(socket, undefined)
    else {
      this.#renew(tls)
      this.#handshakes.begin(socket, tls)
    }
  }

  #makeRoom(): boolean {
    if (this.#guests.size + this.#handshakes.size < GUESTS_MAX) return true
    const idle = [...this.#guests].find(({ isBusy }) => !isBusy)
    idle?.destroy()
    return idle !== undefined || this.#handshakes.endOldest()
  }

  #welcome(socket: Socket, certificates: readonly string[] | undefined): void {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || this.#isClosed) {
      socket.destroy()
      return
    }
    const facts = {
      from: remoteText(socket),
      address: plainAddress(remoteAddress),
      certificates,
      isSecure: this.#plan.tls !== undefined,
    }
    const guest = new HttpGuest(socket, facts, this.slices, this.#times)
    this.#guests.add(guest)
    guest.once('close', () => this.#guests.delete(guest))
    this.#http.emit('connection', guest)
    socket.resume()
  }
}
