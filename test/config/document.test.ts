// The document: the key table against the schema and against Kea's own lists of keys, what a reader
// of a bad file is told, old spellings, and the examples. `--rewrite` writes schemas/dhcp.json
// anew.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { checkConfig, checkRead, type ParsedConfig } from '../../lib/config/check.ts'
import {
  classRows,
  globalRows,
  type KeyFamily,
  networkRows,
  optionLevels,
  poolRows,
  reservationRows,
  scopeRows,
  subnetRows,
} from '../../lib/config/keys/common-rows.ts'
import { interfaceRows, serverLevels } from '../../lib/config/keys/common-server.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { judgeHook } from '../../lib/config/keys/hooks.ts'
import { KEYS } from '../../lib/config/keys/keys.ts'
import { LIFTED_FROM_DDNS, RENAMES } from '../../lib/config/keys/renames.ts'
import type { Level } from '../../lib/config/keys/row.ts'
import { documentSchema } from '../../lib/config/keys/schema.ts'
import { nearest } from '../../lib/config/text/nearest.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import { readDocument } from '../../lib/config/text/read.ts'
import { frozen } from './frozen.ts'

const ROOT = new URL('../../', import.meta.url)
const SCHEMA = new URL('schemas/dhcp.json', ROOT)

/** What was read is frozen: whoever judges it writes nothing into it. */
function parse(text: string, file = 'f'): ParsedConfig {
  const read = readDocument(text, file, () => undefined)
  frozen(read.value)
  return checkRead(read)
}

