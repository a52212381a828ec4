// Beginnings and ends that the stories of pairs share: both start, both are back.

import type { Test } from 'tap'
import type { LogLine } from './daemon.ts'
import { Load, type PairHosts } from './pair-hosts.ts'

/** Starts both at once, and the load when both serve. */
export async function begin(t: Test, pair: PairHosts): Promise<Load> {
  const began = Date.now()
  pair.launch(0)
  pair.launch(1)
  const load = await Load.start(pair.clients)
  load.go()
  await pair.areNormal()
  t.comment(`both ${pair.normal} ${Date.now() - began} ms after their start`)
  const { at } = await load.heard(1, 'any', 0)
  t.comment(`first ACK ${at - began} ms after the start`)
  const read = await Promise.all(pair.servers.map((server) => server.line('JOURNAL_READY')))
  const normal = await Promise.all(([0, 1] as const).map((host) => pair.enters(host, pair.normal)))
  const last = (lines: LogLine[]) => Math.max(...lines.map(({ time }) => Date.parse(String(time))))
  t.comment(`of which ${last(normal) - last(read)} ms since both journals were read`)
  return load
}

/** Both are back: all clients are answered, and everything is as it should be. */
export async function recovered(
  t: Test,
  pair: PairHosts,
  load: Load,
  marks: [number, number],
  began: number,
): Promise<void> {
  await pair.areNormal(marks)
  t.comment(`both ${pair.normal} again after ${Date.now() - began} ms`)
  const mark = load.mark
  await load.heard(30, 'any', mark)
  await load.settle()
  await pair.audit(t, load)
}
