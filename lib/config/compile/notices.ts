// Libraries that watch leases: libdhcp_run_script.

import type { Dhcp4Document } from '../keys/document4.ts'
import { LIBRARIES4 } from '../keys/library-rows.ts'
import type { NoticesPlan } from '../plan/notices-plan.ts'
import type { Site } from '../text/site.ts'
import { findLibrary, parameterOf } from './library.ts'

const SCRIPT = 'libdhcp_run_script'

/** `site` is that of the global level. */
export function compileNotices(document: Dhcp4Document, site: Site): NoticesPlan {
  return { script: compileScript(document, site) }
}

function compileScript(document: Dhcp4Document, site: Site): string | undefined {
  const level = LIBRARIES4[SCRIPT]
  const library = findLibrary(document, SCRIPT, level, site)
  if (library === undefined) return undefined
  const { parameters, site: at } = library
  if (parameterOf<boolean>(parameters, level, 'sync')) {
    const message = 'no answer waits for a script'
    at.at('sync').error('script-sync', message, 'false, as in Kea')
  }
  const name = parameterOf<string | undefined>(parameters, level, 'name')
  if (name === undefined || name.startsWith('/')) return name
  const message = `'${name}' is not an absolute path`
  at.at('name').error('script-path', message, 'such as /usr/local/sbin/on-lease')
  return undefined
}