function lines({ problems }: ParsedConfig): string[] {
  return problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`)
}

/** What is said of one member of the global level that stands at f:1:13. */
function said(members: string): string[] {
  return lines(parse(`{ "Dhcp4": { ${members} } }`))
}

function dhcp4(members: string): Dhcp4Document {
  return parse(`{ "Dhcp4": { ${members} } }`).document!.Dhcp4!
}

// Kea's own lists, from its parsers (3.3) and, after "old:", what 2.2 read besides.
const SCOPE = `adaptive-lease-time-threshold allocator authoritative boot-file-name cache-max-age cache-threshold
  calculate-tee-times client-classes comment ddns-conflict-resolution-mode ddns-generated-prefix
  ddns-override-client-update ddns-override-no-update ddns-qualifying-suffix ddns-replace-client-name
  ddns-send-updates ddns-ttl ddns-ttl-max ddns-ttl-min ddns-ttl-percent ddns-update-on-renew
  ddns-use-conflict-resolution hostname-char-replacement hostname-char-set match-client-id max-valid-lifetime
  min-valid-lifetime next-server offer-lifetime option-data rebind-timer renew-timer reservation-mode
  reservations-global reservations-in-subnet reservations-out-of-pool server-hostname store-extended-info
  t1-percent t2-percent user-context valid-lifetime`
const GUARDS = 'client-class evaluate-additional-classes require-client-classes'
const NOTES = 'comment user-context'
const TLS = 'trust-anchor cert-file key-file'
const DATABASE = `${NOTES} cert-file cipher-list connect-timeout host key-file lfc-interval max-reconnect-tries
    max-row-errors name on-fail password password-file persist port read-timeout readonly reconnect-wait-time
    retry-on-startup ssl-mode tcp-user-timeout trust-anchor type user write-timeout`
const NAMES = `ddns-conflict-resolution-mode ddns-generated-prefix ddns-override-client-update
  ddns-override-no-update ddns-qualifying-suffix ddns-replace-client-name ddns-send-updates ddns-ttl
  ddns-ttl-max ddns-ttl-min ddns-ttl-percent ddns-update-on-renew ddns-use-conflict-resolution
  hostname-char-replacement hostname-char-set`
const LIFETIMES6 = `max-preferred-lifetime max-valid-lifetime min-preferred-lifetime min-valid-lifetime
  preferred-lifetime valid-lifetime`
const SCOPE6 = `${LIFETIMES6} ${NAMES} comment user-context adaptive-lease-time-threshold allocator
  cache-max-age cache-threshold calculate-tee-times client-classes option-data pd-allocator rebind-timer
  renew-timer reservation-mode reservations-global reservations-in-subnet reservations-out-of-pool
  store-extended-info t1-percent t2-percent`
const PLACE6 = `${GUARDS} interface interface-id rapid-commit relay`
const KEA: Readonly<Record<string, string>> = {
  global6: `${SCOPE6} allow-address-registration compatibility config-control control-socket control-sockets
    data-directory decline-probation-period dhcp-ddns dhcp-queue-control dhcp4o6-port
    early-global-reservations-lookup expired-leases-processing hooks-libraries host-reservation-identifiers
    hosts-database hosts-databases interfaces-config ip-reservations-unique lease-database loggers
    mac-sources multi-threading option-def parked-packet-limit relay-supplied-options reservations
    reservations-lookup-first sanity-checks server-id server-tag shared-networks
    statistic-default-sample-age statistic-default-sample-count subnet6`,
  network6: `${SCOPE6} ${PLACE6} name subnet6`,
  subnet6: `${SCOPE6} ${PLACE6} id pd-pools pools reservations subnet`,
  pool6: `${NOTES} ${GUARDS} ${NAMES} client-classes option-data pool pool-id`,
  pdPool6: `${NOTES} ${GUARDS} client-classes delegated-len excluded-prefix excluded-prefix-len option-data
    pool-id prefix prefix-len`,
  relay6: 'ip-address ip-addresses',
  class6: `${NOTES} ${LIFETIMES6} name only-if-required only-in-additional-list option-data template-test test`,
  reservation6: `${NOTES} client-classes duid excluded-prefixes flex-id hostname hw-address ip-addresses
    option-data prefixes`,
  optionData6: `${NOTES} always-send client-classes code csv-format data name never-send space`,
  optionDef6: `${NOTES} array code encapsulate name record-types space type`,
  interfaces6: `${NOTES} interfaces re-detect service-sockets-max-retries service-sockets-require-all
    service-sockets-retry-wait-time`,
  queueControl6: `${NOTES} capacity enable-queue queue-type`,
  controlSocket6: `${NOTES} authentication cert-file cert-required http-headers key-file socket-address
    socket-name socket-port socket-type trust-anchor`,
  authentication6: `${NOTES} clients directory realm type`,
  compatibility6: 'lenient-option-parsing',
  serverId: `${NOTES} enterprise-id htype identifier persist time type`,
  global: `${SCOPE} compatibility config-control control-socket control-sockets decline-probation-period dhcp-ddns
    dhcp-queue-control dhcp4o6-port early-global-reservations-lookup echo-client-id expired-leases-processing
    hooks-libraries host-reservation-identifiers hosts-database hosts-databases interfaces-config
    ip-reservations-unique lease-database loggers multi-threading option-def parked-packet-limit reservations
    reservations-lookup-first sanity-checks server-tag shared-networks stash-agent-options
    statistic-default-sample-age statistic-default-sample-count subnet4`,
  network: `${SCOPE} ${GUARDS} interface name relay subnet4`,
  subnet: `${SCOPE} ${GUARDS} 4o6-interface 4o6-interface-id 4o6-subnet id interface pools relay reservations subnet`,
  pool: `${NOTES} ${GUARDS} ${NAMES} client-classes option-data pool pool-id`,
  relay: 'ip-address ip-addresses',
  class: `${NOTES} boot-file-name max-valid-lifetime min-valid-lifetime name next-server offer-lifetime
    only-if-required only-in-additional-list option-data option-def server-hostname template-test test
    valid-lifetime`,
  reservation: `${NOTES} boot-file-name circuit-id client-classes client-id duid flex-id hostname hw-address
    ip-address next-server option-data server-hostname`,
  optionData: `${NOTES} always-send client-classes code csv-format data name never-send space`,
  optionDef: `${NOTES} array code encapsulate name record-types space type`,
  interfaces: `${NOTES} dhcp-socket-type interfaces outbound-interface re-detect service-sockets-max-retries
    service-sockets-require-all service-sockets-retry-wait-time`,
  database: DATABASE,
  leaseDatabase: DATABASE,
  dhcpDdns: `${NOTES} enable-updates generated-prefix hostname-char-replacement hostname-char-set max-queue-size
    ncr-format ncr-protocol override-client-update override-no-update qualifying-suffix replace-client-name
    sender-ip sender-port server-ip server-port`,
  ddns: `${NOTES} control-socket control-sockets dns-server-timeout forward-ddns hooks-libraries ip-address
    loggers ncr-format ncr-protocol port reverse-ddns tsig-keys`,
  ddnsZones: `${NOTES} ddns-domains`,
  ddnsDomain: `${NOTES} dns-servers key-name name`,
  ddnsServer: `${NOTES} hostname ip-address key-name port`,
  tsigKey: `${NOTES} algorithm digest-bits name secret secret-file`,
  controlSocketD2: `${NOTES} authentication cert-file cert-required http-headers key-file socket-address socket-name
    socket-port socket-type trust-anchor`,
  authenticationD2: `${NOTES} clients directory realm type`,
  multiThreading: `${NOTES} enable-multi-threading packet-queue-size thread-pool-size`,
  queueControl: `${NOTES} capacity enable-queue queue-type`,
  expiry: `flush-reclaimed-timer-wait-time hold-reclaimed-time max-reclaim-leases max-reclaim-time
    reclaim-timer-wait-time unwarned-reclaim-cycles`,
  controlSocket: `${NOTES} authentication cert-file cert-required http-headers key-file socket-address socket-name
    socket-port socket-type trust-anchor`,
  httpHeader: `${NOTES} name value`,
  authentication: `${NOTES} clients directory realm type`,
  authClient: `${NOTES} password password-file user user-file`,
  controlAgent: `${NOTES} ${TLS} authentication cert-required control-sockets hooks-libraries http-headers
    http-host http-port loggers`,
  authenticationAgent: `${NOTES} clients directory realm type`,
  agentSockets: 'd2 dhcp4 dhcp6',
  agentSocket: `${NOTES} socket-name socket-type`,
  sanityChecks: `${NOTES} extended-info-checks lease-checks`,
  configControl: `${NOTES} config-databases config-fetch-wait-time`,
  // Beside Dhcp4, up to Kea 1.5.
  logging: 'loggers',
  logger: `${NOTES} debuglevel name output-options output_options severity`,
  outputOption: `${NOTES} flush maxsize maxver output pattern`,
  compatibility: `exclude-first-last-24 ignore-dhcp-server-identifier ignore-rai-link-selection
    lenient-option-parsing`,
  hook: `${NOTES} library parameters`,
  // Kea's high availability reads the following and passes over everything else, so notes are no
  // harm there.
  hookParameters: 'high-availability',
  ha: `${NOTES} ${TLS} delayed-updates-limit heartbeat-delay max-ack-delay max-rejected-lease-updates
    max-response-delay max-unacked-clients mode multi-threading peers require-client-certs restrict-commands
    send-lease-updates state-machine sync-leases sync-page-limit sync-timeout this-server-name wait-backup-ack`,
  haPeer: `${NOTES} ${TLS} auto-failover basic-auth-password basic-auth-password-file basic-auth-user
    basic-auth-user-file name role url`,
  haThreads: `${NOTES} enable-multi-threading http-client-threads http-dedicated-listener http-listener-threads`,
  haStateMachine: `${NOTES} states`,
  haState: `${NOTES} pause state`,
}
const levels = Object.entries(KEYS)

/** Keys of Whio's own in maps that Kea has, too: Kea refuses a file with one of them. */
const OWN_KEYS: Readonly<Record<string, string>> = {
  reservation: 'identifiers',
  reservation6: 'identifiers',
  network6: 'leases-per-ia',
  hook: 'on-error on-timeout required timeout worker',
  subnet6: 'prefix-from',
}
const OWN_LEVELS = [
  'root',
  'whio',
  'whioHa',
  'whioHistory',
  'whioHosts',
  'role',
  'webhook',
  'whioDdns',
  'whioSink',
  'reservationIdentity',
  'reservationIdentity6',
]

t.test('the key table', async (t) => {
  t.test('has every key that Kea has, and few others', async (t) => {
    const ours = levels.filter(([name]) => !OWN_LEVELS.includes(name))
    const kea = Object.entries(KEA).map(([name, keys]) => [
      name,
      [...new Set(`${keys} ${OWN_KEYS[name!] ?? ''}`.trim().split(/\s+/))].sort(),
    ])
    t.same(
      Object.fromEntries(ours.map(([name, { keys }]) => [name, Object.keys(keys).sort()])),
      Object.fromEntries(kea),
    )
  })

  t.test('is the schema', async (t) => {
    const made = `${JSON.stringify(documentSchema(), null, 2)}\n`
    if (process.argv.includes('--rewrite')) writeFileSync(SCHEMA, made)
    const file = readFileSync(SCHEMA, 'utf8')
    t.ok(
      file === made,
      'schemas/dhcp.json is up to date (node test/config/document.test.ts --rewrite)',
    )
    const { properties, $defs } = JSON.parse(file)
    const keys = Object.entries({ root: { properties }, ...$defs }).map(([name, def]) => [
      name,
      Object.keys((def as { properties: object }).properties),
    ])
    t.same(
      Object.fromEntries(keys),
      Object.fromEntries(levels.map(([n, l]) => [n, Object.keys(l.keys)])),
    )
  })

  t.test('every row is complete', async (t) => {
    const faults: string[] = []
    for (const [name, { keys, required = [] }] of levels) {
      for (const key of required)
        if (keys[key] === undefined) faults.push(`${name} requires ${key}`)
      for (const [key, row] of Object.entries(keys)) {
        const says = (fault: string, is: boolean) => is && faults.push(`${name}.${key}: ${fault}`)
        const { support, instead, level, schema } = row
        says('no description', !schema.description)
        says(
          'not said what happens',
          (instead === '') !== (support === 'works' || support === 'inner'),
        )
        says('no such level', level !== undefined && KEYS[level] === undefined)
        const isRewritten =
          key === 'Logging' || key in RENAMES || (name === 'dhcpDdns' && key in LIFTED_FROM_DDNS)
        says('not said how it is written today', support === 'old' && !isRewritten)
      }
    }
    t.same(faults, [])
  })

  t.test('defaults are values that the schema accepts', async (t) => {
    const document = (name: string, level: Level): [string, Record<string, unknown>] => {
      const { keys } = level
      const given = Object.entries(keys).filter(([, row]) => row.schema.default !== undefined)
      return [name, Object.fromEntries(given.map(([key, row]) => [key, row.schema.default]))]
    }
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
    ajv.addSchema(documentSchema(), 'dhcp4')
    for (const [name, value] of levels.map(([n, l]) => document(n, l))) {
      if (name === 'root') continue
      ajv.validate(`dhcp4#/$defs/${name}`, value)
      const errors = ajv.errors?.filter(({ keyword }) => keyword !== 'required') ?? []
      t.same(errors, [], name)
    }
  })

  t.test('every old spelling has a row', async (t) => {
    const old = levels.flatMap(([, { keys }]) =>
      Object.keys(keys).filter((k) => keys[k]!.support === 'old'),
    )
    for (const key of [...Object.keys(RENAMES), ...Object.keys(LIFTED_FROM_DDNS)])
      t.ok(old.includes(key), key)
  })
})

