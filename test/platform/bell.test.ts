// The bell by which a thread ends a rest of the server's: with a thread that rings, and by itself.

import { Worker } from 'node:worker_threads'
import t from 'tap'
import { Bell, ring } from '../../lib/platform/bell.ts'

/** Longer than any of these tests may take. */
const LONG = 600_000

const RINGER = `
  import { workerData } from 'node:worker_threads'
  import { ring } from ${JSON.stringify(new URL('../../lib/platform/bell.ts', import.meta.url).href)}
  while (!ring(workerData)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
`

t.test('whoever rings is heard at once, in the sleep', async (t) => {
  const bell = new Bell()
  let heard = 0
  bell.onRing = () => {
    heard++
  }
  const url = new URL(`data:text/javascript,${encodeURIComponent(RINGER)}`)
  const thread = new Worker(url, { workerData: bell.word, execArgv: [] })
  const ended = new Promise((resolve) => thread.once('exit', resolve))
  // Asleep before the thread has begun, and it rings until it was heard.
  await new Promise((resolve) => thread.once('online', resolve))
  bell.sleep(LONG)
  t.equal(heard, 1)
  t.equal(await ended, 0)
  bell.sleep(1)
  t.equal(heard, 1, 'and only once')
})

t.test('where nobody sleeps, whoever rings is told so, and the next sleep hears nothing', (t) => {
  const bell = new Bell()
  bell.onRing = () => t.fail('it was heard, and comes as a message, too')
  t.equal(ring(bell.word), false)
  bell.sleep(1)
  t.end()
})
