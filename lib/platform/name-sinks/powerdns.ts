// PowerDNS, by its API. A set of records there is replaced as a whole, so each that comes from here
// has a comment that says so: others with the same name and type are left alone, and what was left
// behind by another life of this server is found by it.

import type { Octets } from '../../bytes/octets.ts'
import type { PowerDnsPlan } from '../../config/plan/names-plan.ts'
import { addressOf } from '../../ddns/reverse-name.ts'
import { isIn, Zones } from '../../ddns/zones.ts'
import type { Millis } from '../../time/units.ts'
import { textOf } from './hosts-file.ts'
import { type Owner, OwnerSink, type SinkSettings } from './sink.ts'

const ACCOUNT = 'whio'
/** Names told by one request. */
const AT_ONCE = 200
/** What others have in the zones is looked at again. */
const LOOK_EVERY: Millis = 3_600_000
const PATIENCE: Millis = 30_000

type Type = 'A' | 'AAAA' | 'PTR'

/** Something in the request cannot be. */
class Refused extends Error {}
const UNPROCESSABLE = 422

/** As the API has it. */
interface RrSet {
  readonly name: string
  readonly type: string
  readonly comments?: readonly { readonly account?: string }[]
}

interface Change {
  readonly name: string
  readonly type: Type
  readonly changetype: 'REPLACE' | 'DELETE'
  readonly ttl?: number
  readonly records?: readonly { readonly content: string; readonly disabled: boolean }[]
  readonly comments?: readonly { readonly content: string; readonly account: string }[]
}

export class PowerDnsSink extends OwnerSink {
  readonly #plan: PowerDnsPlan
  readonly #zones: Zones<{ readonly name: Octets }>
  /** Sets that are ours, and sets that are not: name and type. */
  readonly #ours = new Set<string>()
  readonly #others = new Set<string>()
  #lookedAt: Millis | undefined

  constructor(plan: PowerDnsPlan, settings: SinkSettings) {
    super(plan.url, settings)
    this.#plan = plan
    this.#zones = new Zones(plan.zones.map((name) => ({ name })))
    this.wake()
  }

  protected async tell(): Promise<void> {
    const isOld = performance.now() - (this.#lookedAt ?? 0) > LOOK_EVERY
    if (this.#lookedAt === undefined) {
      await this.#look()
      await this.lackAll()
    } else if (isOld) await this.#look()
    this.#lookedAt ??= performance.now()
    while (this.waiting > 0 && !this.isClosed) await this.#tellSome()
  }

  /** What there is of ours is told anew, or removed. */
  async #look(): Promise<void> {
    this.#ours.clear()
    this.#others.clear()
    for (const zone of this.#plan.zones) {
      const { rrsets } = (await this.#request('GET', zone)) as { readonly rrsets: readonly RrSet[] }
      for (const { comments = [], name, type } of rrsets) {
        const isOurs = comments.some(({ account }) => account === ACCOUNT)
        const owner = name.toLowerCase().replace(/\.$/, '')
        ;(isOurs ? this.#ours : this.#others).add(`${owner} ${type}`)
        if (isOurs) this.lack({ name: owner, address: addressOf(owner) })
      }
    }
    this.#lookedAt = performance.now()
  }

  async #tellSome(): Promise<void> {
    const owners = this.take(AT_ONCE)
    const byZone = new Map<Octets, Owner[]>()
    for (const owner of owners) {
      const zone = this.#zones.find(owner.name)?.zoneName
      if (zone === undefined || !isIn(owner.name, zone)) continue
      const there = byZone.get(zone)
      if (there === undefined) byZone.set(zone, [owner])
      else there.push(owner)
    }
    try {
      for (const [zone, some] of byZone) await this.#patch(zone, some)
    } catch (error) {
      for (const owner of owners) this.lack(owner)
      throw error
    }
  }

  async #patch(zone: Octets, owners: readonly Owner[]): Promise<void> {
    const sets = owners.flatMap((owner) =>
      (owner.address === undefined ? (['A', 'AAAA'] as const) : (['PTR'] as const)).flatMap(
        (type) => this.#setOf(owner, type),
      ),
    )
    if (sets.length === 0) return
    try {
      await this.#request('PATCH', zone, { rrsets: sets })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      // All of them for one of them: that has an alias beside it, or whatever else is in its way.
      if (owners.length > 1) for (const owner of owners) await this.#patch(zone, [owner])
      return
    }
    for (const { changetype, name, type } of sets) {
      const set = `${name.slice(0, -1)} ${type}`
      if (changetype === 'REPLACE') this.#ours.add(set)
      else this.#ours.delete(set)
    }
  }

  /** None where somebody else has the set, or there is nothing to change. */
  #setOf(owner: Owner, type: Type): readonly Change[] {
    const set = `${owner.name} ${type}`
    if (this.#others.has(set)) return []
    const records = this.recordsOf(owner).flatMap(({ address, name }) => {
      if (type === 'PTR') return [`${name}.`]
      return (address.length === 4) === (type === 'A') ? [textOf(address)] : []
    })
    if (records.length === 0 && !this.#ours.has(set)) return []
    const name = `${owner.name}.`
    if (records.length === 0) return [{ name, type, changetype: 'DELETE' }]
    return [
      {
        ...{ name, type, changetype: 'REPLACE', ttl: this.#ttlOf(owner) },
        records: [...new Set(records)].map((content) => ({ content, disabled: false })),
        comments: [{ content: 'lease', account: ACCOUNT }],
      },
    ]
  }

  #ttlOf(owner: Owner): number {
    return Math.min(...this.recordsOf(owner).map(({ ttl }) => ttl))
  }

  async #request(method: 'GET' | 'PATCH', zone: Octets, body?: object): Promise<unknown> {
    const { apiKey, serverId, url } = this.#plan
    const path = `/api/v1/servers/${encodeURIComponent(serverId)}/zones/${encodeURIComponent(zone)}.`
    const response = await fetch(url + path, {
      method,
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE),
    })
    const text = await response.text()
    if (response.status === UNPROCESSABLE) throw new Refused(errorIn(text))
    if (!response.ok)
      throw new Error(`zone ${zone}: ${errorIn(text) || `status ${response.status}`}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

/** What the API says of it. */
function errorIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: unknown }
    return typeof error === 'string' ? error : ''
  } catch {
    return ''
  }
}
