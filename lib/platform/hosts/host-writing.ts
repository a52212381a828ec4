// Reservations are written as Kea writes them, which serves them beside: what is not said is zero
// or an empty text, options are texts or bytes. One transaction each.

import { ipv4FromText } from '../../address/ipv4.ts'
import { bytesFromOctets } from '../../bytes/octets.ts'
import { RESERVATION_IDENTIFIERS } from '../../config/plan/known4.ts'
import type { Members } from '../../config/text/map.ts'
import type { HostChange, HostChanged, StoredHost, StoredOption } from '../../ports/hosts.ts'
import type { HostReader } from './host-reading.ts'
import { HOST_SCOPE, type HostSchema, namesOf } from './host-schema.ts'
import { numberIn, type Sql, type SqlValue } from './sql.ts'

export class HostWriter {
  readonly #sql: Sql
  readonly #schema: HostSchema
  readonly #family: 4 | 6
  readonly #reader: HostReader

  constructor(sql: Sql, schema: HostSchema, family: 4 | 6, reader: HostReader) {
    this.#sql = sql
    this.#schema = schema
    this.#family = family
    this.#reader = reader
  }

  async change(change: HostChange): Promise<HostChanged> {
    const { dialect } = this.#sql
    await this.#sql.query(dialect.begin)
    try {
      const done = await this.#carriedOut(change)
      await this.#sql.query(done === 'done' ? 'commit' : 'rollback')
      return done
    } catch (error) {
      if (this.#sql.lost === undefined) await this.#sql.query('rollback')
      if (dialect.isDuplicate(error)) return 'duplicate'
      throw error
    }
  }

  async #carriedOut(change: HostChange): Promise<HostChanged> {
    if (change.kind === 'delete') return await this.#deleted(change.selector)
    const { host, subnetId } = change
    if (change.kind === 'update') {
      const { identifier } = host
      const gone = await this.#deleted({ subnetId, identifier })
      if (gone !== 'done') return gone
    }
    const isUnique = change.kind === 'add' && change.isUnique
    return await this.#added(host, subnetId, isUnique)
  }