t.test('rows that both families have name nothing of one of them', async (t) => {
  const other: KeyFamily = {
    version: 6,
    suffix: '6',
    space: 'dhcp6',
    optionCodeMax: 65535,
    address: { type: 'string', format: 'ipv6' },
    example: '2001:db8::1',
    subnetExample: '2001:db8::/64',
    poolExamples: '2001:db8::1 - 2001:db8::ff',
    subnets: 'subnet6',
    relayField: 'link-address',
    timers: ['T1 of an IA', 'T2 of an IA', 'preferred lifetime'],
    calculatesTimers: true,
    t2: 0.8,
    allocator: undefined,
  }
  const made = [scopeRows, globalRows, networkRows, subnetRows, poolRows, interfaceRows]
  const rows = [...made, reservationRows, classRows].map((rowsOf) => rowsOf(other))
  for (const each of [...rows, optionLevels(other), serverLevels(other)])
    t.notMatch(JSON.stringify(each), /dhcp-?v?4|subnet4|ring4|192\.0\.2|giaddr|option (58|59)/i)
})

t.test('a member that is wrong', async (t) => {
  const cases: readonly (readonly [members: string, ...said: string[]])[] = [
    ['"valid-lifetime": 4000'],
    ['"valid-lifetime": 4294967295'],
    [
      '"valid-lifetime": "4000"',
      'error f:1:32 Dhcp4.valid-lifetime: "4000" is not a whole number (0 to 4294967295, without quotes)',
    ],
    [
      '"valid-lifetime": 1.5',
      'error f:1:32 Dhcp4.valid-lifetime: 1.5 is not a whole number (0 to 4294967295)',
    ],
    [
      '"valid-lifetime": -1',
      'error f:1:32 Dhcp4.valid-lifetime: -1 is out of range (0 to 4294967295)',
    ],
    [
      '"valid-lifetime": 1e400',
      'error f:1:32 Dhcp4.valid-lifetime: 1e400 is too large a number (at most 1.7e308)',
    ],
    [
      '"authoritative": "true"',
      'error f:1:31 Dhcp4.authoritative: "true" is not true or false (without quotes, in lower case)',
    ],
    ['"subnet4": {}', 'error f:1:25 Dhcp4.subnet4: a map is not a list (put it in [ ])'],
    [
      '"interfaces-config": {"interfaces": "eth0"}',
      'error f:1:50 Dhcp4.interfaces-config.interfaces: "eth0" is not a list (write ["eth0"])',
    ],
    [
      '"boot-file-name": 7',
      'error f:1:32 Dhcp4.boot-file-name: 7 is not a text (put it in double quotes)',
    ],
    [
      `"server-hostname": "${'x'.repeat(64)}"`,
      'error f:1:33 Dhcp4.server-hostname: the text is longer than 63 characters',
    ],
    [
      '"allocator": "iterativ"',
      'error f:1:27 Dhcp4.allocator: "iterativ" is not a known word (did you mean "iterative"?)',
    ],
    [
      '"allocator": "best"',
      'error f:1:27 Dhcp4.allocator: "best" is not a known word (one of "iterative", "random", "flq", "shared-flq")',
    ],
    [
      '"renew-tiemr": 5',
      'error f:1:14 Dhcp4.renew-tiemr: unknown key (did you mean "renew-timer"?)',
    ],
    [
      '"Renew_Timer": 5',
      'error f:1:14 Dhcp4.Renew_Timer: unknown key (did you mean "renew-timer"?)',
    ],
    [
      '"valid-life": 5',
      'error f:1:14 Dhcp4.valid-life: unknown key (did you mean "valid-lifetime"?)',
    ],
    ['"xyzzy": 5', 'error f:1:14 Dhcp4.xyzzy: unknown key'],
    [
      '"pool-id": 5',
      'error f:1:14 Dhcp4.pool-id: the key has no meaning here (it belongs elsewhere: a range of addresses to hand out)',
    ],
    [
      '"subnet4": [{"id": 1}]',
      'error f:1:26 Dhcp4.subnet4[0].subnet: the key is missing (Prefix and length, as in 192.0.2.0/24)',
    ],
    [
      '"subnet4": [{"id": 1, "subnett": "10.0.0.0/8"}]',
      'error f:1:36 Dhcp4.subnet4[0].subnett: unknown key (did you mean "subnet"?)',
    ],
    [
      '"subnet4": [{"id": 4294967295, "subnet": "10.0.0.0/8"}]',
      'error f:1:33 Dhcp4.subnet4[0].id: 4294967295 is out of range (0 to 4294967294)',
    ],
    [
      '"option-data": [{"code": -1}, {"code": 256}]',
      'error f:1:39 Dhcp4.option-data[0].code: -1 is out of range (0 to 255)',
      'error f:1:53 Dhcp4.option-data[1].code: 256 is out of range (0 to 255)',
    ],
    [
      '"comment": "a", "user-context": {"comment": "b"}',
      'error f:1:25 Dhcp4.comment: the comment stands here and in user-context (leave one out)',
    ],
    ['"user-context": {"any": [1, {"thing": null}]}'],
  ]
  for (const [members, ...expected] of cases) t.same(said(members), expected, members)
})

