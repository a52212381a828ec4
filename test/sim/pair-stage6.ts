// The same stage in DHCPv6. Each address of the stage stands for an address of DHCPv6 in one run,
// and for a delegated prefix in another, which is at home at the same server; what is written of
// pools and reservations is written of those, and each client for one that the same server answers.
// So a schedule says once what happens, whatever is given.

import type { Ipv4 } from '../../lib/address/ipv4.ts'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { type Prefix6, prefix6FromText } from '../../lib/address/prefix6.ts'
import { hexFromOctets, octetsFromHex } from '../../lib/bytes/octets.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { pearson } from '../../lib/ha/hash.ts'
import type { VirtualDisk } from '../../lib/lab/disk.ts'
import type { LabClientSettings } from '../../lib/lab/lab.ts'
import type { LabClient6Settings } from '../../lib/lab/lab-clients6.ts'
import type { PairLab, PairSettings } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import type { VirtualClient6 } from '../../lib/lab/virtual-client6.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import { homeOf6 } from '../../lib/leases/keys/family6.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import type { Lease } from '../../lib/leases/lease.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { WRITTEN } from './pair-stage.ts'

interface Scheduled {
  readonly settings: PairSettings
  readonly isRapid?: boolean
}

/** What a schedule is played in. */
export interface StageFamily {
  readonly name: string
  settingsOf(schedule: Scheduled): PairSettings
  stageOf(lab: PairLab): PairLab
  /** What stands for an address of the stage. */
  keyOf(address: Ipv4): Key
}

/** What stands for the addresses of the stage, with their names. */
class Counterparts {
  readonly kind: 'na' | 'pd'
  readonly #keys = new Map<Ipv4, string>()
  readonly #addresses = new Map<Prefix6, Ipv4>()

  constructor(kind: 'na' | 'pd') {
    this.kind = kind
    for (let host = 10, number = 1; host < 100; host++) {
      const address = ipv4FromText(`192.0.2.${host}`)!
      while (homeOf6(this.#keyOf(number)) !== homeOf(address)) number++
      this.#keys.set(address, this.#textOf(number))
      this.#addresses.set(this.#keyOf(number++), address)
    }
  }

  of(address: Ipv4): string {
    return this.#keys.get(address)!
  }

  /** 0: none of the stage. */
  addressOf(key: Prefix6): Ipv4 {
    return this.#addresses.get(key) ?? 0
  }

  #textOf(number: number): string {
    const digits = number.toString(16)
    return this.kind === 'na'
      ? `2001:db8:1::${digits}`
      : `2001:db8:${(0x8000 + number).toString(16)}::/56`
  }

  #keyOf(number: number): Prefix6 {
    return prefix6FromText(this.#textOf(number))!
  }
}

function familyOf(name: string, kind: 'na' | 'pd'): StageFamily {
  const counterparts = new Counterparts(kind)
  return {
    name,
    settingsOf: ({ settings: { plans = [], clients = [], ...settings }, isRapid = false }) => ({
      ...settings,
      plans: plans.map((plan) => planOf6(plan, counterparts)),
      clients6: (clients as LabClientSettings[]).map((client) => ({
        ...clientOf6(client, kind),
        rapidCommit: isRapid,
      })),
    }),
    stageOf: (lab) => stageOf6(lab, counterparts),
    keyOf: (address) => prefix6FromText(counterparts.of(address))!,
  }
}

/** The first is that in which schedules are written. */
export const FAMILIES: readonly StageFamily[] = [
  {
    name: 'DHCPv4',
    settingsOf: ({ settings }) => settings,
    stageOf: (lab) => lab,
    keyOf: (address) => address,
  },
  familyOf('DHCPv6', 'na'),
  familyOf('DHCPv6, prefixes', 'pd'),
]

// ---- what is written

const MADE = new WeakMap<Plan, Map<Counterparts, Plan>>()

function planOf6(plan: Plan, counterparts: Counterparts): Plan {
  const made = MADE.get(plan) ?? new Map<Counterparts, Plan>()
  MADE.set(plan, made)
  const { dhcp4, mode, index } = WRITTEN.get(plan)!
  const dhcp6 = documentOf6(dhcp4, counterparts)
  const plan6 = made.get(counterparts) ?? pairPlans(pairConfig({ mode, dhcp4, dhcp6 }))[index]!
  made.set(counterparts, plan6)
  return plan6
}

function documentOf6(
  dhcp4: Partial<Dhcp4Document>,
  counterparts: Counterparts,
): Partial<Dhcp6Document> {
  const [subnet] = dhcp4.subnet4 ?? []
  const keys = (subnet?.pools ?? [])
    .flatMap(({ pool }) => addressesIn(pool))
    .map((address) => counterparts.of(address))
  const lifetime = dhcp4['valid-lifetime']!
  const isOfAddresses = counterparts.kind === 'na'
  const pools = isOfAddresses
    ? { pools: keys.map((key) => ({ pool: `${key}/128` })) }
    : {
        'pd-pools': keys.map((key) => ({
          prefix: key.replace('/56', ''),
          'prefix-len': 56,
          'delegated-len': 56,
        })),
      }
  const reservations = (subnet?.reservations ?? []).map((reservation) => {
    const key = counterparts.of(ipv4FromText(reservation['ip-address']!)!)
    const { 'hw-address': hwAddress } = reservation
    return { duid: duidOf(hwAddress!), [isOfAddresses ? 'ip-addresses' : 'prefixes']: [key] }
  })
  return {
    'valid-lifetime': lifetime,
    'preferred-lifetime': lifetime,
    ...(dhcp4['expired-leases-processing'] && {
      'expired-leases-processing': dhcp4['expired-leases-processing'],
    }),
    subnet6: [{ id: 1, subnet: '2001:db8:1::/64', 'rapid-commit': true, ...pools, reservations }],
  }
}

function addressesIn(pool: string): Ipv4[] {
  const [first, last] = pool.split(' - ').map((text) => ipv4FromText(text)!)
  return Array.from({ length: last! - first! + 1 }, (_, index) => first! + index)
}

// ---- who asks

function clientOf6(
  { hwAddress = '', name, node, start, startDelayMax, renews }: LabClientSettings,
  kind: 'na' | 'pd',
): LabClient6Settings {
  return {
    hwAddress,
    duid: duidOf(hwAddress).replaceAll(':', ''),
    ias: [{ kind }],
    ...(name !== undefined && { name }),
    ...(node !== undefined && { node }),
    ...(start !== undefined && { start }),
    ...(startDelayMax !== undefined && { startDelayMax }),
    ...(renews !== undefined && { renews }),
  }
}

/** One whose clients the same server answers as those of the hardware address. */
function duidOf(hwAddress: string): string {
  const hardware = octetsFromHex(hwAddress)!
  for (let number = 0; ; number++) {
    const duid = `\x00\x02\x00\x00\x09\xbf${hardware}${String.fromCharCode(number)}`
    if ((pearson(duid) & 1) === (pearson(hardware) & 1)) return hexFromOctets(duid, ':')
  }
}

/** A client of DHCPv6 as schedules ask and tell one. */
class Player {
  readonly #client: VirtualClient6
  readonly #counterparts: Counterparts

