// The tables of the journal and how older databases become current ones. Columns are for people
// too: `sqlite3 leases.sqlite 'select * from leases4'` may be run while the server serves.

/** `PRAGMA application_id`: the letters Whio. */
export const APPLICATION_ID = 0x5768696f

/**
 * Columns of a lease row and their places, in the order of lib/leases/lease.ts. Of DHCPv6 the first
 * is `key`, a length and an address, and `client_id` is the binding. Times are
 * milliseconds of the lease clock, `end_ms` is NULL for a lease that never ends. Absent identifiers
 * and texts are NULL. `given_by` is 0 for this server and 1 for its partner.
 */
export const COLUMN = {
  address: 0,
  state: 1,
  subnet_id: 2,
  pool_id: 3,
  htype: 4,
  hwaddr: 5,
  client_id: 6,
  hostname: 7,
  fqdn_fwd: 8,
  fqdn_rev: 9,
  valid_lifetime: 10,
  start_ms: 11,
  end_ms: 12,
  user_context: 13,
  change: 14,
  gave: 15,
  got: 16,
  given_by: 17,
  knew: 18,
  /** Of DHCPv6 alone. */
  preferred_lifetime: 19,
  /** The same; of the row, not of the lease. */
  number: 20,
} as const

const ALL_COLUMNS: readonly string[] = Object.keys(COLUMN)
export const LEASE_COLUMNS = ALL_COLUMNS.slice(0, COLUMN.preferred_lifetime)
export const LEASE6_COLUMNS = ['key', ...ALL_COLUMNS.slice(1, COLUMN.number)]

/** Columns of the record of the pair, in the order of lib/ha/pair-record.ts. */
export const PAIR_COLUMNS = [
  'pair_id',
  'side',
  'partner_database',
  'rights',
  'none_because',
  'hand_over',
  'longest_lifetime',
  'doubt_until_ms',
  'applied',
  'clocks',
  'doubt_from_ms',
  'lives',
  'heard',
  'told_lifetime',
  'whole',
  'partner_duids',
] as const

/** Of a key of lease6, in SQL: eight groups of four digits; the length, of two digits. */
const GROUPS6 = [3, 7, 11, 15, 19, 23, 27, 31]
  .map((at) => `lower(substr(hex(key), ${at}, 4))`)
  .join(" || ':' || ")
const LENGTH6 = `(16 * (instr('0123456789ABCDEF', substr(hex(key), 1, 1)) - 1)
      + instr('0123456789ABCDEF', substr(hex(key), 2, 1)) - 1)`