t.test('a key that does not simply work', async (t) => {
  const cases: readonly (readonly [members: string, ...said: string[]])[] = [
    [
      '"multi-threading": {"enable-multi-threading": true}',
      'info f:1:33 Dhcp4.multi-threading: without effect in Whio (one thread answers and another writes leases)',
    ],
    [
      '"lease-database": {"type": "memfile", "lfc-interval": 3600}',
      'info f:1:68 Dhcp4.lease-database.lfc-interval: without effect in Whio (the journal is kept small as it is written)',
    ],
    [
      '"lease-database": {"type": "mysql", "name": "kea", "host": "db"}',
      'error f:1:41 Dhcp4.lease-database.type: "mysql" is not served by this version (MySQL cannot store a batch and refuse single rows of it in one statement: write "memfile", or "postgresql" for several servers, and take the leases over by whio import)',
    ],
    [
      '"interfaces-config": {"dhcp-socket-type": "raw"}',
      'info f:1:56 Dhcp4.interfaces-config.dhcp-socket-type: without effect in Whio (UDP sockets receive, and frames go out where a client has no address yet)',
    ],
    [
      '"allocator": "shared-flq"',
      'warning f:1:27 Dhcp4.allocator: "shared-flq" is not done by this version (flq is used: servers share no database)',
    ],
    [
      '"expired-leases-processing": {"reclaim-timer-wait-time": 0, "flush-reclaimed-timer-wait-time": 25}',
      'info f:1:71 Dhcp4.expired-leases-processing.reclaim-timer-wait-time: 0 is without effect in Whio (it does not stop the rounds: ended leases are taken at once)',
      'info f:1:109 Dhcp4.expired-leases-processing.flush-reclaimed-timer-wait-time: without effect in Whio (ended leases are removed when hold-reclaimed-time has passed, in bounded rounds)',
    ],
    // What Kea writes by itself, asking for nothing.
    ['"shared-networks": [], "client-classes": [], "option-def": [], "config-control": {}'],
    ['"dhcp-ddns": {"enable-updates": false, "server-ip": "127.0.0.1"}, "ddns-send-updates": true'],
    ['"hostname-char-set": "[^A-Za-z0-9.-]", "hostname-char-replacement": ""'],
    ['"expired-leases-processing": {"reclaim-timer-wait-time": 10}'],
    ['"dhcp4o6-port": 0, "stash-agent-options": false'],
  ]
  for (const [members, ...expected] of cases) t.same(said(members), expected, members)
})

