// statistic-*: what is counted, with samples, and how many of those are kept.

import { isMap } from '../../config/text/map.ts'
import { isInteger } from '../arguments.ts'
import { type Answer, type Asked, type Command, type ControlRoom, SERVERS } from '../command.ts'
import { Mapping } from '../print.ts'
import { CommandRefused } from '../refused.ts'
import { ddnsStatistics } from '../statistics/ddns-source.ts'
import type { FamilyStatistics, Named } from '../statistics/family-statistics.ts'
import type { Limit } from '../statistics/history.ts'
import type { Statistics } from '../statistics/statistics.ts'
import { editBy } from './edit/edit-command.ts'

/** With more subnets the answer is made while it is written. */
const SUBNETS_AT_ONCE = 200

const NAME = { type: 'string', description: 'Name of the statistic' } as const
const SAMPLES = {
  type: 'integer',
  minimum: 0,
  maximum: 0xffff_ffff,
  description: 'Samples to keep',
} as const
const DURATION = {
  type: 'integer',
  minimum: 0,
  description: 'Seconds for which samples are kept',
} as const

interface Described extends Pick<Command, 'name' | 'summary' | 'parameters'> {
  readonly access?: 'write'
}

interface Row extends Described {
  answer(statistics: FamilyStatistics, asked: Asked, all: Statistics): Answer
  /** Of Kea's updater, where it is asked for them. */
  ofUpdater?(statistics: UpdaterStatistics, asked: Asked, resets: Resets): Answer
}

type UpdaterStatistics = Readonly<Record<string, readonly (readonly [number, string])[]>>

/** Statistics of the updater that are to be counted from 0; false where there is none. */
interface Resets {
  one(name: string): boolean
  all(): void
}

/** Limits of all statistics are a part of the configuration. */
interface LimitRow extends Described {
  readonly text: string
  limit(asked: Asked): Limit
}

const named = { type: 'object', required: ['name'], properties: { name: NAME } } as const

const ROWS: readonly (Row | LimitRow)[] = [
  {
    name: 'statistic-get',
    summary: 'Tells the samples of one statistic, newest first',
    parameters: named,
    answer: (statistics, asked, all) => {
      const name = nameOf(asked)
      const samples = statistics.get(name)
      const told = samples === undefined ? {} : valuesOf([[name, samples]], all)
      return { result: 0, arguments: told }
    },
    ofUpdater(statistics, asked) {
      const name = nameOf(asked)
      const samples = statistics[name]
      return { result: 0, arguments: samples === undefined ? {} : { [name]: samples } }
    },
  },
  {
    name: 'statistic-get-all',
    summary: 'Tells the samples of all statistics',
    parameters: undefined,
    answer: (statistics, _asked, all) => ({ result: 0, arguments: everything(statistics, all) }),
    ofUpdater: (statistics) => ({ result: 0, arguments: statistics }),
  },
  {
    name: 'statistic-global-get-all',
    summary: 'Tells the samples of all statistics that are of no subnet',
    parameters: undefined,
    answer: (statistics, _asked, all) => ({
      result: 0,
      arguments: valuesOf(statistics.globals(), all),
    }),
  },
  {
    name: 'statistic-reset',
    access: 'write',
    summary: 'Counts one statistic from 0 again',
    parameters: named,
    answer: (statistics, asked) => {
      const name = nameOf(asked)
      return done(statistics.reset(name), name, `Statistic '${name}' reset.`)
    },
    ofUpdater(_statistics, asked, resets) {
      const name = nameOf(asked)
      return done(resets.one(name), name, `Statistic '${name}' reset.`)
    },
  },
  {
    name: 'statistic-reset-all',
    access: 'write',
    summary: 'Counts all statistics from 0 again',
    parameters: undefined,
    answer: (statistics) => {
      statistics.resetAll()
      return { result: 0, text: 'All statistics reset to neutral values.' }
    },
    ofUpdater(_statistics, _asked, resets) {
      resets.all()
      return { result: 0, text: 'All statistics reset to neutral values.' }
    },
  },
  {
    name: 'statistic-remove',
    access: 'write',
    summary: 'Removes one statistic until it counts something again',
    parameters: named,
    answer: (statistics, asked) => {
      const name = nameOf(asked)
      return done(statistics.remove(name), name, `Statistic '${name}' removed.`)
    },
  },
  {
    name: 'statistic-remove-all',
    access: 'write',
    summary: 'Removes all statistics until they count something again',
    parameters: undefined,
    answer: (statistics) => {
      statistics.removeAll()
      const text = 'Warning: statistic-remove-all command is deprecated. All statistics removed.'
      return { result: 0, text }
    },
  },
  {
    name: 'statistic-sample-count-set',
    access: 'write',
    summary: 'Says how many samples of one statistic are kept',
    parameters: {
      type: 'object',
      required: ['name', 'max-samples'],
      properties: { name: NAME, 'max-samples': SAMPLES },
    },
    answer: (statistics, asked) => {
      const name = nameOf(asked)
      // Clients read the newest one.
      const limit = { count: Math.max(1, samplesOf(asked)) }
      return done(statistics.limit(name, limit), name, `Statistic '${name}' count limit is set.`)
    },
  },
  {
    name: 'statistic-sample-count-set-all',
    access: 'write',
    summary: 'Says how many samples of each statistic are kept',
    parameters: {
      type: 'object',
      required: ['max-samples'],
      properties: { 'max-samples': { ...SAMPLES, minimum: 1 } },
    },
    text: 'All statistics count limit are set.',
    limit: (asked) => {
      const count = samplesOf(asked)
      if (count === 0) throw new CommandRefused("'max-samples' parameter must not be zero")
      return { count }
    },
  },
  {
    name: 'statistic-sample-age-set',
    access: 'write',
    summary: 'Says for how long samples of one statistic are kept',
    parameters: {
      type: 'object',
      required: ['name', 'duration'],
      properties: { name: NAME, duration: DURATION },
    },
    answer: (statistics, asked) => {
      const name = nameOf(asked)
      const limit = { age: durationOf(asked) }
      return done(statistics.limit(name, limit), name, `Statistic '${name}' duration limit is set.`)
    },
  },
  {
    name: 'statistic-sample-age-set-all',
    access: 'write',
    summary: 'Says for how long samples of each statistic are kept',
    parameters: {
      type: 'object',
      required: ['duration'],
      properties: { duration: DURATION },
    },
    text: 'All statistics duration limit are set.',
    limit: (asked) => ({ age: durationOf(asked) }),
  },
]

