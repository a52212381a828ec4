// Kea's hook libraries by name. Whio loads none of them: what one does is built in, comes later, or
// is missing; a library that changes what clients get is refused as long as it is missing. Beside
// them stand modules of the operator, which Whio loads (platform/hooks).

import { nearest } from '../text/nearest.ts'
import type { Verdict } from './row.ts'

/** Name of the library that makes pairs. */
export const HA_LIBRARY = 'libdhcp_ha'

/** Kea's own libraries, each by its name. README has the same table in words. */
export const HOOKS: Readonly<Record<string, Verdict>> = {
  libdhcp_lease_cmds: {
    support: 'accepted',
    hint: 'its commands are built in, and so is what a pair needs of it',
  },
  libdhcp_stat_cmds: { support: 'works', hint: '' },
  libdhcp_host_cmds: { support: 'works', hint: '' },
  libdhcp_subnet_cmds: { support: 'works', hint: '' },
  libdhcp_class_cmds: { support: 'works', hint: '' },
  libdhcp_cb_cmds: {
    support: 'accepted',
    hint: 'a configuration database is read only: its remote- commands are refused',
  },
  libdhcp_mysql: { support: 'accepted', hint: 'the database types are judged where they stand' },
  libdhcp_pgsql: { support: 'accepted', hint: 'the database types are judged where they stand' },
  libdhcp_mysql_cb: { support: 'accepted', hint: 'the database types are judged where they stand' },
  libdhcp_pgsql_cb: { support: 'accepted', hint: 'the database types are judged where they stand' },
  libdhcp_host_cache: {
    support: 'accepted',
    hint: 'what a database says of a client is kept for a while by itself',
  },
  libdhcp_perfmon: { support: 'accepted', hint: 'Whio counts for itself' },
  libdhcp_rbac: { support: 'accepted', hint: 'not by its rules: Whio.roles say who may do what' },
  libddns_gss_tsig: {
    support: 'refused',
    hint: 'messages to name servers are signed with keys of DhcpDdns.tsig-keys, not by Kerberos',
  },
  libdhcp_ddns_tuning: { support: 'works', hint: '' },
  libdhcp_legal_log: { support: 'works', hint: '' },
  libdhcp_lease_query: { support: 'works', hint: '' },
  libdhcp_run_script: { support: 'works', hint: '' },
  libdhcp_ping_check: { support: 'works', hint: '' },
  /** Its parameters are compiled. */
  [HA_LIBRARY]: { support: 'works', hint: '' },
  libdhcp_bootp: { support: 'works', hint: '' },
  libdhcp_flex_id: { support: 'works', hint: '' },
  libdhcp_flex_option: { support: 'works', hint: '' },
  libdhcp_limits: { support: 'works', hint: '' },
  libdhcp_radius: {
    support: 'refused',
    hint: 'a hook can ask a RADIUS server (examples/hooks/radius.mjs)',
  },
  libdhcp_user_chk: { support: 'refused', hint: 'a hook can check users (README, “Hooks”)' },
}

/** Those that do something else in a map Dhcp6, or nothing. */
const OF_DHCP6: Readonly<Record<string, Verdict>> = {
  libdhcp_lease_query: {
    support: 'warned',
    hint: 'queries about leases of DHCPv6 are not answered',
  },
  libdhcp_bootp: { support: 'refused', hint: 'BOOTP is of DHCPv4' },
  libdhcp_ping_check: {
    support: 'refused',
    hint: 'it is of DHCPv4: hosts look themselves whether somebody has their IPv6 address',
  },
}

/** How the names of Kea's libraries begin: it tells none from another. */
const KEAS = 'libdhcp_'

function unknown(name: string): Verdict {
  const known = Object.keys(HOOKS).map((other) => other.replace(KEAS, ''))
  const guess = nearest(name.replace(KEAS, ''), known)
  const meant = guess === undefined ? '' : `; did you mean ${KEAS}${guess}?`
  return {
    support: 'refused',
    hint: `not one of Kea's own, and Whio loads no C++ libraries${meant}`,
  }
}

/** The name of the library with this path or file name: `libdhcp_ha`. */
export function hookName(library: string): string {
  return library.slice(library.lastIndexOf('/') + 1).replace(/\.(?:so|dylib)(?:\.\d+)*$/, '')
}

/**
 * How the name of a package looks that is told from a library by its scope or a hyphen:
 * `@example/hook`, `whio-hook-radius`.
 */
const PACKAGE = /^(?:@[a-z0-9][a-z0-9._-]*\/[a-z0-9]|[a-z0-9][a-z0-9.]*-)[a-z0-9._-]*$/

/** Whether it is a module of the operator: a file by its ending, or a package. */
export function isModule(library: string): boolean {
  if (/\.(?:m?js|ts)$/.test(library)) return true
  return PACKAGE.test(library) && !library.startsWith('lib') && !/\.(?:so|dylib)\b/.test(library)
}

/** By its whole path, since nobody starts the server in the same folder each time. */
function judgeModule(library: string): Verdict {
  if (PACKAGE.test(library) || library.startsWith('/')) return { support: 'works', hint: '' }
  return { support: 'refused', hint: 'write the whole path of the module' }
}

/** The verdict on the library with this path or file name. */
export function judgeHook(library: string, family: 4 | 6): Verdict {
  if (isModule(library)) return judgeModule(library)
  const name = hookName(library)
  if (family === 6 && Object.hasOwn(OF_DHCP6, name)) return OF_DHCP6[name]!
  return Object.hasOwn(HOOKS, name) ? HOOKS[name]! : unknown(name)
}
