// The tables of Kea that hold configuration, read for one server: what is for all, and what has its
// tag. Versions differ in columns; what is there is read.

import type { BackendRows } from '../../config/backend/part.ts'
import { numberIn, type Sql, type SqlRow, type SqlValue, textIn } from '../hosts/sql.ts'

/** Columns of each table, with their types. */
export type ConfigSchema = ReadonlyMap<string, ReadonlyMap<string, string>>

const MISSING = 'has no tables of configuration: kea-admin db-init makes them'

/** Without the name of the family, that goes before them. */
const TABLES = [
  ...['server', 'global_parameter', 'global_parameter_server', 'option_def', 'option_def_server'],
  ...['options', 'options_server', 'client_class', 'client_class_server', 'client_class_order'],
  ...['shared_network', 'shared_network_server', 'subnet', 'subnet_server', 'pool', 'pd_pool'],
]

export async function lookAtTables(sql: Sql, family: 4 | 6): Promise<ConfigSchema> {
  const names = TABLES.map((name) => `'dhcp${family}_${name}'`).join(', ')
  const where = sql.dialect.schemaOf(`dhcp${family}_subnet`)
  const columns = await sql.query(
    `select table_name as t, column_name as c, data_type as d from information_schema.columns
      where table_schema = ${where} and table_name in (${names})`,
  )
  const schema = new Map<string, Map<string, string>>()
  for (const { t, c, d } of columns) {
    const table = textIn(t)
    const known = schema.get(table) ?? new Map<string, string>()
    schema.set(table, known.set(textIn(c), textIn(d)))
  }
  if (!schema.has(`dhcp${family}_subnet`)) throw new Error(MISSING)
  return schema
}

/** Rows of one statement. */
const PAGE = 500

/** Options of hosts stand in the same table; they are no configuration. */
const OF_CONFIGURATION = 'scope_id <> 3'

export class TableReader {
  readonly #sql: Sql
  readonly #schema: ConfigSchema
  readonly #family: 4 | 6
  readonly #tag: string

  constructor(sql: Sql, schema: ConfigSchema, family: 4 | 6, tag: string) {
    this.#sql = sql
    this.#schema = schema
    this.#family = family
    this.#tag = tag.trim().toLowerCase()
  }

  /** Another one where anything is another, whoever wrote it and whether it was audited or not. */
  async digest(): Promise<string> {
    const parts = [...this.#schema].map(([table, columns]) => {
      const where = table.endsWith('_options') ? `where ${OF_CONFIGURATION}` : ''
      const digest = this.#sql.dialect.digest(this.#texts(columns))
      return `select '${table}' as name, ${digest} as digest from ${table} ${where}`
    })
    const rows = await this.#sql.query(parts.join(' union all '))
    return rows.map(({ name, digest }) => `${textIn(name)} ${textIn(digest)}`).join('\n')
  }

  /** MySQL has no hexadecimal digits of a fraction. */
  #texts(columns: ReadonlyMap<string, string>): readonly string[] {
    const { type, quoted } = this.#sql.dialect
    return [...columns].flatMap(([column, kind]) => {
      if (column === 'modification_ts') return []
      const name = quoted(column)
      return type === 'mysql' && /float|double|decimal/.test(kind) ? `cast(${name} as char)` : name
    })
  }

  async rows(): Promise<BackendRows> {
    const hasClassDefinitions = this.#has('option_def', 'class_id')
    const definitions = hasClassDefinitions ? 'and t.class_id is null' : ''
    return {
      globals: await this.#tagged('global_parameter', 'parameter_id', ''),
      definitions: await this.#tagged('option_def', 'option_def_id', definitions),
      globalOptions: await this.#tagged('options', 'option_id', 'and t.scope_id = 0', 'option_id'),
      options: await this.#all('options', 't.scope_id in (1, 2, 4, 5, 6)', 'option_id'),
      classDefinitions: hasClassDefinitions
        ? await this.#all('option_def', 't.class_id is not null', 'id')
        : [],
      classes: this.#has('client_class_order') ? await this.#classes() : [],
      networks: await this.#own('shared_network', 'id', 'shared_network_id'),
      subnets: await this.#own('subnet', 'subnet_id', 'subnet_id'),
      pools: await this.#ofSubnets('pool'),
      prefixPools: this.#has('pd_pool') ? await this.#ofSubnets('pd_pool') : [],
    }
  }

  #has(table: string, column?: string): boolean {
    const columns = this.#schema.get(this.#name(table))
    return columns !== undefined && (column === undefined || columns.has(column))
  }

  #name(table: string): string {
    return `dhcp${this.#family}_${table}`
  }

  /** Some rows at a time, so that clients are answered between two of them. */
  async #all(table: string, where: string, key: string): Promise<readonly SqlRow[]> {
    return await this.#paged(`select t.* from ${this.#name(table)} t where ${where}`, key, [])
  }

  async #paged(text: string, key: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    const all: SqlRow[] = []
    for (let after = 0; ; after = numberIn(all.at(-1)?.[key]) ?? 0) {
      const order = `and t.${key} > ${after} order by t.${key} limit ${PAGE}`
      const rows = await this.#sql.query(`${text} ${order}`, values)
      for (const row of rows) all.push(row)
      if (rows.length < PAGE) return all
    }
  }

  /** Each with its tag; one that has several stands there several times. */
  async #tagged(
    table: string,
    reference: string,
    condition: string,
    key = 'id',
  ): Promise<readonly SqlRow[]> {
    const name = this.#name(table)
    return await this.#sql.query(
      `select t.*, s.tag from ${name} t join ${name}_server a on a.${reference} = t.${key}
        join ${this.#name('server')} s on s.id = a.server_id
        where (s.tag = 'all' or lower(s.tag) = ?) ${condition} order by t.${key}, s.id`,
      [this.#tag],
    )
  }

  async #own(table: string, key: string, reference: string): Promise<readonly SqlRow[]> {
    const isOwn = this.#isOwn(table, reference, `t.${key}`)
    const text = `select t.* from ${this.#name(table)} t where ${isOwn}`
    return await this.#paged(text, key, [this.#tag])
  }

  async #classes(): Promise<readonly SqlRow[]> {
    return await this.#sql.query(
      `select t.* from ${this.#name('client_class')} t
        join ${this.#name('client_class_order')} o on o.class_id = t.id
        where ${this.#isOwn('client_class', 'class_id', 't.id')} order by o.order_index`,
      [this.#tag],
    )
  }

  async #ofSubnets(table: string): Promise<readonly SqlRow[]> {
    const isOwn = this.#isOwn('subnet', 'subnet_id', 't.subnet_id')
    const text = `select t.* from ${this.#name(table)} t where ${isOwn}`
    return await this.#paged(text, 'id', [this.#tag])
  }

  #isOwn(table: string, reference: string, key: string): string {
    return `exists (select 1 from ${this.#name(table)}_server a
      join ${this.#name('server')} s on s.id = a.server_id
      where a.${reference} = ${key} and (s.tag = 'all' or lower(s.tag) = ?))`
  }
}
