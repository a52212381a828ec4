// User and password of a server of a pair, RFC 7617: written in the document, or the first line of
// a file.

import type { HaPeerDocument } from '../keys/ha-document.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { HaPeer } from '../plan/ha-plan.ts'
import type { Site } from '../text/site.ts'

/** Undefined where the peer has no user: then nothing is asked for, or presented to it. */
export function compileCredentials(
  document: HaPeerDocument,
  site: Site,
  context: CompileContext,
): HaPeer['basicAuth'] {
  const user = secret(document, 'basic-auth-user', site, context)
  const password = secret(document, 'basic-auth-password', site, context)
  if (user?.text.includes(':')) {
    const message = 'a user name with a colon cannot be said'
    site.at(user.key).error('ha-credentials', message, 'RFC 7617 ends the name there')
  }
  if (user !== undefined && user.text !== '') {
    const isForgotten = PASSWORD_KEYS.every((key) => document[key] === undefined)
    if (isForgotten && !user.text.includes(':')) warnOfNoPassword(user, site)
    if (password?.text === OF_EXAMPLE) warnOfExample(password, site)
    return { user: user.text, password: password?.text ?? '' }
  }
  if (password !== undefined && password.text !== '') {
    const message = 'a password without a user is not asked for'
    site.at(password.key).warning('ha-credentials', message, 'add basic-auth-user')
  }
  return undefined
}

const PASSWORD_KEYS = ['basic-auth-password', 'basic-auth-password-file'] as const

/** As in Kea; but whoever knows the name of the user is let in. */
function warnOfNoPassword({ key }: Secret, site: Site): void {
  const message = 'a user without a password: an empty one is asked for'
  site.at(key).warning('ha-credentials', message, 'add basic-auth-password')
}

/** What `examples/pair-load-balancing.json` has. */
const OF_EXAMPLE = 'change-me'

function warnOfExample({ key }: Secret, site: Site): void {
  const message = 'the password of the example is known to everybody'
  const hint = '`openssl rand -base64 24` makes another'
  site.at(key).warning('ha-credentials', message, hint)
}

/** What to do about a secret that is none. */
export const OPEN_HINT = 'chmod o= on it; the user that the server runs as must be able to read it'

type Key = 'basic-auth-user' | 'basic-auth-password'

interface Secret {
  readonly key: Key | `${Key}-file`
  readonly text: string
}

function secret(
  document: HaPeerDocument,
  key: Key,
  site: Site,
  context: CompileContext,
): Secret | undefined {
  const fileKey = `${key}-file` as const
  const file = document[fileKey]
  const text = document[key]
  if (file === undefined) return text === undefined ? undefined : { key, text }
  const at = site.at(fileKey)
  if (text !== undefined) {
    const message = `${key} and ${fileKey} say the same thing`
    at.error('ha-credentials', message, 'leave one out')
    return { key, text }
  }
  const found = context.look?.(file)
  if (found?.kind === 'file') {
    if (found.isOpen === true && key === 'basic-auth-password')
      at.warning('file-open', `every user of this machine may read '${file}'`, OPEN_HINT)
    return { key: fileKey, text: found.text.split(/\r?\n/, 1)[0]! }
  }
  const trouble =
    found === undefined
      ? 'files are not looked at here'
      : found.kind === 'folder'
        ? 'it is a folder'
        : found.trouble
  at.error('ha-file', `'${file}' cannot be read`, trouble)
  return undefined
}
