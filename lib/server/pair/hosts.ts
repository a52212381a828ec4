// What the two servers tell each other of addresses that no client is to get (rule 3f).

import type { Ipv4 } from '../../address/ipv4.ts'
import { keyOfLink, linkKey } from '../../ha/link-keys.ts'
import { HOSTS_MAX, HOSTS6_MAX, type Hosts } from '../../ha/link-messages.ts'
import type { KeptKeys } from '../kept-keys.ts'

type KeptByFamily = ReadonlyMap<4 | 6, KeptKeys>

export function hostsOf(kept: KeptByFamily): Hosts {
  const { own = [], named = [] } = kept.get(4)?.toTell ?? {}
  const [own6, named6] = [kept.get(6)?.toTell.own, kept.get(6)?.toTell.named]
  return {
    type: 'hosts',
    own: own.slice(0, HOSTS_MAX) as readonly Ipv4[],
    named: named.slice(0, HOSTS_MAX) as readonly Ipv4[],
    ...(own6 && { own6: own6.slice(0, HOSTS6_MAX).map(linkKey) }),
    ...(named6 && { named6: named6.slice(0, HOSTS6_MAX).map(linkKey) }),
  }
}

export function tellKept(kept: KeptByFamily, server: string, hosts: Hosts): void {
  const { own, named, own6 = [], named6 = [] } = hosts
  kept.get(4)?.told(server, { own, named })
  kept.get(6)?.told(server, { own: own6.map(keyOfLink), named: named6.map(keyOfLink) })
}
