// How two servers meet: who dials, who says hello first, which of several connections stays. A
// meeting ends with a refusal, or with a connection that both ends agree on; what is agreed is for
// peer-presence.ts.
//
//   dialler                         acceptor
//     connects, hello ------------->  judges it, answers
//     judges the answer <-----------  hello
//
// Each stores what follows for good before it says more. Nobody says hello while what it would tell
// is on its way to the disk: the greeting waits.
//
// Both ends dial (dialling.ts). Where two dials cross, the one of the primary stays: the other end
// gives its own up. A later hello of the same peer replaces a connection that this end still
// believes in.

import type { HaPeer, HaPlan } from '../../config/plan/ha-plan.ts'
import { namesPeer, wrongName } from '../../ha/certificate-names.ts'
import { decodeControl, encodeControl } from '../../ha/control-codec.ts'
import type { Agreement } from '../../ha/handshake.ts'
import type { Refused } from '../../ha/hello-refusals.ts'
import type { Hello } from '../../ha/link-messages.ts'
import type { DialFailure, Link, LinkConnection } from '../../ports/link.ts'
import { type Instant, NEVER } from '../../time/units.ts'
import { Dialling } from './dialling.ts'

/** A connection that has not said a good hello by then is closed. */
const GREETING_MAX = 3000

interface Greeting {
  readonly connection: LinkConnection
  readonly until: Instant
  /** Who was dialled; undefined for a connection that came in. */
  readonly peer: HaPeer | undefined
  /** What was said first here, on a dialled connection. */
  said: Hello | undefined
  /** What was said there, while this end cannot say hello yet. */
  heard: Hello | undefined
}

/** A connection with a peer, from the good hello on. */
export interface Met {
  readonly peer: HaPeer
  readonly connection: LinkConnection
  readonly theirs: Hello
  /** What this end said. */
  readonly mine: Hello
  readonly agreement: Agreement
}

export interface MeetingDuties {
  now(): Instant
  /** Whether a hello may be said now. */
  isReady(): boolean
  hello(): Hello
  /**
   * Whether it comes from a former partner, which must see from a hello that there is another one
   * now.
   */
  isReplaced(hello: Hello): boolean
  /** Whether the hello still says what is true. */
  isCurrent(hello: Hello): boolean
  judge(mine: Hello, theirs: Hello): Agreement | Refused
  /** Both have said hello and agree. Whoever was met before under this name is gone. */
  met(met: Met): void
  lost(met: Met, reason: string): void
  dialFailed(peer: HaPeer, failure: DialFailure, detail: string): void
  /** It took the connection, and did not answer the hello. */
  unanswered(peer: HaPeer): void
  refused(who: string, reason: string): void
  /** It was dialled, and says that it serves nobody at present. */
  away(peer: HaPeer): void
  /** Whether clients of a peer wait for a dial that shows whether its process is gone. */
  isWaitedFor(peer: HaPeer): boolean
  /** Does what another server has asked for; an error of ours costs the connection. */
  contain(connection: LinkConnection, action: () => void): void
}

export class Meetings {
  readonly #plan: HaPlan
  readonly #link: Link
  readonly #duties: MeetingDuties
  readonly #greetings = new Map<LinkConnection, Greeting>()
  readonly #met = new Map<string, Met>()
  readonly #byConnection = new Map<LinkConnection, Met>()
  /** Attempts under way, by name. */
  readonly #attempts = new Set<string>()
  readonly #dialling: Dialling
  /** The life and the last hello of each peer. */
  readonly #turns = new Map<string, { instance: string; turn: number }>()
  #isOpen = true

  constructor(plan: HaPlan, link: Link, duties: MeetingDuties) {
    this.#plan = plan
    this.#link = link
    this.#duties = duties
    this.#dialling = new Dialling(peersToDial(plan), () => plan.heartbeatDelay)
  }

  /** The connection with a peer, or undefined. */
  with(name: string): Met | undefined {
    return this.#met.get(name)
  }

