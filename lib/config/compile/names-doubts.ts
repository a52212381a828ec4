// What is written of names in DNS and leads to fewer records than its writer meant: subnets whose
// addresses are in no reverse zone, domains that are in no zone. A zone is proposed.

import type { Ipv4Prefix } from '../../address/ipv4.ts'
import { textFromIpv4 } from '../../address/ipv4.ts'
import { addressOf, lengthOf, type Prefix6 } from '../../address/prefix6.ts'
import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import type { NameRules } from '../../names/rules.ts'
import type { NamesPlan, ZonePlan } from '../plan/names-plan.ts'
import type { Plan4 } from '../plan/plan4.ts'
import type { Plan6 } from '../plan/plan6.ts'
import type { Site } from '../text/site.ts'

/** Subnets that are told one by one. */
const TOLD_MAX = 5

interface Registering {
  readonly text: string
  /** Of its addresses. */
  readonly zone: Octets
  readonly names: NameRules
}

/** `site` is that of DhcpDdns. */
export function warnOfNames(
  { forward, inDns, reverse, via }: NamesPlan,
  dhcp4: Plan4 | undefined,
  dhcp6: Plan6 | undefined,
  site: Site,
): void {
  if (via !== 'self') return
  const subnets = [
    ...(inDns[4] ? (dhcp4?.subnets ?? []) : []).map((one) => ({
      ...ofSubnet(one),
      zone: zone4(one.prefix),
    })),
    ...(inDns[6] ? (dhcp6?.subnets ?? []) : []).map((one) => ({
      ...ofSubnet(one),
      zone: zone6(one.prefix),
    })),
  ].filter(({ names }) => names.updates !== undefined)
  if (forward.length > 0) warnOfDomains(subnets, forward, site.at('forward-ddns'))
  if (reverse.length > 0 || forward.length > 0)
    warnOfAddresses(subnets, reverse, site.at('reverse-ddns'))
}

function ofSubnet({ names, text }: { readonly names: NameRules; readonly text: string }) {
  return { names, text }
}

function warnOfAddresses(
  subnets: readonly Registering[],
  zones: readonly ZonePlan[],
  site: Site,
): void {
  const left = subnets.filter(({ zone }) => !zones.some(({ name }) => isAbout(zone, name)))
  const proposed = new Map<Octets, string>()
  for (const { text, zone } of left) if (!proposed.has(zone)) proposed.set(zone, text)
  for (const [zone, text] of [...proposed].slice(0, TOLD_MAX))
    site.warning('zone-missing', `addresses of ${text} lead to no name`, `a zone ${zone}. would`)
  const more = proposed.size - TOLD_MAX
  if (more > 0) site.warning('zone-missing', `and so do those of ${more} more subnets`)
}

/** A part of the addresses is enough: more may be meant. */
function isAbout(zone: Octets, name: Octets): boolean {
  return isWithin(zone, name) || isWithin(name, zone)
}

function isWithin(name: Octets, zone: Octets): boolean {
  return zone === '' || name === zone || name.endsWith(`.${zone}`)
}

function warnOfDomains(
  subnets: readonly Registering[],
  zones: readonly ZonePlan[],
  site: Site,
): void {
  for (const suffix of new Set(subnets.map(({ names }) => names.suffix))) {
    if (suffix !== '' && zones.some(({ name }) => isWithin(suffix, name))) continue
    if (suffix === '' && zones.some(({ name }) => name === '')) continue
    const message =
      suffix === '' ? 'names without a domain are in no zone' : `'${suffix}' is in no zone`
    const hint = `set ddns-qualifying-suffix to ${zones[0]!.name || 'a zone'}, or list the zone`
    site.warning('zone-missing', message, hint)
  }
}

/** The zone of whole labels that has all of its addresses. */
function zone4({ address, length }: Ipv4Prefix): Octets {
  const labels = textFromIpv4(address).split('.')
  const count = Math.min(3, Math.floor(length / 8))
  return [...labels.slice(0, count).reverse(), 'in-addr', 'arpa'].join('.')
}

function zone6(prefix: Prefix6): Octets {
  const labels = [...hexFromOctets(addressOf(prefix))]
  const count = Math.min(31, Math.floor(lengthOf(prefix) / 4))
  return [...labels.slice(0, count).reverse(), 'ip6', 'arpa'].join('.')
}
