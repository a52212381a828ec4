// The TLS files of the servers of a pair: what a peer says itself, else what its relationship says;
// all three or none. Each file is looked at once.

import type { TlsDocument } from '../keys/ha-document.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { HaTls } from '../plan/ha-plan.ts'
import { formatPath } from '../text/problem.ts'
import type { Site } from '../text/site.ts'
import { OPEN_HINT } from './credentials.ts'

const KEYS = ['trust-anchor', 'cert-file', 'key-file'] as const

type Key = (typeof KEYS)[number]

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
    const levels = KEYS.map((key) => (peer.document[key] === undefined ? relationship : peer))
    const files = KEYS.map((key, index) => levels[index]!.document[key] ?? '')
    if (files.every((file) => file === '')) return undefined
    if (files.includes('')) {
      const own = KEYS.some((key) => peer.document[key] !== undefined)
      this.#reportMissing(files, own ? peer.site : relationship.site)
      return 'wrong'
    }
    for (const [index, key] of KEYS.entries())
      this.#check(key, files[index]!, levels[index]!.site.at(key))
    const [trustAnchor, certFile, keyFile] = files as [string, string, string]
    return { trustAnchor, certFile, keyFile }
  }

  #reportMissing(files: readonly string[], site: Site): void {
    if (!this.#isFirst(`level ${formatPath(site.path)}`)) return
    const missing = KEYS.filter((_, index) => files[index] === '')
    const verb = missing.length > 1 ? 'are' : 'is'
    const message = `${missing.join(' and ')} ${verb} missing for TLS`
    const hint = 'trust-anchor, cert-file and key-file: all three, or none'
    site.error('ha-tls', message, hint)
  }

  #check(key: Key, file: string, site: Site): void {
    const { look } = this.#context
    if (look === undefined || !this.#isFirst(`${key} ${file}`)) return
    const found = look(file)
    if (found.kind === 'trouble') site.error('ha-file', `'${file}' cannot be read`, found.trouble)
    else if (found.kind === 'folder') {
      if (key === 'trust-anchor') return
      site.error('ha-file', `'${file}' is a folder`, 'a file in PEM form')
    } else {
      this.#checkText(key, file, found.text, site)
      if (key === 'key-file' && found.isOpen === true && MARKS[key].test(found.text)) {
        const message = `every user of this machine may read '${file}'`
        site.warning('file-open', message, OPEN_HINT)
      }
    }
  }

  #checkText(key: Key, file: string, text: string, site: Site): void {
    const what = key === 'key-file' ? 'private key' : 'certificate'
    if (!MARKS[key].test(text)) {
      const message = `'${file}' holds no ${what}`
      site.error('ha-file', message, 'a file in PEM form')
    } else if (key === 'key-file' && /ENCRYPTED/.test(text)) {
      const message = `the key in '${file}' is encrypted`
      site.error('ha-file', message, 'nobody is asked for its password at a start')
    }
  }

  #isFirst(what: string): boolean {
    if (this.#done.has(what)) return false
    this.#done.add(what)
    return true
  }
}

/** RFC 7468 and what OpenSSL writes besides. */
const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/
const MARKS: Readonly<Record<Key, RegExp>> = {
  'trust-anchor': CERTIFICATE,
  'cert-file': CERTIFICATE,
  'key-file': /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/,
}
