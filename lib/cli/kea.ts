// `kea-dhcp4`, `kea-dhcp6` and `kea-ctrl-agent` with the options, words and exit codes of Kea. One
// `-c` serves the family of the name alone, as Kea's server does; with several, all that is in the
// files is served by this process.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatProblem } from '../config/text/problem.ts'
import { daemonContext, loadConfigFiles } from '../platform/config-file.ts'
import { hasServed6 } from '../platform/journal/look.ts'
import { type KeaName, versionOf } from './kea-names.ts'
import { unreadableWords } from './load.ts'
import { PidFile } from './pid-file.ts'
import { serveWith } from './serve.ts'
import type { ConfigFile } from './usage.ts'
import { version } from './version.ts'

type Flag = 'v' | 'V' | 'W' | 'd' | 'X' | 't' | 'T' | 'c' | 'p' | 'P'

const WITH_WORD = 'tTcpP'
const ALONE = 'vVWdX'

interface Words {
  readonly flags: ReadonlySet<Flag>
  /** Of `-c`, `-t` and `-T`. */
  readonly files: readonly string[]
  readonly ports: ReadonlyMap<Flag, number>
}

/** A sentence for stderr, before the usage. */
class Mistake extends Error {}

type Daemon = Exclude<KeaName, 'kea-shell'>

const FAMILIES = { 'kea-dhcp4': 4, 'kea-dhcp6': 6, 'kea-ctrl-agent': undefined } as const

/** Runs a program of Kea's and gives its exit code. */
export async function kea(name: KeaName, args: readonly string[]): Promise<number> {
  if (name === 'kea-shell') return (await import('./kea-shell.ts')).keaShell(args)
  try {
    return await run(name, wordsOf(name, args))
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    process.stderr.write(`${error.message}\n${usage(name)}`)
    return 1
  }
}

async function run(name: Daemon, { flags, files, ports }: Words): Promise<number> {
  if (flags.has('v')) return print(`${versionOf(name)}\n`)
  if (flags.has('V')) return print(`${versionOf(name)}\nWhio ${version()}\n${madeOf()}`)
  if (flags.has('W')) return print(`Whio ${version()}\n${madeOf()}`)
  const [file] = files
  if (file === undefined) throw new Mistake('Configuration file not specified.')
  const only = files.length > 1 ? undefined : FAMILIES[name]
  const config: ConfigFile = { file, files, only, thisServer: undefined }
  if (flags.has('t') || flags.has('T')) return checkSyntax(config)
  return await serve(name, config, flags, ports)
}

async function serve(
  name: KeaName,
  config: ConfigFile,
  flags: ReadonlySet<Flag>,
  ports: ReadonlyMap<Flag, number>,
): Promise<number> {
  showAs(name)
  const mixed = config.only === 6 ? journalOfBoth() : undefined
  if (mixed !== undefined) {
    process.stderr.write(
      `${name}: ${mixed} has leases of DHCPv6, too: name it in lease-database, or serve both families by one process\n`,
    )
    return 1
  }
  if (name === 'kea-ctrl-agent' && config.files.length === 1 && isAgentAlone(config)) {
    process.stderr.write(
      `${name}: servers and agent are one process: name the files of the servers, too (-c ${config.file} -c kea-dhcp4.conf)\n`,
    )
    return 1
  }
  const pidFile = new PidFile(name, config.file)
  const other = pidFile.take()
  if (other !== undefined) {
    process.stderr.write(`${name}: process ${other} is running already (${pidFile.path})\n`)
    return 1
  }
  const port = (flag: Flag, family: 4 | 6, usual: number) =>
    (config.only ?? (name === 'kea-dhcp6' ? 6 : 4)) === family ? (ports.get(flag) ?? usual) : usual
  try {
    return await serveWith({
      config,
      serverPort: port('p', 4, 67),
      clientPort: port('P', 4, 68),
      serverPort6: port('p', 6, 547),
      clientPort6: port('P', 6, 546),
      logOptions: { usual: 'kea', isVerbose: flags.has('d') },
    })
  } finally {
    pidFile.release()
  }
}