/**
 * Step n brings a database from schema n to n + 1. Steps are only ever appended. There is no index
 * on `change`: it would cost more than the row (the order of changes is kept in memory), and no
 * column type is enforced: what somebody typed in by hand is judged when it is read. The view for
 * people stands in the last step that changed it.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    database_id TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    stamp_ms NUMERIC NOT NULL,
    change INTEGER NOT NULL,
    stamped_at_ms INTEGER NOT NULL
  );

  CREATE TABLE lease4 (
    address INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    subnet_id INTEGER NOT NULL,
    pool_id INTEGER NOT NULL,
    htype INTEGER NOT NULL,
    hwaddr BLOB,
    client_id BLOB,
    hostname TEXT,
    fqdn_fwd INTEGER NOT NULL,
    fqdn_rev INTEGER NOT NULL,
    valid_lifetime INTEGER NOT NULL,
    start_ms NUMERIC NOT NULL,
    end_ms NUMERIC,
    user_context TEXT,
    change INTEGER NOT NULL
  );

  CREATE TABLE lease4_set_aside (
    id INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    set_aside_at_ms INTEGER NOT NULL,
    address, state, subnet_id, pool_id, htype, hwaddr, client_id, hostname, fqdn_fwd, fqdn_rev,
    valid_lifetime, start_ms, end_ms, user_context, change
  );
  `,
  `
  ALTER TABLE lease4 ADD COLUMN gave INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lease4 ADD COLUMN got INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lease4 ADD COLUMN given_by INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lease4 ADD COLUMN knew INTEGER NOT NULL DEFAULT 0;

  ALTER TABLE lease4_set_aside ADD COLUMN gave;
  ALTER TABLE lease4_set_aside ADD COLUMN got;
  ALTER TABLE lease4_set_aside ADD COLUMN given_by;
  ALTER TABLE lease4_set_aside ADD COLUMN knew;

  -- One row, or none in the database of a server that never belonged to a pair. doubt_until_ms is NULL
  -- for ever; applied and clocks are JSON objects from database ids to change numbers and lease clocks.
  CREATE TABLE pair (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    pair_id TEXT NOT NULL,
    side INTEGER NOT NULL,
    partner_database TEXT NOT NULL,
    rights TEXT NOT NULL,
    none_because TEXT NOT NULL,
    hand_over INTEGER NOT NULL,
    longest_lifetime INTEGER NOT NULL,
    doubt_until_ms NUMERIC,
    applied TEXT NOT NULL,
    clocks TEXT NOT NULL
  );

  DROP VIEW IF EXISTS leases4;
  `,
  `
  -- NULL where everything that was stored is on the disk. Else the durability under which it is served, or was when
  -- the server ended without a stop in good order, and the boot of that host ('' = unknown).
  ALTER TABLE meta ADD COLUMN unsettled TEXT;
  ALTER TABLE meta ADD COLUMN unsettled_boot TEXT;
  `,
  `
  -- lives: a JSON list of the lives of this database. heard: a JSON object from other database ids to a life and a
  -- position there.
  ALTER TABLE pair ADD COLUMN doubt_from_ms NUMERIC NOT NULL DEFAULT 0;
  ALTER TABLE pair ADD COLUMN lives TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE pair ADD COLUMN heard TEXT NOT NULL DEFAULT '{}';
  `,
  `
  -- clock_note: JSON, what the clocks of the host showed when the lease clock showed its stamp; NULL = never noted.
  -- counted_ms: how much of the lease clock is time while nobody served the database.
  ALTER TABLE meta ADD COLUMN clock_note TEXT;
  ALTER TABLE meta ADD COLUMN counted_ms NUMERIC NOT NULL DEFAULT 0;
  `,
  `
  -- The longest lifetime that the partner is known to have stored; 0 = it has told none.
  ALTER TABLE pair ADD COLUMN told_lifetime NUMERIC NOT NULL DEFAULT 0;
  `,
  `
  -- The DUID by which clients of DHCPv6 know this server.
  CREATE TABLE server_duid (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    duid BLOB NOT NULL
  );
  `,
  `
  -- key: the length of a prefix, 128 for an address, then its 16 bytes. client_id: 3 (IA_NA), 25 (IA_PD) or 5 (an
  -- address that the client has registered), the IAID in 4 bytes, the DUID. states are those of lease4, and 5,
  -- registered.
  CREATE TABLE lease6 (
    key BLOB PRIMARY KEY,
    state INTEGER NOT NULL,
    subnet_id INTEGER NOT NULL,
    pool_id INTEGER NOT NULL,
    htype INTEGER NOT NULL,
    hwaddr BLOB,
    client_id BLOB,
    hostname TEXT,
    fqdn_fwd INTEGER NOT NULL,
    fqdn_rev INTEGER NOT NULL,
    valid_lifetime INTEGER NOT NULL,
    start_ms NUMERIC NOT NULL,
    end_ms NUMERIC,
    user_context TEXT,
    change INTEGER NOT NULL,
    gave INTEGER NOT NULL,
    got INTEGER NOT NULL,
    given_by INTEGER NOT NULL,
    knew INTEGER NOT NULL,
    preferred_lifetime INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE lease6_set_aside (
    id INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    set_aside_at_ms INTEGER NOT NULL,
    key, state, subnet_id, pool_id, htype, hwaddr, client_id, hostname, fqdn_fwd, fqdn_rev,
    valid_lifetime, start_ms, end_ms, user_context, change, gave, got, given_by, knew,
    preferred_lifetime
  );
  `,
  `
  -- whole: a JSON list of the databases whose position in applied counts rows of DHCPv6, too. partner_duids: a JSON
  -- list of the DUIDs of the partner, in hexadecimal.
  ALTER TABLE pair ADD COLUMN whole TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE pair ADD COLUMN partner_duids TEXT NOT NULL DEFAULT '[]';
  `,
  `
  -- number: of the row, in the order in which keys came. A key that was drawn from a large pool stands beside others
  -- of its time instead of on a page of its own. Each key has one row at most.
  DROP VIEW IF EXISTS leases6;
  ALTER TABLE lease6 RENAME TO lease6_by_key;
  CREATE TABLE lease6 (
    number INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    state INTEGER NOT NULL,
    subnet_id INTEGER NOT NULL,
    pool_id INTEGER NOT NULL,
    htype INTEGER NOT NULL,
    hwaddr BLOB,
    client_id BLOB,
    hostname TEXT,
    fqdn_fwd INTEGER NOT NULL,
    fqdn_rev INTEGER NOT NULL,
    valid_lifetime INTEGER NOT NULL,
    start_ms NUMERIC NOT NULL,
    end_ms NUMERIC,
    user_context TEXT,
    change INTEGER NOT NULL,
    gave INTEGER NOT NULL,
    got INTEGER NOT NULL,
    given_by INTEGER NOT NULL,
    knew INTEGER NOT NULL,
    preferred_lifetime INTEGER NOT NULL
  );
  INSERT INTO lease6 (${LEASE6_COLUMNS}) SELECT ${LEASE6_COLUMNS} FROM lease6_by_key ORDER BY key;
  DROP TABLE lease6_by_key;
  `,
  `
  -- Edits of the configuration by commands, which stand over what its files say: JSON.
  CREATE TABLE config_edit (
    id TEXT PRIMARY KEY,
    text TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  -- Versions of leases, as they were stored, where Whio.lease-history has them kept. address: a number, or the key of
  -- lease6. state and client_id are those of the leases; a lifetime of 0 takes a lease away.
  CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    address NOT NULL,
    state INTEGER NOT NULL,
    subnet_id INTEGER NOT NULL,
    hwaddr BLOB,
    client_id BLOB,
    hostname TEXT,
    valid_lifetime INTEGER NOT NULL,
    start_ms NUMERIC NOT NULL
  );

  DROP VIEW IF EXISTS leases4;
  CREATE VIEW leases4 AS
  SELECT
    (address >> 24) || '.' || (address >> 16 & 255) || '.' || (address >> 8 & 255) || '.'
      || (address & 255) AS address,
    CASE state WHEN 0 THEN 'assigned' WHEN 1 THEN 'declined' WHEN 2 THEN 'expired'
      WHEN 3 THEN 'released' ELSE state END AS state,
    CASE length(hwaddr)
      WHEN 6 THEN lower(hex(substr(hwaddr, 1, 1)) || ':' || hex(substr(hwaddr, 2, 1)) || ':'
        || hex(substr(hwaddr, 3, 1)) || ':' || hex(substr(hwaddr, 4, 1)) || ':'
        || hex(substr(hwaddr, 5, 1)) || ':' || hex(substr(hwaddr, 6, 1)))
      ELSE lower(hex(hwaddr)) END AS hw_address,
    lower(hex(client_id)) AS client_id,
    coalesce(hostname, '') AS hostname,
    subnet_id,
    valid_lifetime,
    -- Estimated from the last stamp: the lease clock stands still while the server is down.
    coalesce(datetime((meta.stamped_at_ms + end_ms - meta.stamp_ms) / 1000, 'unixepoch'), 'never')
      AS ends_about_utc,
    lease4.change AS change,
    coalesce(user_context, '') AS user_context,
    CASE given_by WHEN 0 THEN 'us' WHEN 1 THEN 'partner' ELSE given_by END AS given_by
  FROM lease4, meta
  -- Free rows are kept for their counters only; what was taken away has a lifetime of 0.
  WHERE state <> 4 AND NOT (state IN (3, 5) AND valid_lifetime = 0)
  ORDER BY lease4.address;

  DROP VIEW IF EXISTS leases6;
  CREATE VIEW leases6 AS
  SELECT
    ${GROUPS6} || CASE ${LENGTH6} WHEN 128 THEN '' ELSE '/' || ${LENGTH6} END AS address,
    CASE state WHEN 0 THEN 'assigned' WHEN 1 THEN 'declined' WHEN 2 THEN 'expired'
      WHEN 3 THEN 'released' WHEN 5 THEN 'registered' ELSE state END AS state,
    CASE substr(client_id, 1, 1) WHEN x'03' THEN 'IA_NA' WHEN x'19' THEN 'IA_PD' ELSE '' END AS kind,
    lower(hex(substr(client_id, 2, 4))) AS iaid,
    lower(hex(substr(client_id, 6))) AS duid,
    lower(hex(hwaddr)) AS hw_address,
    coalesce(hostname, '') AS hostname,
    subnet_id,
    valid_lifetime,
    preferred_lifetime,
    -- Estimated from the last stamp: the lease clock stands still while the server is down.
    coalesce(datetime((meta.stamped_at_ms + end_ms - meta.stamp_ms) / 1000, 'unixepoch'), 'never')
      AS ends_about_utc,
    lease6.change AS change,
    coalesce(user_context, '') AS user_context,
    CASE given_by WHEN 0 THEN 'us' WHEN 1 THEN 'partner' ELSE given_by END AS given_by,
    lower(hex(key)) AS key
  FROM lease6, meta
  -- Free rows are kept for their counters only; what was taken away has a lifetime of 0.
  WHERE state <> 4 AND NOT (state IN (3, 5) AND valid_lifetime = 0)
  ORDER BY lease6.key;
  `,
  `
  -- What may stand in DNS for an address because of this server, and what should: JSON.
  CREATE TABLE name (
    address TEXT PRIMARY KEY,
    text TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  -- What who follows events is told of a version: what has happened (LEASE_ACTIONS of lib/leases/lease.ts, NULL =
  -- nothing to tell), and what else is told of the lease. event: what is no change of a lease, as JSON, in a row of
  -- state 4 without an address. life: of the process whose events begin behind the row.
  ALTER TABLE history ADD COLUMN action INTEGER;
  ALTER TABLE history ADD COLUMN pool_id INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE history ADD COLUMN preferred_lifetime INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE history ADD COLUMN end_ms NUMERIC;
  ALTER TABLE history ADD COLUMN given_by INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE history ADD COLUMN event TEXT;
  ALTER TABLE history ADD COLUMN life TEXT;
  CREATE INDEX history_life ON history (life) WHERE life IS NOT NULL;
  `,
]
