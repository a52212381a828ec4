// `whio serve -c FILE`: the daemon. SIGTERM and SIGINT stop in good order, SIGHUP reads the
// configuration again, SIGUSR1 logs the status, SIGUSR2 opens log files again after a rotation.

import { parseArgs } from 'node:util'
import type { Plan4 } from '../config/plan4.ts'
import { formatProblem, type Problem } from '../config/problem.ts'
import { loadConfigFile } from '../platform/config-file.ts'
import { type Host, openHost } from '../platform/host.ts'
import { JournalRefused } from '../platform/journal-trouble.ts'
import { openLog, type SystemLog } from '../platform/log.ts'
import { MESSAGES, type MessageId } from '../server/messages.ts'
import { loadOrTell } from './load.ts'
import { portFromText, UsageError } from './usage.ts'

/** Returns when the server has stopped: 0 after an orderly stop, 1 where it could not start. */
export async function serve(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: 'string', short: 'c' },
      'server-port': { type: 'string', short: 'p', default: '67' },
      'client-port': { type: 'string', short: 'P', default: '68' },
    },
  })
  if (values.config === undefined) throw new UsageError('name the configuration file with -c')
  const file = values.config
  const plan = loadOrTell(file)
  if (plan === undefined) return 1
  const log = openLog(plan.loggers)
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let host: Host
  try {
    host = await openHost(plan, {
      serverPort: portFromText(values['server-port'], '-p'),
      clientPort: portFromText(values['client-port'], '-P'),
      log,
      onEvent: (event) => {
        if (event.kind === 'state' && event.state === 'stopped') end()
      },
    })
  } catch (error) {
    if (!(error instanceof JournalRefused)) throw error
    process.stderr.write(`whio: ${error.message}\n`)
    return 1
  }
  return run(host, file, log, ended)
}

/** Serves until a signal or the server itself ends it. */
function run(host: Host, file: string, log: SystemLog, ended: Promise<void>): Promise<number> {
  const { server } = host
  let isAsked = false
  const stop = () => {
    isAsked = true
    server.stop(() => {})
  }
  const signals: Record<string, () => void> = {
    SIGHUP: () => reload(host, file, log),
    SIGUSR1: () => say(log, 'STATUS', { status: JSON.stringify(server.status()) }),
    SIGUSR2: () => log.reopen(),
    SIGTERM: stop,
    SIGINT: stop,
  }
  for (const [signal, action] of Object.entries(signals)) process.on(signal, action)
  for (const note of log.notes) say(log, 'DHCP4_CONFIG_NOTE', { problem: note })
  server.start()
  return ended.then(() => {
    for (const [signal, action] of Object.entries(signals)) process.off(signal, action)
    return new Promise((resolve) => log.close(() => resolve(isAsked ? 0 : 1)))
  })
}

/** A file with problems that forbid serving changes nothing. */
function reload(host: Host, file: string, log: SystemLog): void {
  let plan: Plan4 | undefined
  let problems: readonly Problem[]
  try {
    ;({ plan, problems } = loadConfigFile(file))
  } catch (error) {
    return say(log, 'DHCP4_CONFIG_REFUSED', { file, trouble: (error as Error).message })
  }
  for (const problem of problems)
    if (problem.severity !== 'info')
      say(log, 'DHCP4_CONFIG_NOTE', { problem: formatProblem(problem), severity: problem.severity })
  if (plan === undefined) return say(log, 'DHCP4_CONFIG_REFUSED', { file })
  host.server.reload(plan)
}

function say(log: SystemLog, id: MessageId, fields: Record<string, string>): void {
  const { level, text } = MESSAGES[id]
  log.write(level, id, text, fields)
}
