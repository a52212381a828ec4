// The files of a configuration, to be read again and again.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CompileContext } from '../config/plan/compile-context.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { ConfigSource } from '../ports/config-source.ts'
import {
  type DaemonWords,
  daemonContext,
  digestOf,
  loadConfigFiles,
  thisMachine,
} from './config-file.ts'
import { prefixesOfHost, standing } from './interface-prefixes.ts'
import { wordsOf } from './system-error.ts'

export interface FileSourceSettings {
  readonly files: readonly string[]
  /** What they included when they were read. */
  readonly included: readonly string[]
  readonly words: DaemonWords
  readonly using: ConfigSource['using']
}

export function fileSource(settings: FileSourceSettings): ConfigSource {
  const { files, words, using } = settings
  let { included } = settings
  return {
    files: files.map((file) => resolve(file)),
    read(context, before) {
      try {
        const loaded = loadConfigFiles(files, context, before)
        included = loaded.included
        return { ...loaded, trouble: '' }
      } catch (error) {
        const { path } = error as NodeJS.ErrnoException
        const trouble = `${path ?? files.join(' and ')} cannot be read: ${wordsOf(error)}`
        return { plan: undefined, document: undefined, problems: [], digest: '', trouble }
      }
    },
    digest(done) {
      void Promise.all([...files, ...included].map((file) => readFile(file, 'utf8'))).then(
        (texts) => done(digestOf(texts)),
        // A file that cannot be read is another one than it was.
        () => done(''),
      )
    },
    context: (started, inForce) => contextOf(words, started, inForce),
    using,
    today: () => new Date().toISOString(),
    later: (work) => void setImmediate(work),
  }
}

/** Who this server is, whatever its interfaces do. */
function contextOf(words: DaemonWords, started: Plan, inForce: Plan): CompileContext {
  const own = started.ha?.thisServer
  const running = own && { name: own.name, host: own.url.host, port: own.url.port }
  const prefixesOf = standing(inForce.dhcp6?.prefixSources ?? [], prefixesOfHost())
  return { ...thisMachine(), ...daemonContext(words, running), prefixesOf }
}
