// Zones that DNS servers were asked for, behind `*` or where another zone was configured. Names
// with the same parent are in the same zone, for as long as the server has said. Where that is
// wrong by now the server refuses, and is asked again.

import type { Octets } from '../../bytes/octets.ts'
import { parentOf } from '../../ddns/zones.ts'
import type { Instant, Seconds } from '../../time/units.ts'

/** Whoever has so many parents of names asks anew. */
const ZONES_MAX = 1000

interface Found {
  readonly zone: Octets
  readonly until: Instant
}

export class FoundZones {
  readonly #found = new Map<string, Found>()

  /** Undefined: it is not known. */
  find(server: string, name: Octets, now: Instant): Octets | undefined {
    const found = this.#found.get(keyOf(server, name))
    return found !== undefined && now < found.until ? found.zone : undefined
  }

  note(server: string, name: Octets, zone: Octets, ttl: Seconds, now: Instant): void {
    if (this.#found.size >= ZONES_MAX) this.#found.clear()
    this.#found.set(keyOf(server, name), { zone, until: now + ttl * 1000 })
  }

  forget(): void {
    this.#found.clear()
  }
}

function keyOf(server: string, name: Octets): string {
  return `${server} ${parentOf(name)}`
}
