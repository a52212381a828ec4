// A configuration in Kea's tables, as an operator with SQL would write it: for all servers, for the
// one of the test (north) and for another (south), in the words of either kind of database.

export type Engine = 'postgresql' | 'mysql'

interface Ipv4 {
  readonly ipv4: string
}

export type Value = string | number | boolean | Uint8Array | Ipv4 | null
type Row = Readonly<Record<string, Value>>
export type Rows = readonly (readonly [table: string, row: Row])[]

/** MySQL has addresses of IPv4 as numbers. */
const ipv4 = (text: string): Ipv4 => ({ ipv4: text })
const bytes = (...octets: number[]) => Uint8Array.from(octets)
const json = (value: unknown) => JSON.stringify(value)

/** Numbers of the servers: 1 is `all`, in every such database. */
const [ALL, NORTH, SOUTH] = [1, 2, 3]

function servers(family: 4 | 6): Rows {
  return [
    [`dhcp${family}_server`, { id: NORTH, tag: 'north', description: 'of the test' }],
    [`dhcp${family}_server`, { id: SOUTH, tag: 'south', description: 'another' }],
  ]
}

/** A row, and whose it is. */
function owned(
  table: string,
  row: Row,
  reference: string,
  id: number,
  ...owners: readonly number[]
): Rows {
  return [
    [table, row],
    ...owners.map(
      (server_id) => [`${table}_server`, { [reference]: id, server_id }] as [string, Row],
    ),
  ]
}

let count = 100

function global(family: 4 | 6, owner: number, name: string, type: number, value: string): Rows {
  const id = count++
  const table = `dhcp${family}_global_parameter`
  return owned(table, { id, name, value, parameter_type: type }, 'parameter_id', id, owner)
}

const [INTEGER, REAL, BOOLEAN, STRING] = [0, 1, 2, 4]

function option(family: 4 | 6, owner: number | undefined, row: Row): Rows {
  const id = count++
  const table = `dhcp${family}_options`
  const whole = { option_id: id, space: `dhcp${family}`, ...row }
  return owner === undefined ? [[table, whole]] : owned(table, whole, 'option_id', id, owner)
}

function definition(family: 4 | 6, owner: number, row: Row): Rows {
  const id = count++
  const whole = { id, space: `dhcp${family}`, is_array: false, encapsulate: '', ...row }
  return owned(`dhcp${family}_option_def`, whole, 'option_def_id', id, owner)
}

function ofClass(family: 4 | 6, owner: number, id: number, row: Row): Rows {
  return owned(`dhcp${family}_client_class`, { id, ...row }, 'class_id', id, owner)
}

