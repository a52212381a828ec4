// What happens to the servers of a real pair. Each fault takes what it needs for itself, does its harm, lets time
// pass and heals it again; false where it cannot happen now. What humans do they do truthfully (test/sim/pair-operator.ts
// says what is promised then).

import { cpSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { oneOf } from '../../lib/lab/chance.ts'
import { leasesLeftIn } from '../system/daemon.ts'
import type { Which } from '../system/pair-hosts.ts'
import type { ChaosWorld } from './world.ts'

type Fault = (world: ChaosWorld, host: Which) => Promise<boolean>

export const FAULT_NAMES = [
  'kill',
  'stop',
  'pause',
  'cut',
  'deafen',
  'narrow',
  'unplug',
  'disk-full',
  'reload',
  'reload-both',
  'put-back',
  'mode-change',
  'partner-off',
  'maintenance',
] as const

export type FaultName = (typeof FAULT_NAMES)[number]

export const FAULTS: Readonly<Record<FaultName, Fault>> = {
  kill: (world, host) =>
    taking(world, [host], async () => {
      world.note(`kill server${host + 1}`)
      await world.kill(host)
      await world.pass(15_000)
      world.start(host)
    }),

  stop: (world, host) =>
    taking(world, [host], async () => {
      world.note(`stop server${host + 1}`)
      const code = await world.pair.server(host).stop()
      if (code !== 0) world.violate(`server${host + 1} stopped with ${code}`)
      await world.pass(10_000)
      world.start(host)
    }),

  pause: (world, host) =>
    taking(world, [host], async () => {
      world.note(`pause server${host + 1}`)
      world.pair.server(host).running.kill('SIGSTOP')
      await world.pass(25_000)
      world.pair.server(host).running.kill('SIGCONT')
      world.note(`server${host + 1} goes on`)
    }),

  cut: (world) =>
    taking(world, ['cable'], async () => {
      world.note('cut')
      world.pair.cutCable()
      await world.pass(30_000)
      world.pair.mendCable()
      world.note('mended')
    }),

  deafen: (world, host) =>
    taking(world, ['cable'], async () => {
      world.note(`deafen server${host + 1}`)
      world.pair.deafen(host)
      await world.pass(20_000)
      world.pair.undeafen(host)
      world.note('hears again')
    }),

  narrow: (world) =>
    taking(world, ['cable'], async () => {
      world.note('narrow')
      world.pair.narrowCable(true)
      await world.pass(15_000)
      world.pair.narrowCable(false)
      world.note('wide again')
    }),

  unplug: (world, host) =>
    taking(world, ['cable'], async () => {
      world.note(`unplug host${host + 1}`)
      world.pair.plug(host, false)
      await world.pass(20_000)
      world.pair.plug(host, true)
      world.note('plugged in')
    }),

  'disk-full': (world, host) =>
    taking(world, [host], async () => {
      if (!world.disks[host]!.fill()) return false
      world.note(`disk of server${host + 1} full`)
      await world.pass(15_000)
      world.disks[host]!.empty()
      world.note('room again')
      return true
    }),

  reload: (world, host) =>
    taking(world, [host], async () => {
      reload(world, [host])
    }),

  'reload-both': (world) =>
    taking(world, [0, 1], async () => {
      reload(world, [0, 1])
    }),

  // A copy is old by what nobody else knows where its server was alone since: so both are connected while it is made
  // and when it is put back, and it meets its partner before it serves.
  'put-back': (world, host) =>
    taking(world, [0, 1, 'cable'], async () => {
      const { pair } = world
      const journal = dirname(pair.server(host).journalFile)
      const copy = `${journal}-copy`
      if (!(await world.becomesNormal(10_000))) return false
      world.note(`copy the journal of server${host + 1}`)
      const { running } = pair.server(host)
      running.kill('SIGSTOP')
      cpSync(journal, copy, { recursive: true })
      running.kill('SIGCONT')
      await world.pass(40_000)
      await world.kill(host)
      // A busy machine may have kept the two apart for a moment.
      if (await isTruthful(world, host)) {
        for (const name of readdirSync(journal)) rmSync(join(journal, name))
        cpSync(copy, journal, { recursive: true })
        world.note(`the copy is put back at server${host + 1}`)
      }
      rmSync(copy, { recursive: true })
      return await isBack(world, host)
    }),

  'mode-change': (world, host) =>
    taking(world, [host], async () => {
      const mode = oneOf(world.draw, ['', 'passive-backup', 'load-balancing', 'hot-standby'])
      world.note(`server${host + 1} becomes '${mode}'`)
      world.configure(host, 0, mode)
      await world.kill(host)
      world.start(host)
      await world.pass(30_000)
      world.configure(host, 0)
      await world.kill(host)
      world.start(host)
    }),

  'partner-off': (world, host) =>
    taking(world, [0, 1, 'cable'], async () => {
      const survivor = (1 - host) as Which
      if (!(await world.becomesNormal(10_000))) return false
      world.note(`server${host + 1} is switched off for partner-off`)
      await world.kill(host)
      if (await isTruthful(world, host)) world.order(survivor, 'partner-off')
      await world.pass(30_000)
      return await isBack(world, host)
    }),

  maintenance: (world, host) =>
    taking(world, [0, 1], async () => {
      if (world.order(host, 'maintenance-start') === undefined) return false
      await world.pass(15_000)
      world.order(host, 'maintenance-cancel')
      return true
    }),
}

async function taking(
  world: ChaosWorld,
  what: readonly (Which | 'cable')[],
  happen: () => Promise<unknown>,
): Promise<boolean> {
  const giveBack = world.take(...what)
  if (giveBack === undefined) return false
  try {
    return (await happen()) !== false
  } finally {
    giveBack()
  }
}

function reload(world: ChaosWorld, hosts: readonly Which[]): void {
  const version = world.draw(world.scene.versions.length)
  world.note(`version ${version} at ${hosts.map((host) => `server${host + 1}`).join(', ')}`)
  for (const host of hosts) {
    world.configure(host, version)
    world.pair.server(host).running.kill('SIGHUP')
  }
}

/** Starts it; the cable is whole and its partner runs, so the two find together. */
async function isBack(world: ChaosWorld, host: Which): Promise<boolean> {
  world.start(host)
  if (!(await world.becomesNormal())) world.violate(`server${host + 1} does not come back`)
  return true
}

/** No client has a lease of the dead server that the other one does not know. */
async function isTruthful(world: ChaosWorld, dead: Which): Promise<boolean> {
  const survivor = world.pair.server((1 - dead) as Which)
  const known = new Map(survivor.leases().map((row) => [row.address, row.hw_address]))
  const left = leasesLeftIn(world.pair.server(dead).journalFile, world.at)
  const { holdings } = await world.report()
  return (
    holdings.every(({ address, hw }) => known.get(address) === hw) &&
    left.every((row) => row.state !== 'assigned' || known.get(row.address) === row.hw_address)
  )
}
