// Databases of reservations of a server of the lab, as tables in memory: what they say, how long
// they take, and whether they are there at all, is the test's.

import { hexFromOctets } from '../../lib/bytes/octets.ts'
import type { HostRow, ReservedKey } from '../../lib/config/plan/host-rows.ts'
import type { HostDatabasePlan } from '../../lib/config/plan/hosts-plan.ts'
import type { Ticket } from '../../lib/dhcp/asking.ts'
import type {
  HostChange,
  HostChanged,
  HostDatabase,
  HostIdentifier,
  HostSelector,
  HostSink,
  Hosts,
  HostsFound,
} from '../../lib/ports/hosts.ts'

/** What others than the server see of a database. */
export class FakeTable {
  rows: HostRow[] = []
  /** '' while it is there. */
  trouble = ''
  /** Of an answer, and of a look at what has changed. */
  delay = 1
  readonly asked: (readonly HostIdentifier[])[] = []
  /** All servers that have it open look at once. */
  readonly sinks = new Set<() => void>()

  constructor(...rows: HostRow[]) {
    this.rows = rows
  }

  put(id: number, host: HostRow['host'], subnetId = 1): void {
    this.rows = [...this.rows.filter((row) => row.id !== id), { id, subnetId, host }]
    this.look()
  }

  delete(id: number): void {
    this.rows = this.rows.filter((row) => row.id !== id)
    this.look()
  }

  look(): void {
    for (const refresh of this.sinks) refresh()
  }
}

type After = (delay: number, work: () => void) => void

export class FakeHosts implements Hosts {
  readonly #after: After
  readonly #tables: Readonly<Record<4 | 6, readonly FakeTable[]>>
  #databases: readonly FakeDatabase[] = []

  constructor(after: After, tables: Partial<Record<4 | 6, readonly FakeTable[]>>) {
    this.#after = after
    this.#tables = { 4: [], 6: [], ...tables }
  }

  use(plans: readonly HostDatabasePlan[]): readonly HostDatabase[] {
    const former = this.#databases
    this.#databases = plans.map(
      (plan) =>
        former.find((one) => JSON.stringify(one.plan) === JSON.stringify(plan)) ??
        new FakeDatabase(plan, this.#tables[plan.family][plan.index]!, this.#after),
    )
    for (const one of former) if (!this.#databases.includes(one)) one.close()
    return this.#databases
  }

  close(): void {
    for (const one of this.#databases) one.close()
  }
}

class FakeDatabase implements HostDatabase {
  readonly plan: HostDatabasePlan
  readonly #table: FakeTable
  readonly #after: After
  #sink: HostSink | undefined
  #said = ''
  #trouble = ''
  readonly #look = (): void => this.refresh()

  constructor(plan: HostDatabasePlan, table: FakeTable, after: After) {
    this.plan = plan
    this.#table = table
    this.#after = after
  }

  open(sink: HostSink): void {
    this.#sink = sink
    this.#table.sinks.add(this.#look)
    this.refresh()
  }

  close(): void {
    this.#sink = undefined
    this.#table.sinks.delete(this.#look)
  }

  refresh(): void {
    this.#after(this.#table.delay, () => this.#tell())
  }

  #tell(): void {
    const { rows, trouble } = this.#table
    if (this.#trouble !== trouble) this.#sink?.onTrouble(trouble)
    this.#trouble = trouble
    if (trouble !== '') return
    const said = JSON.stringify(rows)
    if (said === this.#said) return
    this.#said = said
    if (rows.length > this.plan.loadMax) this.#sink?.onReserved(bucketed(rows, keysOf), true)
    else
      this.#sink?.onRows(
        bucketed(rows, (row) => [row]),
        true,
      )
  }

  ask(ticket: Ticket, identifiers: readonly HostIdentifier[]): void {
    this.#table.asked.push(identifiers)
    this.#after(this.#table.delay, () => {
      const { trouble } = this.#table
      const isIt = (row: HostRow) => identifiers.some((one) => isOf(row, one))
      this.#sink?.onAnswer(ticket, trouble === '' ? this.#table.rows.filter(isIt) : undefined)
    })
  }

  find(selector: HostSelector, answer: (found: HostsFound) => void): void {
    const { delay, trouble } = this.#table
    this.#after(delay, () => answer(trouble === '' ? this.#found(selector) : trouble))
  }

  #found({ subnetId, identifier, address, hostname, after = 0, limit }: HostSelector): HostRow[] {
    return this.#table.rows
      .filter(
        (row) =>
          row.id > after &&
          (subnetId === undefined || row.subnetId === subnetId) &&
          (identifier === undefined || isOf(row, identifier)) &&
          (address === undefined || keysOf(row).some(({ key }) => key === address)) &&
          (hostname === undefined || row.host.hostname === hostname),
      )
      .sort((one, other) => one.id - other.id)
      .slice(0, limit)
  }

  change(change: HostChange, answer: (changed: HostChanged) => void): void {
    const { delay, trouble } = this.#table
    this.#after(delay, () => answer(trouble === '' ? this.#changed(change) : { trouble }))
  }

  #changed(change: HostChange): HostChanged {
    const selector =
      change.kind === 'delete'
        ? change.selector
        : { subnetId: change.subnetId, identifier: change.host.identifier }
    const [former] = this.#found(selector)
    if (change.kind === 'add' ? former !== undefined : former === undefined)
      return change.kind === 'add' ? 'duplicate' : 'not-found'
    if (former !== undefined) this.#table.delete(former.id)
    if (change.kind === 'delete') return 'done'
    const { identifier, members, options } = change.host
    const id = Math.max(0, ...this.#table.rows.map((row) => row.id)) + 1
    const entries = options.map(({ code, text, value }) => ({
      code,
      ...(text === undefined
        ? { data: hexFromOctets(value!), 'csv-format': false }
        : { data: text, 'csv-format': true }),
    }))
    const own = { [identifier.type]: hexFromOctets(identifier.value) }
    this.#table.put(id, { ...own, ...members, 'option-data': entries }, change.subnetId)
    return 'done'
  }
}

function isOf({ host }: HostRow, { type, value }: HostIdentifier): boolean {
  const text = host[type]
  return typeof text === 'string' && text.replaceAll(':', '') === hexFromOctets(value)
}

function keysOf({ subnetId, host }: HostRow): readonly ReservedKey[] {
  const keys = [host['ip-address'], host['ip-addresses'], host.prefixes].flat()
  return keys.flatMap((key) => (typeof key === 'string' ? [{ subnetId, key }] : []))
}

function bucketed<Part>(
  rows: readonly HostRow[],
  partsOf: (row: HostRow) => readonly Part[],
): ReadonlyMap<number, readonly Part[]> {
  const buckets = new Map<number, Part[]>()
  for (const row of rows.toSorted((one, other) => one.id - other.id)) {
    const number = Math.floor(row.id / 1000)
    buckets.set(number, [...(buckets.get(number) ?? []), ...partsOf(row)])
  }
  return buckets
}
