// The clocks of this host that go on while a process does not run.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { uptime } from 'node:os'
import type { HostTimes } from '../time/downtime.ts'
import type { Millis } from '../time/units.ts'
import { bootOfHost } from './journal/crash.ts'

/** Of the calendar, where only systemd says that it was set from the network. */
const TIMESYNCD_ERROR: Millis = 2000
const TIMESYNCD_MARK = '/run/systemd/timesync/synchronized'

/** A calendar that may be more wrong than this is kept by nobody. */
const WALL_ERROR_MAX: Millis = 5000

export function timesOfHost(boot = bootOfHost()): HostTimes {
  return { boot, uptime: uptime() * 1000, wall: Date.now(), wallError: wallError() }
}

/**
 * The kernel's own bound, which grows while nobody corrects the calendar and is gone when somebody
 * sets it.
 */
function wallError(): Millis | undefined {
  const told = kernelError()
  if (told === 'unknown') return existsSync(TIMESYNCD_MARK) ? TIMESYNCD_ERROR : undefined
  return told !== undefined && told <= WALL_ERROR_MAX ? told : undefined
}

/** struct timex of adjtimex(2) on 64-bit Linux. */
const TIMEX = { size: 208, maxError: 24, status: 40 } as const
const STA_UNSYNC = 0x40
const MACHINES = ['x64', 'arm64', 'riscv64']

type AskKernel = (timex: Buffer) => number

let askKernel: AskKernel | undefined | null = null

/**
 * unknown: it cannot be asked, as where a service may not touch clocks. undefined: nobody keeps the
 * calendar.
 */
function kernelError(): Millis | undefined | 'unknown' {
  if (askKernel === null) askKernel = bindKernel()
  if (askKernel === undefined) return 'unknown'
  const timex = Buffer.alloc(TIMEX.size)
  if (askKernel(timex) < 0) return 'unknown'
  if ((timex.readInt32LE(TIMEX.status) & STA_UNSYNC) !== 0) return undefined
  return Math.ceil(Number(timex.readBigInt64LE(TIMEX.maxError)) / 1000)
}

function bindKernel(): AskKernel | undefined {
  if (process.platform !== 'linux' || !MACHINES.includes(process.arch)) return undefined
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
    return koffi.load(null).func('int adjtimex(_Inout_ void *)')
  } catch {
    return undefined
  }
}
