// Entries of interfaces-config, as both families write them: `*`, `eth0`, `eth0/192.0.2.1`.

import type { Site } from '../text/site.ts'

export interface InterfaceName {
  readonly name: string
  /** What stands behind the slash; undefined without one. */
  readonly rest: string | undefined
}

/** Undefined where it is none, which is told; `example` has an address. */
export function parseInterfaceName(
  text: string,
  example: string,
  site: Site,
): InterfaceName | undefined {
  const slash = text.indexOf('/')
  const name = (slash < 0 ? text : text.slice(0, slash)).trim()
  if (name === '' || (name === '*' && slash >= 0) || /\s/.test(name)) {
    site.error('interface', `'${text}' is not an interface`, `"*", "eth0" or "${example}"`)
    return undefined
  }
  return { name, rest: slash < 0 ? undefined : text.slice(slash + 1).trim() }
}

/** `site` is that of interfaces-config. */
export function warnOfNone(site: Site): void {
  const message = 'no interface is served, so no query will ever be heard'
  site.at('interfaces').warning('no-interfaces', message, 'such as ["eth0"] or ["*"]')
}
