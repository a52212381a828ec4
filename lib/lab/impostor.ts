// Somebody who is not the partner, at the partner's address on the link: takes the dials that are
// meant for it, dials its victim, and says what it likes. It knows everything that the partner
// knows but its secrets.

import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { Plan } from '../config/plan/plan.ts'
import { decodeControl, encodeControl } from '../ha/control-codec.ts'
import { type ControlMessage, type Hello, LINK_VERSION } from '../ha/link-messages.ts'
import { initialRecord, standingOf } from '../ha/pair-steps.ts'
import { RowFrameWriter } from '../ha/row-frames.ts'
import type { LinkConnection, LinkSink } from '../ports/link.ts'
import type { Millis } from '../time/units.ts'
import type { Lab } from './lab.ts'
import type { LinkHost } from './link-host.ts'
import { Node } from './node.ts'
import { VirtualLink } from './virtual-link.ts'
import type { VirtualServer } from './virtual-server.ts'

/** Between two of its dials. */
const DIAL_WAIT: Millis = 700

/** What it says, given what the partner would say. */
export interface Lies {
  /** What is another in its hello. */
  readonly hello: Partial<Hello>
  /** What it says when it is taken for the partner; it says that it has sent all rows before. */
  readonly words: readonly ControlMessage[]
  /** It gives the address up when it has said them. */
  readonly isDone?: boolean
}

export interface ImpostorSettings {
  readonly victim: VirtualServer
  readonly partner: VirtualServer
  /** Whom its certificate names, where there are certificates: it has one of the same authority. */
  readonly certificateNames: readonly string[]
  /** What it gives for the password, where there is one. */
  readonly password: string
  readonly lies: (truth: Hello) => Lies
}

export class Impostor implements LinkSink {
  /** How often it was taken for the partner. */
  believed = 0
  /** How often somebody has turned it away. */
  refused = 0
  readonly #settings: ImpostorSettings
  /** The partner's file when it took the address. */
  readonly #plan: Plan
  readonly #host: LinkHost
  readonly #link: VirtualLink
  readonly #seen = new Map<LinkConnection, number>()
  readonly #greeted = new Set<LinkConnection>()
  #turn = 0
  #isHidden = false

  /** Takes the partner's address at once. */
  constructor(lab: Lab, settings: ImpostorSettings) {
    this.#settings = settings
    this.#plan = settings.partner.plan
    const { partner, certificateNames } = settings
    const name = `impostor of ${partner.name}`
    this.#host = lab.links.addHost(name, new Node(lab.world, name))
    this.#host.isUp = true
    this.#host.certificateNames = certificateNames
    this.#link = new VirtualLink(lab.links, this.#host, planOf(settings))
    this.#link.open(this)
    this.#dial()
  }

  /** The address is the partner's again. */
  leave(): void {
    this.#hide()
    this.#host.node.crash('leaves')
    this.#host.isUp = false
  }

  /** Nobody finds it, and it dials nobody. */
  #hide(): void {
    this.#host.endpoint = ''
    this.#isHidden = true
  }

  onLinkOpened(connection: LinkConnection): void {
    this.#seen.set(connection, 0)
    if (connection.dialled !== '') this.#greet(connection)
  }

  onLinkMessage(connection: LinkConnection, message: string | Uint8Array): void {
    const heard = typeof message === 'string' ? decodeControl(message) : 'rows'
    const isControl = typeof heard !== 'string'
    if (isControl && heard.type === 'hello') {
      if (this.#greeted.has(connection)) this.#speak(connection)
      else this.#greet(connection)
      return
    }
    if (isControl && heard.type === 'refusal') this.refused++
    const seen = this.#seen.get(connection)! + 1
    this.#seen.set(connection, seen)
    // Whoever goes on with a heartbeat has taken it for the partner.
    if (seen === 1 && isControl && heard.type === 'heartbeat') {
      this.believed++
      if (connection.dialled === '') this.#speak(connection)
    }
  }

  onLinkClosed(connection: LinkConnection): void {
    this.#seen.delete(connection)
  }

  onDialFailed(_peer: string, failure: string): void {
    if (failure === 'rejected') this.refused++
  }

  onListener(): void {}

  onStranger(): void {
    this.refused++
  }

  #dial(): void {
    // A later hello would take the place of an earlier one.
    if (this.#seen.size === 0 && !this.#isHidden) this.#link.dial(this.#settings.victim.name)
    this.#host.node.after(DIAL_WAIT, () => this.#dial())
  }

  #greet(connection: LinkConnection): void {
    this.#greeted.add(connection)
    const truth = this.#truth()
    connection.send(encodeControl({ ...truth, ...this.#settings.lies(truth).hello }))
  }

  #speak(connection: LinkConnection): void {
    if (!this.#seen.has(connection)) return
    const truth = this.#truth()
    const { hello, words, isDone = false } = this.#settings.lies(truth)
    const { state, position } = { ...truth, ...hello }
    const say = (message: ControlMessage) => connection.send(encodeControl(message))
    say({ type: 'heartbeat', seen: this.#seen.get(connection)!, state, scopes: [] })
    const rows = new RowFrameWriter()
    rows.begin('backlog')
    connection.send(rows.finish(position, true))
    // What was agreed must be stored before it is listened to.
    this.#host.node.after(DIAL_WAIT, () => {
      for (const message of words) say(message)
      if (isDone) this.#hide()
    })
  }

  /** What the partner would say: it has read its disk. */
  #truth(): Hello {
    const { partner, victim } = this.#settings
    const { disk } = partner
    const plan = this.#plan
    const { name, role } = plan.ha!.thisServer
    const record = disk.pair ?? initialRecord(false, role)
    const { database, change, stamp } = disk.snapshot()
    const known = victim.disk.snapshot().database
    return {
      type: 'hello',
      version: LINK_VERSION,
      software: 'impostor',
      name,
      role,
      mode: plan.ha!.mode,
      instance: this.#host.name,
      turn: ++this.#turn,
      database,
      position: change,
      clock: Math.floor(stamp),
      ...standingOf(record),
      applied: record.applied[known] ?? 0,
      appliedDatabase: known,
      candidateId: 'candidate',
      fingerprint: plan.fingerprint,
      state: plan.ha!.mode === 'hot-standby' ? 'hot-standby' : 'load-balancing',
    }
  }
}

/** The partner's plan, with another password. */
function planOf({ partner, password }: ImpostorSettings): HaPlan {
  const plan = partner.plan.ha!
  const peers = plan.peers.map((peer) => {
    const { basicAuth } = peer
    return basicAuth === undefined ? peer : { ...peer, basicAuth: { ...basicAuth, password } }
  })
  return { ...plan, peers, thisServer: peers[plan.peers.indexOf(plan.thisServer)]! }
}