/** No server is in the file. */
function isAgentAlone({ files: [file = ''] }: ConfigFile): boolean {
  try {
    return !/"Dhcp[46]"/.test(readFileSync(file, 'utf8'))
  } catch {
    return false
  }
}

/** Errors of any kind, as `whio check` finds them; warnings are told, too. */
function checkSyntax(config: ConfigFile): number {
  let problems: readonly string[]
  try {
    const loaded = loadConfigFiles(config.files, daemonContext(config))
    problems = loaded.problems.flatMap((problem) =>
      problem.severity === 'error' ? [formatProblem(problem)] : [],
    )
    for (const problem of loaded.problems)
      if (problem.severity === 'warning') print(`warning: ${formatProblem(problem)}\n`)
  } catch (error) {
    problems = [unreadableWords(config, error)]
  }
  const verdict =
    problems.length === 0 ? 'Syntax check OK' : `Syntax check failed with: ${problems.join('\n')}`
  process.stderr.write(`${verdict}\n`)
  return problems.length === 0 ? 0 : 1
}

/**
 * A journal that had DHCPv6 beside DHCPv4 before, where a second process would begin one of its own
 * for DHCPv6 and know none of those leases.
 */
function journalOfBoth(): string | undefined {
  const folder = daemonContext({ thisServer: undefined }).stateDirectory!
  const [both, apart] = [4, 6].map((family) => join(folder, `whio-leases${family}.sqlite`))
  return has6(both!) && !has6(apart!) ? both : undefined
}

function has6(path: string): boolean {
  try {
    return hasServed6(path)
  } catch {
    return false
  }
}

/** In lists of processes; options stay what they are. */
function showAs(name: KeaName): void {
  try {
    writeFileSync('/proc/self/comm', name)
  } catch {
    // Elsewhere than on Linux nobody looks there.
  }
}

/** As getopt(3) reads them: `-dc FILE`, `-cFILE`, `-c=FILE`. */
function wordsOf(name: KeaName, args: readonly string[]): Words {
  const flags = new Set<Flag>()
  const files: string[] = []
  const ports = new Map<Flag, number>()
  const rest = [...args]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-') || word === '-') throw new Mistake(`unexpected word '${word}'`)
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]! as Flag
      if (ALONE.includes(letter)) flags.add(letter)
      else if (!WITH_WORD.includes(letter))
        throw new Mistake(`${name}: invalid option -- '${letter}'`)
      else {
        const value = word.slice(at + 1).replace(/^=/, '') || rest.shift()
        if (value === undefined)
          throw new Mistake(`${name}: option requires an argument -- '${letter}'`)
        flags.add(letter)
        if (letter === 'p' || letter === 'P') ports.set(letter, portOf(letter, value))
        else files.push(value)
        break
      }
    }
  }
  return { flags, files, ports }
}

function portOf(letter: 'p' | 'P', value: string): number {
  const port = Number(value)
  if (/^\d+$/.test(value) && port >= 1 && port <= 65_535) return port
  const which = letter === 'p' ? 'server' : 'client'
  throw new Mistake(`Failed to parse ${which} port number: [${value}], 1-65535 allowed.`)
}

function usage(name: KeaName): string {
  return `Whio ${version()} as ${name}

Usage: ${name} -[v|V|W] [-d] [-X] [-{c|t|T} FILE] [-p PORT] [-P PORT]
  -v: print the version of Kea whose commands and words are understood
  -V: print the version of Whio, too
  -W: print what Whio runs on
  -d: log at severity DEBUG
  -c FILE: serve with this configuration; several files: serve all that is in them
  -t FILE, -T FILE: say whether the file is good
  -p PORT, -P PORT: the port of the server, of clients (for tests)
  -X: no effect
`
}

function madeOf(): string {
  const { node, openssl } = process.versions
  return `Node.js ${node}, OpenSSL ${openssl}\n${process.platform} ${process.arch}\n`
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}
