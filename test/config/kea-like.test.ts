// Files like those that Kea ships as examples, one of each kind, in other words and values: people
// begin with such files. Each is served, or refused for the rows that are named here and no other.
// Those with Dhcp6 have a folder of their own; a 6 stands before their names here.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadPlan } from '../../lib/config/load.ts'
import type { CompileContext, FileLook } from '../../lib/config/plan/compile-context.ts'
import { formatPath, type Problem } from '../../lib/config/text/problem.ts'

const FOLDERS = ['kea-like', 'kea-like6']

const HOST: CompileContext = {
  stateDirectory: '/var/lib/whio',
  interfaceNames: ['lan0', 'lan1', 'lan7'],
  localAddresses: ['10.80.1.1', '10.80.2.1'],
  look,
}

/** What each file is refused for. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'dhcpv4-over-dhcpv6.json': ['Dhcp4.dhcp4o6-port'],
  'hooks.json': ['"ledger.so"', '"turnstile.so"'],
  'hooks-radius.json': ['"libdhcp_radius.so"'],
  '6 dhcpv4-over-dhcpv6.json': ['Dhcp6.dhcp4o6-port'],
  '6 hooks.json': ['"/usr/lib/shop/ledger.so"', '"/usr/lib/shop/turnstile.so"'],
}

const ALL_KEYS6: readonly string[] = [
  ...['authentication', 'cert-file', 'cert-required', 'http-headers', 'key-file'].map(
    (key) => `control-socket ${key}`,
  ),
  ...['socket-address', 'socket-port', 'trust-anchor'].map((key) => `control-socket ${key}`),
  // Of a database of hosts, and of one of configuration.
  ...['ssl-mode', 'ssl-mode', 'tcp-user-timeout', 'tcp-user-timeout'].map(
    (key) => `database-key ${key}`,
  ),
  'shadowed interface-id',
  'shadowed ip-addresses',
]

/** What is warned of in each file, by the codes of the problems. */
const WARNED: Readonly<Record<string, readonly string[]>> = {
  'advanced.json': ['key-not-done outbound-interface'],
  'all-options.json': [
    'no-interfaces interfaces',
    'option-empty 40',
    'option-not-carried 0',
    'option-not-carried 106',
    'option-owned 47',
    'option-owned 49',
    'option-owned 50',
    'option-owned 88',
  ],
  'classify.json': ['interface-not-served interface'],
  'classify2.json': ['interface-not-served interface'],
  'comments.json': ['constant test', 'option-owned 0'],
  'global-reservations.json': ['reservation-unused flex-id'],
  'ha-load-balancing-server1-mt-with-tls.json': [
    'unknown-key require-client-certs',
    'unknown-key require-client-certs',
  ],
  'ha-load-balancing-server2-mt.json': ['ha-open url'],
  'hooks-radius.json': ['class-unknown 0', 'class-unknown 0'],
  'reservations.json': ['reservation-unused flex-id'],
  'shared-network.json': ['interface-not-served interface'],
  '6 all-keys.json': ALL_KEYS6,
  '6 all-keys-netconf.json': ALL_KEYS6,
  '6 all-options.json': [
    'no-interfaces interfaces',
    ...[0, 3, 5, 7].map((index) => `option-added ${index}`),
    ...[23, 38, 39, 40].map((index) => `option-empty ${index}`),
    'option-not-carried 11',
    'option-owned 1',
  ],
  '6 classify.json': ['interface-not-served interface'],
  '6 classify2.json': ['interface-not-served interface'],
  '6 global-reservations.json': ['reservation-unused flex-id'],
  '6 ha-hot-standby-server2.json': ['ha-open url'],
  '6 reservations.json': ['reservation-unused flex-id'],
  '6 shared-network.json': ['interface-not-served interface'],
  '6 softwire46.json': ['option-empty 0'],
}

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(import.meta.dirname, folder)).map((name) => ({
    path: join(import.meta.dirname, folder, name),
    name: folder === 'kea-like' ? name : `6 ${name}`,
  })),
)
const names = files.map(({ name }) => name)

t.test('there is one of each kind', async (t) => {
  t.equal(names.filter((name) => !name.startsWith('6 ')).length, 27)
  t.equal(names.filter((name) => name.startsWith('6 ')).length, 30)
  for (const name of [...Object.keys(REFUSED), ...Object.keys(WARNED)]) {
    t.ok(names.includes(name), name)
  }
})

for (const { name, path } of files) {
  const refused = REFUSED[name] ?? []
  const verdict = refused.length === 0 ? 'is served' : `is refused for ${refused.join(', ')}`
  t.test(`${name} ${verdict}`, async (t) => {
    const text = readFileSync(path, 'utf8')
    const { plan, problems } = loadPlan(text, name, noInclude, HOST)
    t.equal(plan !== undefined, refused.length === 0)
    const errors = problems.filter(({ severity }) => severity === 'error')
    for (const { code, hint } of errors) {
      t.equal(code, 'key-refused')
      t.ok(hint, 'it says what to do, or why')
    }
    t.strictSame(errors.map(rowOf).sort(), refused)
    const warnings = problems.filter(({ severity }) => severity === 'warning')
    t.strictSame(warnings.map(({ code, path }) => `${code} ${path.at(-1)}`).sort(), [
      ...(WARNED[name] ?? []),
    ])
    for (const { place } of problems) t.ok(place, 'every problem has its place')
  })
}

t.test('4o6-subnet counts with dhcp4o6-port only, and says so', async (t) => {
  const text = readFileSync(
    join(import.meta.dirname, 'kea-like', 'dhcpv4-over-dhcpv6.json'),
    'utf8',
  )
  const without = text.replace(/"dhcp4o6-port": \d+/, '"dhcp4o6-port": 0')
  const { plan, problems } = loadPlan(without, 'it', noInclude, HOST)
  t.ok(plan, 'nobody speaks DHCPv4 inside DHCPv6 here, so nobody misses it')
  const told = problems.filter(({ hint }) => hint === 'it counts with dhcp4o6-port only')
  t.strictSame(
    told.map(({ severity, path }) => `${severity} ${path.at(-1)}`),
    ['info 4o6-interface', 'info 4o6-subnet'],
  )
})

/** The row of the tables that the problem is of: the key, or the library. */
function rowOf({ path, message }: Problem): string {
  return path.at(-1) === 'library' ? message.slice(0, message.indexOf(' ')) : formatPath(path)
}

/** Of the sockets for commands, beside the working directory. */
const TLS_FILE = /^(?:ca(?:\.pem)?|here\.(?:crt|key)|[ck])$/
const SECRETS: Readonly<Record<string, string>> = { name: 'n', word: 'w', both: 'b:w' }

function look(path: string): FileLook {
  const secret = SECRETS[path.replace('/srv/credentials/', '')]
  if (secret !== undefined) return { kind: 'file', text: secret }
  if (!path.startsWith('/etc/shop/') && !TLS_FILE.test(path))
    return { kind: 'trouble', trouble: 'absent' }
  const what = /key$|^k$/.test(path) ? 'PRIVATE KEY' : 'CERTIFICATE'
  return { kind: 'file', text: `-----BEGIN ${what}-----` }
}

function noInclude(): never {
  throw new Error('no file of these includes another')
}
