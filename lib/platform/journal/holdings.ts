// The versions of leases that the history has, as what somebody had from one time to another.

import { prefix6FromText, textFromPrefix6 } from '../../address/prefix6.ts'
import { LEASE_STATE } from '../../leases/lease.ts'
import type { Holding } from '../../ports/lease-history.ts'
import { INFINITE_LIFETIME } from '../../time/units.ts'
import type { HistoryEntry } from './history.ts'

/** Of an address whoever had it, of a client whatever it had; the oldest first. */
export function holdingsOf(entries: Iterable<HistoryEntry>, about: string): Holding[] {
  const holdings = new Holdings(about)
  for (const entry of entries) holdings.add(entry)
  return holdings.all()
}

/** Is given versions in the order in which each address had them. */
export class Holdings {
  readonly #isMeant: (entry: HistoryEntry) => boolean
  readonly #found: { holding: Holding; readonly isMeant: boolean }[] = []
  /** By address, the last one. */
  readonly #open = new Map<string, number>()

  constructor(about: string) {
    this.#isMeant = meantBy(about)
  }

  add(entry: HistoryEntry): void {
    const at = this.#open.get(entry.address)
    const last = at === undefined ? undefined : this.#found[at]!
    if (last !== undefined && isSame(last.holding, entry)) {
      last.holding = { ...last.holding, told: entry.at, validLifetime: entry.validLifetime }
      return
    }
    if (last !== undefined && last.holding.until === undefined)
      last.holding = { ...last.holding, until: endOf(last.holding, entry.at) }
    const what = WHAT.get(entry.state)
    this.#open.delete(entry.address)
    if (what === undefined || entry.validLifetime === 0) return
    this.#open.set(entry.address, this.#found.length)
    const { at: from, start: _start, state: _state, ...rest } = entry
    this.#found.push({
      holding: { ...rest, what, from, told: from, until: undefined },
      isMeant: this.#isMeant(entry),
    })
  }

  all(): Holding[] {
    return this.#found.filter((one) => one.isMeant).map(({ holding }) => holding)
  }
}

const WHAT = new Map<number, Holding['what']>([
  [LEASE_STATE.assigned, 'leased'],
  [LEASE_STATE.declined, 'declined'],
  [LEASE_STATE.registered, 'registered'],
])

function isSame(holding: Holding, { clientId, hwAddress, state, validLifetime }: HistoryEntry) {
  if (WHAT.get(state) !== holding.what || validLifetime === 0) return false
  return holding.clientId === clientId && holding.hwAddress === hwAddress
}

/** What was told of later had ended by itself before. */
function endOf({ told, validLifetime }: Holding, at: number): number {
  if (validLifetime === INFINITE_LIFETIME) return at
  return Math.min(at, told + validLifetime * 1000)
}

function meantBy(about: string): (entry: HistoryEntry) => boolean {
  const key = about.includes(':') ? prefix6FromText(about) : undefined
  const address = key === undefined ? about : textFromPrefix6(key)
  const digits = about.toLowerCase().replace(/[^0-9a-f]/g, '')
  const isId = /^[0-9a-f]{1,2}([:-][0-9a-f]{1,2})+$/i.test(about) || /^[0-9a-f]{6,}$/i.test(about)
  const name = about.toLowerCase()
  return (entry) =>
    entry.address === address ||
    entry.hostname.toLowerCase() === name ||
    (isId && [entry.hwAddress, entry.clientId].some((one) => one.replaceAll(':', '') === digits))
}