t.test('hook libraries are judged by name', async (t) => {
  const verdicts = {
    '/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_lease_cmds.so': 'accepted',
    'libdhcp_stat_cmds.so': 'works',
    'libdhcp_run_script.so': 'works',
    'libdhcp_lease_query.so': 'works',
    '/opt/kea/libdhcp_ha.so': 'works',
    'libdhcp_flex_id.so.1.0': 'works',
    '/home/me/mine.so': 'refused',
    constructor: 'refused',
  }
  for (const [library, support] of Object.entries(verdicts))
    t.equal(judgeHook(library, 4).support, support, library)
  t.match(judgeHook('/opt/libdhcp_pingcheck.so', 4).hint, /did you mean libdhcp_ping_check\?$/)
  t.notMatch(judgeHook('/opt/libdhcp_foo.so', 4).hint, /did you mean/)
})

t.test('old spellings', async (t) => {
  const subnet = (members: string): string =>
    `"subnet4": [{"subnet": "10.0.0.0/8", "id": 1, ${members}}]`

  t.test('become new ones', async (t) => {
    const relayed = dhcp4(subnet('"relay": {"ip-address": "10.0.0.1"}'))
    t.same(relayed.subnet4?.[0]?.relay, { 'ip-addresses': ['10.0.0.1'] })
    const modes = {
      all: [false, true, false],
      'out-of-pool': [false, true, true],
      global: [true, false, false],
      disabled: [false, false, false],
      off: [false, false, false],
    }
    for (const [mode, [global, inSubnet, outOfPool]] of Object.entries(modes)) {
      t.same(dhcp4(`"reservation-mode": "${mode}"`), {
        'reservations-global': global,
        'reservations-in-subnet': inSubnet,
        'reservations-out-of-pool': outOfPool,
      })
    }
    t.same(
      dhcp4(
        '"loggers": [{"name": "kea-dhcp4", "severity": "debug", "output_options": [{"output": "syslog:local0"}]}]',
      ).loggers,
      [{ name: 'kea-dhcp4', severity: 'DEBUG', 'output-options': [{ output: 'syslog:local0' }] }],
    )
    t.same(dhcp4('"ddns-use-conflict-resolution": false'), {
      'ddns-conflict-resolution-mode': 'no-check-with-dhcid',
    })
    t.same(dhcp4('"control-socket": {"socket-type": "unix"}'), {
      'control-sockets': [{ 'socket-type': 'unix' }],
    })
    t.same(dhcp4('"dhcp-ddns": {"generated-prefix": "x"}'), {
      'dhcp-ddns': {},
      'ddns-generated-prefix': 'x',
    })
  })

  t.test('are said once a file, at the key', async (t) => {
    t.same(
      said(
        '"subnet4": [{"subnet": "10.0.0.0/8", "id": 1, "relay": {"ip-address": "10.0.0.1"}}, {"subnet": "11.0.0.0/8", "id": 2, "relay": {"ip-address": "11.0.0.1"}}]',
      ),
      [
        'warning f:1:70 Dhcp4.subnet4[0].relay.ip-address: an old spelling, here and at one other place (write ip-addresses)',
      ],
    )
  })

  t.test('what is said of the new key stands at the old one', async (t) => {
    t.match(said('"hosts-database": {"type": "memfile"}'), [
      'warning f:1:14 Dhcp4.hosts-database: an old spelling (write hosts-databases)',
    ])
    t.match(said('"dhcp-ddns": {"override-no-update": true}'), [
      'warning f:1:28 Dhcp4.dhcp-ddns.override-no-update: an old spelling (write "ddns-override-no-update" at the global level)',
    ])
  })

  t.test('both spellings are one too many', async (t) => {
    t.same(
      said('"reservation-mode": "all", "reservations-in-subnet": false').at(-1),
      'error f:1:14 Dhcp4.reservation-mode: the key stands here as "reservations-in-subnet", too (leave the old spelling out)',
    )
  })

  t.test('subnets without id are numbered', async (t) => {
    const shared = '"shared-networks": [{"name": "x", "subnet4": [{"subnet": "9.0.0.0/8"}]}]'
    t.same(said(`${shared}, "subnet4": [{"id": 1, "subnet": "10.0.0.0/8"}]`), [
      'warning f:1:60 Dhcp4.shared-networks[0].subnet4[0]: the subnet has no id (numbered 2; write "id": 2, since leases are kept under it)',
    ])
    const text =
      '"subnet4": [{"subnet": "10.0.0.0/8"}, {"id": 1, "subnet": "11.0.0.0/8"}, {"id": 0, "subnet": "12.0.0.0/8"}]'
    t.same(
      dhcp4(text).subnet4?.map(({ id }) => id),
      [2, 1, 3],
    )
    t.same(said(text), [
      'warning f:1:26 Dhcp4.subnet4[0]: the subnet has no id, here and at one other place (numbered 2; write "id": 2, since leases are kept under it)',
    ])
  })
})

