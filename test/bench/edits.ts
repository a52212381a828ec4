// What an edit by command costs a large office: one reservation or one subnet among 10,000 subnets
// and 100,000 reservations. How long until it is in force, and for how long at most a packet waits
// meanwhile: between two slices packets are looked after.

import type { Edit } from '../../lib/config/edits.ts'
import { ADMIN, ConfigurationWorld } from '../server/configuration-world.ts'

const SUBNETS = 10_000
const HOSTS_EACH = 10
const EDITS = 40

export function editRows(): string[] {
  const world = new ConfigurationWorld({ Dhcp4: documentWith() })
  const reservation = measured(world, (nth) => {
    const hardware = `0600000000${(16 + nth).toString(16)}`
    const path = ['Dhcp4', 'subnet4', { id: 100 * nth + 1 }, 'reservations']
    const value = { 'hw-address': hardware, 'ip-address': `${prefixOf(100 * nth)}.50` }
    return { path: [...path, { 'hw-address': hardware }], value }
  })
  const subnet = measured(world, (nth) => {
    const id = SUBNETS + 1 + nth
    const value = { id, subnet: `172.16.${nth}.0/24`, pools: [{ pool: `172.16.${nth}.0/25` }] }
    return { path: ['Dhcp4', 'subnet4', { id }], value }
  })
  return [row('one reservation more', reservation), row('one subnet more', subnet)]
}

interface Cost {
  /** Milliseconds until it is in force, and of the longest slice: of the median edit. */
  readonly whole: number
  readonly slice: number
}

function row(what: string, { whole, slice }: Cost): string {
  const cost = `${whole.toFixed(1)} ms, in slices of at most ${slice.toFixed(1)} ms`
  return `| ${what} among 10,000 subnets and 100,000 reservations | ${cost} |`
}

function measured(office: ConfigurationWorld, edit: (nth: number) => Edit): Cost {
  const { configuration, source, world } = office
  const wholes: number[] = []
  const slices: number[] = []
  for (let nth = 0; nth < EDITS; nth++) {
    source.waiting = []
    // Real time, so that slices are as long as they are beside sockets.
    const began = performance.now()
    world.clock = () => performance.now()
    let longest = 0
    const timed = (work: () => void) => {
      const start = performance.now()
      work()
      longest = Math.max(longest, performance.now() - start)
    }
    timed(() => configuration.edit([edit(nth)], 'pair', ADMIN, () => {}))
    for (let work = source.waiting.shift(); work; work = source.waiting.shift()) timed(work)
    wholes.push(performance.now() - began)
    slices.push(longest)
  }
  return { whole: median(wholes), slice: median(slices) }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!
}

function prefixOf(index: number): string {
  return `10.${index >> 8}.${index & 255}`
}

function documentWith(): object {
  const subnet4 = Array.from({ length: SUBNETS }, (_, index) => ({
    id: index + 1,
    subnet: `${prefixOf(index)}.0/24`,
    pools: [{ pool: `${prefixOf(index)}.100-${prefixOf(index)}.200` }],
    reservations: Array.from({ length: HOSTS_EACH }, (__, host) => ({
      'hw-address': `02${(index * 256 + host).toString(16).padStart(10, '0')}`,
      'ip-address': `${prefixOf(index)}.${10 + host}`,
    })),
  }))
  return { 'interfaces-config': { interfaces: ['eth0'] }, subnet4 }
}
