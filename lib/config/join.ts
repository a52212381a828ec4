// Several files that are one configuration, mostly one with Dhcp4 and one with Dhcp6: each member
// of the top level stands in one of them, and what is said of it is said where it stands.

import { inOrder, type ParsedConfig } from './check.ts'
import type { ConfigDocument } from './keys/document.ts'
import type { Positions } from './text/positions.ts'
import type { Problem } from './text/problem.ts'

export interface Joined {
  /** Undefined where nothing is left of any of them. */
  readonly document: ConfigDocument | undefined
  readonly positions: Pick<Positions, 'locate'>
  readonly problems: readonly Problem[]
}

interface Part extends ParsedConfig {
  readonly file: string
}

/** Maps of which the process has one. */
const SERVED = ['Dhcp4', 'Dhcp6', 'Whio', 'Control-agent', 'DhcpDdns'] as const

export function joined(parts: readonly Part[]): Joined {
  const members: Record<string, unknown> = {}
  const homes = new Map<string, Part>()
  const doubles: Problem[] = []
  for (const part of parts)
    for (const key of SERVED) {
      const value = part.document?.[key]
      if (value === undefined) continue
      const home = homes.get(key)
      if (home === undefined) {
        homes.set(key, part)
        members[key] = value
      } else if (key !== 'Whio' || JSON.stringify(value) !== JSON.stringify(members[key]))
        doubles.push(part.positions.locate(doubleIn(key, home)))
    }
  const isEmpty = members.Dhcp4 === undefined && members.Dhcp6 === undefined
  return {
    document: isEmpty ? undefined : (members as unknown as ConfigDocument),
    positions: { locate: (problem) => locatedIn(homes, problem) },
    problems: inOrder([...parts.flatMap(({ problems }) => problems), ...doubles]),
  }
}

function doubleIn(key: string, { file }: Part): Problem {
  return {
    severity: 'error',
    path: [key],
    code: 'two-files',
    message: `the map stands in ${file}, too`,
    hint: 'leave one of them out: all files together are one configuration',
    at: 'key',
  }
}

function locatedIn(homes: ReadonlyMap<string, Part>, problem: Problem): Problem {
  const home = homes.get(String(problem.path[0]))
  return home === undefined ? problem : home.positions.locate(problem)
}
