// `whio serve -c FILE`: the daemon; with a second -c, Dhcp4 is in one file and Dhcp6 in another.
// SIGTERM and SIGINT stop in good order, SIGHUP reads the configuration again, SIGUSR1 logs the
// status, SIGUSR2 opens log files again after a rotation. Orders of an operator come through a
// socket beside the journal (control.ts).

import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Plan } from '../config/plan/plan.ts'
import { EventRing } from '../control/events/event-ring.ts'
import { fileSource } from '../platform/config-source.ts'
import { type ControlDuty, controlPathOf, openControl } from '../platform/control-socket.ts'
import { HooksRefused } from '../platform/hooks/module-hooks.ts'
import { type HostSettings, openHost } from '../platform/host.ts'
import { JournalRefused } from '../platform/journal/trouble.ts'
import { witnessFolder } from '../platform/journal/witness.ts'
import { noteServer } from '../platform/known-as.ts'
import type { SystemLogOptions } from '../platform/log/log.ts'
import { ServiceManager } from '../platform/service-manager.ts'
import { giveBackSoon } from '../platform/spare-memory.ts'
import { type Log, tell } from '../ports/log.ts'
import { EventBook } from '../server/event-book.ts'
import { controlDuty } from './control.ts'
import { Daemon } from './daemon.ts'
import { healthOf } from './health.ts'
import { ignoreSignals, takeSignals } from './held-signals.ts'
import { foldersOf } from './hook-check.ts'
import { Management } from './management.ts'
import type { ReloadableLog } from './reloadable-log.ts'
import { startWith } from './start-configuration.ts'
import {
  CONFIG_OPTIONS,
  type ConfigFile,
  oneConfigFile,
  portFromText,
  UsageError,
} from './usage.ts'

/** Returns when the server has stopped: 0 after an orderly stop, 1 where it could not start. */
export async function serve(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      ...CONFIG_OPTIONS,
      'server-port': { type: 'string', short: 'p', default: '67' },
      'client-port': { type: 'string', short: 'P', default: '68' },
      'server-port6': { type: 'string', default: '547' },
      'client-port6': { type: 'string', default: '546' },
      supervised: { type: 'boolean', default: false },
      'after-restore': { type: 'boolean', default: false },
    },
  })
  if (values.config === undefined) throw new UsageError('name the configuration file with -c')
  return await serveWith({
    config: oneConfigFile(values),
    serverPort: portFromText(values['server-port'], '-p'),
    clientPort: portFromText(values['client-port'], '-P'),
    serverPort6: portFromText(values['server-port6'], '--server-port6'),
    clientPort6: portFromText(values['client-port6'], '--client-port6'),
    isSupervised: values.supervised,
    afterRestore: values['after-restore'],
  })
}

export interface ServeWish {
  readonly config: ConfigFile
  readonly serverPort: number
  readonly clientPort: number
  readonly serverPort6: number
  readonly clientPort6: number
  /** The end of standard input ends the server. */
  readonly isSupervised?: boolean
  readonly afterRestore?: boolean
  readonly logOptions?: SystemLogOptions
}