t.test('the top level', async (t) => {
  const cases: readonly (readonly [text: string, ...said: string[]])[] = [
    [
      '{}',
      'error f:1:1 Dhcp4: the key is missing (The DHCPv4 server, or Dhcp6, or Control-agent, or DhcpDdns)',
    ],
    ['[]', 'error f:1:1: a list is not a map'],
    ['{"Dhcp4": 1}', 'error f:1:11 Dhcp4: 1 is not a map'],
    [
      '{"Dhcp4": {}, "Dhcp6": {"subnet4": [], "authoritative": true}, "Control-agent": {}}',
      'error f:1:25 Dhcp6.subnet4: the key has no meaning here (did you mean "subnet6"?)',
      'error f:1:40 Dhcp6.authoritative: the key has no meaning here (DHCPv6 has no NAK)',
    ],
    [
      '{"Dhcp6": {"subnet6": [], "reservations": [{"client-id": "01", "circuit-id": "x"}]}}',
      'error f:1:45 Dhcp6.reservations[0].client-id: the key has no meaning here (clients of DHCPv6 are known by their duid)',
      'error f:1:64 Dhcp6.reservations[0].circuit-id: the key has no meaning here (a flex-id can be made of what relays say, as relay6[0].option[18].hex)',
    ],
    ['{"$schema": "x", "Dhcp4": {}, "Whio": {"durability": "normal"}}'],
    [
      '{"Dhcp4": {}, "Whio": {"durability": "fully"}}',
      'error f:1:38 Whio.durability: "fully" is not a known word (did you mean "full"?)',
    ],
    ['{"Dhcp4": {}, "Logs": {}}', 'error f:1:15 Logs: unknown key'],
    ['{"Dhcp4": {}, "Logging": {}}'],
  ]
  for (const [text, ...expected] of cases) t.same(lines(parse(text)), expected, text)
  t.equal(parse('{}').document, undefined)
  t.equal(parse('[').document, undefined)
})

