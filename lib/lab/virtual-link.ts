// The link port of a simulated server, for one life of its process: a listener, dialling,
// connections. The kernel of a host answers also when no process listens; a process that is paused
// does not answer though its kernel does.

import type { HaPeer, HaPlan } from '../config/plan/ha-plan.ts'
import { namesPeer } from '../ha/certificate-names.ts'
import {
  type DialFailure,
  LINK_MESSAGE_MAX,
  type Link,
  type LinkConnection,
  type LinkSink,
} from '../ports/link.ts'
import type { Millis } from '../time/units.ts'
import type { LinkHost, Listener } from './link-host.ts'
import { endpointOf, type LinkNet } from './link-net.ts'
import { connect, type TcpEnd } from './tcp-end.ts'

/** Until then a dial must have led to a connection. */
const DIAL_WAIT: Millis = 2000
/** TCP sends its SYN again after this time. */
const DIAL_REPEAT: Millis = 1000

interface Dial {
  readonly peer: string
  isOver: boolean
  /** The other kernel has made a connection of it, whether its process takes it or not. */
  isTaken: boolean
}

export class VirtualLink implements Link, Listener {
  readonly plan: HaPlan
  readonly #net: LinkNet
  readonly #host: LinkHost
  #sink: LinkSink | undefined
  #isListening = false
  readonly #dials = new Map<string, Dial>()
  readonly #connections = new Set<VirtualConnection>()

  constructor(net: LinkNet, host: LinkHost, plan: HaPlan) {
    this.#net = net
    this.#host = host
    this.plan = plan
  }

  get isListening(): boolean {
    return this.#isListening
  }

