// The schema `whio` of a shared database: tables of Whio's own, without triggers, foreign keys and
// sequences, so that writers never wait for each other but at one row; and views with Kea's columns
// for who reads Kea's tables.
//
// The truth about a lease is its record (`body`, leases/change-codec.ts), with the times of the
// columns `starts` and `ends` in place of its own. The other columns are what statements ask for.

import { FIELD, RECORD } from '../../leases/record.ts'

/** Of the tables; it is raised when they change. */
export const LAYOUT = 1

/** First key of the lock of a member; the second is its number. */
export const LOCK_CLASS = 2003331951

/** One at a time makes the schema, or brings it up to date. */
export const LOCK_SCHEMA = `select pg_advisory_xact_lock(${LOCK_CLASS}, -1)`

/**
 * Of who assigns prefixes, and shared of who assigns addresses: two of different lengths that
 * overlap are two rows, of which neither knows the other.
 */
const LOCK_PREFIXES = `${LOCK_CLASS}, -2`

const LEASES = `
  version bigint not null,
  former bigint not null,
  forced boolean not null,
  state smallint not null,
  client bytea not null,
  second bytea not null,
  starts timestamptz not null,
  ends timestamptz not null,
  over timestamptz not null,
  body bytea not null`

/** Rows are overwritten in place: no index on what each renewal changes. */
const ROOM = 'with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)'

export const TABLES = `
create table whio.meta (
  one boolean primary key default true check (one),
  layout int not null,
  database text not null,
  doubt timestamptz not null default '-infinity',
  jumps int not null default 0,
  jumped float8 not null default 0,
  doubted float8 not null default 0
);
create table whio.member (
  server smallint primary key,
  name text not null unique,
  instance text not null default '',
  seen timestamptz not null default '-infinity',
  trimmed bigint not null default -1,
  fingerprint text not null default '',
  duid bytea not null default '',
  pair text,
  clock text
);
create table whio.lease4 (address bigint primary key, ${LEASES}) ${ROOM};
create table whio.lease6 (address bytea primary key, ${LEASES}) ${ROOM};
create index on whio.lease4 (client) where client <> '';
create index on whio.lease4 (second) where second <> '';
create index on whio.lease6 (second) where second <> '';
create table whio.batch (
  server smallint,
  seq bigint,
  at timestamptz not null default now(),
  keys4 bigint[] not null,
  keys6 bytea[] not null,
  primary key (server, seq)
);
create table whio.edit (server smallint, id text, text text not null, primary key (server, id));
create table whio.name (server smallint, address text, text text not null,
  primary key (server, address));
comment on schema whio is 'Leases of Whio, a DHCP server. Read the views kea_lease4 and kea_lease6';
`

/** A little-endian number of a record. */
const NUMBER = `
create function whio.number(body bytea, at int, octets int) returns bigint
language sql immutable strict parallel safe as $$
  select sum(get_byte(body, at + n)::bigint << (8 * n))::bigint
  from generate_series(0, octets - 1) as n
$$;`

/** A text of a record; what is none is shown as bytes. */
const TEXT = `
create function whio.utf8(octets bytea) returns text
language plpgsql immutable strict parallel safe as $$
begin
  return convert_from(octets, 'UTF8');
exception when others then
  return encode(octets, 'escape');
end
$$;`

const u16 = (at: number): string => `whio.number(body, ${at}, 2)::int`
const u32 = (at: number): string => `whio.number(body, ${at}, 4)`

/** The columns of both views, of a record whose texts begin behind a key of so many octets. */
function columns(keyOctets: number) {
  const hw = RECORD.putHeader + keyOctets + 1
  const hwLength = `get_byte(body, ${FIELD.hwLength})`
  const client = `${hw} + ${hwLength}`
  const host = `${client} + ${u16(FIELD.clientIdLength)}`
  const context = `${host} + ${u16(FIELD.hostnameLength)}`
  const lifetime = u32(FIELD.validLifetime)
  return {
    hwaddr: `substring(body from ${hw} for ${hwLength})`,
    hwtype: `get_byte(body, ${FIELD.htype})::smallint`,
    valid_lifetime: lifetime,
    // Kea's mark of a lease without end: the time at which it was given.
    expire: `case when ends = 'infinity' then starts else ends end`,
    subnet_id: u32(FIELD.subnetId),
    pref_lifetime: u32(FIELD.preferredLifetime),
    fqdn_fwd: `get_byte(body, ${FIELD.flags}) & ${RECORD.fqdnFwd} <> 0`,
    fqdn_rev: `get_byte(body, ${FIELD.flags}) & ${RECORD.fqdnRev} <> 0`,
    hostname: `whio.utf8(substring(body from ${host} for ${u16(FIELD.hostnameLength)}))`,
    state: 'case state when 5 then 4 else state end::bigint',
    user_context: `whio.utf8(substring(body from ${context} for ${u16(FIELD.contextLength)}))`,
    pool_id: u32(FIELD.poolId),
  }
}

function view(name: string, table: string, shown: Record<string, string>): string {
  const list = Object.entries(shown).map(([column, from]) => `${from} as ${column}`)
  // Rows that are kept for their versions, and leases that an operator took away.
  const gone = `state = 4 or (state in (3, 5) and ${u32(FIELD.validLifetime)} = 0)`
  return `create view whio.${name} as select ${list.join(', ')} from whio.${table}
    where not (${gone});`
}

