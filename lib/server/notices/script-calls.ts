// What a script of libdhcp_run_script is told: for each change of a lease the hook points of Kea,
// each with an environment. Names and forms are those of Kea 3.

import { BROADCAST, textFromIpv4, textFromPrefix } from '../../address/ipv4.ts'
import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import type { Subnet4 } from '../../config/plan/plan4.ts'
import type { Lease } from '../../leases/lease.ts'
import { MESSAGE_TYPE4 } from '../../wire/v4/message.ts'
import type { Notice4, NoticeKind, QueryNotice4 } from './notice.ts'
import { STATES } from './words.ts'

type Environment = Readonly<Record<string, string>>

export interface ScriptCall {
  readonly point: string
  readonly environment: Environment
}

/**
 * An address that is in use without a lease has no hook point, nor has what an operator does.
 */
const CALLS: Record<NoticeKind, (notice: Notice4) => ScriptCall[]> = {
  granted: (notice) => [committed(notice)],
  renewed: (notice) => [renew(notice), committed(notice)],
  released: (notice) => [ended('lease4_release', notice), committed(notice)],
  superseded: (notice) => [ended('lease4_release', notice), committed(notice)],
  declined: (notice) => [ended('lease4_decline', notice), committed(notice)],
  occupied: () => [],
  expired: (notice) => [expire(notice)],
  added: () => [],
  amended: () => [],
  deleted: () => [],
  recovered: (notice) => [ended('lease4_recover', notice)],
}

export function scriptCalls(notice: Notice4): ScriptCall[] {
  return CALLS[notice.kind](notice)
}

function renew(notice: Notice4): ScriptCall {
  const { lease, query, subnet } = notice
  const environment = {
    ...queryVariables(query),
    ...(subnet === undefined ? {} : subnetVariables(subnet)),
    PKT4_CLIENT_ID: hexFromOctets(query?.clientId ?? '', ':'),
    PKT4_HWADDR: hexFromOctets(query?.hwAddress ?? '', ':'),
    PKT4_HWADDR_TYPE: `${query?.htype ?? 0}`,
    ...leaseVariables('LEASE4', lease, notice),
  }
  return { point: 'lease4_renew', environment }
}

/** The lease as it was until then. */
function ended(point: string, notice: Notice4): ScriptCall {
  const variables = leaseVariables('LEASE4', notice.former ?? notice.lease, notice)
  return { point, environment: { ...queryVariables(notice.query), ...variables } }
}

function expire(notice: Notice4): ScriptCall {
  const { environment, point } = ended('lease4_expire', notice)
  return { point, environment: { ...environment, REMOVE_LEASE: `${notice.removesEnded}` } }
}

function committed(notice: Notice4): ScriptCall {
  const { kind, lease, query } = notice
  const isDeleted = kind === 'released' || kind === 'superseded'
  const environment = {
    ...queryVariables(query),
    LEASES4_SIZE: isDeleted ? '0' : '1',
    DELETED_LEASES4_SIZE: isDeleted ? '1' : '0',
    ...leaseVariables(isDeleted ? 'DELETED_LEASES4_AT0' : 'LEASES4_AT0', lease, notice),
  }
  return { point: 'leases4_committed', environment }
}

function subnetVariables({ id, prefix }: Subnet4): Environment {
  return {
    SUBNET4_ID: `${id}`,
    SUBNET4_NAME: textFromPrefix(prefix),
    SUBNET4_PREFIX: textFromIpv4(prefix.address),
    SUBNET4_PREFIX_LEN: `${prefix.length}`,
  }
}

function leaseVariables(prefix: string, lease: Lease, { wallOf }: Notice4): Environment {
  return {
    [`${prefix}_ADDRESS`]: textFromIpv4(lease.address),
    [`${prefix}_CLTT`]: `${Math.floor(wallOf(lease.start) / 1000)}`,
    [`${prefix}_HOSTNAME`]: lease.hostname,
    [`${prefix}_HWADDR`]: hexFromOctets(lease.hwAddress, ':'),
    [`${prefix}_HWADDR_TYPE`]: `${lease.htype}`,
    [`${prefix}_STATE`]: STATES[lease.state],
    [`${prefix}_SUBNET_ID`]: `${lease.subnetId}`,
    [`${prefix}_VALID_LIFETIME`]: `${lease.validLifetime}`,
    [`${prefix}_CLIENT_ID`]: hexFromOctets(lease.clientId, ':'),
  }
}

/** BOOTP is a REQUEST to scripts, as libdhcp_bootp makes it one. */
const TYPES = new Map<number, string>([
  [0, 'DHCPREQUEST'],
  ...Object.entries(MESSAGE_TYPE4).map(
    ([name, type]) => [type, `DHCP${name.toUpperCase()}`] as const,
  ),
])

/** Ethernet headers are not seen here. */
const UNSEEN = {
  QUERY4_LOCAL_HWADDR: '',
  QUERY4_LOCAL_HWADDR_TYPE: '',
  QUERY4_REMOTE_HWADDR: '',
  QUERY4_REMOTE_HWADDR_TYPE: '',
}

function queryVariables(query: QueryNotice4 | undefined): Environment {
  if (query === undefined) return {}
  const { link, to } = query
  const local = to === 0 ? (link.addresses[0]?.address ?? BROADCAST) : to
  return {
    QUERY4_TYPE: TYPES.get(query.type) ?? '',
    QUERY4_TXID: `${query.xid}`,
    QUERY4_LOCAL_ADDR: textFromIpv4(local),
    QUERY4_LOCAL_PORT: '67',
    QUERY4_REMOTE_ADDR: textFromIpv4(query.source),
    QUERY4_REMOTE_PORT: `${query.sourcePort}`,
    QUERY4_IFACE_INDEX: `${link.index}`,
    QUERY4_IFACE_NAME: link.name,
    QUERY4_HOPS: `${query.hops}`,
    QUERY4_SECS: `${query.secs}`,
    QUERY4_FLAGS: `${query.flags}`,
    QUERY4_CIADDR: textFromIpv4(query.ciaddr),
    QUERY4_SIADDR: textFromIpv4(query.siaddr),
    QUERY4_YIADDR: textFromIpv4(query.yiaddr),
    QUERY4_GIADDR: textFromIpv4(query.giaddr),
    QUERY4_RELAYED: `${query.giaddr !== 0}`,
    QUERY4_HWADDR: hexFromOctets(query.hwAddress, ':'),
    QUERY4_HWADDR_TYPE: `${query.htype}`,
    ...UNSEEN,
    ...optionVariable('QUERY4_OPTION_82', query.relay),
    ...optionVariable('QUERY4_OPTION_82_SUB_OPTION_1', query.circuitId),
    ...optionVariable('QUERY4_OPTION_82_SUB_OPTION_2', query.remoteId),
  }
}

function optionVariable(name: string, data: Octets | undefined): Environment {
  return data === undefined ? {} : { [name]: `0x${hexFromOctets(data, '').toUpperCase()}` }
}
