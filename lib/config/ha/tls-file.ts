// One of the three TLS files that Kea's words name: whether it can be what it is named for.

import type { FileLook } from '../plan/compile-context.ts'
import type { Site } from '../text/site.ts'
import { OPEN_HINT } from './credentials.ts'

export const TLS_KEYS = ['trust-anchor', 'cert-file', 'key-file'] as const

export type TlsKey = (typeof TLS_KEYS)[number]

/** RFC 7468 and what OpenSSL writes besides. */
const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/
const MARKS: Readonly<Record<TlsKey, RegExp>> = {
  'trust-anchor': CERTIFICATE,
  'cert-file': CERTIFICATE,
  'key-file': /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/,
}

/** `code`: of the problem, where the file cannot be used. */
export function checkTlsFile(
  key: TlsKey,
  file: string,
  found: FileLook,
  code: string,
  site: Site,
): void {
  if (found.kind === 'trouble') site.error(code, `'${file}' cannot be read`, found.trouble)
  else if (found.kind === 'folder') {
    if (key === 'trust-anchor') return
    site.error(code, `'${file}' is a folder`, 'a file in PEM form')
  } else {
    checkText(key, file, found.text, code, site)
    if (key === 'key-file' && found.isOpen === true && MARKS[key].test(found.text)) {
      const message = `every user of this machine may read '${file}'`
      site.warning('file-open', message, OPEN_HINT)
    }
  }
}

function checkText(key: TlsKey, file: string, text: string, code: string, site: Site): void {
  const what = key === 'key-file' ? 'private key' : 'certificate'
  if (!MARKS[key].test(text)) {
    const message = `'${file}' holds no ${what}`
    site.error(code, message, 'a file in PEM form')
  } else if (key === 'key-file' && /ENCRYPTED/.test(text)) {
    const message = `the key in '${file}' is encrypted`
    site.error(code, message, 'nobody is asked for its password at a start')
  }
}