function viewOf4(): string {
  const { hwtype: _hwtype, pref_lifetime: _preferred, ...rest } = columns(0)
  const { hwaddr, user_context, ...others } = rest
  const relay = { relay_id: `''::bytea`, remote_id: `''::bytea` }
  const shown = { address: 'address', hwaddr, client_id: 'client', ...others, user_context }
  return view('kea_lease4', 'lease4', { ...shown, ...relay })
}

/** The key is the length of the prefix, and its address. */
function viewOf6(): string {
  const { hwaddr, hwtype, pref_lifetime, ...rest } = columns(17)
  const { valid_lifetime, expire, subnet_id, fqdn_fwd, fqdn_rev, hostname, state, ...last } = rest
  const number = `('x' || encode(substring(client from 2 for 4), 'hex'))::bit(32)::int`
  return view('kea_lease6', 'lease6', {
    address: `host(whio.inet6(address))::varchar`,
    // Kea's mark of nobody's lease.
    duid: `case when second = '' then '\\x000000'::bytea else second end`,
    ...{ valid_lifetime, expire, subnet_id, pref_lifetime },
    lease_type: `case when get_byte(client || '\\x00', 0) = 25 or get_byte(address, 0) < 128
      then 2 else 0 end::smallint`,
    iaid: `case when client = '' then 0 else ${number} end`,
    prefix_len: 'get_byte(address, 0)::smallint',
    ...{ fqdn_fwd, fqdn_rev, hostname, state, hwaddr, hwtype },
    hwaddr_source: '0::smallint',
    ...last,
  })
}

const INET6 = `
create function whio.inet6(key bytea) returns inet
language sql immutable strict parallel safe as $$
  select array_to_string(array(
    select encode(substring(key from 2 + 2 * n for 2), 'hex') from generate_series(0, 7) as n
  ), ':')::inet
$$;`

/** The key of an address of the length, of which there is one octet in SQL. */
const keySql = (length: string, address: string): string =>
  `set_byte('\\x00', 0, ${length}) || substring(${address} from 2)`

/** The address of an inet, behind an octet of no meaning. */
const octetsSql = (inet: string): string => `substring(inet_send(${inet}) from 4)`

/** A few keys among millions: the planner expects more, and would read the whole table. */
const BY_INDEX = 'set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off'

/**
 * Which rows have keys of another length that overlap one of these. Of each length that rows have,
 * keys that overlap stand side by side.
 */
const AROUND = `
create function whio.around(keys bytea[]) returns table (key bytea, other bytea)
language plpgsql stable strict ${BY_INDEX} as $$
begin
  return query with recursive length(n) as (
    (select get_byte(address, 0) from whio.lease6 order by address limit 1)
    union all
    select (
      select get_byte(address, 0) from whio.lease6
      where address > set_byte('\\x00', 0, length.n) || decode(repeat('ff', 16), 'hex')
      order by address limit 1
    ) from length where length.n is not null
  ), asked as materialized (
    select k, get_byte(k, 0) as own, set_masklen(whio.inet6(k), get_byte(k, 0)) as inet
    from unnest(keys) as k
  )
  select a.k, e.address from asked a join length on length.n <> a.own
    cross join lateral (select case when length.n > a.own then ${keySql('length.n', 'a.k')}
      else ${keySql('length.n', octetsSql('network(set_masklen(a.inet, length.n))::inet'))}
      end) as low(key)
    cross join lateral (select case when length.n > a.own
      then ${keySql('length.n', octetsSql('broadcast(a.inet)'))} else low.key end) as high(key)
    join whio.lease6 e on e.address between low.key and high.key;
end
$$;`

/**
 * Which of these keys are not to be assigned, as others that overlap them are somebody's, or are
 * kept out of use. Nobody else assigns any from here to the end of the transaction. It sees what is
 * stored when it has the lock, which the statement that calls it does not.
 */
const OVERLAPPED = `
create function whio.overlapped(keys bytea[]) returns setof bytea
language plpgsql volatile strict ${BY_INDEX} as $$
begin
  if cardinality(keys) = 0 then return; end if;
  if exists (select from unnest(keys) as k where get_byte(k, 0) < 128)
    then perform pg_advisory_xact_lock(${LOCK_PREFIXES});
    else perform pg_advisory_xact_lock_shared(${LOCK_PREFIXES});
  end if;
  return query select distinct a.key from whio.around(keys) a
    join whio.lease6 e on e.address = a.other where e.state in (0, 1) and e.over >= now();
end
$$;`

export const VIEWS = [NUMBER, TEXT, INET6, viewOf4(), viewOf6()].join('\n')

/** A schema that was made without them gets them. */
export const HAS_OVERLAPS = `select to_regprocedure('whio.overlapped(bytea[])') is not null as has`
/** So does a table that was made without what members note of their clocks. */
export const HAS_CLOCK = `select exists (select from pg_attribute
  where attrelid = 'whio.member'::regclass and attname = 'clock') as has`
export const CLOCK = 'alter table whio.member add column clock text'
/** And one without the jumps of the clock that members told. */
export const HAS_JUMPS = `select exists (select from pg_attribute
  where attrelid = 'whio.meta'::regclass and attname = 'jumps') as has`
export const JUMPS = `alter table whio.meta add column jumps int not null default 0,
  add column jumped float8 not null default 0, add column doubted float8 not null default 0`

export const OVERLAPS = [AROUND, OVERLAPPED].join('\n')
