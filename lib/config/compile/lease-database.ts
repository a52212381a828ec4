// Where the process keeps its leases, those of both families. Kea has two servers with a file each;
// here one journal has all, so two maps must agree, and who begins to serve a second family finds
// the leases of the first one.

import type { WhioDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { ServerMap } from '../keys/server-maps.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { HistoryPlan, LeaseDatabasePlan, SharedDatabasePlan } from '../plan/plan.ts'
import { compileConnection } from './connection.ts'

const { durability: DURABILITY } = defaultsOf('whio', 'durability')
const HISTORY = defaultsOf('whioHistory', 'max-age', 'max-rows')
const { persist: PERSIST } = defaultsOf('leaseDatabase', 'persist')

/** Name of the journal where the document names none, whichever families it has leases of. */
const JOURNAL_NAME = 'whio-leases4.sqlite'
/** The same of a process that serves DHCPv6 as a second one beside that of DHCPv4. */
const JOURNAL_NAME6 = 'whio-leases6.sqlite'

/** What one map would have alone. */
interface Choice {
  readonly map: ServerMap
  /** The map names it, and not by a file of Kea's. */
  readonly isNamed: boolean
  readonly path: string
  readonly persist: boolean
  readonly importCsv: string | undefined
}

/** What is said of leases in files, where they are in a database. */
const IN_DATABASE = { importCsv: undefined, importCsv6: undefined, persist: true }

export function compileLeaseDatabase(
  maps: readonly ServerMap[],
  whio: WhioDocument | undefined,
  context: CompileContext,
): LeaseDatabasePlan {
  const choices = maps.map((map) => choiceOf(map, context))
  const said = choices.filter(({ map }) => map.document['lease-database'] !== undefined)
  const [first, second] = said
  const shared = compileShared(said, context)
  if (second !== undefined && first!.persist !== second.persist) {
    const message = `persist is ${second.persist} here and ${first!.persist} in Dhcp4`
    const hint = 'the process has one lease database; say it once'
    siteOf(second).at('persist').error('two-databases', message, hint)
  }
  const files = {
    persist: (first ?? choices[0]!).persist,
    path: pathOf(choices, context),
    importCsv: choices.find(({ map }) => map.version === 4)?.importCsv,
    importCsv6: choices.find(({ map }) => map.version === 6)?.importCsv,
  }
  return {
    ...files,
    ...(shared === undefined ? {} : IN_DATABASE),
    shared,
    serverTag: maps.map(({ document }) => document['server-tag']).find(Boolean),
    durability: whio?.durability ?? DURABILITY,
    history: whio?.['lease-history'] && historyOf(whio['lease-history']),
  }
}

function historyOf(history: NonNullable<WhioDocument['lease-history']>): HistoryPlan {
  return {
    maxAge: history['max-age'] ?? HISTORY['max-age'],
    maxRows: history['max-rows'] ?? HISTORY['max-rows'],
  }
}

/** The connections of two maps must be one. */
function compileShared(
  said: readonly Choice[],
  context: CompileContext,
): SharedDatabasePlan | undefined {
  const plans = said.map((choice) => {
    const document = choice.map.document['lease-database']!
    if (document.type !== 'postgresql') return undefined
    return compileConnection({ ...document, type: 'postgresql' }, siteOf(choice), context)
  })
  const [first, second] = plans
  if (said.length === 2 && JSON.stringify(first) !== JSON.stringify(second)) {
    const message = 'leases of DHCPv6 are in another database than those of DHCPv4'
    const hint = 'the process has one lease database for both: say the same twice, or once'
    siteOf(said[1]!).error('two-databases', message, hint)
  }
  return first && { connection: first, only: context.only }
}

/** A `.csv` name is Kea's file: read once, never written; the journal stands beside it. */
function choiceOf(map: ServerMap, context: CompileContext): Choice {
  const document = map.document['lease-database']
  // The name of a database is none of a file.
  const name = (document?.type === 'postgresql' ? undefined : document?.name) ?? ''
  const folder = context.stateDirectory === undefined ? '' : `${context.stateDirectory}/`
  const file = name === '' || name.startsWith('/') ? name : `${folder}${name}`
  const isCsv = file.toLowerCase().endsWith('.csv')
  const keaCsv = map.version === 4 ? context.keaCsv : context.keaCsv6
  return {
    map,
    isNamed: file !== '' && !isCsv,
    path: file === '' ? usualPath(map, folder, context) : isCsv ? `${file}.sqlite` : file,
    persist:
      document?.persist ?? (PERSIST && (file !== '' || context.stateDirectory !== undefined)),
    importCsv: isCsv ? file : file === '' ? keaCsv : undefined,
  }
}

function usualPath({ version }: ServerMap, folder: string, { only, hasFile }: CompileContext) {
  const apart = `${folder}${JOURNAL_NAME6}`
  const isApart = version === 6 && (only === 6 || hasFile?.(apart) === true)
  return isApart ? apart : `${folder}${JOURNAL_NAME}`
}

/** What is named, else what is there already, else what the first map would have. */
function pathOf(choices: readonly Choice[], { hasFile }: CompileContext): string {
  const [first, second] = choices
  if (second === undefined || second.path === first!.path) return first!.path
  const named = choices.filter(({ isNamed }) => isNamed)
  if (named.length > 1) {
    const message = `leases of DHCPv6 in ${second.path}, those of DHCPv4 in ${first!.path}`
    const hint = 'the process has one lease database for both: name one'
    siteOf(second).at('name').error('two-databases', message, hint)
    return first!.path
  }
  const there = choices.filter(({ path }) => hasFile?.(path) === true)
  const chosen = named[0] ?? there[0] ?? first!
  const other = there.find(({ path }) => path !== chosen.path)
  if (other !== undefined) {
    const message = `${other.path} has leases, and they would not be served`
    const hint = `the process has one lease database, ${chosen.path}: serve the maps by two processes, or take the leases over by whio import`
    siteOf(second).error('two-databases', message, hint)
  }
  return chosen.path
}

function siteOf({ map }: Choice) {
  return map.site.at('lease-database')
}