export const ROWS4: Rows = [
  ...servers(4),
  ...global(4, ALL, 'valid-lifetime', INTEGER, '3600'),
  ...global(4, NORTH, 'valid-lifetime', INTEGER, '1800'),
  ...global(4, SOUTH, 'rebind-timer', INTEGER, '1'),
  ...global(4, ALL, 'renew-timer', INTEGER, '900'),
  ...global(4, ALL, 't1-percent', REAL, '0.4'),
  ...global(4, ALL, 'calculate-tee-times', BOOLEAN, '1'),
  ...global(4, ALL, 'echo-client-id', BOOLEAN, '0'),
  ...global(4, ALL, 'boot-file-name', STRING, 'all.bin'),
  ...definition(4, ALL, { code: 222, name: 'shelf', type: 14 }),
  ...definition(4, ALL, { code: 223, name: 'till', type: 17, record_types: json([8, 10]) }),
  ...definition(4, NORTH, { code: 222, name: 'rack', type: 14 }),
  ...definition(4, SOUTH, { code: 224, name: 'cellar', type: 14 }),
  ...option(4, ALL, { code: 6, formatted_value: '192.0.2.53', scope_id: 0 }),
  ...option(4, NORTH, { code: 6, formatted_value: '192.0.2.54', scope_id: 0 }),
  ...option(4, SOUTH, { code: 15, formatted_value: 'south.example', scope_id: 0 }),
  ...option(4, ALL, { code: 42, value: bytes(192, 0, 2, 7), persistent: true, scope_id: 0 }),
  ...option(4, ALL, { code: 223, formatted_value: '7, 192.0.2.9', scope_id: 0 }),
  ...ofClass(4, ALL, 50, {
    name: 'phones',
    test: "option[60].text == 'phone'",
    next_server: ipv4('192.0.2.99'),
    boot_file_name: 'phone.bin',
    valid_lifetime: 700,
    user_context: json({ floor: 2 }),
  }),
  ...ofClass(4, SOUTH, 51, { name: 'south', test: "option[60].text == 'south'" }),
  ...ofClass(4, NORTH, 52, {
    name: 'late',
    test: "member('phones')",
    only_if_required: true,
  }),
  ...option(4, undefined, {
    ...{ code: 66, formatted_value: 'phones.example', scope_id: 2, dhcp_client_class: 'phones' },
  }),
  ...owned(
    'dhcp4_shared_network',
    {
      ...{ id: 60, name: 'floor', interface: 'eth0', client_class: 'phones' },
      ...{ relay: json(['192.0.2.250', '192.0.2.251']), match_client_id: false },
    },
    'shared_network_id',
    60,
    ALL,
  ),
  ...owned(
    'dhcp4_shared_network',
    { id: 61, name: 'yard', authoritative: true, user_context: json({ gate: 'left' }) },
    'shared_network_id',
    61,
    NORTH,
    SOUTH,
  ),
  ...owned('dhcp4_shared_network', { id: 62, name: 'attic' }, 'shared_network_id', 62, SOUTH),
  ...option(4, undefined, {
    ...{ code: 3, formatted_value: '198.51.100.1', scope_id: 4, shared_network_name: 'floor' },
  }),
  ...owned(
    'dhcp4_subnet',
    {
      ...{ subnet_id: 10, subnet_prefix: '198.51.100.0/24', shared_network_name: 'floor' },
      ...{ valid_lifetime: 800, min_valid_lifetime: 600, max_valid_lifetime: 1000 },
    },
    'subnet_id',
    10,
    ALL,
  ),
  ...owned(
    'dhcp4_subnet',
    {
      ...{ subnet_id: 11, subnet_prefix: '203.0.113.0/24', authoritative: true },
      ...{ boot_file_name: 'eleven.bin', server_hostname: 'boot', calculate_tee_times: false },
      ...{ client_class: 'phones', require_client_classes: json(['late']), interface: 'eth0' },
      ...{ match_client_id: false, next_server: ipv4('192.0.2.98'), relay: json(['10.0.0.1']) },
      ...{ renew_timer: 300, rebind_timer: 500, valid_lifetime: 900, t1_percent: 0.25 },
      ...{ t2_percent: 0.75, cache_threshold: 0.5, cache_max_age: 60 },
      ...{ ddns_send_updates: false, ddns_override_no_update: true, ddns_replace_client_name: 2 },
      ...{ ddns_override_client_update: true, ddns_generated_prefix: 'host' },
      ...{ ddns_qualifying_suffix: 'shop.example', reservations_global: true },
      ...{ reservations_in_subnet: true, reservations_out_of_pool: true },
      ...{ user_context: json({ shop: 'left' }) },
    },
    'subnet_id',
    11,
    NORTH,
    SOUTH,
  ),
  ...owned(
    'dhcp4_subnet',
    { subnet_id: 12, subnet_prefix: '10.12.0.0/16' },
    'subnet_id',
    12,
    SOUTH,
  ),
  ...owned(
    'dhcp4_subnet',
    { subnet_id: 13, subnet_prefix: '10.13.0.0/16' },
    'subnet_id',
    13,
    NORTH,
  ),
  [
    'dhcp4_pool',
    {
      ...{ id: 70, subnet_id: 10, start_address: ipv4('198.51.100.10') },
      ...{ end_address: ipv4('198.51.100.20'), client_class: 'phones' },
      ...{ require_client_classes: json(['late']), user_context: json({ pool: 1 }) },
    },
  ],
  [
    'dhcp4_pool',
    {
      ...{ id: 71, subnet_id: 11, start_address: ipv4('203.0.113.10') },
      end_address: ipv4('203.0.113.99'),
    },
  ],
  ...option(4, undefined, {
    ...{ code: 3, formatted_value: '203.0.113.1', scope_id: 1, dhcp4_subnet_id: 11 },
  }),
  ...option(4, undefined, {
    ...{ code: 222, formatted_value: 'left', scope_id: 5, pool_id: 71 },
  }),
]

