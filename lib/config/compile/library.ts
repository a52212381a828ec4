// A library of Kea's that Whio has a counterpart of: whether the document names it, and what it is
// told. What stands in its parameters, and in members of user-context that it reads, is checked
// here, since the key table does not lead there.

import type { GlobalDocument } from '../keys/common-document.ts'
import { hookName } from '../keys/hooks.ts'
import type { KeyRow, Level } from '../keys/row.ts'
import { validateMap } from '../keys/validate.ts'
import type { Site } from '../text/site.ts'

/** A map whose values have the types that its level says. */
export type Checked = Readonly<Record<string, unknown>>

export interface Library {
  readonly parameters: Checked
  readonly site: Site
}

/** `site` is that of the global level. Of a library that is named twice the first counts. */
export function findLibrary(
  document: GlobalDocument,
  name: string,
  level: Level,
  site: Site,
): Library | undefined {
  const all = site.at('hooks-libraries')
  let found: Library | undefined
  for (const [index, { library, parameters }] of (document['hooks-libraries'] ?? []).entries()) {
    if (hookName(library) !== name) continue
    const at = all.at(index)
    if (found === undefined) {
      const own = at.at('parameters')
      found = { parameters: checkedMap(parameters ?? {}, level, own), site: own }
    } else {
      const message = `${name} stands here a second time`
      at.at('library').error('duplicate', message, 'write all its parameters in one place')
    }
  }
  return found
}

/** What is wrong with the map is told, and left out; what has no effect is told. */
export function checkedMap(map: unknown, level: Level, site: Site): Checked {
  const slips = validateMap(map, level)
  for (const { problem } of slips) {
    let at = site
    for (const step of problem.path) at = at.at(step)
    at.error(problem.code, problem.message, problem.hint)
  }
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return {}
  const wrong = new Set(slips.map(({ problem }) => problem.path[0]))
  const right = Object.entries(map).filter(([key]) => !wrong.has(key))
  for (const [key] of right) {
    const { support, instead } = level.keys[key]!
    const at = site.at(key)
    if (support === 'accepted') at.info('key-without-effect', 'without effect in Whio', instead)
    if (support === 'refused' && !isHarmless(map[key as keyof typeof map], level.keys[key]!))
      at.error('key-refused', 'not served by this version', instead)
  }
  return Object.fromEntries(right)
}

/** Whether the value asks for nothing. */
function isHarmless(value: unknown, { schema }: KeyRow): boolean {
  return value === '' || value === schema.default
}

/** The values of these keys of a checked map, with the defaults of its level. */
export function parameterOf<Value>(map: Checked, level: Level, key: string): Value {
  return (map[key] ?? level.keys[key]?.schema.default) as Value
}
