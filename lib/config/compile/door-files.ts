// What a door of HTTP is told of files: TLS, and who its users are.

import { OPEN_HINT } from '../ha/credentials.ts'
import { checkTlsFile, TLS_KEYS } from '../ha/tls-file.ts'
import type {
  AuthClientDocument,
  AuthenticationDocument,
  TlsDocument,
} from '../keys/control-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { DoorTls, DoorUsers } from '../plan/control-plan.ts'
import type { Site } from '../text/site.ts'

const { 'cert-required': CERT_REQUIRED } = defaultsOf('controlSocket', 'cert-required')

/** All three files or none; `wrong` where the door had better stay closed (reported). */
export function compileDoorTls(
  document: TlsDocument,
  isSecure: boolean,
  site: Site,
  { look }: CompileContext,
): DoorTls | undefined | 'wrong' {
  const files = TLS_KEYS.map((key) => document[key] ?? '')
  if (files.every((file) => file === '') && !isSecure) return undefined
  const missing = TLS_KEYS.filter((_, index) => files[index] === '')
  if (missing.length > 0) {
    const verb = missing.length > 1 ? 'are' : 'is'
    const message = `${missing.join(' and ')} ${verb} missing for TLS`
    site.gap('control-tls', message, 'trust-anchor, cert-file and key-file: all three, or none')
    return 'wrong'
  }
  if (look !== undefined)
    for (const [index, key] of TLS_KEYS.entries())
      checkTlsFile(key, files[index]!, look(files[index]!), 'control-tls', site.at(key).entry)
  const [trustAnchor, certFile, keyFile] = files as [string, string, string]
  return {
    trustAnchor,
    certFile,
    keyFile,
    isCertRequired: document['cert-required'] ?? CERT_REQUIRED,
  }
}

/** Undefined: everybody may come in. */
export function compileDoorUsers(
  document: AuthenticationDocument | undefined,
  realm: string,
  site: Site,
  context: CompileContext,
): DoorUsers | undefined | 'wrong' {
  const clients = document?.clients ?? []
  if (document === undefined || clients.length === 0) return undefined
  const at = site.at('authentication').at('clients')
  const list = clients.map((client, index) =>
    compileUser(client, document.directory ?? '', at.at(index), context),
  )
  if (list.includes('wrong')) return 'wrong'
  return { realm: document.realm ?? realm, list: list.filter((user) => user !== 'wrong') }
}

function compileUser(
  document: AuthClientDocument,
  folder: string,
  site: Site,
  context: CompileContext,
): DoorUsers['list'][number] | 'wrong' {
  const said = { user: document.user, password: document.password }
  const files = { user: document['user-file'], password: document['password-file'] }
  for (const key of ['user', 'password'] as const)
    if (said[key] !== undefined && files[key] !== undefined) {
      const message = `${key} and ${key}-file say the same thing`
      site.at(`${key}-file`).error('control-user', message, 'leave one out')
      return 'wrong'
    }
  const read = (key: 'user' | 'password') =>
    files[key] === undefined
      ? said[key]
      : firstLine(pathIn(folder, files[key]), key, site.at(`${key}-file`), context)
  let user = read('user')
  let password = read('password')
  // What a file did not tell has been said.
  if (files.user !== undefined && user === undefined) return 'wrong'
  if (files.password !== undefined && password === undefined) return 'wrong'
  if (user === undefined && files.user === undefined && files.password !== undefined) {
    const both = password ?? ''
    user = both.split(':', 1)[0]
    password = both.slice(user!.length + 1)
    if (password === '' && both !== '') return noUser(site.at('password-file'), 'user:password')
  }
  if (user === undefined || user === '') return noUser(site, 'user or user-file')
  if (user.includes(':')) {
    const message = 'a user name with a colon cannot be said'
    site.error('control-user', message, 'RFC 7617 ends the name there')
    return 'wrong'
  }
  return { user, password: password ?? '' }
}

function noUser(site: Site, hint: string): 'wrong' {
  site.gap('control-user', 'the user has no name', `add ${hint}`)
  return 'wrong'
}

/** As in Kea, files are in the folder where one is named. */
function pathIn(folder: string, file: string): string {
  return folder === '' || file.startsWith('/') ? file : `${folder.replace(/\/+$/, '')}/${file}`
}

/** An error costs this door only: what a file holds is not the document's fault. */
function firstLine(
  file: string,
  key: 'user' | 'password',
  site: Site,
  { look }: CompileContext,
): string | undefined {
  const found = look?.(file)
  if (found?.kind === 'file') {
    if (found.isOpen === true && key === 'password')
      site.warning('file-open', `every user of this machine may read '${file}'`, OPEN_HINT)
    return found.text.split(/\r?\n/, 1)[0]!
  }
  const trouble = found === undefined ? 'files are not looked at here' : troubleOf(found)
  site.entry.error('control-file', `'${file}' cannot be read`, trouble)
  return undefined
}

function troubleOf(found: { kind: 'folder' } | { kind: 'trouble'; trouble: string }): string {
  return found.kind === 'folder' ? 'it is a folder' : found.trouble
}
