// Whole configurations, judged as this machine is: in the loop where they are small, else by a
// thread of its own (judge-thread.ts).

import type { ConfigPart } from '../../config/backend/part.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { CompileContext, KnownServer } from '../../config/plan/compile-context.ts'
import type { ConfigDatabasePlan } from '../../config/plan/config-databases-plan.ts'
import type { PrefixSource } from '../../config/plan/plan6.ts'
import { type Judgement, judgedLoaded, judgedWhole, type Members } from '../../config/whole.ts'
import type { Reading } from '../../ports/config-source.ts'
import {
  type DaemonWords,
  daemonContext,
  type FileTexts,
  loadConfigFiles,
  thisMachine,
} from '../config-file.ts'
import { prefixesOfHost, standing } from '../interface-prefixes.ts'
import { wordsOf } from '../system-error.ts'

/** What compile must know of the server, as plain values. */
export interface ServerFacts {
  readonly words: DaemonWords
  /** Who this server is, whatever its interfaces do. */
  readonly running: KnownServer | undefined
  readonly prefixSources: readonly PrefixSource[]
}

/** What is to be judged: maps, or what the files say. */
export type Wanted =
  | {
      readonly kind: 'files'
      readonly files: readonly string[]
      /** In the place of their texts: they may be half edited. */
      readonly kept?: FileTexts | undefined
    }
  | { readonly kind: 'members'; readonly isTrial: boolean }

/** The parts of it that may be long. */
export interface Documents {
  readonly before: ConfigDocument
  readonly members: Members
  /** What configuration databases say on top of files. */
  readonly parts?: readonly ConfigPart[]
}

/** `included` and what follows: of files. */
export interface Judged extends Reading {
  readonly included: readonly string[]
  readonly texts: FileTexts | undefined
  readonly configDatabases: readonly ConfigDatabasePlan[]
}

export function contextOf({ words, running, prefixSources }: ServerFacts): CompileContext {
  const prefixesOf = standing(prefixSources, prefixesOfHost())
  return { ...thisMachine(), ...daemonContext(words, running), prefixesOf }
}

export function judgedBy(
  facts: ServerFacts,
  wanted: Wanted,
  { before, members, parts = [] }: Documents,
): Judged {
  const context = contextOf(facts)
  if (wanted.kind === 'files') return readFrom(wanted, context, before, parts)
  return withoutTexts(judgedWhole(before, members, context, wanted.isTrial))
}

function readFrom(
  { files, kept }: Extract<Wanted, { kind: 'files' }>,
  context: CompileContext,
  before: ConfigDocument,
  parts: readonly ConfigPart[],
): Judged {
  try {
    const loaded = loadConfigFiles(files, context, undefined, { kept, parts })
    const { digest, included, texts, configDatabases } = loaded
    const found = { digest, included, texts, configDatabases }
    return { ...judgedLoaded(before, loaded), ...found, trouble: '' }
  } catch (error) {
    const { path } = error as NodeJS.ErrnoException
    const why = `${path ?? files.join(' and ')} cannot be read: ${wordsOf(error)}`
    return { ...withoutTexts({ edits: undefined, problems: [] }), trouble: why }
  }
}

function withoutTexts(judgement: Judgement): Judged {
  return { ...judgement, ...NO_TEXTS, trouble: '' }
}

export const NO_TEXTS = { digest: '', included: [], texts: undefined, configDatabases: [] } as const
