// Turns what happens into log lines of the catalogue: what concerns the process, its journal and
// its pair. What clients of a family cause is told beside it (reporter4.ts).

import { hexFromOctets, octetsFromBytes } from '../bytes/octets.ts'
import type { MessageId } from '../catalogue/messages.ts'
import type { Key } from '../leases/keys/key.ts'
import { textFromKey } from '../leases/keys/key-text.ts'
import type { ClientIdentity, Lease } from '../leases/lease.ts'
import type { JournalInfo } from '../ports/journal.ts'
import { type Log, type LogFields, tell } from '../ports/log.ts'
import type { Instant } from '../time/units.ts'
import { LINES_MAX, type Limits, LineLimit } from './line-limit.ts'

/** So much of a message of another server is told. */
const LINK_MESSAGE_SHOWN = 1024

/** What another server can cause, with a connection or a row. */
const OF_PEERS = { lines: LINES_MAX, window: 10_000, kinds: 256 }

/** What stays as it is until somebody mends it. */
export const REPEATED = { lines: 1, window: 3_600_000, kinds: 256 }

export class Reporter {
  /** The database that was read is older than what this host has noted of it. */
  hasOlderDatabase = false
  readonly log: Log
  /** Whether renewals are wanted at the level of other leases. */
  readonly logsRenewals: () => boolean
  readonly #windows: { closeEnded(now: Instant): void }[] = []
  readonly #ofPeers = this.limit<MessageId>(OF_PEERS, (line, suppressed) => {
    this.say('HA_MORE', { line, suppressed })
    if (line === 'HA_STATE_TRANSITION') this.#tellLastTransition()
  })
  /**
   * The last one that was not told: who follows the log must not take a former state for the
   * present one.
   */
  #lastTransition: LogFields | undefined
  /** Kinds are the line and what it is about, with a space between. */
  readonly #repeated = this.limit<string>(REPEATED, (kind, suppressed, now) => {
    const end = kind.indexOf(' ')
    const fields = { line: kind.slice(0, end), about: kind.slice(end + 1), suppressed }
    // Others choose the kinds, and so how many numbers there are to be told.
    this.ofPeer('HA_MORE', fields, now)
  })

  /** Kinds are names of classes: what fails for one client mostly fails for many. */
  readonly #failedClasses = this.limit<string>(REPEATED, () => {})

  constructor(log: Log, logsRenewals: () => boolean) {
    this.log = log
    this.logsRenewals = logsRenewals
  }

  /** For lines that others can cause; `tellMore` is called by closeWindows, too. */
  limit<Kind extends string>(
    limits: Limits,
    tellMore: (kind: Kind, suppressed: number, now: Instant) => void,
  ): LineLimit<Kind> {
    const limit = new LineLimit(limits, tellMore)
    this.#windows.push(limit)
    return limit
  }

  /** Writes the catalogue's line with these fields. */
  say(id: MessageId, fields: LogFields): void {
    tell(this.log, id, fields)
  }

  journalRead(info: JournalInfo, leases: number): void {
    const { change, setAside, lostUnder, restored, downtime = 0 } = info
    this.say('JOURNAL_READY', { leases, change })
    if (downtime > 0) this.say('JOURNAL_DOWNTIME', { seconds: Math.floor(downtime / 1000) })
    if (setAside > 0) this.say('JOURNAL_ROWS_SET_ASIDE', { rows: setAside })
    this.hasOlderDatabase = restored === 'older'
    if (this.hasOlderDatabase) this.say('JOURNAL_OLDER', {})
    if (lostUnder !== undefined) this.say('HA_DATABASE_LOST', { durability: lostUnder })
  }

  /** A line that another server of the pair can cause as often as it likes. */
  ofPeer(id: MessageId, fields: LogFields, now: Instant): void {
    if (this.#ofPeers.admits(id, now)) this.say(id, fields)
    else if (id === 'HA_STATE_TRANSITION') this.#lastTransition = fields
  }

  #tellLastTransition(): void {
    if (this.#lastTransition !== undefined) this.say('HA_STATE_TRANSITION', this.#lastTransition)
    this.#lastTransition = undefined
  }

  /** The same; of what stays as it is it is told once, and how often it was the case each hour. */
  once(id: MessageId, about: string, fields: LogFields, now: Instant): void {
    if (this.#repeated.admits(`${id} ${about}`, now)) this.ofPeer(id, fields, now)
  }

  /** Something has changed: what is repeated from now on is told again. */
  forgetRepeated(now: Instant): void {
    this.#repeated.closeAll(now)
  }

  /** Two servers have given one address. */
  conflict(here: Lease<Key>, there: Lease<Key>, kept: Lease<Key>, now: Instant): void {
    if (!this.#ofPeers.admits('HA_LEASE_CONFLICT', now)) return
    this.say('HA_LEASE_CONFLICT', {
      address: textFromKey(here.address),
      here: holderText(here),
      there: holderText(there),
      kept: holderText(kept),
    })
  }

  /** The expression of the class had no value for a message. */
  classFailed(name: string, why: string, now: Instant): void {
    if (this.#failedClasses.admits(name, now)) this.say('DHCPSRV_EVAL_ERROR', { class: name, why })
  }

  /** Time has passed: lines that were suppressed are told by their number. */
  closeWindows(now: Instant): void {
    for (const limit of this.#windows) limit.closeEnded(now)
  }

  /** An error of ours, in what an operator has the server do. */
  fault(error: unknown): void {
    this.say('INTERNAL_ERROR', { error: textOf(error) })
  }

  /** The engine threw: a fault of ours, reported with the message that brought it about. */
  internal(error: unknown, bytes: Uint8Array, start: number, end: number): void {
    this.say('INTERNAL_ERROR', {
      error: textOf(error),
      message: hexFromOctets(octetsFromBytes(bytes, start, end)),
    })
  }

  /** The same for a message of another server of the pair; '' for none. */
  internalOnLink(error: unknown, remote: string, message: string | Uint8Array, now: Instant): void {
    if (!this.#ofPeers.admits('INTERNAL_ERROR', now)) return
    const start = message.slice(0, LINK_MESSAGE_SHOWN)
    this.say('INTERNAL_ERROR', {
      error: textOf(error),
      remote,
      message:
        typeof start === 'string' ? start : hexFromOctets(octetsFromBytes(start, 0, start.length)),
    })
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Who has a lease, for people. */
export function holderText({ clientId, hwAddress }: ClientIdentity): string {
  return clientId === '' ? hexFromOctets(hwAddress, ':') : hexFromOctets(clientId, ':')
}