  /** Connections that are open now. */
  get connections(): readonly LinkConnection[] {
    return [...this.#connections]
  }

  open(sink: LinkSink): void {
    const { node } = this.#host
    this.#sink = sink
    this.#host.listener = this
    this.#host.endpoint = endpointOf(this.plan.thisServer.url)
    node.onCrash(() => this.#die())
    node.after(0, () => this.tryListening())
  }

  /** The listener opens, or tells why it cannot. */
  tryListening(): void {
    const trouble = this.#net.blockOf(this.#host)
    this.#isListening = trouble === ''
    this.#host.node.run(() => this.#sink?.onListener(trouble))
  }

  accept(end: TcpEnd, from: LinkHost, certificateNames: readonly string[] | undefined): void {
    this.#open(end, '', from, certificateNames)
  }

  turnAway(from: LinkHost, why: string): void {
    this.#sink?.onStranger(from.endpoint, why)
  }

  dial(peer: string): void {
    const found = this.plan.peers.find((one) => one.name === peer)
    if (found === undefined || this.#dials.has(peer) || this.#sink === undefined) return
    const dial: Dial = { peer, isOver: false, isTaken: false }
    this.#dials.set(peer, dial)
    const { node } = this.#host
    const knock = () => {
      if (dial.isOver || dial.isTaken) return
      const target = this.#net.hostAt(found.url)
      if (target !== undefined && this.#net.reaches(this.#host, target)) this.#knock(dial, target)
    }
    node.after(this.#net.drawDelay(), knock)
    node.after(DIAL_REPEAT, knock)
    node.after(DIAL_WAIT, () => this.#failed(dial, 'unreachable', 'timed out'))
  }

  close(done: () => void): void {
    this.#isListening = false
    this.#sink = undefined
    if (this.#host.listener === this) this.#host.listener = undefined
    for (const connection of this.#connections) connection.end.close('the server stops')
    this.#host.node.after(0, done)
  }

  /** A SYN has arrived at the other host. */
  #knock(dial: Dial, target: LinkHost): void {
    const { listener } = target
    if (this.#net.isRejecting(target) || listener === undefined || !listener.isListening)
      return this.#refuse(dial, target)
    dial.isTaken = true
    // A paused process accepts late, perhaps when nobody waits any more.
    target.node.run(() => listener.isListening && this.#shakeHands(dial, target, listener))
  }

  #refuse(dial: Dial, target: LinkHost): void {
    this.#net.world.after(this.#net.drawDelay(), () => {
      if (!this.#net.reaches(target, this.#host)) return
      this.#host.node.run(() => this.#failed(dial, 'refused', 'connection refused'))
    })
  }

  #shakeHands(dial: Dial, target: LinkHost, listener: Listener): void {
    const why = this.#whyNot(dial, listener)
    if (why !== '') return this.#turnAway(dial, target, listener, why)
    const [near, far] = connect(this.#net, this.#host, target)
    // Where the answer gets lost, the other end has a connection that nobody here knows of.
    far.answer(() => {
      if (dial.isOver) return
      near.begin()
      this.#host.node.run(() => this.#begun(dial, near, target, listener.certificateNames))
    })
    listener.accept(far, this.#host, this.certificateNames)
  }

  /**
   * What TLS and passwords make of a dial; '' where both ends have proved what the other asks for.
   */
  #whyNot({ peer }: Dial, listener: Listener): string {
    const called = this.plan.peers.find(({ name }) => name === peer)!
    const { thisServer } = listener.plan
    if (called.url.secure !== thisServer.url.secure) return 'TLS at one end only'
    if (secretOf(called) !== secretOf(thisServer)) return 'wrong password'
    const names = listener.certificateNames
    const isNamed = names === undefined || namesPeer(names, called)
    return isNamed || !this.plan.checksCertificateNames ? '' : 'the certificate of somebody else'
  }

  #turnAway(dial: Dial, target: LinkHost, listener: Listener, why: string): void {
    listener.turnAway(this.#host, why)
    this.#net.world.after(this.#net.drawDelay(), () => {
      if (!this.#net.reaches(target, this.#host)) return
      this.#host.node.run(() => this.#failed(dial, 'rejected', why))
    })
  }

  get certificateNames(): readonly string[] | undefined {
    const { name, url } = this.plan.thisServer
    return url.secure ? (this.#host.certificateNames ?? [name, url.host]) : undefined
  }

  #begun(dial: Dial, near: TcpEnd, target: LinkHost, names: readonly string[] | undefined): void {
    if (dial.isOver) return near.close('')
    this.#finish(dial)
    this.#open(near, dial.peer, target, names)
  }

  #open(end: TcpEnd, dialled: string, other: LinkHost, names: readonly string[] | undefined): void {
    const connection = new VirtualConnection(end, dialled, other.endpoint, names)
    this.#connections.add(connection)
    end.user = {
      onMessage: (message) => this.#receive(connection, message),
      onClosed: (reason) => {
        this.#connections.delete(connection)
        this.#sink?.onLinkClosed(connection, reason)
      },
    }
    this.#sink?.onLinkOpened(connection)
  }

  #receive(connection: VirtualConnection, message: string | Uint8Array): void {
    if (message.length > LINK_MESSAGE_MAX) return connection.close('a message too long')
    this.#sink?.onLinkMessage(connection, message)
  }

  #failed(dial: Dial, failure: DialFailure, detail: string): void {
    if (dial.isOver) return
    this.#finish(dial)
    const { world } = this.#net
    if (world.tracing) world.note(this.#host.name, `dial to ${dial.peer}: ${failure}`)
    this.#sink?.onDialFailed(dial.peer, failure, detail)
  }

  #finish(dial: Dial): void {
    dial.isOver = true
    this.#dials.delete(dial.peer)
  }

  /** The process is gone, and perhaps its host too. */
  #die(): void {
    this.#isListening = false
    this.#sink = undefined
    if (this.#host.listener === this) this.#host.listener = undefined
    for (const dial of this.#dials.values()) dial.isOver = true
    for (const connection of this.#connections) connection.end.die(this.#host.isUp)
  }
}

class VirtualConnection implements LinkConnection {
  readonly dialled: string
  readonly remote: string
  readonly certificateNames: readonly string[] | undefined
  readonly end: TcpEnd

  constructor(
    end: TcpEnd,
    dialled: string,
    remote: string,
    certificateNames: readonly string[] | undefined,
  ) {
    this.end = end
    this.certificateNames = certificateNames
    this.dialled = dialled
    this.remote = remote
  }

  get buffered(): number {
    return this.end.buffered
  }

  send(message: string | Uint8Array): void {
    if (typeof message === 'string') return this.end.send(message)
    this.end.send(message.slice())
    // The caller gave the bytes away: whoever still reads them shall notice.
    message.fill(0xee)
  }

  /** No stranger finds the way into the lab, so nobody is dropped for one. */
  confirm(): void {}

  close(reason: string): void {
    this.end.close(reason)
  }
}

/** What is to be known in order to talk to a server. */
function secretOf({ basicAuth }: HaPeer): string {
  return basicAuth === undefined ? '' : JSON.stringify([basicAuth.user, basicAuth.password])
}
