// Other DHCP servers on the segment, as clients tell of them: who takes the offer of another server
// names it, and both families send that to all. Such a server may be a router that somebody has
// plugged in, and gives out addresses that nobody here knows of. Told once an hour of each.

import type { Octets } from '../bytes/octets.ts'
import type { MessageId } from '../catalogue/messages.ts'
import type { LogFields } from '../ports/log.ts'
import type { Instant, Millis } from '../time/units.ts'
import type { OtherServer, ServerEvent } from './events.ts'
import { LINES_MAX, type LineLimit } from './line-limit.ts'
import type { Reporter } from './reporter.ts'

const HOUR: Millis = 3_600_000
/** Who has not been named for so long is forgotten. */
const REMEMBERED: Millis = 24 * HOUR
/** Servers that are remembered; the one that has not been named for longest goes for another. */
const SERVERS_MAX = 32
/** Clients of each that are counted. */
const CLIENTS_MAX = 256
/** Of all together: whoever makes up servers must not fill the disk. */
const LINES = { lines: LINES_MAX, window: HOUR, kinds: 1 }

/** A message that names a server. */
export interface Named<Id> {
  readonly server: Id
  readonly client: Octets
  readonly interface: string
  /** Undefined: it came without one. */
  readonly relay: string | undefined
}

interface Seen {
  readonly clients: Set<Octets>
  interface: string
  relay: string
  last: Instant
  toldAt: Instant | undefined
}

export interface OtherServersDuties<Id> {
  /** Whether it is a server of this configuration, of the pair, or may be. */
  isKnown(server: Id): boolean
  textOf(server: Id): string
  tell(event: ServerEvent): void
}

export class OtherServers<Id> {
  readonly #family: 4 | 6
  readonly #reporter: Pick<Reporter, 'say'>
  readonly #duties: OtherServersDuties<Id>
  readonly #lines: LineLimit<MessageId>
  readonly #seen = new Map<Id, Seen>()

  constructor(
    family: 4 | 6,
    reporter: Pick<Reporter, 'say' | 'limit'>,
    duties: OtherServersDuties<Id>,
  ) {
    this.#family = family
    this.#reporter = reporter
    this.#duties = duties
    this.#lines = reporter.limit(LINES, (id, suppressed) =>
      reporter.say(`DHCP${family}_OTHER_SERVER_MORE`, { line: id, suppressed }),
    )
  }

  /** A client takes the offer of a server that is not this one. */
  note(named: Named<Id>, now: Instant): void {
    const { server, client } = named
    if (this.#duties.isKnown(server)) return
    const seen = this.#seen.get(server) ?? this.#begin()
    // At the end are those that were named last.
    this.#seen.delete(server)
    this.#seen.set(server, seen)
    if (seen.clients.size < CLIENTS_MAX) seen.clients.add(client)
    seen.interface = named.interface
    seen.relay = named.relay ?? ''
    seen.last = now
    if (seen.toldAt !== undefined && now < seen.toldAt + HOUR) return
    seen.toldAt = now
    this.#tell(this.#statusOf(server, seen), now)
  }

  /** Those that were named within the last day. */
  status(now: Instant): readonly OtherServer[] {
    return [...this.#seen]
      .filter(([, { last }]) => now < last + REMEMBERED)
      .map(([server, seen]) => this.#statusOf(server, seen))
  }

  #begin(): Seen {
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size >= SERVERS_MAX) this.#seen.delete(oldest)
      break
    }
    return { clients: new Set(), interface: '', relay: '', last: 0, toldAt: undefined }
  }

  #tell(other: OtherServer, now: Instant): void {
    const id = `DHCP${this.#family}_OTHER_SERVER` as const
    if (!this.#lines.admits(id, now)) return
    const { family: _, relay, ...fields } = other
    const where: LogFields = { ...fields, relay: relay === '' ? undefined : relay }
    this.#reporter.say(id, where)
    this.#duties.tell({ kind: 'other-server', ...other })
  }

  #statusOf(server: Id, { clients, interface: name, relay }: Seen): OtherServer {
    return {
      family: this.#family,
      server: this.#duties.textOf(server),
      ...{ interface: name, relay, clients: clients.size },
    }
  }
}
