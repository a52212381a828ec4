// The rows of a configuration database that are for one server -> the part of a document that they
// say. Whether it makes sense is judged where documents are.

import { allAtOnce, STEP_ELEMENTS, type Steps } from '../plan/steps.ts'
import type { Members } from '../text/map.ts'
import { CLASS, membersOf, POOL, SCOPE } from './columns.ts'
import { globalsOf } from './globals.ts'
import { definitionOf, optionOf } from './option-rows.ts'
import { addressIn, numberIn, type Row, textIn } from './values.ts'

/** Of one family, in the order of their numbers; classes in the order in which they are tested. */
export interface BackendRows {
  /** With `tag`, as all rows have that a server may have of its own: its tag, or `all`. */
  readonly globals: readonly Row[]
  readonly definitions: readonly Row[]
  readonly globalOptions: readonly Row[]
  /** Of subnets, pools, shared networks and classes. */
  readonly options: readonly Row[]
  readonly classDefinitions: readonly Row[]
  readonly classes: readonly Row[]
  readonly networks: readonly Row[]
  readonly subnets: readonly Row[]
  readonly pools: readonly Row[]
  readonly prefixPools: readonly Row[]
}

/** What a database says of the map of a family. */
export interface ConfigPart {
  readonly family: 4 | 6
  /** For people: kind, name and host. */
  readonly database: string
  readonly globals: Members
  readonly definitions: readonly Members[]
  readonly options: readonly Members[]
  readonly classes: readonly Members[]
  readonly networks: readonly Members[]
  readonly subnets: readonly StoredSubnet[]
}

export interface StoredSubnet {
  /** '' where it is in none. */
  readonly network: string
  readonly subnet: Members
}

/** Where options count (dhcp_option_scope), beside hosts. */
const SCOPES = { subnet: 1, class: 2, network: 4, pool: 5, prefixPool: 6 } as const

export function partOf(rows: BackendRows, family: 4 | 6, database: string): ConfigPart {
  return allAtOnce(partSteps(rows, family, database))
}

/** A little at a time. */
export function* partSteps(rows: BackendRows, family: 4 | 6, database: string): Steps<ConfigPart> {
  const options = new Options(rows.options, family)
  yield
  const pools = groupedBy(rows.pools, subnetIdOf)
  const prefixPools = groupedBy(rows.prefixPools, subnetIdOf)
  yield
  const subnets: StoredSubnet[] = []
  for (const [index, row] of rows.subnets.entries()) {
    if (index % STEP_ELEMENTS === STEP_ELEMENTS - 1) yield
    const id = subnetIdOf(row)
    subnets.push(subnetOf(row, pools.get(id), prefixPools.get(id), options))
  }
  yield
  return {
    family,
    database,
    globals: globalsOf(preferred(rows.globals, ({ name }) => textIn(name))),
    definitions: preferred(rows.definitions, optionKey).map((row) => definitionOf(row, family)),
    options: preferred(rows.globalOptions, optionKey).map((row) => optionOf(row, family)),
    classes: classesOf(rows, family, options),
    networks: rows.networks.map((row) => ({
      name: textIn(row.name),
      ...membersOf(row, SCOPE),
      ...options.of('network', row.name),
    })),
    subnets,
  }
}

function classesOf(
  { classes, classDefinitions }: BackendRows,
  family: 4 | 6,
  options: Options,
): readonly Members[] {
  const definitions = groupedBy(classDefinitions, ({ class_id: id }) => String(id))
  return classes.map((row) => ({
    ...membersOf(row, CLASS),
    ...rowsAs('option-def', definitions.get(String(row.id)), (one) => definitionOf(one, family)),
    ...options.of('class', row.name),
  }))
}

function subnetOf(
  row: Row,
  pools: readonly Row[] | undefined,
  prefixPools: readonly Row[] | undefined,
  options: Options,
): StoredSubnet {
  const subnet = {
    id: numberIn(row.subnet_id) ?? 0,
    subnet: textIn(row.subnet_prefix).trim(),
    ...membersOf(row, SCOPE),
    ...rowsAs('pools', pools, (pool) => poolOf(pool, options)),
    ...rowsAs('pd-pools', prefixPools, (pool) => prefixPoolOf(pool, options)),
    ...options.of('subnet', row.subnet_id),
  }
  return { network: textIn(row.shared_network_name), subnet }
}

function poolOf(row: Row, options: Options): Members {
  const [first, last] = [addressIn(row.start_address), addressIn(row.end_address)]
  return { pool: `${first} - ${last}`, ...membersOf(row, POOL), ...options.of('pool', row.id) }
}

function prefixPoolOf(row: Row, options: Options): Members {
  const excluded = addressIn(row.excluded_prefix)
  const length = numberIn(row.excluded_prefix_length) ?? 0
  return {
    prefix: addressIn(row.prefix),
    'prefix-len': numberIn(row.prefix_length) ?? 0,
    'delegated-len': numberIn(row.delegated_prefix_length) ?? 0,
    ...(excluded === '' || length === 0
      ? {}
      : { 'excluded-prefix': excluded, 'excluded-prefix-len': length }),
    ...membersOf(row, POOL),
    ...options.of('prefixPool', row.id),
  }
}

/** `option-data` of each place. */
class Options {
  readonly #family: 4 | 6
  readonly #rows: ReadonlyMap<string, readonly Row[]>

  constructor(rows: readonly Row[], family: 4 | 6) {
    this.#family = family
    this.#rows = groupedBy(rows, (row) => {
      const scope = numberIn(row.scope_id) ?? -1
      return `${scope} ${row[columnOf(scope, family)]}`
    })
  }

  of(place: keyof typeof SCOPES, name: unknown): Members {
    const rows = this.#rows.get(`${SCOPES[place]} ${name}`)
    return rowsAs('option-data', rows, (row) => optionOf(row, this.#family))
  }
}

function columnOf(scope: number, family: 4 | 6): string {
  if (scope === SCOPES.subnet) return `dhcp${family}_subnet_id`
  if (scope === SCOPES.class) return 'dhcp_client_class'
  if (scope === SCOPES.network) return 'shared_network_name'
  return scope === SCOPES.pool ? 'pool_id' : 'pd_pool_id'
}

function subnetIdOf(row: Row): string {
  return String(row.subnet_id)
}

function optionKey({ space, code }: Row): string {
  return `${textIn(space)} ${code}`
}

/** What is for this server alone goes before what is for all. */
function preferred(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] {
  const found = new Map<string, Row>()
  for (const row of rows) {
    const key = keyOf(row)
    const known = found.get(key)
    if (known === undefined || isForAll(known)) found.set(key, row)
  }
  return [...found.values()]
}

function isForAll({ tag }: Row): boolean {
  return tag === 'all'
}

function groupedBy(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return groups
}

function rowsAs(
  key: string,
  rows: readonly Row[] | undefined,
  make: (row: Row) => Members,
): Members {
  return rows === undefined || rows.length === 0 ? {} : { [key]: rows.map(make) }
}

export function listIn(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value : []
}

export function listOf(key: string, list: readonly Members[]): Members {
  return list.length === 0 ? {} : { [key]: list }
}
