// `whio pair HOST`: from one server that works to a pair. A folder with what each of the two hosts
// needs is written, and nothing else is touched: what is in the folder can be read before it is
// used. `whio pair --check` says what one host can know of the other.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { ConfigDocument } from '../config/keys/document.ts'
import type { Source } from '../config/load.ts'
import type { Include } from '../config/text/expand.ts'
import { rewritten } from '../config/write.ts'
import { daemonContext, loadConfigFiles, readInclude, sourceOf } from '../platform/config-file.ts'
import { localAddresses } from '../platform/local-addresses.ts'
import { wordsOf } from '../platform/system-error.ts'
import type { DaemonStatus } from './daemon.ts'
import { askOnlyServer, askServer, isAnswer } from './find-server.ts'
import { errorsIn, unreadableWords } from './load.ts'
import { checkPair } from './pair-check.ts'
import {
  baseOf,
  installScript,
  MODES,
  NAMES,
  type PairMode,
  type PairWish,
  quoted,
  unitFor,
  withPair,
} from './pair-files.ts'
import { type ConfigFile, durationFromText, portFromText, UsageError } from './usage.ts'

/** Something stands in the way; a sentence for people. */
class Obstacle extends Error {}

const PATIENCE = 2000

export async function pair(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string', short: 'c', multiple: true },
      to: { type: 'string' },
      address: { type: 'string' },
      port: { type: 'string', default: '8000' },
      mode: { type: 'string', default: 'load-balancing' },
      tls: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      wait: { type: 'string', default: '3s' },
    },
  })
  try {
    const running = await runningServer(values.config)
    if (values.check)
      return await checkPair(
        running.config,
        running.status,
        durationFromText(values.wait, '--wait'),
      )
    const [host, ...more] = positionals
    if (host === undefined || more.length > 0)
      throw new UsageError('name the other host, or say --check')
    if (!Object.hasOwn(MODES, values.mode))
      throw new UsageError(`--mode: one of ${Object.keys(MODES).join(', ')}`)
    const there = await addressOf(host)
    const wish: PairWish = {
      mode: values.mode as PairMode,
      addresses: [values.address ?? (await ownAddressTo(there)), there],
      port: portFromText(values.port, '--port'),
      folder: dirname(resolve(running.config.file)),
      isTls: values.tls,
    }
    return write(host, wish, running, resolve(values.to ?? `whio-pair-${host}`))
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error
    process.stderr.write(`whio pair: ${error.message}\n`)
    return 1
  }
}

interface Running {
  readonly config: ConfigFile
  /** Undefined where no server runs with these files. */
  readonly status: DaemonStatus | undefined
}

async function runningServer(files: readonly string[] | undefined): Promise<Running> {
  if (files !== undefined) {
    const config = { file: files[0]!, files, thisServer: undefined }
    const reply = await askServer(config, 'status', PATIENCE)
    const status = isAnswer(reply) ? (reply.status as DaemonStatus | undefined) : undefined
    haveAll(files, status)
    return { config, status }
  }
  const reply = await askOnlyServer('status', PATIENCE, '')
  if (!isAnswer(reply)) throw new Obstacle(reply.why)
  const status = reply.status as DaemonStatus
  const { configuration } = status
  const { file } = configuration
  return { config: { file, files: configuration.files, thisServer: undefined }, status }
}

/** A family whose file is left out would have no partner. */
function haveAll(named: readonly string[], status: DaemonStatus | undefined): void {
  const whole = named.map((file) => resolve(file))
  const running = status?.configuration.files ?? []
  const others = running.filter((file) => !whole.includes(file))
  if (others.length === 0 || others.length === running.length) return
  const all = wordsFor(running)
  throw new Obstacle(`the server here runs with ${others.join(' and ')}, too: say ${all}`)
}

async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address
  } catch {
    throw new Obstacle(`no address is known for ${host}`)
  }
}

