// What a script of libdhcp_run_script is told of leases of DHCPv6: for each change the hook points
// of Kea, each with an environment, and one for all that a message did. Names and forms are those
// of Kea 3.

import { textFromIpv6 } from '../../address/ipv6.ts'
import { addressOf, lengthOf } from '../../address/prefix6.ts'
import { hexFromOctets } from '../../bytes/octets.ts'
import { BINDING_KIND, duidOf, iaidOf, kindOf } from '../../leases/binding.ts'
import type { Lease6 } from '../../leases/lease.ts'
import { MESSAGE_TYPE6 } from '../../wire/v6/codes.ts'
import type { Notice6, QueryNotice6 } from './notice6.ts'
import type { ScriptCall } from './script-calls.ts'
import { STATES } from './words.ts'

type Environment = Readonly<Record<string, string>>

/** Of one lease. What is given by other messages than these two has no hook point of its own. */
export function scriptCalls6(notice: Notice6): ScriptCall[] {
  const { kind, query } = notice
  switch (kind) {
    case 'renewed':
      if (query?.type === MESSAGE_TYPE6.renew) return [extended('lease6_renew', notice)]
      return query?.type === MESSAGE_TYPE6.rebind ? [extended('lease6_rebind', notice)] : []
    case 'released':
    case 'superseded':
      return [ended('lease6_release', notice)]
    case 'declined':
      return [ended('lease6_decline', notice)]
    case 'expired':
      return [expire(notice)]
    case 'recovered':
      return [ended('lease6_recover', notice)]
    default:
      return []
  }
}

/** `notices`: what a message did, all of it. */
export function committed6(notices: readonly Notice6[]): ScriptCall {
  const deleted = notices.filter(isDeleted)
  const others = notices.filter((notice) => !isDeleted(notice))
  const environment: Record<string, string> = {
    ...queryVariables(notices[0]?.query),
    LEASES6_SIZE: `${others.length}`,
    DELETED_LEASES6_SIZE: `${deleted.length}`,
  }
  for (const [index, notice] of others.entries())
    Object.assign(environment, leaseVariables(`LEASES6_AT${index}`, notice.lease, notice))
  for (const [index, notice] of deleted.entries())
    Object.assign(
      environment,
      leaseVariables(`DELETED_LEASES6_AT${index}`, endedOf(notice), notice),
    )
  return { point: 'leases6_committed', environment }
}

function isDeleted({ kind }: Notice6): boolean {
  return kind === 'released' || kind === 'superseded'
}

/** The lease as it was until then. */
function endedOf({ former, lease }: Notice6): Lease6 {
  return former ?? lease
}

function extended(point: string, notice: Notice6): ScriptCall {
  const { lease, query } = notice
  const environment = {
    ...queryVariables(query),
    ...leaseVariables('LEASE6', lease, notice),
    ...iaVariables(lease, query),
  }
  return { point, environment }
}

function ended(point: string, notice: Notice6): ScriptCall {
  const variables = leaseVariables('LEASE6', endedOf(notice), notice)
  return { point, environment: { ...queryVariables(notice.query), ...variables } }
}

function expire(notice: Notice6): ScriptCall {
  const { environment, point } = ended('lease6_expire', notice)
  return { point, environment: { ...environment, REMOVE_LEASE: `${notice.removesEnded}` } }
}

function iaVariables(lease: Lease6, query: QueryNotice6 | undefined): Environment {
  const ia = query?.ias.find(({ kind, iaid }) => kind === kindOf(lease) && iaid === iaidOf(lease))
  if (ia === undefined) return {}
  return {
    PKT6_IA_IAID: `${ia.iaid}`,
    PKT6_IA_IA_TYPE: `${ia.kind}`,
    PKT6_IA_IA_T1: `${ia.t1}`,
    PKT6_IA_IA_T2: `${ia.t2}`,
  }
}

function leaseVariables(prefix: string, lease: Lease6, { wallOf }: Notice6): Environment {
  return {
    [`${prefix}_ADDRESS`]: textFromIpv6(addressOf(lease.address)),
    [`${prefix}_CLTT`]: `${Math.floor(wallOf(lease.start) / 1000)}`,
    [`${prefix}_HOSTNAME`]: lease.hostname,
    [`${prefix}_HWADDR`]: hexFromOctets(lease.hwAddress, ':'),
    [`${prefix}_HWADDR_TYPE`]: lease.hwAddress === '' ? '' : `${lease.htype}`,
    [`${prefix}_STATE`]: STATES[lease.state],
    [`${prefix}_SUBNET_ID`]: `${lease.subnetId}`,
    [`${prefix}_VALID_LIFETIME`]: `${lease.validLifetime}`,
    [`${prefix}_DUID`]: hexFromOctets(duidOf(lease), ':'),
    [`${prefix}_IAID`]: `${iaidOf(lease)}`,
    [`${prefix}_PREFERRED_LIFETIME`]: `${lease.preferredLifetime}`,
    [`${prefix}_PREFIX_LEN`]: `${lengthOf(lease.address)}`,
    [`${prefix}_TYPE`]: kindOf(lease) === BINDING_KIND.pd ? 'IA_PD' : 'IA_NA',
  }
}

const TYPES = new Map<number, string>(
  Object.entries(MESSAGE_TYPE6).map(
    ([name, type]) => [type, name.replace(/[A-Z]/g, '-$&').toUpperCase()] as const,
  ),
)
TYPES.set(MESSAGE_TYPE6.addressRegistration, 'ADDR_REG_INFORM')

function queryVariables(query: QueryNotice6 | undefined): Environment {
  if (query === undefined) return {}
  const { hardware, link } = query
  const local = query.to === '' ? (link.addresses[0]?.address ?? link.linkLocal) : query.to
  return {
    QUERY6_TYPE: TYPES.get(query.type) ?? '',
    QUERY6_TXID: `${query.xid}`,
    QUERY6_LOCAL_ADDR: local === '' ? '' : textFromIpv6(local),
    QUERY6_LOCAL_PORT: '547',
    QUERY6_REMOTE_ADDR: textFromIpv6(query.source),
    QUERY6_REMOTE_PORT: `${query.sourcePort}`,
    QUERY6_IFACE_INDEX: `${link.index}`,
    QUERY6_IFACE_NAME: link.name,
    QUERY6_REMOTE_HWADDR: hexFromOctets(hardware.address, ':'),
    QUERY6_REMOTE_HWADDR_TYPE: hardware.address === '' ? '' : `${hardware.htype}`,
    QUERY6_PROTO: 'UDP',
    QUERY6_CLIENT_ID: hexFromOctets(query.clientId, ':'),
  }
}
