// `whio serve -c FILE`: the daemon. SIGTERM and SIGINT stop in good order, SIGHUP reads the
// configuration again, SIGUSR1 logs the status, SIGUSR2 opens log files again after a rotation. Orders of
// an operator come through a socket beside the journal (control.ts).

import { parseArgs } from 'node:util'
import type { Loaded4 } from '../config/load4.ts'
import { formatProblem } from '../config/problem.ts'
import { daemonContext, loadConfigFile } from '../platform/config-file.ts'
import { controlPathOf, openControl } from '../platform/control-socket.ts'
import { type Host, type HostSettings, openHost } from '../platform/host.ts'
import { JournalRefused } from '../platform/journal-trouble.ts'
import type { Log } from '../ports/log.ts'
import { MESSAGES, type MessageId } from '../server/messages.ts'
import { controlDuty } from './control.ts'
import { loadOrTell } from './load.ts'
import { ReloadableLog } from './reloadable-log.ts'
import { CONFIG_OPTIONS, type ConfigFile, portFromText, UsageError } from './usage.ts'

/** Returns when the server has stopped: 0 after an orderly stop, 1 where it could not start. */
export async function serve(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      ...CONFIG_OPTIONS,
      'server-port': { type: 'string', short: 'p', default: '67' },
      'client-port': { type: 'string', short: 'P', default: '68' },
      supervised: { type: 'boolean', default: false },
    },
  })
  if (values.config === undefined) throw new UsageError('name the configuration file with -c')
  const serverPort = portFromText(values['server-port'], '-p')
  const clientPort = portFromText(values['client-port'], '-P')
  const config = { file: values.config, thisServer: values['this-server'] }
  const plan = loadOrTell(config, true)
  if (plan === undefined) return 1
  // Leases and logs name people's devices: nobody outside the server's group reads them.
  process.umask(0o027)
  const log = new ReloadableLog(plan.loggers)
  const { path, persist } = plan.leaseDatabase
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const onEvent: HostSettings['onEvent'] = (event) => {
    if (event.kind === 'state' && event.state === 'stopped') end()
  }
  try {
    const host = await openHost(plan, { serverPort, clientPort, log, onEvent })
    const door = persist ? openDoor(host, path, log) : undefined
    const supervisor = values.supervised ? process.stdin : undefined
    return await run(host, config, log, ended, supervisor).finally(() => door?.close())
  } catch (error) {
    if (!(error instanceof JournalRefused)) throw error
    process.stderr.write(`whio: ${error.message}\n`)
    return 1
  } finally {
    await log.close()
  }
}

/** Opened when the journal is locked: two servers never share one. */
function openDoor({ server }: Host, journal: string, log: Log) {
  const path = controlPathOf(journal)
  const onTrouble = (trouble: string) => say(log, 'CONTROL_TROUBLE', { path, trouble })
  return openControl(path, controlDuty(server), onTrouble)
}

/** Serves until a signal, the end of the supervisor's stream or the server itself ends it. */
async function run(
  { server }: Host,
  config: ConfigFile,
  log: ReloadableLog,
  ended: Promise<void>,
  supervisor: NodeJS.ReadStream | undefined,
): Promise<number> {
  let isAsked = false
  const stop = () => {
    isAsked = true
    server.stop(() => {})
  }
  const signals: Record<string, () => void> = {
    SIGHUP: () => reload(server, config, log),
    SIGUSR1: () => say(log, 'STATUS', { status: JSON.stringify(server.status()) }),
    SIGUSR2: () => log.reopen(),
    SIGTERM: stop,
    SIGINT: stop,
  }
  for (const [signal, action] of Object.entries(signals)) process.on(signal, action)
  supervisor?.once('end', stop).once('error', stop).resume()
  for (const note of log.notes) say(log, 'DHCP4_CONFIG_NOTE', { problem: note })
  server.start()
  await ended
  supervisor?.destroy()
  for (const [signal, action] of Object.entries(signals)) process.off(signal, action)
  return isAsked ? 0 : 1
}

/** A file with problems that forbid serving changes nothing. Infos were told at the start. */
function reload(
  server: Host['server'],
  { file, thisServer }: ConfigFile,
  log: ReloadableLog,
): void {
  let loaded: Loaded4
  try {
    loaded = loadConfigFile(file, daemonContext(thisServer))
  } catch (error) {
    return say(log, 'DHCP4_CONFIG_REFUSED', { file, trouble: (error as Error).message })
  }
  const { plan, problems } = loaded
  if (plan !== undefined && log.replace(plan.loggers))
    for (const note of log.notes) say(log, 'DHCP4_CONFIG_NOTE', { problem: note })
  for (const problem of problems)
    if (problem.severity !== 'info')
      say(log, 'DHCP4_CONFIG_NOTE', { problem: formatProblem(problem), severity: problem.severity })
  if (plan === undefined) return say(log, 'DHCP4_CONFIG_REFUSED', { file })
  server.reload(plan)
}

function say(log: Log, id: MessageId, fields: Record<string, string>): void {
  const { level, text } = MESSAGES[id]
  log.write(level, id, text, fields)
}