t.test('twenty mistakes in one file are told at once', async (t) => {
  const text = readFileSync(new URL('twenty-mistakes.conf', import.meta.url), 'utf8')
  const { document, problems } = parse(text)
  const wanted = text
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/#! (\S+)/g)].map((match) => `${index + 1} ${match[1]}`),
    )
  t.equal(wanted.length, 20)
  t.same(
    problems.map(({ place, code }) => `${place?.line} ${code}`),
    wanted,
  )

  t.test('and what is left is a document, with places for those who judge further', async (t) => {
    const { positions } = parse(text)
    t.same(
      document?.Dhcp4?.subnet4?.map(({ subnet }) => subnet),
      ['192.0.2.0/24', '198.51.100.0/24'],
    )
    const path = ['Dhcp4', 'subnet4', 1, 'pools', 0, 'pool']
    const problem = { severity: 'error', path, code: 'x', message: 'bad', hint: '' } as const
    const line = text.split('\n').findIndex((l) => l.includes('198.51.100.10'))
    t.equal(
      formatProblem(positions.locate(problem)),
      `f:${line + 1}:21 Dhcp4.subnet4[2].pools[1].pool: bad`,
    )
    t.equal(positions.place(path, 'key')?.column, 13)
  })
})

t.test('cascades are left out', async (t) => {
  t.same(lines(parse('{"Dhcp4": {"subnet4": [{"subnet": }]}}')), [
    'error f:1:35: a value is expected, not "}"',
  ])
  t.same(lines(parse('{"Dhcp4": {"subnet4": [{"id": 1, <?include "rest"?>}]}}')), [
    'error f:1:34: "rest" cannot be included: there is no such file',
  ])
  t.same(lines(parse('{"Dhcp4": {"interfaces-config": {"interfaces": [],\n"subnet4": []\n}}')), [
    'error f:3:3: the text ends within brackets ("}" would close the bracket of line 1, column 1)',
  ])
  t.same(
    said('"subnet4": [{"id": "one", "subnet": "10.0.0.0/8"}]').length,
    1,
    'no warning of a missing id',
  )
})

