// What `whio dns` prints of a sweep, and how it exits.

import t from 'tap'
import { type Sweep, sweepHealth, sweepLines } from '../../lib/cli/dns-lines.ts'

const NONE = {
  ...{ missing: 0, different: 0, written: 0, orphans: 0, owed: 0, again: 0, removed: 0 },
}
const ZONE: Sweep['zones'][number] = {
  ...{ direction: 'forward', zone: 'lan.', state: 'done', wanted: 3, server: '192.0.2.53' },
  way: 'transfer',
}

function sweep(more: Partial<Sweep> = {}, counts: Partial<Sweep['counts']> = {}): Sweep {
  const kind = 'check'
  return {
    kind,
    state: 'done',
    zones: [ZONE],
    findings: [],
    ...more,
    counts: { ...NONE, ...counts },
  }
}

const FAILED = { ...ZONE, state: 'failed', why: 'no answer' } as const

// biome-ignore format: a table
const HEALTH: readonly [title: string, sweep: Sweep, level: number, line: RegExp][] = [
  ['all is well', sweep(), 0, /^OK: names of leases are in DNS as they should be$/],
  ['some are missing', sweep({}, { missing: 2, orphans: 1 }), 1, /^WARNING: .* 2 missing, 1 nobody's; `whio dns repair`/],
  ['all of them wait', sweep({}, { missing: 2, owed: 2 }), 1, /2 missing, 2 of them waiting to be sent$/],
  ['a zone is not to be had', sweep({ zones: [ZONE, FAILED] }), 2, /^CRITICAL: not looked at: lan\. \(no answer\)$/],
  ['the same, with findings', sweep({ zones: [FAILED] }, { missing: 1 }), 2, /no answer\); records in DNS: 1 missing/],
  ['it was given up', sweep({ state: 'ended', why: 'the server was stopped' }), 3, /^UNKNOWN: it was given up: the server/],
  ['all is mended', sweep({ kind: 'repair' }, { missing: 2, again: 2, orphans: 1, removed: 1 }), 0, /^OK: 2 names added again, 1 removed$/],
  ['some are left', sweep({ kind: 'repair' }, { written: 1, missing: 1, again: 1 }), 1, /^WARNING: 1 name added again, 0 removed, 1 left as they are$/],
]

for (const [title, given, level, line] of HEALTH)
  t.test(title, async (t) => {
    t.match(sweepHealth(given), { level, line })
  })

t.test('a table of what was found', async (t) => {
  const findings: Sweep['findings'] = [
    {
      ...{ kind: 'missing', direction: 'forward', 'ip-address': '192.0.2.10', name: 'pc.lan.' },
      ...{ waits: true },
    },
    {
      ...{ kind: 'orphan', direction: 'reverse', 'ip-address': '192.0.2.111', name: 'ghost.lan.' },
      ...{ why: 'no lease has it', mended: 'removed' },
    },
  ]
  const queries = { ...ZONE, way: 'queries', why: 'the zone is not handed out: no answer' } as const
  t.same(sweepLines(sweep({ zones: [ZONE, queries], findings }, { missing: 5, orphans: 1 })), [
    'zone lan. at 192.0.2.53: 3 names of leases',
    'zone lan. at 192.0.2.53: 3 names of leases, each asked for (the zone is not handed out: no answer)',
    'FOUND     RECORD           ADDRESS      NAME        WHY',
    'missing   name to address  192.0.2.10   pc.lan.     it waits to be sent',
    "nobody's  address to name  192.0.2.111  ghost.lan.  no lease has it; it is removed",
    'and 4 more',
  ])
})
