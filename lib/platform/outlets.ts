// What leaves the server beside answers: scripts and the legal log.

import type { Log } from '../ports/log.ts'
import type { Outlets } from '../ports/outlets.ts'
import { LegalLog } from './legal-log.ts'
import { Scripts } from './scripts.ts'

export function openOutlets(log: Log): Outlets {
  const scripts = new Scripts(log)
  const legal = new LegalLog(log, (program, argument) => scripts.run(program, argument, {}))
  return {
    run: (program, argument, environment) => scripts.run(program, argument, environment),
    keep: (plan, at, line) => legal.keep(plan, at, line),
    close: () => {
      scripts.close()
      legal.close()
    },
  }
}
