// A hook in a thread of its own, as the server sees it: asked by messages, and started anew where
// it ends or does not turn any more. Nobody but who asked the hook waits meanwhile.

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { MessageId } from '../../catalogue/messages.ts'
import type { LogFields } from '../../ports/log.ts'
import type { Metric } from '../../ports/metrics.ts'
import type { Millis } from '../../time/units.ts'
import { type AnyCallouts, ThreadAway } from './loaded-hook.ts'
import type { ThreadCallout, ThreadStart, ToServer, ToThread } from './thread-words.ts'
import { parcelOf } from './views.ts'

/** While it is asked something it is to show that it turns: so often, and it may miss so many. */
const BEAT: Millis = 1000
const MISSED_MAX = 3

/** Before another thread is started: at first, and at most. */
const WAIT_MIN: Millis = 1000
const WAIT_MAX: Millis = 60_000

/** One that has served for so long begins anew with WAIT_MIN. */
const STEADY: Millis = 60_000

/** For it to be disposed of. */
const LEAVE_MAX: Millis = 1500

/** Within so long it may say so much: more is a flood, which would take the server's time. */
const FLOOD_SPAN: Millis = 1000
const FLOOD_MAX = 20_000

export interface ThreadDuties {
  line(id: MessageId, fields: LogFields): void
  stray(error: string): void
  /** It has ended, and is started anew after so long. */
  restarted(why: string, wait: Millis): void
}

interface Asked {
  resolve(said: unknown): void
  reject(error: Error): void
}

type Answer = (callout: unknown, signal: AbortSignal) => Promise<unknown>

export class HookThread {
  readonly #start: ThreadStart
  readonly #setupMax: Millis
  readonly #waiting = new Map<number, Asked>()
  /** Lines of a setup wait until the hook has duties. */
  #duties: ThreadDuties | undefined
  readonly #early: ((duties: ThreadDuties) => void)[] = []
  #worker: Worker | undefined
  /** Of Whio alone: the module does not get at it, and so cannot say what is not so. */
  #port: MessagePort | undefined
  #setup: NodeJS.Timeout | undefined
  #readyAt: Millis = 0
  #heard = 0
  #heardSince: Millis = 0
  #isReady = false
  #lastId = 0
  #metrics: readonly Metric[] = []
  #beats: NodeJS.Timeout | undefined
  #missed = 0
  #again: NodeJS.Timeout | undefined
  #wait = WAIT_MIN
  #onOver: (() => void) | undefined
  #isClosed = false
  #why = ''

  /** Each of its threads is set up within `setupMax`. */
  constructor(start: ThreadStart, setupMax: Millis) {
    this.#start = start
    this.#setupMax = setupMax
  }

  /** What it is called, and its callouts. Rejects with a reason for the operator. */
  open(): Promise<{ readonly name: string; readonly callouts: AnyCallouts }> {
    return new Promise((resolve, reject) => {
      let name = ''
      this.#run({
        named: (said) => {
          name = said
        },
        ready: (callouts) => resolve({ name, callouts: this.#calloutsOf(callouts) }),
        refused: (why) => reject(new Error(why)),
      })
    })
  }

  /** From now on it is told what becomes of it. */
  begin(duties: ThreadDuties): void {
    this.#duties = duties
    for (const early of this.#early.splice(0)) early(duties)
  }

  /** Of the hook, as it told them last. */
  list(): Metric[] {
    return [...this.#metrics]
  }

  /** Lets it be disposed of. */
  close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#again)
    const worker = this.#worker
    if (worker === undefined) return Promise.resolve()
    return new Promise((resolve) => {
      const late = setTimeout(() => void worker.terminate(), LEAVE_MAX)
      this.#onOver = () => {
        clearTimeout(late)
        resolve()
      }
      this.#say({ kind: 'end' })
    })
  }

  /** Whatever it does. */
  async drop(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#again)
    await this.#worker?.terminate()
  }

