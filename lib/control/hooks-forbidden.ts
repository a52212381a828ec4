// A hook is code that runs with all rights of the server: who may change the configuration may
// change addresses and options, but only an admin may name a hook, or tell one something else.

import type { ConfigDocument } from '../config/keys/document.ts'
import { isModule } from '../config/keys/hooks.ts'
import type { Role } from '../config/plan/role.ts'
import { isMap } from '../config/text/map.ts'

/** Why the maps may not come into force for this role, '' where they may. */
export function hooksForbidden(
  role: Role,
  document: ConfigDocument,
  members: { readonly Dhcp4?: unknown; readonly Dhcp6?: unknown },
): string {
  if (role.level === 'admin') return ''
  for (const name of ['Dhcp4', 'Dhcp6'] as const)
    if (members[name] !== undefined && modulesIn(members[name]) !== modulesIn(document[name]))
      return `${name}.hooks-libraries has other modules: ${WHY}`
  return ''
}

const WHY = 'hooks run with all rights of the server, and only the level admin may change them'

/** The modules that a map names, with all that is said of them. */
function modulesIn(map: unknown): string {
  const libraries = isMap(map) ? map['hooks-libraries'] : undefined
  const all: readonly unknown[] = Array.isArray(libraries) ? libraries : []
  return JSON.stringify(all.filter((one) => isMap(one) && isModule(String(one.library))))
}