/** Serves until it is stopped: see `serve`. */
export async function serveWith(wish: ServeWish): Promise<number> {
  const { config, serverPort, clientPort, serverPort6, clientPort6 } = wish
  // Leases and logs name people's devices: nobody outside the server's group reads them.
  process.umask(0o027)
  const start = await startWith(config, wish.logOptions)
  if (start === undefined) return 1
  const { served, log, databases, parts } = start
  const { plan } = served
  const { persist } = plan.database
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const manager = new ServiceManager({ environment: process.env, pid: process.pid })
  let daemon: Daemon | undefined
  let management: Management | undefined
  const events = new EventRing(randomBytes(6).toString('hex'), () => Date.now())
  const eventBook = new EventBook()
  const onEvent: HostSettings['onEvent'] = (event) => {
    if (event.kind !== 'drop') events.note(event)
    management?.noticed(event)
    if (event.kind !== 'state') return
    if (event.state === 'serving') manager.ready(() => lineOf(daemon!))
    if (event.state === 'serving') giveBackSoon()
    if (event.state === 'stopping') manager.stopping()
    if (event.state === 'stopped') end()
  }
  try {
    const witness =
      plan.witnessFolder ?? witnessFolder(plan.database.path, process.env, process.getuid?.() ?? -1)
    // Packages stand beside the file that names them, wherever the server is started.
    const hookFolders = foldersOf(config.files)
    const own = { witness, hookFolders, afterRestore: wish.afterRestore, mayRest: true }
    const settings = {
      serverPort,
      clientPort,
      serverPort6,
      clientPort6,
      log,
      onEvent,
      eventBook,
      ...own,
    }
    const source = fileSource({
      ...{ files: config.files, included: served.included, words: config },
      ...{ databases, texts: served.texts },
      using: (next) => {
        log.replace(next.loggers)
        management?.use(next)
      },
    })
    const { server } = await openHost(plan, { ...settings, configuration: { ...served, source } })
    daemon = new Daemon(server, server.configuration!, log)
    databases.accept(plan.configDatabases, parts)
    databases.watch(() => server.configuration!.pull(() => {}))
    management = new Management({
      server,
      log,
      events,
      eventBook,
      stop: () => daemon?.stop(() => {}),
    })
    const door = persist ? openDoor(controlDuty(daemon, management.askOwn), plan, log) : undefined
    management.use(plan)
    const supervisor = wish.isSupervised ? process.stdin : undefined
    const code = await run(daemon, log, manager, ended, supervisor).finally(() => door?.close())
    await management.close()
    return code === 0 ? management.exitCode : code
  } catch (error) {
    if (!(error instanceof JournalRefused || error instanceof HooksRefused)) throw error
    process.stderr.write(`whio: ${error.message}\n`)
    return 1
  } finally {
    databases.close()
    await log.close()
  }
}

/** Opened when the journal is locked: two servers never share one. */
function openDoor(duty: ControlDuty, { database, ha }: Plan, log: Log) {
  const path = controlPathOf(database.path)
  const onTrouble = (trouble: string) => tell(log, 'CONTROL_TROUBLE', { path, trouble })
  if (ha !== undefined) noteServer(database.path, ha.thisServer)
  return openControl(path, duty, onTrouble)
}

/** For `systemctl status`: what `whio status --check` says, without a look at the file. */
function lineOf(daemon: Daemon): string {
  return healthOf(daemon.status(), '').line
}

/**
 * Serves until a signal, an order, the end of the supervisor's stream or the server itself ends it.
 */
async function run(
  daemon: Daemon,
  log: ReloadableLog,
  manager: ServiceManager,
  ended: Promise<void>,
  supervisor: NodeJS.ReadStream | undefined,
): Promise<number> {
  const stop = () => daemon.stop(() => {})
  supervisor?.once('end', stop).once('error', stop).resume()
  const { process: self, configuration } = daemon.status()
  const { pid, version } = self
  tell(log, 'DAEMON_PROCESS', { process: pid, version, configuration: configuration.file })
  daemon.server.start()
  const prefixes = daemon.prefixWatch()
  prefixes.start()
  takeSignals({
    SIGHUP: () => {
      manager.reloading()
      const author = { user: '', from: 'SIGHUP', command: 'reload' }
      daemon.reload(author, () => manager.ready(() => lineOf(daemon)))
    },
    SIGUSR1: () => tell(log, 'STATUS', { status: JSON.stringify(daemon.status()) }),
    SIGUSR2: () => log.reopen(),
    SIGTERM: stop,
    SIGINT: stop,
  })
  await ended
  prefixes.stop()
  ignoreSignals()
  supervisor?.destroy()
  return daemon.isStopping ? 0 : 1
}
