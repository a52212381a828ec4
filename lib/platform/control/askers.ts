// Who asks is in which role: the first one of the configuration that names the asker. Where it has
// no roles at all, whoever comes in may do everything, as in Kea.

import { BlockList, isIPv4 } from 'node:net'
import type { NetworkPlan, RolePlan } from '../../config/plan/control-plan.ts'
import { plainRole, type Role } from '../../config/plan/role.ts'

/** What a door knows of who came in. */
export type Known =
  | { readonly door: 'unix'; readonly socket: string }
  | {
      readonly door: 'http'
      /** Undefined where the door asks for no user. */
      readonly user: string | undefined
      /** SHA-256 of the token that was shown, in hexadecimal; undefined without one. */
      readonly token: string | undefined
      /** Names in the certificate that was shown; undefined without one that can be believed. */
      readonly certificates: readonly string[] | undefined
      /** IPv4 or IPv6, not one in the other. */
      readonly address: string
    }

const ADMIN = plainRole('admin')
const VIEWER = plainRole('viewer')

export function roleOf(known: Known, roles: readonly RolePlan[]): Role {
  const found = roles.find((role) => isNamed(known, role))
  if (found !== undefined) return found
  // The mode of the file says who may come in.
  return roles.length === 0 || known.door === 'unix' ? ADMIN : VIEWER
}

function isNamed(known: Known, role: RolePlan): boolean {
  if (known.door === 'unix') return role.sockets.includes(known.socket)
  const { user, token, certificates = [], address } = known
  if (token !== undefined && role.tokens.includes(token)) return true
  if (user !== undefined && role.users.includes(user)) return true
  if (certificates.some((name) => role.certificates.includes(name))) return true
  return isIn(address, role.networks)
}

function isIn(address: string, networks: readonly NetworkPlan[]): boolean {
  if (networks.length === 0) return false
  const list = new BlockList()
  for (const { version, address, length } of networks)
    list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6')
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}