export const STATISTIC: readonly Command[] = ROWS.map((row) => ({
  name: row.name,
  access: row.access ?? 'read',
  library: 'built-in',
  personas: 'ofUpdater' in row ? [...SERVERS, 'd2'] : SERVERS,
  summary: row.summary,
  parameters: row.parameters,
  run(asked: Asked, room: ControlRoom, answer: (answer: Answer) => void): void {
    const { statistics } = room
    if (asked.persona === 'd2')
      return answer((row as Row).ofUpdater!(updaterStatistics(room), asked, resetsOf(room)))
    const family = statistics.of(asked.persona === 'dhcp6' ? 6 : 4)
    if (family === undefined) throw new CommandRefused('this family is not served', 2)
    if ('limit' in row) limitAll(row, family, asked, room, answer)
    else answer(row.answer(family, asked, statistics))
  },
}))

function updaterStatistics({ server, statistics }: ControlRoom): UpdaterStatistics {
  const at = statistics.localTime(server.wall())
  const all = [...statistics.updater.since(ddnsStatistics(server.names.status()))]
  return Object.fromEntries(all.map(([name, value]) => [name, [[value, at]]]))
}

function resetsOf({ server, statistics }: ControlRoom): Resets {
  const values = () => ddnsStatistics(server.names.status())
  return {
    one: (name) => statistics.updater.reset(name, values()),
    all: () => statistics.updater.resetAll(values()),
  }
}

/** In force here when it is stored, and there too after a restart. */
function limitAll(
  { limit: limitOf, text }: LimitRow,
  statistics: FamilyStatistics,
  asked: Asked,
  room: ControlRoom,
  answer: (answer: Answer) => void,
): void {
  const limit = limitOf(asked)
  const [count, age] = 'count' in limit ? [limit.count, 0] : [0, limit.age]
  const map = `Dhcp${statistics.family}`
  const edits = [
    { path: [map, 'statistic-default-sample-count'], value: count },
    { path: [map, 'statistic-default-sample-age'], value: age },
  ]
  const done = (given: Answer): void => {
    if (given.result === 0) statistics.limitAll(limit)
    answer(given)
  }
  editBy(asked, room, done, () => ({ edits, answer: { result: 0, text } }))
}

function done(isDone: boolean, name: string, text: string): Answer {
  return isDone ? { result: 0, text } : { result: 1, text: `No '${name}' statistic found` }
}

type Told = readonly (readonly [value: number | bigint, at: string])[]

function told([name, samples]: Named, { localTime }: Pick<Statistics, 'localTime'>) {
  return [name, samples.map(({ value, at }) => [value, localTime(at)] as const) as Told] as const
}

function valuesOf(all: readonly Named[], statistics: Statistics): Record<string, Told> {
  return Object.fromEntries(all.map((one) => told(one, timesOf(statistics))))
}

/** Samples of many statistics were taken at the same time. */
function timesOf(statistics: Statistics): Pick<Statistics, 'localTime'> {
  let last = Number.NaN
  let text = ''
  return {
    localTime(at) {
      if (at !== last) text = statistics.localTime(at)
      last = at
      return text
    },
  }
}

function everything(statistics: FamilyStatistics, all: Statistics): object {
  const globals = statistics.globals()
  if (statistics.subnets <= SUBNETS_AT_ONCE)
    return valuesOf([...globals, ...[...statistics.bySubnet()].flat()], all)
  const times = timesOf(all)
  const before = globals.filter(([name]) => name < 'subnet[')
  const behind = globals.filter(([name]) => name >= 'subnet[')
  const parts = inOrder(before, statistics.bySubnet(), behind)
  return new Mapping(() => (parts.next().value ?? []).map((one) => told(one, times)))
}

function* inOrder(
  before: readonly Named[],
  bySubnet: Iterable<readonly Named[]>,
  behind: readonly Named[],
): Generator<readonly Named[], void, undefined> {
  yield before
  for (const named of bySubnet) if (named.length > 0) yield named
  yield behind
}

function given({ arguments: given }: Asked): Readonly<Record<string, unknown>> {
  return isMap(given) ? given : {}
}

function nameOf(asked: Asked): string {
  const { name } = given(asked)
  if (name === undefined) throw new CommandRefused("Missing mandatory 'name' parameter.")
  if (typeof name !== 'string')
    throw new CommandRefused("'name' parameter expected to be a string.")
  return name
}

function samplesOf(asked: Asked): number {
  return wholeOf(asked, 'max-samples')
}

function durationOf(asked: Asked): number {
  return wholeOf(asked, 'duration')
}

function wholeOf(asked: Asked, key: 'max-samples' | 'duration'): number {
  const value = given(asked)[key]
  if (value === undefined) throw new CommandRefused(`Missing mandatory '${key}' parameter.`)
  if (!isInteger(value) || value < 0)
    throw new CommandRefused(`'${key}' parameter expected to be an integer.`)
  return Number(value)
}
