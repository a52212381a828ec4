// Kea's libraries: what the README promises of each is what happens to a file that names it.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseConfig } from '../../lib/config/check.ts'
import { HOOKS, judgeHook } from '../../lib/config/keys/hooks.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'

/** Every library that Kea ships for its DHCPv4 server, and for updates of DNS. */
const OF_KEA = `ddns_gss_tsig dhcp_bootp dhcp_cb_cmds dhcp_class_cmds dhcp_ddns_tuning dhcp_flex_id
  dhcp_flex_option dhcp_ha dhcp_host_cache dhcp_host_cmds dhcp_lease_cmds dhcp_lease_query
  dhcp_legal_log dhcp_limits dhcp_mysql dhcp_mysql_cb dhcp_perfmon dhcp_pgsql dhcp_pgsql_cb
  dhcp_ping_check dhcp_radius dhcp_rbac dhcp_run_script dhcp_stat_cmds dhcp_subnet_cmds
  dhcp_user_chk`
  .split(/\s+/)
  .map((name) => `lib${name}`)

/** What is said of a file that names a library, by the word of the README. */
const SAID = {
  'built in': undefined,
  accepted: 'info key-without-effect',
  'warned of': 'warning key-not-done',
  refused: 'error key-refused',
} as const

const promised = new Map<string, keyof typeof SAID>()
for (const [, names, word] of readme().matchAll(/^\| ([^|]+) \| ([a-z ]+) \| .+ \|$/gm)) {
  if (word! in SAID) for (const name of names!.split(', ')) promised.set(name, word as 'accepted')
}

t.test("README, Kea's libraries: each has its line, and no other has", async (t) => {
  const names = OF_KEA.map((name) => `\`${name}\``)
  t.strictSame([...promised.keys()].sort(), [...names, 'any other'].sort())
  t.strictSame(Object.keys(HOOKS).sort(), OF_KEA)
})

for (const [name, word] of promised)
  t.test(`README: ${name} is ${word}`, async (t) => {
    const library = name === 'any other' ? '/opt/turnstile.so' : `/opt/${name.slice(1, -1)}.so`
    const hooks = [{ library, parameters: {} }]
    const text = JSON.stringify({ Dhcp4: { 'hooks-libraries': hooks } })
    const { problems } = parseConfig(text, 'it', () => undefined)
    const found = problems.filter(({ path }) => path.at(-1) === 'library')
    const said = found.map(({ severity, code }) => `${severity} ${code}`)
    t.strictSame(said, SAID[word] === undefined ? [] : [SAID[word]])
    for (const { hint } of found) t.ok(hint, 'it says why')
  })

t.test('README: what is of DHCPv4 only is refused in Dhcp6', async (t) => {
  const names = [
    'bootp',
    'ping_check',
    'flex_id',
    'flex_option',
    'limits',
    'run_script',
    'legal_log',
  ]
  const hooks = names.map((name) => ({ library: `/opt/libdhcp_${name}.so`, parameters: {} }))
  const { problems } = parseConfig(
    JSON.stringify({ Dhcp6: { 'hooks-libraries': hooks } }),
    'it',
    () => undefined,
  )
  const found = problems.filter(({ path }) => path.at(-1) === 'library')
  t.strictSame(
    found.map(({ code, path }) => `${code} ${names[Number(path[2])]}`),
    ['key-refused bootp', 'key-refused ping_check'],
  )
})

function readme(): string {
  const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  return text.slice(text.indexOf("## Kea's libraries"), text.indexOf('## Options'))
}

t.test(
  'a module of the operator is a hook; Kea’s libraries are not told what only hooks are',
  async (t) => {
    const verdict = (library: string) => judgeHook(library, 4).support
    for (const library of ['/etc/hooks/a.js', '/etc/a.js', '@example/hook', 'whio-hook-radius'])
      t.equal(verdict(library), 'works', library)
    for (const library of [
      'a.js',
      './hooks/a.js',
      'radius',
      '/opt/radius',
      'my-hook.so',
      'node:fs',
    ])
      t.equal(verdict(library), 'refused', library)
    const libraries = [
      { library: '/etc/hooks/a.js', parameters: { url: 'x' }, timeout: 50, 'on-error': 'continue' },
      { library: 'libdhcp_lease_cmds.so', timeout: 50 },
      { library: 'whio-hook-radius' },
    ]
    const document = {
      Dhcp4: { 'hooks-libraries': libraries },
      Dhcp6: { 'hooks-libraries': [libraries[2]] },
    }
    const { plan, problems } = loadPlanFromObject(document, { stateDirectory: undefined })
    const usual = {
      parameters: {},
      timeout: 1000,
      onTimeout: 'drop',
      onError: 'drop',
      isRequired: false,
      isWorker: false,
    }
    const radius = { library: 'whio-hook-radius', ...usual }
    t.strictSame(plan!.hooks, [
      {
        ...{ family: 4, library: '/etc/hooks/a.js', ...usual },
        ...{ parameters: { url: 'x' }, timeout: 50, onError: 'continue' },
      },
      { family: 4, ...radius },
      { family: 6, ...radius },
    ])
    t.match(
      problems
        .filter(({ code, severity }) => severity === 'warning' && code === 'key-without-effect')
        .map(({ path }) => path.join('.')),
      ['Dhcp4.hooks-libraries.1.timeout'],
    )
  },
)