  #calloutsOf(names: readonly string[]): AnyCallouts {
    const ask = (callout: ThreadCallout): Answer => {
      const isGate = callout !== 'committed' && callout !== 'sent'
      return (given, signal) => {
        if (!isGate) return this.#ask(callout, given as readonly unknown[])
        const { query, ...more } = given as { readonly query: unknown }
        return this.#ask(callout, { parcel: parcelOf(query), more }, signal)
      }
    }
    const own = names.map((name) => [name, ask(name as ThreadCallout)])
    return { ...Object.fromEntries(own), dispose: () => this.close() } as AnyCallouts
  }

  #ask(
    callout: ThreadCallout,
    given: Extract<ToThread, { kind: 'ask' }>['given'],
    signal?: AbortSignal,
  ): Promise<unknown> {
    if (!this.#isReady) return Promise.reject(new ThreadAway('its thread is not there yet'))
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      signal?.addEventListener('abort', () => this.#say({ kind: 'abort', id }), { once: true })
      this.#say({ kind: 'ask', id, callout, given })
      this.#watch()
    })
  }

  #say(words: ToThread): void {
    this.#port?.postMessage(words)
  }

  /** Of a thread that is blocked nothing is heard, so it is asked for as little as there is. */
  #watch(): void {
    if (this.#beats !== undefined) return
    this.#missed = 0
    this.#beats = setInterval(() => {
      if (this.#waiting.size === 0) return this.#unwatch()
      if (this.#missed++ < MISSED_MAX) return this.#say({ kind: 'beat' })
      this.#unwatch()
      this.#stop(`it did not turn for ${(MISSED_MAX * BEAT) / 1000} s`)
    }, BEAT)
  }

  #unwatch(): void {
    clearInterval(this.#beats)
    this.#beats = undefined
  }

  #run(first: Partial<First>): void {
    // Sources run as .ts, the package as .js; the loaders of a test runner are not wanted inside.
    const file = new URL(`./thread-main${import.meta.url.slice(-3)}`, import.meta.url)
    const { port1, port2 } = new MessageChannel()
    const worker = new Worker(file, {
      workerData: { start: this.#start, port: port2 },
      transferList: [port2],
      execArgv: [],
      name: 'hook',
    })
    this.#worker = worker
    this.#port = port1
    this.#heard = 0
    this.#setup = setTimeout(
      () => this.#stop(`its setup took longer than ${this.#setupMax / 1000} s`),
      this.#setupMax,
    )
    port1.on('message', (words: ToServer) => {
      if (!this.#isFlood()) this.#hear(words, first)
    })
    // What the module itself sends is for nobody, but it takes time.
    worker.on('message', () => void this.#isFlood())
    worker.on('messageerror', () => void this.#isFlood())
    worker.on('error', (error) => {
      this.#why ||= wordsOfEnd(error)
    })
    worker.on('exit', (code) => {
      this.#hearRest(first)
      this.#ended(code, first)
    })
  }

  /** What it had said before it ended. */
  #hearRest(first: Partial<First>): void {
    while (this.#port !== undefined) {
      const left = receiveMessageOnPort(this.#port)
      if (left === undefined || this.#isFlood()) return
      this.#hear(left.message as ToServer, first)
    }
  }

  /** Whether it says too much. Then nothing more is heard of it. */
  #isFlood(): boolean {
    const now = performance.now()
    if (now - this.#heardSince > FLOOD_SPAN) {
      this.#heardSince = now
      this.#heard = 0
    }
    if (++this.#heard <= FLOOD_MAX) return false
    if (this.#port !== undefined) this.#stop(`it sent ${FLOOD_MAX} messages within a second`)
    return true
  }

  /** Whatever it does; what it has said and nobody has heard is not heard any more. */
  #stop(why: string): void {
    this.#why ||= why
    this.#silence()
    void this.#worker?.terminate()
  }

  #silence(): void {
    this.#port?.removeAllListeners('message')
    this.#port?.close()
    this.#port = undefined
  }

  #hear(words: ToServer, first: Partial<First>): void {
    switch (words.kind) {
      case 'named':
        return first.named?.(words.name)
      case 'ready':
        clearTimeout(this.#setup)
        this.#isReady = true
        this.#readyAt = performance.now()
        return first.ready?.(words.callouts)
      case 'refused':
        this.#why = words.why
        first.refused?.(words.why)
        return void this.#worker?.terminate()
      case 'answer':
        return this.#taken(words.id)?.resolve(words.said)
      case 'failed':
        return this.#taken(words.id)?.reject(new Error(words.error))
      case 'stray':
        return this.#tell((duties) => duties.stray(words.error))
      case 'line':
        return this.#tell((duties) => duties.line(words.id, words.fields))
      case 'metrics':
        this.#metrics = words.metrics
        return
      case 'beat':
        this.#missed = 0
        return
      case 'over':
        return void this.#worker?.terminate()
    }
  }

  #taken(id: number): Asked | undefined {
    const asked = this.#waiting.get(id)
    this.#waiting.delete(id)
    return asked
  }

  #tell(what: (duties: ThreadDuties) => void): void {
    if (this.#duties === undefined) this.#early.push(what)
    else what(this.#duties)
  }

  #ended(code: number, first: Partial<First>): void {
    const why = this.#why === '' ? `it ended with code ${code}` : this.#why
    const isSteady = this.#isReady && performance.now() - this.#readyAt >= STEADY
    this.#worker = undefined
    this.#isReady = false
    this.#why = ''
    clearTimeout(this.#setup)
    this.#silence()
    this.#unwatch()
    first.refused?.(why)
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(new ThreadAway(`its thread ended: ${why}`))
    this.#onOver?.()
    // One that is not in force yet is not started anew.
    if (this.#isClosed || this.#duties === undefined) return
    if (isSteady) this.#wait = WAIT_MIN
    this.#duties.restarted(why, this.#wait)
    this.#again = setTimeout(() => this.#run({}), this.#wait)
    this.#wait = Math.min(WAIT_MAX, 2 * this.#wait)
  }
}

/** What ended it may be anything that can be thrown. */
function wordsOfEnd(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What is heard of a thread before it is in force. */
interface First {
  named(name: string): void
  ready(callouts: readonly string[]): void
  refused(why: string): void
}
