// Random Dhcp6 maps, and kea-dhcp6 as a witness: what it reads is read here, and what it refuses is
// refused, but for what is listed with its reason.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import { chance } from '../../lib/lab/chance.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { systemSkip } from './netns.ts'

const skip = systemSkip('kea-dhcp6')
const DOCUMENTS = Number(process.env.DOCUMENTS ?? 120)

/** Errors of ours where Kea (2.2) reads the file. */
const OURS_ALONE: Readonly<Record<string, string>> = {
  'pool-overlap': 'Kea looks at pools of one kind in one subnet only',
  'reservation-overlap': 'Kea looks at no two reservations together',
  'delegated-len': 'a prefix of /128 is an address',
  'out-of-range': 'no prefix is longer than 128 bits',
  'lifetime-zero': 'a lease of 0 seconds is none',
}

/** What Kea refuses with these words, and is served here. */
const KEAS_ALONE: readonly (readonly [words: RegExp, why: string])[] = [
  [/at least one resource/, 'a reservation that gives nothing is harmless'],
  [/is greater than the value of rebind-timer/, 'T1 is left to the client, with a warning'],
  [/\(default\) preferred-lifetime \(0\)/, '0 says nothing, as where Kea gives leases'],
  [/must have the same common prefix part/, 'what is behind the delegated length counts'],
  [/\(default\) preferred-lifetime \(3600\)/, 'since Kea 3.0 it follows from the valid lifetime'],
]

t.test('random maps are judged as by kea-dhcp6', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'whio-kea6-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const draw = chance(6, 'maps')
  let [read, refused] = [0, 0]
  for (let n = 0; n < DOCUMENTS; n++) {
    const document = randomMap(draw)
    const kea = judgedByKea(join(folder, 'kea.json'), document)
    const { plan, problems } = loadPlanFromObject({ Dhcp6: document }, { stateDirectory: '/x' })
    const errors = problems.filter(({ severity }) => severity === 'error')
    const isServed = plan !== undefined && errors.length === 0
    if (kea === '') read++
    else refused++
    const isLike =
      kea === ''
        ? errors.every(({ code }) => OURS_ALONE[code] !== undefined)
        : !isServed || KEAS_ALONE.some(([words]) => words.test(kea))
    if (isLike) continue
    t.fail(`document ${n}: ${kea === '' ? 'Kea reads it' : kea}`, {
      document: JSON.stringify(document),
      errors: errors.map(formatProblem),
    })
  }
  t.ok(read > DOCUMENTS / 10 && refused > DOCUMENTS / 10, `${read} read, ${refused} refused`)
})

/** '' where Kea reads the map, else what it says. */
function judgedByKea(file: string, document: object): string {
  writeFileSync(file, JSON.stringify({ Dhcp6: document }))
  const env = { ...process.env, KEA_LOCKFILE_DIR: 'none' }
  const { status, stdout, stderr } = spawnSync('kea-dhcp6', ['-t', file], { env })
  if (status === 0) return ''
  return `${stdout}${stderr}`.trim().split('\n').at(-1)!.slice(0, 300) || 'refused'
}

type Members = Record<string, unknown>

/** Mostly the first of them. */
function mostly<T>(draw: Draw, usual: T, ...others: readonly T[]): T {
  return draw(40) > 0 ? usual : others[draw(others.length)]!
}

function some(draw: Draw, members: Readonly<Record<string, () => unknown>>): Members {
  const given = Object.entries(members).filter(() => draw(4) === 0)
  return Object.fromEntries(given.map(([key, value]) => [key, value()]))
}

function listOf<T>(draw: Draw, most: number, make: (n: number) => T): T[] {
  return Array.from({ length: draw(most + 1) }, (_, n) => make(n))
}

function randomMap(draw: Draw): Members {
  return {
    'interfaces-config': { interfaces: [] },
    'lease-database': { type: 'memfile', persist: false },
    ...randomScope(draw),
    ...some(draw, {
      'server-id': () => ({
        type: mostly(draw, 'LLT', 'LL', 'EN', 'UUID'),
        ...some(draw, {
          identifier: () => mostly(draw, '02005e100001', '', 'zz'),
          htype: () => draw(3),
          'enterprise-id': () => draw(3),
        }),
      }),
      'mac-sources': () => mostly(draw, ['duid', 'any'], ['rfc6939'], ['nothing'], []),
      'relay-supplied-options': () => mostly(draw, ['65', 'dns-servers'], ['0'], ['nothing']),
      'host-reservation-identifiers': () => mostly(draw, ['duid', 'hw-address'], ['client-id']),
      reservations: () => listOf(draw, 2, () => randomReservation(draw, 0)),
    }),
    // Kea judges the scope of a level by the subnets that inherit it.
    subnet6: [randomSubnet(draw, 1), ...listOf(draw, 2, (n) => randomSubnet(draw, n + 2))],
    'shared-networks': listOf(draw, 1, (n) => ({
      name: mostly(draw, `network ${n}`, ''),
      ...randomScope(draw),
      ...randomPlace(draw),
      subnet6: listOf(draw, 2, (m) => randomSubnet(draw, 8 + m)),
    })),
  }
}

