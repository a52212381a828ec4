// From what people write to what the server runs, in one call: read, validate, judge, compile. All
// problems of all stages come back together.

import type { ConfigPart } from './backend/part.ts'
import { checkConfig, inOrder, type ParsedConfig, parseConfig } from './check.ts'
import { Compiler } from './compile/compile.ts'
import { compileConfigDatabases } from './compile/config-databases.ts'
import { shared } from './difference.ts'
import { type Joined, joined } from './join.ts'
import type { ConfigDocument } from './keys/document.ts'
import { serverMapsOf } from './keys/server-maps.ts'
import type { CompileContext } from './plan/compile-context.ts'
import type { ConfigDatabasePlan } from './plan/config-databases-plan.ts'
import type { Plan } from './plan/plan.ts'
import type { Include } from './text/expand.ts'
import { formatPath, type Path, type Problem } from './text/problem.ts'
import { mergedWith } from './with-backend.ts'

export interface Loaded {
  /**
   * Undefined where the configuration is not to be served. It may be there although there are
   * errors: those cost one reservation or one option each, and the rest is served while they are
   * complained of.
   */
  readonly plan: Plan | undefined
  /** As it was understood, for who asks at which level something stands. */
  readonly document: ConfigDocument | undefined
  /** In the order of the text. Print them with formatProblem. */
  readonly problems: readonly Problem[]
  /** Those that the document names, also where it is not to be served. */
  readonly configDatabases: readonly ConfigDatabasePlan[]
}

/** Where nothing could be read. */
export const NOTHING = { plan: undefined, document: undefined, configDatabases: [] } as const

/** What was loaded before: of what stays the same nothing is compiled again. */
export interface Before {
  readonly compiler: Compiler
  readonly document?: ConfigDocument | undefined
}

/** A text, with its name in problems. */
export interface Source {
  readonly text: string
  readonly file: string
}

/** Loads a configuration from text: see Include for `include`. */
export function loadPlan(
  text: string,
  file: string,
  include: Include,
  context: CompileContext,
): Loaded {
  return compileParsed(parseConfig(text, file, include), context)
}

/**
 * Several texts are one configuration: Kea has a file for each of its servers. `parts`: what
 * configuration databases say on top of them.
 */
export function loadPlanFromSources(
  sources: readonly Source[],
  include: Include,
  context: CompileContext,
  before?: Before,
  parts: readonly ConfigPart[] = [],
): Loaded {
  const parsed = sources.map(({ text, file }) => ({
    file,
    ...forFamily(context.only, parseConfig(text, file, include)),
  }))
  return compileParsed(mergedWith(joined(parsed), parts), context, before)
}

/** As one of Kea's servers reads a file that has maps of others, too. */
function forFamily(only: 4 | 6 | undefined, parsed: ParsedConfig): ParsedConfig {
  if (only === undefined) return parsed
  const { document, problems, positions } = parsed
  const others = [only === 4 ? 'Dhcp6' : 'Dhcp4', 'Control-agent']
  const own = Object.entries(document ?? {}).filter(([key]) => !others.includes(key))
  const said = problems.filter(({ path }) => !others.includes(String(path[0])))
  const isThere = own.some(([key]) => key === `Dhcp${only}`)
  return {
    positions,
    document: isThere ? (Object.fromEntries(own) as unknown as ConfigDocument) : undefined,
    problems: isThere || said.length > 0 ? said : [positions.locate(absent(`Dhcp${only}`))],
  }
}

function absent(map: string): Problem {
  const message = `there is no map '${map}'`
  return { severity: 'error', path: [], code: 'no-map', message, hint: '' }
}

/** Loads a configuration that is an object already. Its problems have paths and no places. */
export function loadPlanFromObject(
  config: unknown,
  context: CompileContext,
  before?: Before,
): Loaded {
  return compileParsed(checkConfig(config), context, before)
}

/** What the first stages left of the document is compiled even if it will not be served. */
function compileParsed(
  parsed: Joined,
  context: CompileContext,
  { compiler, document: former }: Before = { compiler: new Compiler() },
): Loaded {
  const { positions } = parsed
  if (parsed.document?.Dhcp4 === undefined && parsed.document?.Dhcp6 === undefined)
    return { ...NOTHING, problems: withoutServer(parsed.problems) }
  const document = former === undefined ? parsed.document : shared(former, parsed.document)
  const compiled = compiler.compile(document, context)
  const located = compiled.problems.map((problem) => positions.locate(problem))
  const isSound = parsed.problems.every(
    ({ severity, path }) => severity !== 'error' || isInReservation(path),
  )
  return {
    plan: isSound ? compiled.plan : undefined,
    document,
    problems: inOrder(withFollowing(parsed.problems, located)),
    configDatabases: compileConfigDatabases(serverMapsOf(document), context),
  }
}

/** That there is no server is only worth telling where nothing is wrong with one. */
function withoutServer(problems: readonly Problem[]): readonly Problem[] {
  if (problems.some(({ severity }) => severity === 'error')) return problems
  const message = 'the key is missing'
  const hint = 'The DHCPv4 server, or Dhcp6'
  return [{ severity: 'error', path: ['Dhcp4'], code: 'missing-key', message, hint }, ...problems]
}

/**
 * Whatever is wrong with one reservation costs that reservation, or the part of it that is wrong.
 */
function isInReservation(path: Path): boolean {
  return path.some((step, at) => step === 'reservations' && typeof path[at + 1] === 'number')
}

/**
 * The problems of the keys, then what compile found beside them: of a part that is wrong already it
 * tells nothing more.
 */
export function withFollowing(
  before: readonly Problem[],
  found: readonly Problem[],
): readonly Problem[] {
  return [...before, ...withoutFollowOns(found, before)]
}

/** What the first stages found wrong is not there any more: complaints of the gap would mislead. */
function withoutFollowOns(found: readonly Problem[], before: readonly Problem[]): Problem[] {
  const wrong = new Set<string>()
  // A slip of the syntax has no path.
  const paths = before.flatMap(({ severity, path }) =>
    severity === 'error' && path.length > 0 ? [path] : [],
  )
  for (const path of paths) wrong.add(formatPath(path))
  const isHollow = (whole: Path): boolean =>
    paths.some((path) => whole.every((step, depth) => path[depth] === step))
  return found.filter(
    ({ path, gapIn }) =>
      !path.some((_, at) => wrong.has(formatPath(path.slice(0, at + 1)))) &&
      !(gapIn !== undefined && isHollow(gapIn)),
  )
}