  constructor(client: VirtualClient6, counterparts: Counterparts) {
    this.#client = client
    this.#counterparts = counterparts
  }

  get name(): string {
    return this.#client.name
  }

  /** 0: it has none. */
  get ipv4(): Ipv4 {
    const [lease] = this.#client.leases
    return lease === undefined ? 0 : this.#counterparts.addressOf(lease.key)
  }

  get isBound(): boolean {
    return this.#client.isBound
  }

  get state(): string {
    return this.#client.state
  }

  get remaining(): number {
    const [lease] = this.#client.leases
    return lease === undefined ? 0 : this.#client.remainingOf(lease)
  }

  /** Of its settings schedules know what it wishes. */
  get machine() {
    const { machine } = this.#client
    const counterparts = this.#counterparts
    return {
      get settings() {
        return {}
      },
      set settings({ requestedAddress }: { readonly requestedAddress?: Ipv4 }) {
        const hint = prefix6FromText(counterparts.of(requestedAddress!))!
        const ias = machine.settings.ias.map((ia) => ({ ...ia, hint }))
        machine.settings = { ...machine.settings, ias }
      },
    }
  }

  start(): void {
    this.#client.start()
  }

  stop(): void {
    this.#client.stop()
  }

  forget(): void {
    this.#client.forget()
  }

  release(): void {
    this.#client.release()
  }

  repeatRelease(ageMax?: number): void {
    this.#client.repeatRelease(ageMax)
  }
}

/** The lab, in which clients are those of DHCPv6. */
function stageOf6(lab: PairLab, counterparts: Counterparts): PairLab {
  const players = lab.clients6.map(
    (client) => new Player(client, counterparts) as unknown as VirtualClient4,
  )
  const own: Partial<PairLab> = {
    clients: players,
    client: (index) => players[index as number]!,
    reload: (plan, index) => lab.reload(planOf6(plan, counterparts), index),
    server: (index) => serverOf6(lab.server(index), counterparts),
  }
  return beside(lab, own)
}

/** A server whose disk is asked for rows of DHCPv6. */
function serverOf6(server: VirtualServer, counterparts: Counterparts): VirtualServer {
  const durableRow = (address: Ipv4) =>
    server.disk.durableRow6(prefix6FromText(counterparts.of(address))!) as Lease<Key> | undefined
  return beside(server, { disk: beside(server.disk, { durableRow } as Partial<VirtualDisk>) })
}

/** The object, but for what `own` has. */
function beside<Whole extends object>(whole: Whole, own: Partial<Whole>): Whole {
  return new Proxy(whole, {
    get(target, name) {
      if (name in own) return own[name as keyof Whole]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
