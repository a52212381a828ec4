// Gives a client the boot file that a database has for its hardware address. The look-up runs in a
// thread of its own, so that the server goes on meanwhile; the message waits for it.
//
//   {
//     "library": "/.../hooks/option-from-database.mjs",
//     "parameters": { "database": "/var/lib/hosts.sqlite" },
//     "on-timeout": "continue"
//   }
//
//   CREATE TABLE boot (hw TEXT PRIMARY KEY, file TEXT NOT NULL)

import { Worker } from 'node:worker_threads'

const BOOT_FILE = 67

const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { DatabaseSync } = require('node:sqlite')
  const database = new DatabaseSync(workerData, { readOnly: true })
  const look = database.prepare('SELECT file FROM boot WHERE hw = ?')
  parentPort.on('message', ({ id, hw }) => parentPort.postMessage({ id, file: look.get(hw)?.file }))
`

export default {
  name: 'option-from-database',
  apiVersion: 1,
  setup4({ database }) {
    const thread = new Worker(THREAD, { eval: true, workerData: database })
    const waiting = new Map()
    let last = 0
    thread.on('message', ({ id, file }) => {
      waiting.get(id)?.(file)
      waiting.delete(id)
    })
    return {
      async query({ query }, signal) {
        const id = ++last
        const file = await new Promise((resolve) => {
          waiting.set(id, resolve)
          signal.addEventListener('abort', () => {
            waiting.delete(id)
            resolve(undefined)
          })
          thread.postMessage({ id, hw: query.hwAddress })
        })
        return { found: file }
      },
      // What the gate has found is here: the steps answer at once.
      reply({ found, reply }) {
        if (found) reply.setOption(BOOT_FILE, new TextEncoder().encode(found))
      },
      dispose: async () => void (await thread.terminate()),
    }
  },
}
