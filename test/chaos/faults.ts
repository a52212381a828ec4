// What happens to the servers of a real pair. Each fault takes what it needs for itself, does its
// harm, lets time pass and heals it again; false where it cannot happen now. What humans do they do
// truthfully (test/sim/pair-operator.ts says what is promised then).

import { oneOf } from '../../lib/lab/chance.ts'
import type { Which } from '../system/pair-hosts.ts'
import { unknown } from './audit.ts'
import type { ChaosWorld, Taken } from './world.ts'

type Fault = (world: ChaosWorld, host: Which) => Promise<boolean>

export const FAULT_NAMES = [
  'kill',
  'kill-both',
  'stop',
  'pause',
  'stutter',
  'cut',
  'flap',
  'deafen',
  'narrow',
  'unplug',
  'disk-full',
  'reload',
  'reload-both',
  'put-back',
  'put-back-known',
  'put-back-both',
  'mode-change',
  'partner-off',
  'maintenance',
  'end-doubt',
  'forget-lifetime',
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

  'kill-both': (world) =>
    taking(world, [0, 1], async () => {
      world.note('kill both')
      for (const host of [0, 1] as const) await world.kill(host)
      const first = world.draw(2) as Which
      world.start(first)
      await world.pass(8000)
      world.start((1 - first) as Which)
    }),

  stop: (world, host) =>
    taking(world, [host], async () => {
      world.note(`stop server${host + 1}`)
      await world.stop(host)
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

  /** A host that gets no time: in and out of what its partner is patient for. */
  stutter: (world, host) =>
    taking(world, [host], async () => {
      world.note(`server${host + 1} stutters`)
      for (let times = 2 + world.draw(10); times > 0 && !world.isOver; times--) {
        world.pair.server(host).running.kill('SIGSTOP')
        await world.pass(3000)
        world.pair.server(host).running.kill('SIGCONT')
        await world.pass(1000)
      }
      world.note(`server${host + 1} runs smoothly`)
    }),

  cut: (world) =>
    taking(world, ['cable'], async () => {
      world.note('cut')
      world.pair.cutCable()
      await world.pass(30_000)
      world.pair.mendCable()
      world.note('mended')
    }),

  flap: (world) =>
    taking(world, ['cable'], async () => {
      world.note('the cable flaps')
      for (let times = 2 + world.draw(8); times > 0 && !world.isOver; times--) {
        world.pair.cutCable()
        await world.pass(4000)
        world.pair.mendCable()
        await world.pass(2000)
      }
      world.note('the cable is fast')
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
      // Who cannot open its journal does not start.
      await world.pair.server(host).line('DAEMON_PROCESS')
      if (!world.disks[host]!.fill()) return false
      world.note(`disk of server${host + 1} full`)
      await world.pass(15_000)
      world.disks[host]!.empty()
      world.note('room again')
      return true
    }),

  reload: (world, host) =>
    taking(world, [host], async () => {
      await reload(world, [host])
    }),

  'reload-both': (world) =>
    taking(world, [0, 1], async () => {
      await reload(world, [0, 1])
    }),

  // A copy is old by what nobody else knows where its server was alone since: so both are connected
  // while it is made and when it is put back, and it meets its partner before it serves.
  'put-back': (world, host) =>
    taking(world, [0, 1, 'cable'], async () => {
      if (!(await world.becomesNormal(10_000))) return false
      const copy = makeCopy(world, host)
      await world.pass(30_000)
      await world.kill(host)
      // A busy machine may have kept the two apart for a moment.
      if (await isTruthful(world, host)) await world.putBack(host, copy)
      return await isBack(world, host, false)
    }),

  // At any moment and of any age, as far as it is known for a copy: by its witness, or since its
  // server is told so.
  'put-back-known': (world, host) =>
    taking(world, [host], async () => {
      makeCopy(world, host)
      await world.pass(20_000)
      await world.kill(host)
      const copy = oneOf(world.draw, world.copies.of(host))
      const isNoticed = world.copies.isNoticed(copy, world.stateFolder(host))
      await world.putBack(host, copy)
      await world.pass(5000)
      world.start(host, !isNoticed || world.draw(2) === 0)
    }),

  'put-back-both': (world) =>
    taking(world, [0, 1], async () => {
      for (const host of [0, 1] as const) makeCopy(world, host)
      await world.pass(20_000)
      for (const host of [0, 1] as const) await world.kill(host)
      for (const host of [0, 1] as const)
        await world.putBack(host, oneOf(world.draw, world.copies.of(host)))
      for (const host of [0, 1] as const) {
        await world.pass(5000)
        world.start(host, true)
      }
    }),

  'mode-change': (world, host) =>
    taking(world, [host], async () => {
      // Who has no partner in its file would have nobody to wait for.
      if (world.copies.isAnyOld) return false
      const mode = oneOf(world.draw, ['', 'passive-backup', 'load-balancing', 'hot-standby'])
      world.note(`server${host + 1} becomes '${mode}'`)
      for (const next of [mode, world.scene.mode]) {
        world.configure(host, 0, next)
        if (world.draw(3) === 0) await world.pair.server(host).signal('SIGHUP')
        else {
          await world.kill(host)
          world.start(host)
        }
        if (next === mode) await world.pass(20_000)
      }
    }),

  'partner-off': (world, host) =>
    taking(world, [0, 1, 'cable'], async () => {
      const survivor = (1 - host) as Which
      if (!(await world.becomesNormal(10_000))) return false
      world.note(`server${host + 1} is switched off for partner-off`)
      await world.kill(host)
      if ((await isTruthful(world, host)) && world.order(survivor, 'partner-off') !== undefined)
        world.copies.grewOld(host)
      await world.pass(20_000)
      return await isBack(world, host, false)
    }),

  maintenance: (world, host) =>
    taking(world, [0, 1], async () => {
      if (world.order(host, 'maintenance-start') === undefined) return false
      await world.pass(15_000)
      world.order(host, 'maintenance-cancel')
      return true
    }),

  'end-doubt': (world, host) =>
    taking(world, [0, 1, 'cable'], async () => {
      if (!(await world.becomesNormal(10_000)) || !(await areEqual(world))) return false
      return world.order(host, 'end-doubt') !== undefined
    }),

  'forget-lifetime': (world) =>
    taking(world, [0, 1, 'cable'], async () => {
      if (!(await world.becomesNormal(10_000)) || !(await areEqual(world))) return false
      return ([0, 1] as const).every((host) => world.order(host, 'forget-lifetime') !== undefined)
    }),
}

function makeCopy(world: ChaosWorld, host: Which): string {
  world.note(`the journal of server${host + 1} is copied`)
  const { journalFile } = world.pair.server(host)
  return world.still(host, () => world.copies.make(host, journalFile))
}

async function taking(
  world: ChaosWorld,
  what: readonly Taken[],
  happen: () => Promise<unknown>,
): Promise<boolean> {
  const giveBack = await world.take(...what)
  if (giveBack === undefined) return false
  try {
    return (await happen()) !== false
  } finally {
    giveBack()
  }
}

async function reload(world: ChaosWorld, hosts: readonly Which[]): Promise<void> {
  const version = world.draw(world.scene.versions.length)
  world.note(`version ${version} at ${hosts.map((host) => `server${host + 1}`).join(', ')}`)
  for (const host of hosts) {
    world.configure(host, version)
    await world.pair.server(host).signal('SIGHUP')
  }
}

/** Starts it; the cable is whole and its partner runs, so the two find together. */
async function isBack(world: ChaosWorld, host: Which, isTold: boolean): Promise<boolean> {
  world.start(host, isTold)
  if (!(await world.becomesNormal())) world.violate(`server${host + 1} does not come back`)
  return true
}

/** No client has a lease of the dead server that the other one does not know. */
async function isTruthful(world: ChaosWorld, dead: Which): Promise<boolean> {
  const survivor = world.pair.server((1 - dead) as Which)
  const known = new Map(survivor.leases().map((row) => [row.address, row.hw_address]))
  const left = world.leftRows(dead)
  const { holdings } = await world.report()
  return (
    holdings.every(({ address, hw }) => known.get(address) === hw) &&
    left.every((row) => row.state !== 'assigned' || known.get(row.address) === row.hw_address)
  )
}

/** Both know every lease that a client has. */
async function areEqual(world: ChaosWorld): Promise<boolean> {
  const { holdings } = await world.report()
  return world.pair.servers.every(
    (server, host) => unknown(`server${host + 1}`, holdings, server.leases()).length === 0,
  )
}
