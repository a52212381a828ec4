// Random histories of names in DNS, by seed: one server or a pair, clients that come, go, are
// called otherwise; servers die, links are cut, DNS is away, refuses, loses questions and answers.
// In the end, when all is well, DNS holds what leases say, and nothing else.
//
//   node test/sim/names-simulate.ts 1 500

import type { Lab, LabClientSettings } from '../../lib/lab/lab.ts'
import type { PairLab } from '../../lib/lab/pair.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import type { DnsBehaviour, VirtualDns } from '../../lib/lab/virtual-dns.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import type { ServerPorts } from '../../lib/server/settings.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { dnsLines, namesPair, namesStage, onePlan, wantedLines } from './names-stage.ts'

const CLIENTS = 6
const STEPS = 40
const MINUTE = 60_000

export interface NamesStory {
  readonly violations: readonly string[]
  /** Names that DNS had in the end. */
  readonly names: number
}

interface Stage {
  readonly lab: Lab
  readonly dns: VirtualDns
  readonly pair: PairLab | undefined
}

export interface StoryWish {
  readonly isPair: boolean
  /** Spoils the servers, to show that it is found out. */
  readonly ports?: (own: ServerPorts) => ServerPorts
}

/** One history. */
export function namesStory(seed: number, wish: StoryWish): NamesStory {
  const stage = stageOf(seed, wish)
  const draw = stage.lab.world.draw('story')
  if (stage.pair !== undefined) stage.pair.reachNormal()
  for (const client of stage.lab.clients) client.start()
  for (let step = 0; step < STEPS; step++) {
    happen(stage, draw)
    stage.lab.advance(draw(3) === 0 ? draw(5 * MINUTE) : draw(5000))
  }
  mend(stage)
  stage.lab.advance(70 * MINUTE)
  return { violations: violationsOf(stage), names: dnsLines(stage.dns).length }
}

function stageOf(seed: number, { isPair, ports }: StoryWish): Stage {
  const clients = Array.from(
    { length: CLIENTS },
    (_, at): LabClientSettings => ({
      ...{ name: `c${at}`, hostname: `pc${at}`, startDelayMax: 1000, start: false },
      ...(at % 3 === 0 ? { clientId: `01:02:00:00:00:00:${`0${at}`.slice(-2)}` } : {}),
    }),
  )
  const behaviour: Partial<DnsBehaviour> = { lost: 10, unanswered: 10, twice: 5 }
  if (isPair) {
    const { lab, dns } = namesPair({ clients, seed }, behaviour, ports)
    return { lab, dns, pair: lab }
  }
  return { ...namesStage({ plan: onePlan(), clients, seed }, behaviour, ports), pair: undefined }
}

function happen(stage: Stage, draw: Draw): void {
  const { dns, lab, pair } = stage
  const client = lab.clients[draw(lab.clients.length)]!
  const server = lab.servers[draw(lab.servers.length)]!
  const HAPPENINGS: (() => void)[] = [
    () => client.isBound && client.release(),
    () => client.isBound && client.release(),
    () => rename(client, `pc${draw(CLIENTS)}x${draw(2)}`),
    () => rename(client, ''),
    () => client.stop(),
    () => restart(client),
    () => restart(client),
    () => end(server, draw),
    () => server.isRunning || server.start(),
    () => server.isRunning || server.start(),
    () => {
      dns.behaviour.isAway = draw(2) === 0
    },
    () => {
      dns.behaviour.refuses = draw(4) === 0
    },
    () => pair?.cutLink(),
    () => pair?.healLink(),
    () => pair?.healLink(),
  ]
  HAPPENINGS[draw(HAPPENINGS.length)]!()
}

function rename({ machine }: VirtualClient4, hostname: string): void {
  machine.settings = { ...machine.settings, hostname }
}

function restart(client: VirtualClient4): void {
  client.stop()
  client.start()
}

function end(server: VirtualServer, draw: Draw): void {
  if (!server.isRunning) return
  const ways = [() => server.kill(), () => server.crash(), () => server.stop()]
  ways[draw(ways.length)]!()
}

function mend({ dns, lab, pair }: Stage): void {
  Object.assign(dns.behaviour, { isAway: false, refuses: false, lost: 0, unanswered: 0, twice: 0 })
  pair?.healLink()
  lab.advance(MINUTE)
  for (const server of lab.servers) if (!server.isRunning) server.start()
}

/** What DNS has that no lease says, and what it lacks. */
function violationsOf({ dns, lab }: Stage): string[] {
  const found = dnsLines(dns)
  const wanted = new Set(lab.servers.flatMap(wantedLines))
  const orphans = found.filter((line) => !wanted.has(line)).map((line) => `orphan: ${line}`)
  const missing = [...wanted].filter((line) => !found.includes(line))
  const strays = dns.lines.filter((line) => / DHCID /.test(line) && isAlone(line, dns))
  return [
    ...lab.invariants.violations.map((one) => JSON.stringify(one)),
    ...orphans,
    ...missing.filter((line) => !isTaken(line, found)).map((line) => `missing: ${line}`),
    ...strays.map((line) => `stray: ${line}`),
  ]
}

/** A DHCID where nothing else is. */
function isAlone(line: string, dns: VirtualDns): boolean {
  const name = line.split(' ')[0]
  return !dns.lines.some((one) => one.startsWith(`${name} `) && !/ DHCID /.test(one))
}

/** Of two clients of one name the first has it: the other's address has no name, either. */
function isTaken(line: string, found: readonly string[]): boolean {
  const [one = '', other = ''] = line.split(' ')
  const name = /^[\d.:a-f]+$/.test(one) ? other : one
  return found.some((there) => there.startsWith(`${name} `))
}

if (process.argv[1] === import.meta.filename) {
  const [from = 1, count = 100] = process.argv.slice(2).map(Number)
  for (let seed = from; seed < from + count; seed++)
    for (const isPair of [false, true]) {
      const { violations } = namesStory(seed, { isPair })
      if (violations.length > 0)
        console.log(`seed ${seed} ${isPair ? 'pair' : 'alone'}: ${violations.join('; ')}`)
    }
}
