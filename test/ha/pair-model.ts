// Two servers of a pair as little more than their records, for pair-model.test.ts: databases that
// survive, a link that carries hellos, rows and words in order, clients whose leases never end. It
// follows the rules of lib/ha/handshake.ts; what it does to rows is section 4 of lib/ha/README.md
// in a few lines. An address that two clients hold is noted in `violations`.

import type { HaPeer, HaPlan } from '../../lib/config/plan/ha-plan.ts'
import { type Agreement, judgeHello } from '../../lib/ha/handshake.ts'
import type { Back, Hello, Over } from '../../lib/ha/link-messages.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { rightsOf } from '../../lib/ha/pair-rights.ts'
import {
  acceptBack,
  acceptOver,
  confirmPartnerOff,
  giveBack,
  handOver,
  noteApplied,
  recordAtStart,
  serveAlone,
  standingOf,
} from '../../lib/ha/pair-steps.ts'
import { homeOf, keysUnder, type Side } from '../../lib/leases/rights.ts'
import { INFINITE_LIFETIME } from '../../lib/time/units.ts'

export const ADDRESSES = Array.from({ length: 32 }, (_, index) => index + 1)

export interface Row {
  /** 0 = free. */
  client: number
  gave: number
  got: number
  change: number
  /** It rests: a lost database may have given it. */
  quarantine: boolean
}

export interface Database {
  id: string
  record: PairRecord
  rows: Map<number, Row>
  position: number
  clock: number
}

interface Rows {
  type: 'rows'
  lane: 'live' | 'delta' | 'refill'
  rows: [number, Row][]
  last: boolean
  position: number
  clock: number
}

type Message = Hello | Rows | Over | Back

interface Session {
  mine: Hello
  theirs: Hello
  agreement: Agreement
  /** Their backlog is stored here. */
  isSynced: boolean
  refilled: boolean
  returned: boolean
}

export class Server {
  readonly plan: HaPlan
  db: Database
  isUp = true
  /** In maintenance. */
  isAtWork = false
  /** Its partner was said to be off while it was away: it must not serve before they meet. */
  isBarred = false
  /**
   * From a backup, and it has not met its partner since: its clock stands, since what is known by
   * clocks is a database that has served for a shorter time than it has forgotten.
   */
  isRestored = false
  session: Session | undefined
  said: Hello | undefined
  inbox: Message[] = []
  constructor(plan: HaPlan, db: Database) {
    this.plan = plan
    this.db = db
  }

  get rights() {
    return rightsOf(this.db.record, this.plan)
  }
}

export class PairModel {
  readonly servers: readonly [Server, Server]
  readonly violations: string[] = []
  readonly holders = new Map<number, number>()
  readonly log: string[] = []
  /** A human's word made a server `sole` while the other was not asked. */
  wordGiven = false
  refusals = 0
  #serial = 0

  constructor() {
    const peers = [peer('one', 'primary'), peer('two', 'secondary')]
    this.servers = [0, 1].map((index) => {
      const plan = planOf(peers[index]!, peers[1 - index]!, peers)
      return new Server(plan, this.newDatabase(plan))
    }) as unknown as [Server, Server]
  }

  other(server: Server): Server {
    return this.servers[0] === server ? this.servers[1] : this.servers[0]
  }

  newDatabase(plan: HaPlan): Database {
    const id = `db${++this.#serial}`
    const record = recordAtStart(undefined, 0, plan)!
    return { id, record, rows: new Map(), position: 0, clock: 0 }
  }

  tick(): void {
    for (const { db, isUp, isRestored } of this.servers) if (isUp && !isRestored) db.clock += 61_000
  }

  // ---- clients

  row(server: Server, address: number): Row {
    return (
      server.db.rows.get(address) ?? { client: 0, gave: 0, got: 0, change: 0, quarantine: false }
    )
  }

  keys(server: Server, address: number): number {
    const { gave, got } = this.row(server, address)
    return keysUnder(server.rights, homeOf(address), gave, got)
  }

  serves(server: Server): boolean {
    return server.isUp && !server.isAtWork && !server.isBarred && server.rights.kind !== 'none'
  }

  mayGive(server: Server, address: number): boolean {
    const { client, quarantine } = this.row(server, address)
    if (!this.serves(server) || this.keys(server, address) !== 2 || client !== 0) return false
    if (server.db.record.doubtUntil === 0) return true
    // In doubt: with every key nothing is given; else what has a row that does not rest.
    return server.rights.kind === 'keys' && server.db.rows.has(address) && !quarantine
  }

