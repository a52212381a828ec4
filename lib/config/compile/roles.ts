// Who may do what through the sockets for commands.

import { ipv4FromText } from '../../address/ipv4.ts'
import { ipv6FromText } from '../../address/ipv6.ts'
import type { RoleDocument } from '../keys/control-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { NetworkPlan, RolePlan } from '../plan/control-plan.ts'
import type { Site } from '../text/site.ts'

const { level: LEVEL } = defaultsOf('role', 'level')

export function compileRoles(documents: readonly RoleDocument[], site: Site): readonly RolePlan[] {
  return documents.map((document, index) => {
    const { name, level = LEVEL, allow = [], deny = [] } = document
    const { users = [], certificates = [], addresses = [], sockets = [] } = document
    const at = site.at(index)
    const networks = addresses.flatMap((text, n) => {
      const network = networkFromText(text)
      if (network !== undefined) return [network]
      at.at('addresses').at(n).error('role-address', `'${text}' is no address or prefix`)
      return []
    })
    const tokens = (document.tokens ?? []).flatMap((text, n) => {
      const digest = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(text)?.[1]
      if (digest !== undefined) return [digest.toLowerCase()]
      const hint = 'the token itself is kept by who shows it'
      at.at('tokens').at(n).error('role-token', 'it is no SHA-256 in hexadecimal', hint)
      return []
    })
    return { name, level, allow, deny, users, certificates, tokens, networks, sockets }
  })
}

/** `192.0.2.1`, `192.0.2.0/24` or such of IPv6. */
function networkFromText(text: string): NetworkPlan | undefined {
  const [address = '', length, ...more] = text.split('/')
  const version = ipv4FromText(address) !== undefined ? 4 : 6
  if (version === 6 && ipv6FromText(address) === undefined) return undefined
  const most = version === 4 ? 32 : 128
  if (more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined
  const bits = length === undefined ? most : Number(length)
  return bits > most ? undefined : { version, address, length: bits }
}
