// Reservations are read: those of a range of numbers, of some identifiers, or what a command asks
// for. Three statements each, never a product of hosts and options.

import { ipv4FromText, textFromIpv4 } from '../../address/ipv4.ts'
import { bytesFromOctets } from '../../bytes/octets.ts'
import { BUCKET_SIZE, type HostRow, type ReservedKey } from '../../config/plan/host-rows.ts'
import { RESERVATION_IDENTIFIERS } from '../../config/plan/known4.ts'
import type { HostIdentifier, HostSelector } from '../../ports/hosts.ts'
import { HOST_SCOPE, type HostSchema, namesOf } from './host-schema.ts'
import { hostRowOf, type RowsOfHosts } from './row-reading.ts'
import { numberIn, type Sql, type SqlRow, type SqlValue, textIn } from './sql.ts'

/** What follows `where`, and its values. */
interface Condition {
  readonly text: string
  readonly values: readonly SqlValue[]
}

export class HostReader {
  readonly #sql: Sql
  readonly #schema: HostSchema
  readonly #family: 4 | 6

  constructor(sql: Sql, schema: HostSchema, family: 4 | 6) {
    this.#sql = sql
    this.#schema = schema
    this.#family = family
  }

  async count(): Promise<number> {
    const { subnet } = namesOf(this.#family)
    const [row] = await this.#sql.query(
      `select count(*) as n from hosts where ${subnet} is not null`,
    )
    return numberIn(row?.n) ?? 0
  }

  /** By bucket, something that differs when a row of it does. */
  async digests(): Promise<Map<number, string>> {
    const { subnet, classes, options } = namesOf(this.#family)
    const own = this.#family === 4 ? COLUMNS4 : []
    const hosts = ['host_id', ...IDENTITY, subnet, classes, 'hostname', 'user_context', ...own]
    const digests = new Map<number, string>()
    await this.#digest(digests, 'hosts', hosts, `${subnet} is not null`)
    const columns = ['host_id', 'option_id', ...this.#optionColumns()]
    const isOfHost = `scope_id = ${HOST_SCOPE} and host_id is not null`
    await this.#digest(digests, options, columns, isOfHost)
    if (this.#family === 6) {
      const all = [
        'host_id',
        'reservation_id',
        'address',
        'prefix_len',
        'type',
        ...this.#excluded(),
      ]
      await this.#digest(digests, 'ipv6_reservations', all, '1 = 1')
    }
    return digests
  }

  async #digest(
    digests: Map<number, string>,
    table: string,
    columns: readonly string[],
    condition: string,
  ): Promise<void> {
    const { dialect } = this.#sql
    const rows = await this.#sql.query(
      `select ${dialect.quotient('host_id', BUCKET_SIZE)} as bucket,
        ${dialect.digest(columns)} as digest from ${table} where ${condition} group by 1`,
    )
    for (const { bucket, digest } of rows) {
      const number = numberIn(bucket)
      if (number === undefined) continue
      digests.set(number, `${digests.get(number) ?? ''} ${table} ${textIn(digest)}`)
    }
  }

  /** Lowest number first; a part at a time, so that clients are answered between two of them. */
  async bucket(number: number): Promise<readonly HostRow[]> {
    const end = (number + 1) * BUCKET_SIZE
    const all: HostRow[] = []
    for (let first = number * BUCKET_SIZE; first < end; first += PAGE) {
      const text = `h.host_id between ${first} and ${first + PAGE - 1}`
      for (const row of await this.#hosts({ text, values: [] })) all.push(row)
    }
    return all
  }

  /** What is reserved by the rows of a bucket. */
  async keysOfBucket(number: number): Promise<readonly ReservedKey[]> {
    const { subnet } = namesOf(this.#family)
    const first = number * BUCKET_SIZE
    const range = `h.host_id between ${first} and ${first + BUCKET_SIZE - 1}`
    if (this.#family === 4) {
      const rows = await this.#sql.query(
        `select h.${subnet} as subnet_id, h.ipv4_address as address from hosts h
          where ${range} and h.${subnet} is not null and h.ipv4_address > 0`,
      )
      return rows.flatMap((row) => keyOf(row, textFromIpv4(numberIn(row.address) ?? 0)))
    }
    const rows = await this.#sql.query(
      `select h.${subnet} as subnet_id, ${this.#addressText()} as address, r.prefix_len, r.type
        from hosts h join ipv6_reservations r on r.host_id = h.host_id
        where ${range} and h.${subnet} is not null`,
    )
    return rows.flatMap((row) => {
      const address = textIn(row.address).trim()
      return keyOf(row, numberIn(row.type) === 0 ? address : `${address}/${row.prefix_len}`)
    })
  }

