// What kea-dhcp4 and kea-dhcp6 answer to config-get, and what is shown here of the same documents:
// the same, field by field, but for what is listed with its reason. The Kea is 2.2; what its 3.x
// shows otherwise is shown as there.

import t from 'tap'
import { canonical } from '../../lib/config/canonical/canonical.ts'
import { FILES, loaded, loadedFrom } from '../config/canonical-documents.ts'
import { DIFFERENCES, differences } from './kea-differences.ts'
import { basedOn, type Kea, type Members, startKea } from './kea-witness.ts'
import { systemSkip } from './netns.ts'

/** What Kea 2.2 cannot be given. */
const UNKNOWN_TO_2_2 = new Set([
  ...['allocator', 'pd-allocator', 'offer-lifetime', 'adaptive-lease-time-threshold', 'pool-id'],
  ...['template-test', 'never-send', 'stash-agent-options', 'excluded-prefixes', 'max-row-errors'],
  ...['ddns-conflict-resolution-mode', 'ddns-ttl', 'ddns-ttl-percent', 'ddns-ttl-min'],
  ...['ddns-ttl-max', 'identifiers', 'prefix-from', 'leases-per-ia', 'extended-info-checks'],
  ...['allow-address-registration', 'compatibility', 'ignore-dhcp-server-identifier'],
])
/** What would need databases, libraries and sockets of the machine. */
const OUTSIDE = ['hosts-databases', 'config-control', 'loggers', 'control-sockets', 'server-id']
const OLD_NAMES: Readonly<Record<string, string>> = {
  'evaluate-additional-classes': 'require-client-classes',
  'only-in-additional-list': 'only-if-required',
}

for (const version of [4, 6] as const) {
  const skip = systemSkip(`kea-dhcp${version}`)
  t.test(`config-get is that of kea-dhcp${version}`, { skip }, async (t) => {
    const kea = await startKea(t, version)
    const seen = new Set<RegExp>()
    let compared = 0
    for (const file of FILES) {
      const { document } = loaded(file)
      const map = document?.[`Dhcp${version}`]
      if (map === undefined) continue
      const given = forKea(map as unknown as Members, kea, version)
      if (!(await kea.set(given))) continue
      const shown = canonical(loadedFrom({ [`Dhcp${version}`]: given }).document!, version)
      const plain = JSON.parse(JSON.stringify(shown))
      for (const path of differences(await kea.get(), plain)) {
        const listed = DIFFERENCES.find(([pattern]) => pattern.test(path))
        if (listed === undefined) t.fail(`${file.name}: ${path} is not like Kea's`)
        else seen.add(listed[0])
      }
      compared++
    }
    t.ok(compared >= 20, `${compared} documents were compared`)
    t.ok(seen.size > 8, 'Kea differs as it is listed')
  })
}

/** The map in the words of 2.2, without what it would need outside. */
function forKea(map: Members, kea: Pick<Kea, 'socket' | 'folder'>, version: 4 | 6): Members {
  const given = older(map, true) as Members
  for (const key of OUTSIDE) delete given[key]
  const ddns = given['dhcp-ddns'] as Members | undefined
  const off = ddns && { 'dhcp-ddns': { ...ddns, 'enable-updates': false } }
  return basedOn({ ...given, ...off }, kea, version)
}

function older(value: unknown, isTop = false): unknown {
  if (Array.isArray(value)) return value.map((one) => older(one))
  if (typeof value !== 'object' || value === null) return value
  const map = value as Members
  const isHost = ['hw-address', 'duid', 'client-id', 'circuit-id', 'flex-id'].some((k) => k in map)
  const entries = Object.entries(map).flatMap(([key, one]): [string, unknown][] => {
    if (UNKNOWN_TO_2_2.has(key)) return []
    if (key === 'user-context') return [[key, one]]
    // By command, Kea 2.2 takes comments there only.
    if (key === 'comment')
      return [['user-context', { ...(map['user-context'] as Members), comment: one }]]
    if (key === 'client-classes' && !isTop && !isHost) {
      const [first] = one as string[]
      return first === undefined || 'data' in map ? [] : [['client-class', first]]
    }
    return [[OLD_NAMES[key] ?? key, older(one)]]
  })
  return Object.fromEntries(entries)
}
