// The version of this package, and those of Kea that it stands for.

import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** What programs that know Kea are told (Whio.kea-version says another one to clients). */
export const KEA_VERSION = '3.2.0'

/** The same of the control agent, which is gone since 3.0: clients ask the older one only. */
export const KEA_AGENT_VERSION = '2.6.9'

export function version(): string {
  const file = findPackageJSON(import.meta.url)!
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
