// What a configuration database says, judged by the keys of a document as the text of a file is: in
// today's spelling, without what is wrong, and each problem with the row that it is of.

import { Homes, noteParts, originOf, originsOf } from './backend/homes.ts'
import { type ConfigPart, listIn, listOf, type StoredSubnet } from './backend/part.ts'
import { checkConfig } from './check.ts'
import { KEYS } from './keys/keys.ts'
import type { Members } from './text/map.ts'
import type { Problem } from './text/problem.ts'

export interface CheckedPart {
  readonly part: ConfigPart
  readonly problems: readonly Problem[]
}

export function checkedPart(part: ConfigPart): CheckedPart {
  const [map, subnets] = [`Dhcp${part.family}`, `subnet${part.family}`]
  const { globals, problems } = globalsAmong(part, map)
  const said = {
    ...globals,
    ...listOf('option-def', part.definitions),
    ...listOf('option-data', part.options),
    ...listOf('client-classes', part.classes),
    ...listOf('shared-networks', part.networks),
    ...listOf(
      subnets,
      part.subnets.map(({ subnet }) => subnet),
    ),
  }
  const homes = new Homes()
  homes.startAt({ [map]: said })
  noteParts(part, homes)
  homes.membersFromDatabase(said, originsOf(globals))
  const checked = checkConfig({ [map]: said })
  const located = checked.problems.map((problem) => homes.locate(problem, atDatabase))
  const document = (checked.document as Readonly<Record<string, Members>> | undefined)?.[map] ?? {}
  return {
    part: partFrom(document, part, subnets),
    problems: [...problems, ...located],
  }
}

/** What has no row of its own. */
function atDatabase(problem: Problem): Problem {
  return { ...problem, origin: originOf('') }
}

// ---- global parameters

/** Maps and lists that Kea takes from a database. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['compatibility', 'dhcp-ddns', 'expired-leases-processing', 'multi-threading'],
  ...['sanity-checks', 'server-id', 'dhcp-queue-control'],
])

/** By its tag a server finds what is its own in the database. */
const OF_FILES: ReadonlySet<string> = new Set(['server-tag'])

/** Kea passes over the others in silence. */
function globalsAmong({ family, globals }: ConfigPart, map: string) {
  const { keys } = KEYS[family === 4 ? 'global' : 'global6']!
  const taken: Record<string, unknown> = {}
  const problems: Problem[] = []
  for (const [name, value] of Object.entries(globals)) {
    const row = keys[name]
    const isTaken = row?.level === undefined ? !OF_FILES.has(name) : TAKEN.has(name)
    if (row !== undefined && isTaken) {
      taken[name] = value
      continue
    }
    const message = 'is not taken from a configuration database'
    const hint = row === undefined ? `${map} has no such key` : 'write it into the file'
    const origin = originOf(`global parameter ${name}`)
    const what = { code: 'database-global', message, hint, origin }
    problems.push({ severity: 'warning', path: [map, name], ...what })
  }
  return { globals: taken, problems }
}

// ---- and back

const LISTS: readonly string[] = ['option-def', 'option-data', 'client-classes', 'shared-networks']

function partFrom(document: Members, part: ConfigPart, subnets: string): ConfigPart {
  const networks = new Map(part.subnets.map(({ subnet, network }) => [subnet.id, network]))
  const isGlobal = ([key]: readonly [string, unknown]) => !LISTS.includes(key) && key !== subnets
  return {
    ...part,
    globals: Object.fromEntries(Object.entries(document).filter(isGlobal)),
    definitions: listIn(document['option-def']),
    options: listIn(document['option-data']),
    classes: listIn(document['client-classes']),
    networks: listIn(document['shared-networks']),
    subnets: listIn(document[subnets]).map(
      (subnet): StoredSubnet => ({ subnet, network: networks.get(subnet.id) ?? '' }),
    ),
  }
}
