// How a thread of ours ends a rest of the server's thread, which sleeps under load and hears no
// messages meanwhile (datagrams/turn-pace.ts). What rings is heard exactly once: by the sleeper, or
// by a message where nobody sleeps.

import type { Millis } from '../time/units.ts'

const SILENT = 0
const RUNG = 1

/** Memory that both threads see; it goes with the data that a thread is started with. */
export type BellWord = Int32Array<SharedArrayBuffer>

export class Bell {
  readonly word: BellWord = new Int32Array(new SharedArrayBuffer(4))
  /** Who is waited for; it may ring once for each time that it is asked for something. */
  onRing: () => void = () => {}

  /** Sleeps until somebody rings, which is heard then, or until the time is over. */
  sleep(wait: Millis): void {
    Atomics.wait(this.word, 0, SILENT, wait)
    if (Atomics.exchange(this.word, 0, SILENT) === RUNG) this.onRing()
  }
}

/** False: nobody sleeps there, and nobody will hear it; a message is to be sent. */
export function ring(word: BellWord): boolean {
  Atomics.store(word, 0, RUNG)
  if (Atomics.notify(word, 0) > 0) return true
  // Whoever is about to sleep may have heard it meanwhile.
  return Atomics.compareExchange(word, 0, RUNG, SILENT) === SILENT
}
