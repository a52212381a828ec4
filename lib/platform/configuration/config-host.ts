// What commands about the configuration ask of this machine.

import { createHash } from 'node:crypto'
import type { ConfigHost, WriteResult } from '../../ports/config-host.ts'
import { writeConfiguration } from './writer.ts'

/** `files`: those that were named at the start. */
export function configHostOf(files: readonly string[]): ConfigHost {
  let last: Promise<unknown> = Promise.resolve()
  return {
    sum() {
      const hash = createHash('sha256')
      return { add: (text) => hash.update(text), hex: () => hash.digest('hex').toUpperCase() }
    },
    soon: (work) => setImmediate(work),
    write(order, done) {
      // Two that write one file would undo each other.
      const result: Promise<WriteResult> = last.then(() => writeConfiguration(files, order))
      last = result
      result.then(done)
    },
  }
}
