// The valid document against the key table: old spellings become new ones, subnets without id get one, and
// each key that does not simply work is reported: refused wherever it stands, the others once a file.

import type { Positions } from '../text/positions.ts'
import type { Path, Problem } from '../text/problem.ts'
import { KEYS4 } from './keys4.ts'
import { LIFTED_FROM_DDNS, RENAMES4 } from './renames4.ts'
import type { KeyRow, Level, Support } from './row.ts'
import { unknownKey } from './validate4.ts'
import { judgeValue } from './values4.ts'

type Members = Record<string, unknown>

/**
 * Rewrites the value, which the schema accepts, in place; `damaged` are maps from which something wrong was
 * taken out before. The problems have their places.
 */
export function judge4(
  root: Members,
  positions: Positions,
  damaged: ReadonlySet<object>,
): Problem[] {
  const judge = new Judge(positions, damaged)
  judge.visit('root', root, [])
  return judge.problems
}

const SAYINGS: Readonly<Record<Exclude<Support, 'works' | 'inner'>, string>> = {
  accepted: 'without effect in Whio',
  warned: 'not done by this version',
  refused: 'not served by this version',
  old: 'an old spelling',
}

class Judge {
  readonly #positions: Positions
  readonly #damaged: ReadonlySet<object>
  readonly #problems: Problem[] = []
  /** Message that is given once a file -> index of its problem, and how many places it was found at. */
  readonly #once = new Map<string, { readonly index: number; count: number }>()

  constructor(positions: Positions, damaged: ReadonlySet<object>) {
    this.#positions = positions
    this.#damaged = damaged
  }

  get problems(): Problem[] {
    for (const { index, count } of this.#once.values()) {
      const problem = this.#problems[index]!
      const places = count === 2 ? 'one other place' : `${count - 1} other places`
      if (count === 1) continue
      this.#problems[index] = { ...problem, message: `${problem.message}, here and at ${places}` }
    }
    this.#once.clear()
    return this.#problems
  }

  visit(name: string, map: Members, path: Path): void {
    const level = KEYS4[name]!
    this.#rename(level, map, path)
    if (name === 'root') this.#liftLoggers(map)
    if (name === 'global') this.#prepareGlobal(map, path)
    for (const key of Object.keys(map)) {
      const row = level.keys[key]
      if (row !== undefined) this.#member(name, map, key, row, path)
      else if (level.further === 'warned') this.#add(unknownKey([...path, key], 'warning'))
    }
    this.#checkComment(map, path)
  }