  /** A new client. */
  give(server: Server, address: number): boolean {
    if (!this.mayGive(server, address)) return false
    const client = ++this.#serial
    const held = this.holders.get(address)
    if (held !== undefined) this.violations.push(`${address} of ${held} given to ${client}`)
    this.holders.set(address, client)
    this.log.push(`${server.plan.thisServer.name} gives ${address} to ${client}`)
    this.#write(server, address, { client })
    return true
  }

  renew(server: Server, address: number): boolean {
    const { client } = this.row(server, address)
    if (!this.serves(server) || this.keys(server, address) === 0 || client === 0) return false
    this.#write(server, address, {})
    return true
  }

  /** A free address goes to the partner. */
  handOn(server: Server, address: number): boolean {
    if (!this.isSharing(server) || !this.mayGive(server, address)) return false
    const { gave } = this.row(server, address)
    this.#write(server, address, { gave: gave + 2 })
    return true
  }

  /** Streams are settled and both share: keys move. */
  isSharing(server: Server): boolean {
    const { session, db } = server
    const other = this.other(server)
    return (
      session?.isSynced === true &&
      db.record.rights === 'shared' &&
      other.session !== undefined &&
      other.db.record.rights === 'shared'
    )
  }

  #write(server: Server, address: number, change: Partial<Row>): void {
    const { db } = server
    const row = { ...this.row(server, address), ...change, change: ++db.position }
    const counted = keysUnder(
      { ...server.rights, kind: 'keys' },
      homeOf(address),
      row.gave,
      row.got,
    )
    if (db.record.pairId !== '' && db.record.rights === 'sole' && counted === 0) row.got += 2
    if (row.client !== 0 && counted === 2 && this.isSharing(server)) row.gave++
    db.rows.set(address, row)
    db.record = { ...db.record, longestLifetime: INFINITE_LIFETIME }
    if (server.session !== undefined) this.#rows(server, 'live', [[address, row]], false)
  }

  // ---- the link

  dial(server: Server): boolean {
    const other = this.other(server)
    if (!server.isUp || !other.isUp || server.said !== undefined || other.said !== undefined)
      return false
    server.said = this.hello(server)
    other.inbox.push(server.said)
    return true
  }

  cut(): boolean {
    const wasOpen = this.servers.some(({ said }) => said !== undefined)
    for (const server of this.servers) {
      server.said = undefined
      server.session = undefined
      server.inbox = []
    }
    return wasOpen
  }

  hello({ db, plan, isAtWork }: Server): Hello {
    return {
      ...standingOf(db.record),
      type: 'hello',
      version: 1,
      software: 'model',
      name: plan.thisServer.name,
      role: plan.thisServer.role,
      mode: plan.mode,
      instance: 'one',
      turn: 1,
      database: db.id,
      position: db.position,
      clock: db.clock,
      candidateId: `pair${++this.#serial}`,
      fingerprint: '',
      state: isAtWork ? 'in-maintenance' : 'load-balancing',
    }
  }

  deliver(server: Server): boolean {
    const message = server.inbox.shift()
    if (message === undefined) return false
    if (message.type === 'hello') this.#meet(server, message)
    else if (server.session === undefined) this.cut()
    else if (message.type === 'rows') this.#take(server, server.session, message)
    else if (message.type === 'over') this.#over(server, message)
    else this.#back(server, message)
    return true
  }

  #meet(server: Server, theirs: Hello): void {
    const { db } = server
    const mine = server.said ?? this.hello(server)
    const outcome = judgeHello(server.plan, db.record, mine, theirs, 0)
    if (outcome.kind === 'refuse') {
      this.refusals++
      this.log.push(`${server.plan.thisServer.name} refuses: ${outcome.reason}`)
      this.cut()
      return
    }
    this.log.push(
      `${server.plan.thisServer.name} (${db.id} ${db.record.rights} ${db.record.noneBecause} ${db.record.handOver}) ${outcome.verdict} from ${theirs.database} ${theirs.rights} ${theirs.handOver}, doubt ${outcome.doubt} ${outcome.merge} ${outcome.send}`,
    )
    db.record = outcome.record
    const other = this.other(server)
    if (server.said === undefined) other.inbox.push(mine)
    server.said = mine
    server.session = {
      mine,
      theirs,
      agreement: outcome,
      isSynced: false,
      refilled: false,
      returned: false,
    }
    server.isBarred = false
    server.isRestored = false
    if (outcome.again !== 'back') this.#backlog(server, outcome)
    if (outcome.again === 'over') this.#sayOver(server)
  }

  #backlog(server: Server, { send, from }: Agreement): void {
    const after = send === 'delta' ? from : -1
    const rows = [...server.db.rows].filter(([, row]) => row.change > after)
    this.#rows(server, send === 'delta' ? 'delta' : 'refill', rows, true)
  }

  #rows(server: Server, lane: Rows['lane'], rows: [number, Row][], last: boolean): void {
    const { position, clock } = server.db
    const copies = rows.map(([address, row]): [number, Row] => [address, { ...row }])
    this.other(server).inbox.push({ type: 'rows', lane, rows: copies, last, position, clock })
  }

  #take(server: Server, session: Session, { lane, rows, last, position, clock }: Rows): void {
    const { db } = server
    const { agreement } = session
    const how = howToMerge(db.record, session)
    if (how === 'verbatim' && lane === 'refill') this.#forget(db)
    for (const [address, theirs] of rows) this.#merge(server, address, theirs, how)
    if (lane !== 'live' && last) session.isSynced = true
    if (session.isSynced)
      db.record = noteApplied(db.record, session.theirs.database, position, clock)
    if (lane !== 'live' && last && agreement.verdict === 'go-on') this.#share(server)
  }

  /** A refill is everything: what it does not hold is free, and nobody ever gave a key of it. */
  #forget(db: Database): void {
    db.rows.clear()
  }

  #merge(server: Server, address: number, theirs: Row, how: Agreement['merge']): void {
    const { db } = server
    const mine = this.row(server, address)
    if (how === 'verbatim') {
      const { client, gave, got } = theirs
      const row = {
        client,
        gave: got,
        got: gave,
        change: mine.change,
        quarantine: theirs.quarantine,
      }
      const keys = keysUnder({ ...server.rights, kind: 'keys' }, homeOf(address), row.gave, row.got)
      if (db.record.noneBecause === 'lost' && keys === 2 && client === 0) row.quarantine = true
      db.rows.set(address, row)
      return
    }
    const keys = keysUnder({ ...server.rights, kind: 'keys' }, homeOf(address), mine.gave, mine.got)
    const got = how === 'salvage' ? mine.got : Math.max(mine.got, theirs.gave)
    const isNew = got >= mine.got + 2
    const takes =
      how === 'adopt' || how === 'unite' || how === 'salvage'
        ? mine.client === 0 && theirs.client !== 0
        : keys === 0 || (keys === 1 && mine.client === 0)
    const client = takes ? theirs.client : mine.client
    db.rows.set(address, {
      ...mine,
      got,
      client,
      quarantine: keys === 0 ? theirs.quarantine : mine.quarantine && !isNew,
    })
  }

  /** Running leases of which this server holds both keys. */
  #share(server: Server): void {
    for (const [address, row] of server.db.rows)
      if (row.client !== 0 && this.keys(server, address) === 2) this.#write(server, address, {})
  }

  /** The keeper has heard the other out: everything is sent. */
  refill(server: Server): boolean {
    const { session } = server
    if (session?.agreement.again !== 'back' || !session.isSynced || session.refilled) return false
    session.refilled = true
    const { rights, doubtUntil } = server.db.record
    for (const [address, row] of server.db.rows) {
      this.#mend(server, address, row)
      if (rights === 'sole' && doubtUntil > 0 && row.client === 0) row.quarantine = true
    }
    this.#rows(server, 'refill', [...server.db.rows], true)
    return true
  }

  /**
   * Counters that databases of different ages made together: the other end gets the mirror of what
   * is here.
   */
  #mend({ db }: Server, address: number, row: Row): void {
    const keys = homeKeys(address, db.record.side) - row.gave + row.got
    if (keys < 0 || keys > 2) row.got += 2 - keys
    if (row.got < 0) {
      row.gave -= row.got
      row.got = 0
    }
  }

  /** ... and returned. */
  giveBack(server: Server): boolean {
    const { session, db } = server
    if (session === undefined || !session.refilled || session.returned) return false
    session.returned = true
    db.record = giveBack(db.record, session.theirs)
    const { handOver: number } = db.record
    const { doubt } = session.agreement
    this.other(server).inbox.push({ type: 'back', number, position: db.position, doubt })
    return true
  }

  #back(server: Server, back: Back): void {
    const { db } = server
    db.record = acceptBack(db.record, back, 0)
    this.log.push(`${server.plan.thisServer.name} back ${back.number} ${back.doubt}`)
  }

  // ---- words

  maintain(server: Server): boolean {
    if (!this.isSharing(server) || this.other(server).isAtWork) return false
    const record = handOver(server.db.record, 0)
    if (record === server.db.record) return false
    server.isAtWork = true
    server.db.record = record
    this.#sayOver(server)
    return true
  }

  #sayOver(server: Server): void {
    const { record, position } = server.db
    this.other(server).inbox.push({ type: 'over', number: record.handOver, position })
  }

  #over(server: Server, { number, position }: Over): void {
    const { db } = server
    const record = acceptOver(db.record, number)
    if (record === 'ignored') return
    if ((db.record.applied[server.session!.theirs.database] ?? 0) < position)
      this.violations.push(`over ${number} before its rows`)
    db.record = record
  }

  /** The work is done: they meet anew. */
  endWork(server: Server): boolean {
    if (!server.isAtWork) return false
    server.isAtWork = false
    this.cut()
    return true
  }

  /** A human's word, true or not. */
  partnerOff(server: Server, isTrue: boolean): boolean {
    const other = this.other(server)
    if (isTrue && (other.isUp || !this.#knowsAll(server))) return false
    const { db } = server
    const word =
      db.record.noneBecause === 'fresh' && db.record.rights === 'none'
        ? serveAlone
        : confirmPartnerOff
    const record = word(db.record, 0)
    if (record === db.record) return false
    db.record = record
    this.cut()
    this.wordGiven = true
    if (isTrue) other.isBarred = true
    return true
  }

  #knowsAll(server: Server): boolean {
    return ADDRESSES.every(
      (address) => (this.holders.get(address) ?? 0) === this.row(server, address).client,
    )
  }

  /** Whether the other database has every change of this one. */
  isKnownElsewhere({ db }: Server): boolean {
    const other = this.servers[0].db === db ? this.servers[1].db : this.servers[0].db
    return other.record.applied[db.id] === db.position
  }

  // ---- faults

  crash(server: Server): boolean {
    if (!server.isUp) return false
    server.isUp = false
    server.isAtWork = false
    this.cut()
    return true
  }

  start(server: Server): boolean {
    if (server.isUp) return false
    server.isUp = true
    server.db.record = recordAtStart(server.db.record, server.db.position, server.plan)!
    return true
  }

  copyOf({ db }: Server): Database {
    const rows = new Map([...db.rows].map(([address, row]) => [address, { ...row }]))
    return { ...db, rows }
  }

  /** Both share, and every address has its two keys. */
  isNormal(): boolean {
    const [one, two] = this.servers
    return (
      one.session !== undefined &&
      two.session !== undefined &&
      one.inbox.length + two.inbox.length === 0 &&
      this.servers.every(({ db }) => db.record.rights === 'shared') &&
      one.db.record.side !== two.db.record.side &&
      one.db.record.pairId === two.db.record.pairId
    )
  }

  keySum(address: number): number {
    return this.keys(this.servers[0], address) + this.keys(this.servers[1], address)
  }
}