  /** One row of them: a client has one reservation in a subnet. */
  async #deleted(
    selector: Extract<HostChange, { kind: 'delete' }>['selector'],
  ): Promise<HostChanged> {
    const [found] = await this.#reader.find({ ...selector, limit: 1 })
    if (found === undefined) return 'not-found'
    const [own, other] = [namesOf(this.#family), namesOf(this.#family === 4 ? 6 : 4)]
    await this.#deleteFrom(own.options, found.id)
    if (this.#family === 6) await this.#deleteFrom('ipv6_reservations', found.id)
    const where = `where host_id = ? and ${other.subnet} is not null`
    const [shared] = await this.#sql.query(`select 1 as one from hosts ${where}`, [found.id])
    if (shared !== undefined) {
      // It is one of the other family, too, and goes on as that.
      await this.#sql.query(`update hosts set ${own.subnet} = null where host_id = ?`, [found.id])
      return 'done'
    }
    for (const table of [other.options, 'ipv6_reservations', 'hosts'])
      await this.#deleteFrom(table, found.id)
    return 'done'
  }

  async #deleteFrom(table: string, id: number): Promise<void> {
    await this.#sql.query(`delete from ${table} where host_id = ?`, [id])
  }

  async #added(host: StoredHost, subnetId: number, isUnique: boolean): Promise<HostChanged> {
    const { members } = host
    const keys = keysIn(members)
    if (isUnique && (await this.#isTaken(keys, subnetId))) return 'duplicate'
    await this.#insert('hosts', this.#hostColumns(host, subnetId))
    const [row] = await this.#sql.query(this.#sql.dialect.lastId)
    const id = numberIn(row?.id)
    if (id === undefined) throw new Error('the database does not tell the number of a row')
    for (const option of host.options) await this.#insertOption(option, id)
    for (const key of this.#family === 6 ? keys : []) await this.#insertKey(key, id)
    return 'done'
  }

  async #isTaken(keys: readonly Key6[], subnetId: number): Promise<boolean> {
    for (const { text } of keys)
      if ((await this.#reader.find({ subnetId, address: text, limit: 1 })).length > 0) return true
    return false
  }

  #hostColumns({ identifier, members }: StoredHost, subnetId: number): Columns {
    const { subnet, classes } = namesOf(this.#family)
    const context = members['user-context']
    const type = KINDS.indexOf(identifier.type)
    const shared: Columns = {
      dhcp_identifier: bytesFromOctets(identifier.value),
      dhcp_identifier_type: type,
      [subnet]: subnetId,
      hostname: textOf(members.hostname),
      [classes]: textsIn(members['client-classes']).join(','),
      user_context: context === undefined ? null : JSON.stringify(context),
      auth_key: '',
    }
    if (this.#family === 6) return shared
    return {
      ...shared,
      ipv4_address: ipv4FromText(textOf(members['ip-address'])) ?? 0,
      dhcp4_next_server: ipv4FromText(textOf(members['next-server'])) ?? 0,
      dhcp4_server_hostname: textOf(members['server-hostname']),
      dhcp4_boot_file_name: textOf(members['boot-file-name']),
    }
  }

  async #insertOption(option: StoredOption, hostId: number): Promise<void> {
    const { options: columns } = this.#schema
    const { userContext: context } = option
    await this.#insert(namesOf(this.#family).options, {
      code: option.code,
      value: option.value === undefined ? null : bytesFromOctets(option.value),
      formatted_value: option.text ?? null,
      space: option.space,
      persistent: option.isPersistent,
      user_context: context === undefined ? null : JSON.stringify(context),
      host_id: hostId,
      scope_id: HOST_SCOPE,
      ...(columns.has('cancelled') ? { cancelled: option.isCancelled } : {}),
      // Later versions want a list, be it an empty one.
      ...(columns.has('client_classes') ? { client_classes: listText(option.classes) } : {}),
    })
  }

  async #insertKey({ address, length, isPrefix, excluded }: Key6, hostId: number): Promise<void> {
    const type = this.#schema.addressType
    const place = this.#sql.dialect.addressValue(type)
    const columns = { prefix_len: length, type: isPrefix ? 2 : 0, host_id: hostId }
    const [left, leftLength] = excluded.split('/')
    const isExcluding = this.#schema.hasExcluded && excluded !== ''
    const names = ['address', ...Object.keys(columns)]
    const values: SqlValue[] = [address, ...Object.values(columns)]
    const places = [place, ...Object.keys(columns).map(() => '?')]
    if (isExcluding) {
      names.push('excluded_prefix', 'excluded_prefix_len')
      values.push(left!, Number(leftLength))
      places.push(place, '?')
    }
    await this.#sql.query(
      `insert into ipv6_reservations (${names.join(', ')}) values (${places.join(', ')})`,
      values,
    )
  }

  async #insert(table: string, columns: Columns): Promise<void> {
    const names = Object.keys(columns).map((name) => (name === 'space' ? this.#quoted(name) : name))
    await this.#sql.query(
      `insert into ${table} (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`,
      Object.values(columns),
    )
  }

  #quoted(name: string): string {
    return this.#sql.dialect.type === 'mysql' ? `\`${name}\`` : `"${name}"`
  }
}

const KINDS: readonly string[] = RESERVATION_IDENTIFIERS

type Columns = Readonly<Record<string, SqlValue>>

/** An address or prefix of a reservation. */
interface Key6 {
  /** As a selector says it. */
  readonly text: string
  readonly address: string
  readonly length: number
  readonly isPrefix: boolean
  readonly excluded: string
}

function keysIn(members: Members): readonly Key6[] {
  const single = textOf(members['ip-address'])
  const plain = [...(single === '' ? [] : [single]), ...textsIn(members['ip-addresses'])]
  const excluded = textsIn(members['excluded-prefixes'])
  return [
    ...plain.map((text) => ({ text, address: text, length: 128, isPrefix: false, excluded: '' })),
    ...textsIn(members.prefixes).map((text, at) => {
      const [address = '', length] = text.split('/')
      const left = excluded[at] ?? ''
      return { text, address, length: Number(length), isPrefix: true, excluded: left }
    }),
  ]
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** As Kea prints a list. */
function listText(names: readonly string[]): string {
  return `[ ${names.map((name) => JSON.stringify(name)).join(', ')} ]`
}
