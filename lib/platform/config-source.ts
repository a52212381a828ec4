// The files of a configuration, to be read again and again.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ConfigSource, Running } from '../ports/config-source.ts'
import { type DaemonWords, digestOf } from './config-file.ts'
import { Judge } from './configuration/judge.ts'
import { contextOf, type ServerFacts } from './configuration/judging.ts'

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
  const judge = new Judge()
  return {
    files: files.map((file) => resolve(file)),
    read(before, running, done) {
      const wanted = { kind: 'files', files } as const
      const facts = factsOf(words, running)
      judge.judge(facts, wanted, { before, members: {} }, included, (judged) => {
        if (judged.trouble === '') included = judged.included
        done(judged)
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
    using,
    today: () => new Date().toISOString(),
    later: (work) => void setImmediate(work),
  }
}

function factsOf(words: DaemonWords, { started, inForce }: Running): ServerFacts {
  const own = started.ha?.thisServer
  const running = own && { name: own.name, host: own.url.host, port: own.url.port }
  return { words, running, prefixSources: inForce.dhcp6?.prefixSources ?? [] }
}
