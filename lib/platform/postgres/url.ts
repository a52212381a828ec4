// A database as it is named on a command line: postgresql://user@host:port/name?host=/run/pg, as
// libpq reads such names, and the same of mysql.

import { compileConnection } from '../../config/compile/connection.ts'
import type { DatabaseDocument } from '../../config/keys/common-document.ts'
import type { ConnectionPlan } from '../../config/plan/connection-plan.ts'
import { newReport, Site } from '../../config/text/site.ts'

export function isDatabaseUrl(text: string): boolean {
  return /^(?:postgres(?:ql)?|mysql|mariadb):\/\//.test(text)
}

/** WHATWG's URL knows no empty host behind a user, and no list of hosts. */
const FORM =
  /^(?<scheme>\w+):\/\/(?:(?<user>[^:@/]*)(?::(?<word>[^@/]*))?@)?(?<host>\[[^\]]*\]|[^/?:]*)(?::(?<port>\d+))?(?:\/(?<name>[^?]*))?(?:\?(?<query>.*))?$/

/** Throws where it is none. */
export function connectionOfUrl(text: string): ConnectionPlan {
  const parts = FORM.exec(text)?.groups
  if (parts === undefined) throw new Error('the name of the database is not understood')
  const type = parts.scheme!.startsWith('postgres') ? 'postgresql' : 'mysql'
  const query = new URLSearchParams(parts.query)
  const part = (name: string) => {
    const value = parts[name] ?? ''
    return value === '' ? undefined : decodeURIComponent(value)
  }
  const word = (name: string) => query.get(name) ?? undefined
  const document = Object.fromEntries(
    Object.entries({
      type,
      host: word('host') ?? part('host')?.replace(/^\[|\]$/g, ''),
      port: Number(word('port') ?? part('port') ?? 0) || undefined,
      name: part('name') ?? word('dbname'),
      user: part('user') ?? word('user'),
      password: part('word') ?? word('password'),
      'ssl-mode': word('sslmode'),
      'trust-anchor': word('sslrootcert'),
      'cert-file': word('sslcert'),
      'key-file': word('sslkey'),
    }).filter(([, value]) => value !== undefined),
  ) as unknown as DatabaseDocument & { readonly type: typeof type }
  const report = newReport()
  const plan = compileConnection(document, Site.of(report, ['URL']), { stateDirectory: undefined })
  const wrong = report.structure.list.find(({ severity }) => severity === 'error')
  if (wrong !== undefined) throw new Error(`${wrong.message} (${wrong.hint})`)
  return plan
}