  #member(name: string, map: Members, key: string, row: KeyRow, path: Path): void {
    const value = map[key]
    switch (row.support) {
      case 'inner':
        return
      case 'works':
        this.#judgeValue(name, map, key, path)
        if (row.level !== undefined) this.#descend(row.level, value, [...path, key])
        return
      case 'accepted':
        this.#report(row.support, [...path, key], row.instead)
        return
      default:
        if (isHarmless(value, row.schema.default)) return
        this.#report(row.support, [...path, key], row.instead)
    }
  }

  #descend(level: string, value: unknown, path: Path): void {
    if (!Array.isArray(value)) {
      this.visit(level, value as Members, path)
      return
    }
    for (const [index, element] of value.entries()) {
      this.visit(level, element as Members, [...path, index])
    }
  }

  #judgeValue(name: string, map: Members, key: string, path: Path): void {
    const verdict = judgeValue(name, key, map[key])
    if (verdict === undefined) return
    if (verdict.support !== 'works') {
      const subject = verdict.subject ?? JSON.stringify(map[key])
      this.#report(verdict.support, [...path, key], verdict.hint, `${subject} is `)
    }
    if (verdict.becomes !== undefined) map[key] = verdict.becomes
  }

  #rename(level: Level, map: Members, path: Path): void {
    for (const key of Object.keys(map)) {
      const rename = level.keys[key]?.support === 'old' ? RENAMES4[key] : undefined
      if (rename === undefined) continue
      const members = rename.to(map[key])
      this.#report('old', [...path, key], `write ${level.keys[key]!.instead}`, '', 'key')
      delete map[key]
      for (const [now, value] of Object.entries(members)) {
        if (!this.#isFree(map, now, key, path)) continue
        map[now] = value
        this.#positions.moved(map, now, [key])
        if (rename.wraps) this.#positions.wrapped(value as unknown[], map, key)
      }
    }
  }

  /** A key may be written in its old or in its new spelling, not in both. */
  #isFree(map: Members, now: string, old: string, path: Path): boolean {
    if (!Object.hasOwn(map, now)) return true
    this.#add({
      severity: 'error',
      path: [...path, old],
      code: 'both-spellings',
      message: `the key stands here as "${now}", too`,
      hint: 'leave the old spelling out',
      at: 'key',
    })
    return false
  }

  /** Up to Kea 1.5 loggers stood beside the servers. Those inside go first. */
  #liftLoggers(root: Members): void {
    const { Logging: logging, Dhcp4: global } = root as Record<string, Members | undefined>
    if (logging?.loggers === undefined || global === undefined) return
    if (Object.hasOwn(global, 'loggers')) return
    global.loggers = logging.loggers
    this.#positions.moved(global, 'loggers', ['loggers'], logging)
  }

  #prepareGlobal(map: Members, path: Path): void {
    const ddns = map['dhcp-ddns'] as Members | undefined
    if (ddns !== undefined) this.#liftFromDdns(map, ddns, path)
    this.#numberSubnets(map, path)
  }

  #liftFromDdns(map: Members, ddns: Members, path: Path): void {
    for (const [key, now] of Object.entries(LIFTED_FROM_DDNS)) {
      if (!Object.hasOwn(ddns, key)) continue
      const written = [...path, 'dhcp-ddns', key]
      this.#report('old', written, `write "${now}" at the global level`, '', 'key')
      if (this.#isFree(map, now, key, [...path, 'dhcp-ddns'])) {
        map[now] = ddns[key]
        this.#positions.moved(map, now, ['dhcp-ddns', key], ddns)
      }
      delete ddns[key]
    }
  }

  /** Kea before 3.0 counted subnets that have no id (or 0) from 1, those of shared networks first. */
  #numberSubnets(map: Members, path: Path): void {
    const subnets = subnetsOf(map, path)
    const taken = new Set(subnets.map(({ subnet }) => subnet.id))
    let next = 1
    for (const { subnet, path: at } of subnets) {
      if (subnet.id !== undefined && subnet.id !== 0) continue
      while (taken.has(next)) next++
      subnet.id = next
      taken.add(next)
      if (this.#damaged.has(subnet)) continue
      this.#addOnce('no-id', {
        severity: 'warning',
        path: at,
        code: 'subnet-without-id',
        message: 'the subnet has no id',
        hint: `numbered ${next}; write "id": ${next}, since leases are kept under it`,
      })
    }
  }

  #checkComment(map: Members, path: Path): void {
    const context = map['user-context'] as Members | undefined
    if (context === undefined || map.comment === undefined) return
    if (!Object.hasOwn(context, 'comment')) return
    const message = 'the comment stands here and in user-context'
    const hint = 'leave one out'
    const problem = { path: [...path, 'comment'], code: 'two-comments', message, hint }
    this.#add({ severity: 'error', ...problem })
  }

  #report(
    support: Support,
    path: Path,
    hint: string,
    subject = '',
    at: 'key' | 'value' = 'value',
  ): void {
    if (support === 'works' || support === 'inner') return
    const severity = SEVERITIES[support]
    const code = CODES[support]
    const problem: Problem = {
      severity,
      path,
      code,
      message: `${subject}${SAYINGS[support]}`,
      hint,
      at,
    }
    if (severity === 'error') this.#add(problem)
    else this.#addOnce(`${code} ${String(path.at(-1))} ${subject}`, problem)
  }

  #addOnce(id: string, problem: Problem): void {
    const known = this.#once.get(id)
    if (known !== undefined) known.count++
    else this.#once.set(id, { index: this.#add(problem), count: 1 })
  }

  #add(problem: Problem): number {
    return this.#problems.push(this.#positions.locate(problem)) - 1
  }
}

/** Every subnet of the global level, with its path. */
function subnetsOf(map: Members, path: Path): { readonly subnet: Members; readonly path: Path }[] {
  const networks = (map['shared-networks'] ?? []) as readonly Members[]
  const shared = networks.flatMap((network, index) =>
    subnetsOf(network, [...path, 'shared-networks', index]),
  )
  const own = (map.subnet4 ?? []) as readonly Members[]
  return [...shared, ...own.map((subnet, index) => ({ subnet, path: [...path, 'subnet4', index] }))]
}

const SEVERITIES = {
  accepted: 'info',
  warned: 'warning',
  refused: 'error',
  old: 'warning',
} as const

const CODES = {
  accepted: 'key-without-effect',
  warned: 'key-not-done',
  refused: 'key-refused',
  old: 'old-spelling',
} as const

/**
 * Nothing is asked for: the default, or an empty list, map or text. Kea writes such keys by itself. Where
 * the default is a text, an empty one asks for something else.
 */
function isHarmless(value: unknown, byDefault: unknown): boolean {
  if (value === byDefault) return true
  if (value === '') return byDefault === undefined
  if (typeof value !== 'object' || value === null) return false
  return Object.keys(value).length === 0
}