/** The address that packets to the other host leave by; none is sent to find out. */
async function ownAddressTo(there: string): Promise<string> {
  if (localAddresses().includes(there)) throw new Obstacle(`${there} is an address of this host`)
  const socket = createSocket(there.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.connect(9, there)
    await once(socket, 'connect')
    return socket.address().address
  } catch (error) {
    throw new Obstacle(`${there} cannot be reached from here: ${wordsOf(error)}`)
  } finally {
    socket.close()
  }
}

function write(host: string, wish: PairWish, { config, status }: Running, at: string): number {
  if (existsSync(at)) throw new Obstacle(`${at} is there already`)
  const { texts, interfaces } = filesOf(config, wish)
  const scratch = `${at}.making`
  rmSync(scratch, { recursive: true, force: true })
  const configs = config.files.map((file) => resolve(file))
  const others = [...texts.keys()].filter((file) => !configs.includes(file))
  const secrets = wish.isTls ? ['tls/server.key'] : ['pair-password']
  const open = wish.isTls ? ['tls/ca.crt', 'tls/server.crt'] : []
  const password = `${randomBytes(24).toString('base64')}\n`
  const certificates = wish.isTls ? makeCertificates(scratch, wish) : undefined
  for (const [index, name] of NAMES.entries()) {
    const folder = join(scratch, name)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const [file, text] of texts) writeFileSync(join(folder, baseOf(file)), text)
    if (certificates === undefined)
      writeFileSync(join(folder, 'pair-password'), password, { mode: 0o600 })
    else certificates(name, folder)
    const isHere = index === 0
    const unit = isHere ? (unitOf(status) ?? '-') : ''
    const otherwise = isHere ? restartWords(status) : `now start: whio serve ${wordsFor(configs)}`
    const parts = { name, folder: wish.folder, configs, others, secrets, open, unit, otherwise }
    writeFileSync(join(folder, 'install'), installScript(parts), { mode: 0o755 })
    if (!isHere) writeFileSync(join(folder, 'whio.service'), unitFor(exampleUnit(), configs))
  }
  renameSync(scratch, at)
  tell(host, wish, at, interfaces, status)
  return 0
}

/** All texts of the configuration by their whole paths, with the pair in them. */
function filesOf(config: ConfigFile, wish: PairWish) {
  const sources = config.files.map(read(config))
  const { document, problems } = loadConfigFiles(config.files, daemonContext(config))
  if (document === undefined || problems.some(({ severity }) => severity === 'error'))
    throw new Obstacle(`${config.file} has ${errorsIn({ problems })} (\`whio check\`)`)
  if (hasPair(document)) throw new Obstacle(`${config.file} names a pair already: --check`)
  const texts = new Map(sources.map(({ file, text }) => [resolve(file), text]))
  const paths = new Map(sources.map(({ file }) => [file, resolve(file)]))
  const include: Include = (name, from) => {
    const found = readInclude(name, from)
    if (found === undefined || 'trouble' in found) return found
    paths.set(name, resolve(found.path))
    texts.set(resolve(found.path), found.text)
    return found.text
  }
  const result = rewritten(sources, include, withPair(document, wish))
  if (result.trouble !== undefined) throw new Obstacle(`${config.file}: ${result.trouble}`)
  for (const [name, text] of result.texts) texts.set(paths.get(name)!, text)
  return { texts, interfaces: interfacesOf(document) }
}

function read(config: ConfigFile) {
  return (file: string): Source => {
    try {
      return sourceOf(file)
    } catch (error) {
      throw new Obstacle(unreadableWords(config, error))
    }
  }
}

function hasPair({ Dhcp4, Dhcp6 }: ConfigDocument): boolean {
  const libraries = [Dhcp4, Dhcp6].flatMap((map) => map?.['hooks-libraries'] ?? [])
  return libraries.some(({ parameters }) => parameters?.['high-availability'] !== undefined)
}

function interfacesOf({ Dhcp4, Dhcp6 }: ConfigDocument): readonly string[] {
  const all = [Dhcp4, Dhcp6].flatMap((map) => map?.['interfaces-config']?.interfaces ?? [])
  return [...new Set(all)].filter((name) => name !== '*')
}