function randomScope(draw: Draw): Members {
  const lifetime = (usual: number) => () => mostly(draw, usual + draw(3), usual * 3, 0, 0xffffffff)
  return some(draw, {
    'valid-lifetime': lifetime(4000),
    'min-valid-lifetime': lifetime(3000),
    'max-valid-lifetime': lifetime(5000),
    'preferred-lifetime': lifetime(3600),
    'min-preferred-lifetime': lifetime(2000),
    'max-preferred-lifetime': lifetime(3900),
    'renew-timer': lifetime(900),
    'rebind-timer': lifetime(1500),
    'calculate-tee-times': () => draw(2) === 0,
    't1-percent': () => mostly(draw, 0.4, 0.9),
    't2-percent': () => mostly(draw, 0.8, 0.2),
    'store-extended-info': () => draw(2) === 0,
    'reservations-global': () => draw(2) === 0,
  })
}

function randomPlace(draw: Draw): Members {
  return some(draw, {
    'interface-id': () => mostly(draw, `port${draw(3)}`, ''),
    'rapid-commit': () => draw(2) === 0,
    relay: () => ({ 'ip-addresses': [mostly(draw, '2001:db8::1', '::', '192.0.2.1', 'x')] }),
  })
}

function randomSubnet(draw: Draw, n: number): Members {
  const net = `2001:db8:${n}:`
  return {
    id: mostly(draw, n, 1),
    subnet: mostly(draw, `${net}:/64`, `${net}:/48`, `${net}:5/64`, `${net}:`, '192.0.2.0/24'),
    ...randomScope(draw),
    ...randomPlace(draw),
    pools: listOf(draw, 2, (at) => ({
      pool: mostly(
        draw,
        `${net}:${at}:0 - ${net}:${at}:ff`,
        `${net}:${at}:0/112`,
        `${net}:0:5 - ${net}:1:0`,
        `${net}:9 - ${net}:1`,
        '2001:db8:ffff::/112',
        `${net}:/64`,
        'nothing',
      ),
    })),
    'pd-pools': listOf(draw, 2, (at) => randomPdPool(draw, n * 2 + at)),
    reservations: listOf(draw, 2, () => randomReservation(draw, n)),
  }
}

function randomPdPool(draw: Draw, n: number): Members {
  const prefix = `2001:db8:${8000 + n}::`
  return {
    prefix: mostly(draw, prefix, '2001:db8:8002::', 'nothing'),
    'prefix-len': mostly(draw, 48, 40, 64, 129, 0),
    'delegated-len': mostly(draw, 56, 48, 64, 40, 128, 129),
    ...(draw(4) === 0 && {
      'excluded-prefix': mostly(draw, `2001:db8:${8000 + n}:1::`, '2001:db8:ffff::', 'nothing'),
      'excluded-prefix-len': mostly(draw, 72, 56, 0, 129),
    }),
  }
}

function randomReservation(draw: Draw, n: number): Members {
  return {
    ...mostly<Members>(
      draw,
      { duid: `00:03:00:01:00:00:5e:00:53:${10 + draw(80)}` },
      { 'hw-address': '00:00:5e:00:53:01' },
      { duid: '01', 'hw-address': '00:00:5e:00:53:02' },
      { duid: 'nothing' },
      {},
    ),
    ...some(draw, {
      'ip-addresses': () => [
        mostly(draw, `2001:db8:${n}::${a(draw)}`, '2001:db8:ffff::1', '192.0.2.1', 'nothing'),
      ],
      prefixes: () => [
        mostly(draw, `2001:db8:${9000 + draw(99)}::/56`, '2001:db8::/129', 'nothing'),
      ],
      hostname: () => mostly(draw, 'thing', '', 'thing.example.'),
    }),
  }
}

function a(draw: Draw): string {
  return `a:${(1 + draw(0xfffe)).toString(16)}`
}