function howToMerge(record: PairRecord, session: Session): Agreement['merge'] {
  const { agreement, isSynced } = session
  const isReceiving = agreement.verdict !== 'keep' && record.rights === 'none'
  if (isReceiving) return 'verbatim'
  if (!isSynced && agreement.merge === 'salvage') return 'salvage'
  if (record.rights === 'sole') return 'adopt'
  return isSynced ? 'keys' : agreement.merge === 'verbatim' ? 'keys' : agreement.merge
}

export function homeKeys(address: number, side: Side): number {
  return homeOf(address) === side ? 2 : 0
}

export function peer(name: string, role: HaPeer['role']): HaPeer {
  const url = { text: `http://${name}:1`, host: name, port: 1, secure: false }
  return { name, role, url, autoFailover: true, basicAuth: undefined, tls: undefined }
}

export function planOf(thisServer: HaPeer, partner: HaPeer | undefined, peers: HaPeer[]): HaPlan {
  return {
    mode: 'load-balancing',
    thisServer,
    partner,
    peers,
    sharesDatabase: false,
    sendLeaseUpdates: true,
    syncLeases: true,
    syncPageLimit: 1000,
    delayedUpdatesLimit: 0,
    heartbeatDelay: 500,
    maxResponseDelay: 3000,
    maxAckDelay: 3000,
    maxUnackedClients: 0,
    waitBackupAck: false,
    requireClientCerts: false,
    checksCertificateNames: true,
    pauses: new Map(),
    whenSilent: 'safe',
    sharesEdits: true,
    reserve: 0.2,
  }
}