/** Has the program openssl make them; gives what copies those of a server into its folder. */
function makeCertificates(scratch: string, { addresses }: PairWish) {
  const tls = join(scratch, 'authority')
  const script = packageFile('examples/ha/make-certificates.sh')
  const names = NAMES.map((name, index) => `${name}=${addresses[index]}`)
  try {
    execFileSync('sh', [script, tls, ...names], { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true })
    const { stderr = '' } = error as { stderr?: unknown }
    throw new Obstacle(`no certificates can be made: ${`${stderr}`.trim() || wordsOf(error)}`)
  }
  return (name: string, folder: string) => {
    mkdirSync(join(folder, 'tls'), { mode: 0o700 })
    const copy = (from: string, to: string, mode: number) =>
      writeFileSync(join(folder, 'tls', to), readFileSync(join(tls, from)), { mode })
    copy('ca.crt', 'ca.crt', 0o644)
    copy(`${name}.crt`, 'server.crt', 0o644)
    copy(`${name}.key`, 'server.key', 0o600)
  }
}

function exampleUnit(): string {
  return readFileSync(packageFile('examples/systemd/whio.service'), 'utf8')
}

function packageFile(name: string): string {
  return join(dirname(findPackageJSON(import.meta.url)!), name)
}

/** The unit of systemd that the server runs in; undefined where none does. */
function unitOf(status: DaemonStatus | undefined): string | undefined {
  if (status === undefined) return undefined
  try {
    const groups = readFileSync(`/proc/${status.process.pid}/cgroup`, 'utf8')
    return /\/([^/\n]+\.service)$/m.exec(groups)?.[1]
  } catch {
    return undefined
  }
}

function restartWords(status: DaemonStatus | undefined): string {
  return status === undefined
    ? 'now start the server'
    : `now stop process ${status.process.pid} and start the server again`
}

function wordsFor(configs: readonly string[]): string {
  return configs.map((file) => `-c ${quoted(file)}`).join(' ')
}

/** What a command has changed is not in the files that both servers get. */
function unwritten(status: DaemonStatus | undefined): readonly string[] {
  const { edits = 0 } = status?.configuration ?? {}
  if (edits === 0) return []
  const [what, are] = edits === 1 ? ['1 edit', 'is'] : [`${edits} edits`, 'are']
  return [
    `${what} by command ${are} not in the file, and so not in the folder: write the file first`,
    '(`whio ctl config-write`), and make the folder anew.',
  ]
}

function tell(
  host: string,
  { addresses, mode, port, isTls, folder }: PairWish,
  at: string,
  interfaces: readonly string[],
  status: DaemonStatus | undefined,
): void {
  const [here, there] = addresses
  const proof = isTls ? 'certificates' : 'a password'
  const lines = [
    `${at}: a ${mode} pair of server1 (this host, ${here}) and server2 (${there}), with ${proof}`,
    'server1 goes on with its leases and sends them to server2. The server here is restarted once,',
    `and ${folder} gets the files in server1/. Nothing has been changed yet.`,
    ...(status === undefined ? ['No server runs with this configuration at present.'] : []),
    ...unwritten(status),
    '',
    'next:',
    `  scp -pr ${quoted(join(at, NAMES[1]))} root@${host}:whio-pair`,
    `  ssh root@${host} sh whio-pair/install`,
    `  sudo sh ${quoted(join(at, NAMES[0], 'install'))}`,
    '',
    `Before: whio is installed on ${host}, and TCP port ${port} is open between the two hosts.`,
    ...(interfaces.length === 0
      ? []
      : [
          `On ${host}, clients are on the same interfaces: ${interfaces.join(', ')}; else edit the file.`,
        ]),
    'Relays forward to both hosts. Afterwards: `whio pair --check`, and remove the folder, which has',
    `secrets${isTls ? ' (keep authority/ in a safe place: it renews certificates)' : ''}.`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
