// The TLS files of the servers of a pair: what a peer says itself, else what its relationship says;
// all three or none. Each file is looked at once.

import type { TlsDocument } from '../keys/ha-document.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { HaTls } from '../plan/ha-plan.ts'
import { formatPath } from '../text/problem.ts'
import type { Site } from '../text/site.ts'
import { checkTlsFile, TLS_KEYS, type TlsKey } from './tls-file.ts'

/** A level that may name the files. */
export interface TlsLevel {
  readonly document: TlsDocument
  readonly site: Site
}

export class HaTlsFiles {
  readonly #context: CompileContext
  /** Files that were looked at, levels that were complained of. */
  readonly #done = new Set<string>()

  constructor(context: CompileContext) {
    this.#context = context
  }

  /**
   * The files of a peer; undefined without TLS, and 'wrong' where some of them are missing
   * (reported).
   */
  of(peer: TlsLevel, relationship: TlsLevel): HaTls | undefined | 'wrong' {
    const levels = TLS_KEYS.map((key) => (peer.document[key] === undefined ? relationship : peer))
    const files = TLS_KEYS.map((key, index) => levels[index]!.document[key] ?? '')
    if (files.every((file) => file === '')) return undefined
    if (files.includes('')) {
      const own = TLS_KEYS.some((key) => peer.document[key] !== undefined)
      this.#reportMissing(files, own ? peer.site : relationship.site)
      return 'wrong'
    }
    for (const [index, key] of TLS_KEYS.entries())
      this.#check(key, files[index]!, levels[index]!.site.at(key))
    const [trustAnchor, certFile, keyFile] = files as [string, string, string]
    return { trustAnchor, certFile, keyFile }
  }

  #reportMissing(files: readonly string[], site: Site): void {
    if (!this.#isFirst(`level ${formatPath(site.path)}`)) return
    const missing = TLS_KEYS.filter((_, index) => files[index] === '')
    const verb = missing.length > 1 ? 'are' : 'is'
    const message = `${missing.join(' and ')} ${verb} missing for TLS`
    const hint = 'trust-anchor, cert-file and key-file: all three, or none'
    site.error('ha-tls', message, hint)
  }

  #check(key: TlsKey, file: string, site: Site): void {
    const { look } = this.#context
    if (look === undefined || !this.#isFirst(`${key} ${file}`)) return
    checkTlsFile(key, file, look(file), 'ha-file', site)
  }

  #isFirst(what: string): boolean {
    if (this.#done.has(what)) return false
    this.#done.add(what)
    return true
  }
}