export const ROWS6: Rows = [
  ...servers(6),
  ...global(6, ALL, 'preferred-lifetime', INTEGER, '2000'),
  ...global(6, ALL, 'valid-lifetime', INTEGER, '4000'),
  ...definition(6, ALL, { code: 1000, name: 'shelf', type: 14 }),
  ...option(6, ALL, { code: 23, formatted_value: '2001:db8::53', scope_id: 0 }),
  ...ofClass(6, ALL, 50, {
    name: 'modems',
    test: 'option[16].exists',
    preferred_lifetime: 300,
    valid_lifetime: 700,
  }),
  ...owned(
    'dhcp6_shared_network',
    { id: 60, name: 'street', interface_id: bytes(97, 98, 99), rapid_commit: true },
    'shared_network_id',
    60,
    ALL,
  ),
  ...owned(
    'dhcp6_subnet',
    {
      ...{ subnet_id: 10, subnet_prefix: '2001:db8:10::/48', shared_network_name: 'street' },
      ...{ preferred_lifetime: 500, valid_lifetime: 900 },
    },
    'subnet_id',
    10,
    ALL,
  ),
  ...owned(
    'dhcp6_subnet',
    { subnet_id: 11, subnet_prefix: '2001:db8:11::/48', interface: 'eth0' },
    'subnet_id',
    11,
    NORTH,
  ),
  [
    'dhcp6_pool',
    {
      ...{ id: 70, subnet_id: 10, start_address: '2001:db8:10::10' },
      end_address: '2001:db8:10::20',
    },
  ],
  [
    'dhcp6_pd_pool',
    {
      ...{ id: 80, subnet_id: 11, prefix: '2001:db8:11:8000::', prefix_length: 52 },
      ...{ delegated_prefix_length: 60, client_class: 'modems' },
      ...{ excluded_prefix: '2001:db8:11:8000::', excluded_prefix_length: 64 },
    },
  ],
  [
    'dhcp6_pd_pool',
    {
      ...{ id: 81, subnet_id: 10, prefix: '2001:db8:10:8000::', prefix_length: 52 },
      ...{ delegated_prefix_length: 60, excluded_prefix_length: 0 },
    },
  ],
  ...option(6, undefined, {
    ...{ code: 1000, formatted_value: 'x', scope_id: 6, pd_pool_id: 80 },
  }),
  ...option(6, undefined, {
    ...{ code: 23, formatted_value: '2001:db8::54', scope_id: 1, dhcp6_subnet_id: 10 },
  }),
  ...option(6, undefined, {
    ...{ code: 24, formatted_value: 'example.org', scope_id: 5, pool_id: 70 },
  }),
]

/** Statements in one session; its changes are seen by Kea, which goes by the audit. */
export function inserts(engine: Engine, family: 4 | 6, rows: Rows): string {
  return audited(
    engine,
    family,
    rows.map(([table, row]) => {
      const columns = { ...row, ...(engine === 'mysql' ? stamped(table) : {}) }
      const names = Object.keys(columns).join(', ')
      const values = Object.values(columns).map((value) => literal(engine, value))
      return `insert into ${table} (${names}) values (${values.join(', ')});`
    }),
  )
}

export function audited(engine: Engine, family: 4 | 6, statements: readonly string[]): string {
  const begin =
    engine === 'mysql'
      ? `call createAuditRevisionDHCP${family}(now(), 'all', 'by hand', 0);`
      : `select createAuditRevisionDHCP${family}(now(), 'all', 'by hand', false);`
  return [begin, ...statements].join('\n')
}

/** There it has no value by itself in every mode. */
function stamped(table: string): Row {
  return table.startsWith('dhcp') ? { modification_ts: '2026-01-01 00:00:00' } : {}
}

function literal(engine: Engine, value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return engine === 'mysql' ? String(Number(value)) : String(value)
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value).toString('hex')
    return engine === 'mysql' ? `x'${hex}'` : `'\\x${hex}'`
  }
  if (typeof value === 'object')
    return engine === 'mysql' ? `inet_aton('${value.ipv4}')` : `'${value.ipv4}'`
  return `'${value.replaceAll("'", "''")}'`
}
