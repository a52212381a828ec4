// Kea's three TLS settings on Node's TLS: trust-anchor, cert-file and key-file, read again when
// they change, so that a renewed certificate needs no restart. What cannot be used is told and
// changes nothing. Each end proves itself by a chain to the trust anchor; names are judged by the
// pair.

import { constants, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import type { HaTls } from '../../config/plan/ha-plan.ts'
import type { Millis } from '../../time/units.ts'

/** What the files say, ready for use on either end. */
export interface TlsMaterial {
  readonly options: SecureContextOptions
  readonly context: SecureContext
}

export class TlsFiles {
  readonly #files: HaTls
  readonly #checkEvery: Millis
  readonly #tell: (trouble: string) => void
  #material: TlsMaterial | undefined
  #signature = ''
  #trouble = ''
  #checkAt: Millis = 0

  /** `tell` hears what is wrong with changed files, and '' when changed files are in force. */
  constructor(files: HaTls, checkEvery: Millis, tell: (trouble: string) => void) {
    this.#files = files
    this.#checkEvery = checkEvery
    this.#tell = tell
  }

  /** The same object until the files change. Throws as long as they were never usable. */
  current(): TlsMaterial {
    if (this.#material === undefined) return this.#read(signatureOf(this.#files))
    const now = performance.now()
    if (now < this.#checkAt) return this.#material
    this.#checkAt = now + this.#checkEvery
    this.#refresh()
    return this.#material
  }

  #refresh(): void {
    try {
      // Taken before reading: a change while reading is then seen the next time.
      const signature = signatureOf(this.#files)
      const changed = signature !== this.#signature
      if (changed) this.#read(signature)
      if (changed || this.#trouble !== '') this.#say('')
    } catch (error) {
      const trouble = (error as Error).message
      if (trouble !== this.#trouble) this.#say(trouble)
    }
  }

  #read(signature: string): TlsMaterial {
    const material = readMaterial(this.#files)
    this.#material = material
    this.#signature = signature
    return material
  }

  #say(trouble: string): void {
    this.#trouble = trouble
    this.#tell(trouble)
  }
}

/** Changes whenever one of the files does. */
function signatureOf({ trustAnchor, certFile, keyFile }: HaTls): string {
  return [...anchorFiles(trustAnchor), certFile, keyFile]
    .map((file) => {
      const { ino, size, mtimeNs } = statSync(file, { bigint: true })
      return `${file} ${ino} ${size} ${mtimeNs}`
    })
    .join('\n')
}

function readMaterial({ trustAnchor, certFile, keyFile }: HaTls): TlsMaterial {
  const options: SecureContextOptions = {
    ca: readAnchors(trustAnchor),
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    minVersion: 'TLSv1.2',
    // Every connection proves itself anew.
    secureOptions: constants.SSL_OP_NO_TICKET,
  }
  try {
    return { options, context: createSecureContext(options) }
  } catch (error) {
    throw new Error(`${certFile} and ${keyFile} cannot be used together: ${reasonOf(error)}`)
  }
}

/** OpenSSL's own words where there are no better ones. */
function reasonOf(error: unknown): string {
  const { code = '', reason, message } = error as NodeJS.ErrnoException & { reason?: string }
  const isOthers = /^ERR_OSSL_X509_KEY_(VALUES|TYPE)_MISMATCH$/.test(code)
  return isOthers ? 'the key does not belong to the certificate' : (reason ?? message)
}

/** The file itself, or all files of the folder. */
function anchorFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
}

/** Each certificate once: folders of OpenSSL name the same file twice. */
function readAnchors(path: string): string[] {
  const anchors = [...new Set(anchorFiles(path).flatMap(certificatesOf))]
  if (anchors.length === 0) throw new Error(`${path} holds no certificate`)
  return anchors
}

/** Node takes no notice of a broken certificate among its anchors, so each is read here. */
function certificatesOf(file: string): string[] {
  const blocks = readFileSync(file, 'utf8').match(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
  )
  try {
    for (const block of blocks ?? []) new X509Certificate(block)
  } catch (error) {
    throw new Error(`${file} holds a broken certificate: ${(error as Error).message}`)
  }
  return blocks ?? []
}