  /** Those of any of these identifiers, in every subnet. */
  async byIdentifiers(identifiers: readonly HostIdentifier[]): Promise<readonly HostRow[]> {
    const parts = identifiers.map(identifierCondition)
    return await this.#hosts({
      text: `(${parts.map(({ text }) => text).join(' or ')})`,
      values: parts.flatMap(({ values }) => values),
    })
  }

  async find(selector: HostSelector): Promise<readonly HostRow[]> {
    return await this.#hosts(this.condition(selector), selector.limit)
  }

  condition({ subnetId, identifier, address, hostname, after }: HostSelector): Condition {
    const { subnet } = namesOf(this.#family)
    const parts: Condition[] = []
    if (subnetId !== undefined) parts.push({ text: `h.${subnet} = ?`, values: [subnetId] })
    if (identifier !== undefined) parts.push(identifierCondition(identifier))
    if (address !== undefined) parts.push(this.#addressCondition(address))
    if (hostname !== undefined)
      parts.push({ text: 'lower(h.hostname) = ?', values: [hostname.toLowerCase()] })
    if (after !== undefined) parts.push({ text: 'h.host_id > ?', values: [after] })
    if (parts.length === 0) return { text: '1 = 1', values: [] }
    return {
      text: parts.map(({ text }) => text).join(' and '),
      values: parts.flatMap(({ values }) => values),
    }
  }

  #addressCondition(text: string): Condition {
    if (this.#family === 4)
      return { text: 'h.ipv4_address = ?', values: [ipv4FromText(text) ?? -1] }
    const [address = '', length] = text.split('/')
    const { addressType } = this.#schema
    const isIt = this.#sql.dialect.isAddress('r.address', addressType)
    const type = length === undefined ? 'r.type = 0' : 'r.type = 2 and r.prefix_len = ?'
    return {
      text: `exists (select 1 from ipv6_reservations r
        where r.host_id = h.host_id and ${isIt} and ${type})`,
      values: length === undefined ? [address] : [address, Number(length)],
    }
  }

  async #hosts(condition: Condition, limit?: number): Promise<readonly HostRow[]> {
    const { subnet, classes } = namesOf(this.#family)
    const own = this.#family === 4 ? COLUMNS4.map((column) => `h.${column}`) : []
    const columns = [
      ...['host_id', ...IDENTITY, 'hostname', 'user_context'].map((column) => `h.${column}`),
      `h.${subnet} as subnet_id`,
      `h.${classes} as classes`,
      ...own,
    ]
    const hosts = await this.#sql.query(
      `select ${columns.join(', ')} from hosts h
        where h.${subnet} is not null and ${condition.text}
        order by h.host_id ${limit === undefined ? '' : `limit ${limit}`}`,
      condition.values,
    )
    const ids = hosts.flatMap((row) => numberIn(row.host_id) ?? [])
    if (ids.length === 0) return []
    const options = await this.#optionsOf(ids)
    const reservations = this.#family === 6 ? await this.#reservationsOf(ids) : new Map()
    return hosts.flatMap((row) => hostRowOf(row, this.#family, options, reservations) ?? [])
  }

  async #optionsOf(ids: readonly number[]): Promise<RowsOfHosts> {
    const { options } = namesOf(this.#family)
    const rows = await this.#sql.query(
      `select host_id, ${this.#optionColumns().join(', ')} from ${options}
        where scope_id = ${HOST_SCOPE} and ${amongHosts('host_id', ids)} order by option_id`,
    )
    return grouped(rows)
  }

  async #reservationsOf(ids: readonly number[]): Promise<RowsOfHosts> {
    const { hasExcluded } = this.#schema
    const { dialect } = this.#sql
    const type = this.#schema.addressType
    const excluded = hasExcluded
      ? `, ${dialect.addressText('r.excluded_prefix', type)} as excluded,
          r.excluded_prefix_len as excluded_len`
      : ''
    const rows = await this.#sql.query(
      `select r.host_id, ${this.#addressText()} as address, r.prefix_len, r.type ${excluded}
        from ipv6_reservations r where ${amongHosts('r.host_id', ids)} order by r.reservation_id`,
    )
    return grouped(rows)
  }

  #addressText(): string {
    return this.#sql.dialect.addressText('r.address', this.#schema.addressType)
  }

  #excluded(): readonly string[] {
    return this.#schema.hasExcluded ? ['excluded_prefix', 'excluded_prefix_len'] : []
  }

  #optionColumns(): readonly string[] {
    const { options } = this.#schema
    return OPTION_COLUMNS.filter((column) => options.has(column))
  }
}

/** Rows of one statement. */
const PAGE = 250

const IDENTITY = ['dhcp_identifier', 'dhcp_identifier_type'] as const
const COLUMNS4 = [
  ...['ipv4_address', 'dhcp4_next_server', 'dhcp4_server_hostname', 'dhcp4_boot_file_name'],
] as const
const OPTION_COLUMNS: readonly string[] = [
  ...['code', 'value', 'formatted_value', 'space', 'persistent', 'user_context'],
  ...['cancelled', 'client_classes'],
]

function identifierCondition({ type, value }: HostIdentifier): Condition {
  const number = RESERVATION_IDENTIFIERS.indexOf(type as (typeof RESERVATION_IDENTIFIERS)[number])
  return {
    text: '(h.dhcp_identifier = ? and h.dhcp_identifier_type = ?)',
    values: [bytesFromOctets(value), number],
  }
}

/** With more, a range that holds them all is read instead. */
const LISTED_MAX = 200

/** They are in order. */
function amongHosts(column: string, ids: readonly number[]): string {
  return ids.length > LISTED_MAX
    ? `${column} between ${ids[0]} and ${ids.at(-1)}`
    : `${column} in (${ids.join(', ')})`
}

function grouped(rows: readonly SqlRow[]): RowsOfHosts {
  const byHost = new Map<number, SqlRow[]>()
  for (const row of rows) {
    const id = numberIn(row.host_id)
    if (id === undefined) continue
    const list = byHost.get(id)
    if (list === undefined) byHost.set(id, [row])
    else list.push(row)
  }
  return byHost
}

function keyOf(row: SqlRow, key: string): readonly ReservedKey[] {
  const subnetId = numberIn(row.subnet_id)
  return subnetId === undefined ? [] : [{ subnetId, key }]
}
