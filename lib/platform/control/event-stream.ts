// A stream of events to one who follows them: as fast as that one reads, and no faster. Who reads
// nothing is thrown out like every other guest.

import type { ServerResponse } from 'node:http'
import type { Millis } from '../../time/units.ts'
import type { EventSource } from './desk.ts'
import type { Slices } from './slices.ts'

/** A comment so often: proxies end what is silent, and only a write shows that nobody is there. */
const HEARTBEAT: Millis = 15_000

/** What it returns ends the stream: nothing more is told from then on. */
export function sendEvents(
  out: ServerResponse,
  events: EventSource,
  slices: Slices,
  heartbeat: Millis = HEARTBEAT,
): () => void {
  if (out.destroyed) {
    events.close()
    return () => {}
  }
  let isUnderWay = false
  let isEnded = false
  const pieces: Iterator<string> = {
    next: () => {
      const value = events.take()
      return value === undefined ? { done: true, value: undefined } : { done: false, value }
    },
  }
  const next = (): void => {
    isUnderWay = false
    if (out.destroyed || out.writableEnded) return
    const { done, value } = pieces.next()
    if (done !== true) goOn(value === '' || out.write(value))
    else if (isEnded) end()
  }
  const lost = (): unknown => out.destroy()
  const goOn = (hasRoom: boolean): void => {
    isUnderWay = true
    if (hasRoom) slices.add(next, lost)
    else out.once('drain', () => slices.add(next, lost))
  }
  events.onNews = () => {
    if (!isUnderWay) goOn(true)
  }
  events.onEnd = () => {
    isEnded = true
    if (!isUnderWay) goOn(true)
  }
  const timer = setInterval(() => {
    if (!isUnderWay) goOn(out.write(':\n\n'))
  }, heartbeat)
  const leave = (): void => {
    clearInterval(timer)
    events.close()
  }
  const end = (): void => {
    out.off('close', leave)
    leave()
    out.end()
  }
  out.once('close', leave)
  out.writeHead(200, { 'Content-Type': 'text/event-stream' })
  // Who follows is told at once that it does.
  goOn(out.write(':\n\n'))
  // One that is at its end already tells what there was.
  return () => {
    if (!isEnded && !out.writableEnded && !out.destroyed) end()
  }
}
