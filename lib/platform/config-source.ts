// The files of a configuration, to be read again and again, and the databases that they name.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ConfigPart } from '../config/backend/part.ts'
import { isSame } from '../config/difference.ts'
import type { ConfigDocument } from '../config/keys/document.ts'
import type { ConfigDatabasePlan } from '../config/plan/config-databases-plan.ts'
import type { Plan } from '../config/plan/plan.ts'
import { formatProblem, Problems } from '../config/text/problem.ts'
import type { ConfigSource, Reading, Running } from '../ports/config-source.ts'
import type { ConfigDatabases } from './config-databases/config-databases.ts'
import { type DaemonWords, digestOf, type FileTexts } from './config-file.ts'
import { Judge } from './configuration/judge.ts'
import { contextOf, type Judged, NO_TEXTS, type ServerFacts } from './configuration/judging.ts'

export interface FileSourceSettings {
  readonly files: readonly string[]
  /** What they included when they were read. */
  readonly included: readonly string[]
  readonly words: DaemonWords
  readonly using: ConfigSource['using']
  /** With the texts of the files that name them, and what they said. */
  readonly databases?: ConfigDatabases | undefined
  readonly texts?: FileTexts | undefined
}

/** What comes into force with a plan that names these databases. */
interface Pending {
  readonly configDatabases: readonly ConfigDatabasePlan[]
  readonly parts: readonly ConfigPart[]
  readonly texts: FileTexts | undefined
}

export function fileSource(settings: FileSourceSettings): ConfigSource {
  const { files, words, using, databases } = settings
  let { included, texts } = settings
  let pending: Pending | undefined
  const judge = new Judge()

  const judgeFiles = (
    before: ConfigDocument,
    running: Running,
    beside: { readonly kept?: FileTexts | undefined; readonly parts: readonly ConfigPart[] },
    done: (judged: Judged) => void,
  ): void => {
    const { kept, parts } = beside
    const wanted = { kind: 'files', files, kept } as const
    const documents = { before, members: {}, parts }
    judge.judge(factsOf(words, running), wanted, documents, included, (judged) => {
      if (judged.trouble === '') included = judged.included
      const { configDatabases } = judged
      pending = judged.edits && { configDatabases, parts, texts: judged.texts }
      done(judged)
    })
  }

  /** What the databases say that were named so far, then those that the files name by now. */
  const readWith = (
    asked: readonly ConfigDatabasePlan[],
    before: ConfigDocument,
    running: Running,
    done: (reading: Reading) => void,
  ): void => {
    void askedFor(databases, asked).then(({ parts, troubles, unread }) =>
      judgeFiles(before, running, { parts }, (judged) => {
        const { configDatabases } = judged
        if (!isSame(configDatabases, asked) && databases !== undefined)
          return readWith(configDatabases, before, running, done)
        // What is served without one that is away goes on so.
        const inForce = running.inForce.configDatabases
        const isLacking = unread.some((plan) => !inForce.some((one) => isSame(one, plan)))
        done(isLacking ? notRead(troubles) : withTroubles(judged, troubles))
      }),
    )
  }

  return {
    files: files.map((file) => resolve(file)),
    read(before, running, done) {
      const { configDatabases } = running.inForce
      if (configDatabases.length > 0) return readWith(configDatabases, before, running, done)
      judgeFiles(before, running, { parts: [] }, (judged) => {
        if (judged.configDatabases.length === 0 || databases === undefined) return done(judged)
        readWith(judged.configDatabases, before, running, done)
      })
    },
    pull(before, running, done) {
      const asked = running.inForce.configDatabases
      void askedFor(databases, asked).then(({ parts, troubles, isAccepted }) => {
        if (isAccepted && troubles.length > 0) return done(notRead(troubles))
        if (isAccepted) return done({ edits: [], problems: [], ...NO_TEXTS, trouble: '' })
        judgeFiles(before, running, { kept: texts, parts }, (judged) => {
          // The files alone were good.
          if (judged.edits === undefined) databases?.refuse(whyRefused(judged))
          done(withTroubles(judged, troubles))
        })
      })
    },
    judge({ before, members, isTrial }, running, done) {
      const wanted = { kind: 'members', isTrial } as const
      judge.judge(factsOf(words, running), wanted, { before, members }, [], done)
    },
    digest(done) {
      void Promise.all([...files, ...included].map((file) => readFile(file, 'utf8'))).then(
        (texts) => done(digestOf(texts)),
        // A file that cannot be read is another one than it was.
        () => done(''),
      )
    },
    context: (running) => contextOf(factsOf(words, running)),
    using(plan: Plan) {
      using(plan)
      if (pending === undefined || !isSame(pending.configDatabases, plan.configDatabases)) return
      texts = pending.texts
      databases?.accept(pending.configDatabases, pending.parts)
      pending = undefined
    },
    databases: () => databases?.status ?? [],
    today: () => new Date().toISOString(),
    later: (work) => void setImmediate(work),
  }
}

interface Asked {
  /** Of each that was ever read. */
  readonly parts: readonly ConfigPart[]
  readonly unread: readonly ConfigDatabasePlan[]
  /** A line for each that is away. */
  readonly troubles: readonly string[]
  /** Whether all that is known of them is in force. */
  readonly isAccepted: boolean
}

async function askedFor(
  databases: ConfigDatabases | undefined,
  plans: readonly ConfigDatabasePlan[],
): Promise<Asked> {
  const asked = (await databases?.ask(plans)) ?? []
  return {
    parts: asked.flatMap(({ part }) => part ?? []),
    unread: plans.filter((_, index) => asked[index]?.part === undefined),
    troubles: asked.flatMap(({ name, trouble }) => (trouble === '' ? [] : [`${name}: ${trouble}`])),
    isAccepted: asked.every(({ part, accepted }) => part === accepted),
  }
}

function whyRefused({ problems, trouble }: Judged): string {
  const error = problems.find(({ severity }) => severity === 'error')
  return trouble || (error === undefined ? 'it cannot be served' : formatProblem(error))
}

function notRead(troubles: readonly string[]): Reading {
  const trouble = `the configuration database cannot be read: ${troubles.join('; ')}`
  return { edits: undefined, problems: [], ...NO_TEXTS, trouble }
}

/** A file that was mended is to be in force, also while a database is away. */
function withTroubles(judged: Judged, troubles: readonly string[]): Reading {
  const problems = new Problems()
  for (const trouble of troubles)
    problems.warning([], 'database-away', trouble, 'what is in force of it goes on to count')
  return { ...judged, problems: [...judged.problems, ...problems.list] }
}

function factsOf(words: DaemonWords, { started, inForce }: Running): ServerFacts {
  const own = started.ha?.thisServer
  const running = own && { name: own.name, host: own.url.host, port: own.url.port }
  return { words, running, prefixSources: inForce.dhcp6?.prefixSources ?? [] }
}
