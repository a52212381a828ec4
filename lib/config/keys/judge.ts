// The valid document against the key table: old spellings become new ones, subnets without id get
// one, and each key that does not simply work is reported: refused wherever it stands, the others
// once a file.

import type { Draft, Members } from '../text/draft.ts'
import type { Positions } from '../text/positions.ts'
import type { Path, Problem } from '../text/problem.ts'
import { KEYS } from './keys.ts'
import { LIFTED_FROM_DDNS, RENAMES } from './renames.ts'
import type { KeyRow, Support } from './row.ts'
import { unknownKey } from './validate.ts'
import { judgeValue } from './values.ts'

/**
 * Rewrites the draft, which the schema accepts; `damaged` are maps of it from which something wrong
 * was taken out before. The problems have their places.
 */
export function judge(draft: Draft, positions: Positions, damaged: ReadonlySet<object>): Problem[] {
  const judge = new Judge(draft, positions, damaged)
  judge.visit('root', draft.root as Members, [])
  return judge.problems
}

const SAYINGS: Readonly<Record<Exclude<Support, 'works' | 'inner'>, string>> = {
  accepted: 'without effect in Whio',
  warned: 'not done by this version',
  refused: 'not served by this version',
  old: 'an old spelling',
}

class Judge {
  readonly #draft: Draft
  readonly #positions: Positions
  readonly #damaged: ReadonlySet<object>
  readonly #problems: Problem[] = []
  /**
   * Message that is given once a file -> index of its problem, and how many places it was found at.
   */
  readonly #once = new Map<string, { readonly index: number; count: number }>()

  constructor(draft: Draft, positions: Positions, damaged: ReadonlySet<object>) {
    this.#draft = draft
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

  visit(name: string, found: Members, path: Path): void {
    const level = KEYS[name]!
    let map = found
    if (name === 'root' || name === 'global' || name === 'global6') {
      if (name === 'root') this.#liftLoggers(found)
      else this.#prepareGlobal(found, path)
      map = this.#draft.at(path) as Members
    }
    const keys = Object.keys(map)
    // What an old spelling becomes is judged behind what stands there.
    for (const key of keys) {
      const row = level.keys[key]
      if (row === undefined) {
        if (level.further === 'warned') this.#add(unknownKey([...path, key], 'warning'))
      } else if (row.support === 'old' && RENAMES[key] !== undefined) {
        keys.push(...this.#rename(key, row, path))
        map = this.#draft.own(path)!
      } else this.#member(name, key, row, map[key], path)
    }
    this.#checkComment(map, path)
  }

  #member(name: string, key: string, row: KeyRow, value: unknown, path: Path): void {
    switch (row.support) {
      case 'inner':
        return
      case 'works':
        this.#judgeValue(name, key, value, path)
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

  #judgeValue(name: string, key: string, value: unknown, path: Path): void {
    const verdict = judgeValue(name, key, value, path[0] === 'Dhcp6' ? 6 : 4)
    if (verdict === undefined) return
    if (verdict.support !== 'works') {
      const subject = verdict.subject ?? JSON.stringify(value)
      this.#report(verdict.support, [...path, key], verdict.hint, `${subject} is `)
    }
    if (verdict.becomes !== undefined) this.#draft.own(path)![key] = verdict.becomes
  }

  /** The keys that stand in its place. */
  #rename(key: string, row: KeyRow, path: Path): string[] {
    const { to, wraps } = RENAMES[key]!
    const map = this.#draft.own(path)!
    const members = Object.entries(to(map[key]))
    this.#report('old', [...path, key], `write ${row.instead}`, '', 'key')
    delete map[key]
    const free = members.filter(([now]) => this.#isFree(map, now, key, path))
    for (const [now, value] of free) {
      map[now] = value
      this.#positions.moved(map, now, [key])
      if (wraps) this.#positions.wrapped(value as unknown[], map, key)
    }
    return free.map(([now]) => now)
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
    const { Logging: logging, ...maps } = root as Record<string, Members | undefined>
    if (logging?.loggers === undefined) return
    const family = maps.Dhcp4 === undefined ? 'Dhcp6' : 'Dhcp4'
    const found = maps[family]
    if (found === undefined || Object.hasOwn(found, 'loggers')) return
    const global = this.#draft.own([family])!
    global.loggers = logging.loggers
    this.#positions.moved(global, 'loggers', ['loggers'], logging)
  }

  #prepareGlobal(map: Members, path: Path): void {
    if (map['dhcp-ddns'] !== undefined) this.#liftFromDdns(path)
    this.#numberSubnets(map, path)
  }

  #liftFromDdns(path: Path): void {
    for (const [key, now] of Object.entries(LIFTED_FROM_DDNS)) {
      const at = [...path, 'dhcp-ddns']
      if (!Object.hasOwn(this.#draft.at(at) as Members, key)) continue
      const ddns = this.#draft.own(at)!
      const map = this.#draft.own(path)!
      this.#report('old', [...at, key], `write "${now}" at the global level`, '', 'key')
      if (this.#isFree(map, now, key, at)) {
        map[now] = ddns[key]
        this.#positions.moved(map, now, ['dhcp-ddns', key], ddns)
      }
      delete ddns[key]
    }
  }

  /**
   * Kea before 3.0 counted subnets that have no id (or 0) from 1, those of shared networks first.
   */
  #numberSubnets(map: Members, path: Path): void {
    const subnets = subnetsOf(map, path)
    const taken = new Set(subnets.map(({ subnet }) => subnet.id))
    let next = 1
    for (const { subnet, path: at } of subnets) {
      if (subnet.id !== undefined && subnet.id !== 0) continue
      while (taken.has(next)) next++
      this.#draft.own(at)!.id = next
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
  const key = path[0] === 'Dhcp6' ? 'subnet6' : 'subnet4'
  const own = (map[key] ?? []) as readonly Members[]
  return [...shared, ...own.map((subnet, index) => ({ subnet, path: [...path, key, index] }))]
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
 * Nothing is asked for: the default, or an empty list, map or text. Kea writes such keys by itself.
 * Where the default is a text, an empty one asks for something else.
 */
function isHarmless(value: unknown, byDefault: unknown): boolean {
  if (value === byDefault) return true
  if (value === '') return byDefault === undefined
  if (typeof value !== 'object' || value === null) return false
  return Object.keys(value).length === 0
}
