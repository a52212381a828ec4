// Finds the server that runs with a configuration file on this machine, and asks it. Only the name
// of the lease database is wanted from the file, so a file that is otherwise broken will do. Where
// that leads to nobody, every control socket of this machine is asked which file its server has:
// the name may have been changed since.

import { readFileSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { LeaseDatabasePlan } from '../config/plan/plan.ts'
import { leaseDatabaseOfFiles } from '../platform/config-file.ts'
import { askControl, type ControlReply, controlPathOf } from '../platform/control-socket.ts'
import type { Millis } from '../time/units.ts'
import type { DaemonStatus } from './daemon.ts'
import { unreadable } from './load.ts'
import { type ConfigFile, nameOf } from './usage.ts'

/** Nobody has answered: nobody is there, somebody does not answer, or it cannot be known. */
export interface Silence {
  readonly kind: 'nobody' | 'deaf' | 'unknown'
  readonly why: string
}

export function isAnswer(reply: ControlReply | Silence): reply is ControlReply {
  return 'allowed' in reply
}

/** `through`: called with the door of whoever answers, for who goes on asking. */
export async function askServer(
  config: ConfigFile,
  command: string,
  patience: Millis,
  about?: string,
  through: (door: string) => void = () => {},
): Promise<ControlReply | Silence> {
  const database = leaseDatabaseOfFiles(config.files)
  const door = database?.persist === true ? controlPathOf(database.path) : undefined
  const named =
    door === undefined ? unnamed(config, database) : await askDoor(door, command, patience, about)
  if (door !== undefined && isAnswer(named)) through(door)
  if (isAnswer(named) || named.kind === 'deaf') return named
  const found = await doorByFile(resolve(config.file))
  if (found === undefined) return named
  through(found)
  return askDoor(found, command, patience, about)
}

/** The server with these files; where nobody has named any, the one that runs on this machine. */
export function askServerOf(
  config: ConfigFile | undefined,
  command: string,
  patience: Millis,
): Promise<ControlReply | Silence> {
  return config === undefined
    ? askOnlyServer(command, patience, '')
    : askServer(config, command, patience)
}

/** The one server that runs on this machine; of several somebody must say which. */
export async function askOnlyServer(
  command: string,
  patience: Millis,
  about: string,
): Promise<ControlReply | Silence> {
  const doors = doorsOfMachine()
  const [door] = doors
  if (door === undefined)
    return {
      kind: 'nobody',
      why: 'no server runs on this machine; if one does, name its file with -c',
    }
  if (doors.length === 1) return askDoor(door, command, patience, about)
  const files = await Promise.all(doors.slice(0, DOORS_MAX).map(filesBehind))
  const known = files.flatMap(([file]) => file ?? []).join(', ')
  return { kind: 'unknown', why: `${doors.length} servers run here; name one with -c: ${known}` }
}

function unnamed(config: ConfigFile, database: LeaseDatabasePlan | undefined): Silence {
  const why =
    database === undefined
      ? `${unreadable(config) || `${nameOf(config)} cannot be used`}, and no server is known to run with it`
      : 'a server that keeps leases in memory only takes no orders'
  return { kind: 'unknown', why }
}

export async function askDoor(
  door: string,
  command: string,
  patience: Millis,
  about?: string,
): Promise<ControlReply | Silence> {
  try {
    return await askControl(door, command, patience, about)
  } catch (error) {
    return whyNobody(error as NodeJS.ErrnoException, door)
  }
}

function whyNobody({ code, message }: NodeJS.ErrnoException, door: string): Silence {
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return { kind: 'nobody', why: `no server runs with ${door.replace(/\.control$/, '')}` }
  if (code === 'EACCES')
    return { kind: 'unknown', why: `${door} is for the user that the server runs as` }
  // So many wait already that the kernel takes no more.
  const words = code === 'EAGAIN' ? 'it does not answer' : message
  return { kind: 'deaf', why: `the server behind ${door}: ${words}` }
}

/** Of the doors of other servers; a stopped one must not be waited for. */
const LOOK_PATIENCE: Millis = 500
const DOORS_MAX = 32

async function doorByFile(file: string): Promise<string | undefined> {
  const doors = doorsOfMachine().slice(0, DOORS_MAX)
  const files = await Promise.all(doors.map(filesBehind))
  return doors.find((_, at) => files[at]!.some((one) => isSameFile(one, file)))
}

async function filesBehind(door: string): Promise<readonly string[]> {
  try {
    const { status } = await askControl(door, 'status', LOOK_PATIENCE)
    return (status as DaemonStatus | undefined)?.configuration?.files ?? []
  } catch {
    return []
  }
}

/**
 * The kernel's list of sockets that are listened on, by path; nothing on other systems than Linux.
 */
function doorsOfMachine(): string[] {
  try {
    const rows = readFileSync('/proc/net/unix', 'utf8').matchAll(
      /^\S+: \S+ \S+ 00010000 \S+ \S+ +\d+ (\/.*\.control)$/gm,
    )
    return [...rows].map(([, path = '']) => path)
  } catch {
    return []
  }
}

function isSameFile(one: string, other: string): boolean {
  return one === other || realPathOf(one) === realPathOf(other)
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