  /** When `turn` wants to be called. */
  get deadline(): Instant {
    let next: Instant = NEVER
    for (const { until } of this.#greetings.values()) next = Math.min(next, until)
    for (const name of this.#dialling.names)
      if (this.#isWanted(name)) next = Math.min(next, this.#dialling.at(name))
    return next
  }

  /** Dials who is missing, and closes who does not say hello. */
  turn(now: Instant): void {
    for (const greeting of [...this.#greetings.values()])
      if (greeting.until <= now) this.#giveUp(greeting)
      else this.#duties.contain(greeting.connection, () => this.#goOn(greeting))
    for (const name of this.#dialling.names) {
      if (this.#dialling.at(name) > now || !this.#isWanted(name)) continue
      this.#dialling.begun(name, now)
      this.#attempts.add(name)
      this.#link.dial(name)
    }
  }

  #giveUp(greeting: Greeting): void {
    this.#endGreeting(greeting, 'no hello')
    if (greeting.peer !== undefined && greeting.said !== undefined)
      this.#duties.unanswered(greeting.peer)
  }

  /** Ends the connection with a peer. */
  drop(met: Met, reason: string): void {
    met.connection.close(reason)
    this.#lose(met, reason)
  }

  /** The same where it would end again for the same reason: the other end hears why. */
  turnAway(met: Met, reason: string): void {
    met.connection.send(encodeControl({ type: 'refusal', reason }))
    this.turnedAway(met, reason)
  }

  /** The other end does not want this one. */
  turnedAway(met: Met, reason: string): void {
    this.drop(met, reason)
    this.#dialling.turnedAway(met.peer.name, this.#duties.now())
  }

  /** Ends a connection, whatever it is. */
  end(connection: LinkConnection, reason: string): void {
    const met = this.#byConnection.get(connection)
    if (met !== undefined) return this.turnAway(met, reason)
    const greeting = this.#greetings.get(connection)
    if (greeting !== undefined) this.#turnAway(greeting, reason)
    else connection.close(reason)
  }

  /** All meet anew, since what a hello says has changed. */
  meetAnew(why: string): void {
    for (const met of [...this.#met.values()]) this.drop(met, why)
  }

  /** The configuration has changed: whoever was turned away is dialled again. */
  renew(): void {
    this.#dialling.renew()
  }

  /** Dials no more, and ends what there is. */
  close(): void {
    this.#isOpen = false
    for (const greeting of [...this.#greetings.values()]) this.#endGreeting(greeting, 'stopping')
    for (const met of [...this.#met.values()]) this.drop(met, 'stopping')
  }

  /** Meets again. */
  open(): void {
    this.#isOpen = true
  }

  // ---- what the link tells

  opened(connection: LinkConnection, now: Instant): void {
    const peer = this.#plan.peers.find(({ name }) => name === connection.dialled)
    if (connection.dialled !== '') this.#attempts.delete(connection.dialled)
    const isNeeded = peer === undefined || (this.#isOpen && !this.#met.has(peer.name))
    if (!isNeeded) return connection.close('not needed')
    const until = now + GREETING_MAX
    const greeting: Greeting = { connection, until, peer, said: undefined, heard: undefined }
    this.#greetings.set(connection, greeting)
    this.#goOn(greeting)
  }

  /** On a connection on which nothing has been agreed yet. */
  message(connection: LinkConnection, message: string | Uint8Array): void {
    const greeting = this.#greetings.get(connection)
    if (greeting !== undefined) this.#greet(greeting, message)
  }

  closed(connection: LinkConnection, reason: string): void {
    this.#greetings.delete(connection)
    const met = this.#byConnection.get(connection)
    if (met !== undefined) this.#lose(met, reason)
  }

  dialFailed(name: string, failure: DialFailure, detail: string): void {
    this.#attempts.delete(name)
    const peer = this.#plan.peers.find((one) => one.name === name)
    if (peer === undefined) return
    if (failure === 'rejected') this.#pause(peer)
    this.#duties.dialFailed(peer, failure, detail)
  }

  // ---- greeting

  /** What waits to be said or answered. */
  #goOn(greeting: Greeting): void {
    if (!this.#greetings.has(greeting.connection) || !this.#duties.isReady()) return
    if (greeting.peer !== undefined && greeting.said === undefined) {
      greeting.said = this.#duties.hello()
      greeting.connection.send(encodeControl(greeting.said))
    }
    const { heard } = greeting
    greeting.heard = undefined
    if (heard !== undefined) this.#answer(greeting, heard)
  }

  #greet(greeting: Greeting, message: string | Uint8Array): void {
    if (!this.#isOpen) return this.#sayAway(greeting)
    const hello = typeof message === 'string' ? decodeControl(message) : 'rows before the hello'
    if (typeof hello === 'string') return this.#refuse(greeting, hello)
    if (hello.type === 'refusal') {
      this.#duties.refused(this.#whoIs(greeting), `refused by the other end: ${hello.reason}`)
      return this.#turnAway(greeting, hello.reason)
    }
    if (hello.type === 'leaving' && greeting.peer !== undefined) {
      this.#duties.away(greeting.peer)
      return this.#endGreeting(greeting, 'it serves nobody at present')
    }
    if (hello.type !== 'hello') return this.#refuse(greeting, 'something else before the hello')
    if (this.#duties.isReady()) this.#answer(greeting, hello)
    else if (greeting.heard !== undefined) this.#refuse(greeting, 'a second hello')
    else greeting.heard = hello
  }

  #answer(greeting: Greeting, hello: Hello): void {
    const peer = this.#peerOf(greeting, hello)
    if (typeof peer === 'string') {
      if (this.#duties.isReplaced(hello) && this.#duties.isReady())
        greeting.connection.send(encodeControl(this.#duties.hello()))
      return this.#refuse(greeting, peer)
    }
    this.#dialling.heard(peer.name, hello.instance)
    if (this.#isStale(hello)) return this.#endGreeting(greeting, 'crossed by a later hello')
    if (greeting.said === undefined && !this.#givesWay(peer))
      return this.#endGreeting(greeting, 'crossed by the dial of the primary')
    this.#agree(greeting, peer, hello)
  }

  #agree(greeting: Greeting, peer: HaPeer, theirs: Hello): void {
    const mine = greeting.said ?? this.#duties.hello()
    // A human may have changed what this end holds since it dialled; then the two must meet anew.
    if (!this.#duties.isCurrent(mine)) return this.#endGreeting(greeting, 'overtaken')
    const agreement = this.#duties.judge(mine, theirs)
    if (agreement.kind === 'refuse') return this.#refuse(greeting, agreement.reason)
    const { connection } = greeting
    this.#greetings.delete(connection)
    this.#turns.set(peer.name, { instance: theirs.instance, turn: theirs.turn })
    const former = this.#met.get(peer.name)
    if (former !== undefined) this.drop(former, 'replaced by a newer connection')
    if (greeting.said === undefined) connection.send(encodeControl(mine))
    connection.confirm()
    const met: Met = { peer, connection, theirs, mine, agreement }
    this.#met.set(peer.name, met)
    this.#byConnection.set(connection, met)
    this.#duties.met(met)
  }

  /** The peer that says hello, or why it is nobody. */
  #peerOf(greeting: Greeting, { name, instance }: Hello): HaPeer | string {
    const { thisServer, peers } = this.#plan
    const peer = peers.find((one) => one.name === name)
    if (peer === undefined || peer === thisServer)
      return `'${name}' is no other server of this configuration`
    if (greeting.peer !== undefined && greeting.peer !== peer)
      return `'${greeting.peer.name}' was dialled and '${name}' answers`
    if (instance === '') return 'a hello without an instance'
    const { certificateNames } = greeting.connection
    const isChecked = certificateNames !== undefined && this.#plan.checksCertificateNames
    if (isChecked && !namesPeer(certificateNames, peer)) return wrongName(certificateNames, peer)
    return peer
  }

  #isStale({ name, instance, turn }: Hello): boolean {
    const last = this.#turns.get(name)
    return last !== undefined && last.instance === instance && turn <= last.turn
  }

  /** An accepted hello while this end's own is under way: the dial of the lower peer stays. */
  #givesWay(peer: HaPeer): boolean {
    const own = [...this.#greetings.values()].find((one) => one.peer === peer)
    if (own === undefined) return true
    const { peers, thisServer } = this.#plan
    if (peers.indexOf(thisServer) < peers.indexOf(peer)) return false
    this.#endGreeting(own, 'crossed by the dial of the primary')
    return true
  }

  #refuse(greeting: Greeting, reason: string): void {
    this.#duties.refused(this.#whoIs(greeting), reason)
    greeting.connection.send(encodeControl({ type: 'refusal', reason }))
    this.#turnAway(greeting, reason)
  }

  /** Of somebody who came in nothing is known for sure, so it changes nothing. */
  #turnAway(greeting: Greeting, reason: string): void {
    this.#endGreeting(greeting, reason)
    if (greeting.peer !== undefined) this.#pause(greeting.peer)
  }

  #pause(peer: HaPeer): void {
    if (!this.#duties.isWaitedFor(peer)) this.#dialling.turnedAway(peer.name, this.#duties.now())
  }

  #whoIs({ peer, connection }: Greeting): string {
    // The port of one that called is another one each time.
    if (peer === undefined) return connection.remote.replace(/:\d+$/, '')
    return `${peer.name} (${connection.remote})`
  }

  /**
   * What was said last may have been lost with its connection: this one is left to the other end to
   * close.
   */
  #sayAway({ connection }: Greeting): void {
    connection.send(encodeControl({ type: 'leaving' }))
  }

  #endGreeting({ connection }: Greeting, reason: string): void {
    this.#greetings.delete(connection)
    connection.close(reason)
  }

  #lose(met: Met, reason: string): void {
    this.#byConnection.delete(met.connection)
    if (this.#met.get(met.peer.name) !== met) return
    this.#met.delete(met.peer.name)
    this.#dialling.ended(met.peer.name)
    this.#duties.lost(met, reason)
  }

  #isWanted(name: string): boolean {
    if (!this.#isOpen || this.#met.has(name) || this.#attempts.has(name)) return false
    for (const { peer } of this.#greetings.values()) if (peer?.name === name) return false
    return true
  }
}

/** Active servers dial everybody; a backup dials the active ones. */
function peersToDial({ peers, thisServer }: HaPlan): string[] {
  const isBackup = thisServer.role === 'backup'
  return peers
    .filter((peer) => peer !== thisServer && !(isBackup && peer.role === 'backup'))
    .map(({ name }) => name)
}
