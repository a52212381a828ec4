// What `whio status` says of interfaces and subnets, in lines for people.

import type { ConfigurationStatus } from '../server/configuration/running-configuration.ts'
import type { PairStatus } from '../server/pair/pair-status.ts'
import type { ServerStatus, SubnetStatus } from '../server/status.ts'
import { amountText } from './amounts.ts'
import { counted } from './load.ts'

/**
 * `interface eth0: served (DHCPv4 on port 67, DHCPv6 on port 547)`; in two lines where the families
 * do not fare alike.
 */
export function interfaceLines({
  interfaces,
  traffic,
}: Pick<ServerStatus, 'interfaces' | 'traffic'>): string[] {
  const lines = new Map<string, string[]>()
  for (const { name, family, serving, trouble, misfit } of interfaces) {
    const how = [serving ? 'served' : 'not served', trouble, misfit].filter(Boolean).join(', ')
    const port = traffic.find((one) => one.name === name && one.family === family)?.port
    const where = port === undefined || !serving ? '' : ` on port ${port}`
    const line = `interface ${name}: ${how}`
    lines.set(line, [...(lines.get(line) ?? []), `DHCPv${family}${where}`])
  }
  return [...lines].map(([line, families]) => `${line} (${families.join(', ')})`)
}

/** `another DHCPv4 server answers: 192.0.2.66 on eth0, 3 clients have named it`. */
export function otherServerLines({ otherServers }: Pick<ServerStatus, 'otherServers'>): string[] {
  return otherServers.map(({ family, server, interface: name, relay, clients }) => {
    const where = relay === '' ? `on ${name}` : `through relay ${relay}`
    const whose = clients === 1 ? '1 client has' : `${clients} clients have`
    return `another DHCPv${family} server answers: ${server} ${where}, ${whose} named it`
  })
}

/** `hook radius of DHCPv4: 1024 calls, 3 failures, 2 late`. */
export function hookLines({ hooks = [] }: Pick<ServerStatus, 'hooks'>): string[] {
  return hooks.map(({ whyOff, ...told }) => {
    const { calls, failures, family, hook, late, lost, refused, restarts } = told
    const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0)
    const said = [
      ...(refusals > 0 ? [counted(refusals, 'refusal')] : []),
      ...(failures > 0 ? [counted(failures, 'failure')] : []),
      ...(late > 0 ? [`${late} late`] : []),
      ...(restarts > 0 ? [`its thread ended ${counted(restarts, 'time')}`] : []),
      ...(lost > 0 ? [`${counted(lost, 'event')} lost`] : []),
    ]
    const off = whyOff === '' ? '' : `switched off, since ${whyOff}; `
    return `hook ${hook} of DHCPv${family}: ${off}${[counted(calls, 'call'), ...said].join(', ')}`
  })
}

/** `reservations of DHCPv4: 1200 in postgresql database kea at db1:5432`. */
export function hostLines({ hosts = [] }: Pick<ServerStatus, 'hosts'>): string[] {
  return hosts.map(({ family, database, trouble, isRead, isAsked, reservations }) => {
    const known = isAsked
      ? `each client is looked up in ${database}`
      : `${reservations} in ${database}`
    const what = isRead ? known : `${database} was not read yet`
    const why = trouble === '' ? '' : `, which is away (${trouble})`
    return `reservations of DHCPv${family}: ${what}${why}`
  })
}

/** `configuration of DHCPv4: mysql database kea at db1:3306, for north and all`. */
export function configDatabaseLines({ databases = [] }: ConfigurationStatus): string[] {
  return databases.map(({ family, database, serverTag, read, isKept, trouble }) => {
    const whose = serverTag === '' ? 'for all' : `for ${serverTag} and all`
    const since = isKept ? `, as it was read ${read}` : ''
    const why = trouble === '' ? '' : `; what was in force stays: ${trouble}`
    return `configuration of DHCPv${family}: ${database}, ${whose}${since}${why}`
  })
}

/** `lease database: 3 servers are on it; south has other subnets or lifetimes`. */
export function databaseLines({ database }: Pick<ServerStatus, 'database'>): string[] {
  if (database === undefined) return []
  const { awaySince, differing, doubt, isBridging, isClockDoubted, members, trouble } = database
  const rest = isBridging ? ': clients that renew are told what is left' : ''
  const end = isClockDoubted ? ' (`whio end-doubt` ends that)' : ''
  const others = members === 1 ? 'no other server is on it' : `${members} servers are on it`
  const said = [
    awaySince === undefined ? others : `it does not answer (${trouble})${rest}`,
    ...differing.map((name) => `${name} has other subnets, pools, reserved addresses or lifetimes`),
    ...(doubt > 0 ? [`nothing is given anew for ${doubt} s${end}`] : []),
  ]
  return [`lease database: ${said.join('; ')}`]
}

/** A line for the addresses of a subnet, and one for the prefixes of its pd-pools. */
export function subnetLines(subnet: SubnetStatus, ha?: PairStatus): string[] {
  const { addresses, assigned, outside, registered = 0 } = subnet
  const { prefixes = 0, assignedPrefixes = 0, outsidePrefixes = 0 } = subnet
  const ofAddresses: Counts = { kind: 'address', all: addresses, assigned, outside }
  const ofPrefixes: Counts = {
    kind: 'prefix',
    all: prefixes,
    assigned: assignedPrefixes,
    outside: outsidePrefixes,
  }
  const hasPrefixes = prefixes + assignedPrefixes > 0
  const hasAddresses = addresses + assigned > 0 || !hasPrefixes
  const own = registered === 0 ? '' : `, ${registered} that hosts made themselves are registered`
  return [
    ...(hasAddresses ? [`${subnet.subnet}: ${countWords(subnet, ofAddresses, ha)}${own}`] : []),
    ...(hasPrefixes ? [`${subnet.subnet}, prefixes: ${countWords(subnet, ofPrefixes, ha)}`] : []),
  ]
}

interface Counts {
  readonly kind: 'address' | 'prefix'
  readonly all: number
  readonly assigned: number
  readonly outside: number
}

/** What is free is told here where there are several subnets: one may run out before the others. */
function countWords(
  { family, id }: SubnetStatus,
  { kind, all, assigned, outside }: Counts,
  ha?: PairStatus,
): string {
  const beside = outside === 0 ? '' : `, ${outside} more by reservations outside the pools`
  const words = `${assigned - outside} of ${amountText(all)} leased${beside}`
  const free = ha?.free.find(
    (row) => row.family === family && row.subnet === id && row.kind === kind,
  )
  if (free === undefined || ha?.free.length === 1) return words
  const [here, partner] = [amountText(free.here), amountText(free.partner)]
  return `${words}, free ${here} here, ${partner} through the partner`
}