t.test('a configuration that is an object', async (t) => {
  const config = { Dhcp4: { 'valid-lifetime': 'x', 'reservation-mode': 'all' } }
  const checked = checkConfig(config)
  t.same(checked.problems.map(formatProblem), [
    'Dhcp4.valid-lifetime: "x" is not a whole number (0 to 4294967295, without quotes)',
    'Dhcp4.reservation-mode: an old spelling (write reservations-global, -in-subnet and -out-of-pool)',
  ])
  t.same(config, { Dhcp4: { 'valid-lifetime': 'x', 'reservation-mode': 'all' } }, 'is not changed')
  t.same(checkConfig(undefined).document, undefined)
  t.equal(checkConfig(undefined).problems.length, 1)
})

t.test('the nearest word', async (t) => {
  const words = ['renew-timer', 'rebind-timer', 'pools', 'pool', 'subnet']
  t.equal(nearest('renewtimer', words), 'renew-timer')
  t.equal(nearest('poosl', words), 'pools')
  t.equal(nearest('sub', words), undefined)
  t.equal(nearest('x', words), undefined)
  t.equal(nearest('qqmer-zenwe', ['timer-renew']), undefined, 'too many slips at the end')
  t.equal(nearest('eth-tiemr-renwe', ['eth-timer-renew']), 'eth-timer-renew', 'two swaps')
  t.equal(nearest('xysubnets-a', ['subnets-a']), 'subnets-a', 'slips at the beginning')
})

t.test('the examples are faultless', async (t) => {
  const files = readdirSync(new URL('examples/', ROOT)).filter((file) => file.endsWith('.json'))
  t.ok(
    files.includes('lan.json') && files.includes('pxe-lab.json') && files.includes('relayed.json'),
  )
  for (const file of files) {
    const text = readFileSync(new URL(`examples/${file}`, ROOT), 'utf8')
    const { document, problems } = parse(text, file)
    t.same(problems.map(formatProblem), [], file)
    t.ok(document?.Dhcp4?.subnet4?.length ?? document?.Dhcp6?.subnet6?.length, file)
  }
})
