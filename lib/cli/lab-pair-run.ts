// `whio lab` with a pair, from its first line to the last: a live view on a terminal, a line for
// each event anywhere else.

import { freePorts } from './lab-cable.ts'
import { type LabEnd, labEnd } from './lab-end.ts'
import { LabPair } from './lab-pair.ts'
import { pairView } from './lab-pair-view.ts'
import type { LabWish } from './lab-wish.ts'
import { isTerminal } from './screen.ts'

/** Exit code 0 where every client was bound at the end, else 1. */
export async function pairLab(wish: LabWish): Promise<number> {
  const isLive = isTerminal()
  const tell = isLive ? () => {} : (line: string) => process.stdout.write(`${line}\n`)
  const end: LabEnd = labEnd(wish.duration)
  const pair = new LabPair(wish, await freePorts(4), tell)
  tell(`a pair, load-balancing, its journals in ${wish.folder}`)
  await pair.start()
  const view = isLive ? pairView(pair, end) : undefined
  await end.ended
  view?.close()
  const { bound } = pair
  await pair.stop()
  const states = pair.servers.map(({ name, status }) => `${name} ${status?.ha?.state ?? 'down'}`)
  process.stdout.write(`${bound} of ${wish.clients} clients bound, ${states.join(', ')}\n`)
  return bound === wish.clients ? 0 : 1
}
