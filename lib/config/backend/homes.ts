// Where each part of a merged document comes from: the file, and where there, or a database, and
// what of it. Lists and maps are known by their identity, single values by their names.

import type { Members } from '../text/map.ts'
import type { Path, Problem } from '../text/problem.ts'
import type { ConfigPart } from './part.ts'

type Home =
  /** Its path in the document of the file. */
  | { readonly path: Path }
  /** `configuration database, subnet4 id 7`. */
  | { readonly origin: string }

/** What a problem says where it has no place in a file. */
export function originOf(what: string): string {
  return what === '' ? 'configuration database' : `configuration database, ${what}`
}

export class Homes {
  readonly #homes = new Map<object, Home>()
  readonly #members = new Map<object, ReadonlyMap<string, string>>()
  #root: unknown

  /** The merged document. */
  startAt(root: unknown): void {
    this.#root = root
  }

  fromFile(value: object, path: Path): void {
    this.#homes.set(value, { path })
  }

  fromDatabase<Value extends object>(value: Value, origin: string): Value {
    this.#homes.set(value, { origin })
    return value
  }

  /** Members of the map that a database says, each with what is said of it. */
  membersFromDatabase(map: Members, origins: ReadonlyMap<string, string>): void {
    this.#members.set(map, origins)
  }

  /** The problem as it is told where what it is about came from. */
  locate(problem: Problem, inFile: (problem: Problem) => Problem): Problem {
    let value: unknown = this.#root
    let home: Home = { path: [] }
    let rest: Path = problem.path
    for (const [depth, step] of problem.path.entries()) {
      const origin = this.#members.get(value as object)?.get(String(step))
      if (origin !== undefined) return { ...problem, origin }
      value = (value as Record<string | number, unknown> | undefined)?.[step]
      const found = this.#homes.get(value as object)
      if (found === undefined) continue
      home = found
      rest = problem.path.slice(depth + 1)
    }
    if ('origin' in home) return { ...problem, origin: home.origin }
    return inFile({ ...problem, path: [...home.path, ...rest] })
  }
}

/** Whom each element of the lists is from. */
export function noteParts(part: ConfigPart, homes: Homes): void {
  const { family, definitions, options, classes, networks, subnets } = part
  const spaceOf = ({ space }: Members) => space ?? `dhcp${family}`
  const note = (value: Members, what: string): void => {
    homes.fromDatabase(value, originOf(what))
  }
  for (const one of definitions) note(one, `option-def ${one.name} of space ${spaceOf(one)}`)
  for (const one of options) note(one, `option ${one.code} of space ${spaceOf(one)}`)
  for (const one of classes) note(one, `client class ${one.name}`)
  for (const one of networks) note(one, `shared network ${one.name}`)
  for (const { subnet } of subnets) note(subnet, `subnet${family} id ${subnet.id}`)
}

export function originsOf(globals: Members): ReadonlyMap<string, string> {
  const names = Object.keys(globals)
  return new Map(names.map((name) => [name, originOf(`global parameter ${name}`)]))
}
