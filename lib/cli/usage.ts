// The person at the command line made a mistake: the message goes to stderr, the exit code is 2.

import { parseArgs } from 'node:util'

export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A UDP port in text, 0 … 65535 (0 = any free one). */
export function portFromText(text: string, option: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65535) throw new UsageError(`${option}: '${text}' is no port`)
  return port
}

/** `10s`, `500ms`, `2m` or plain seconds, in milliseconds. */
export function durationFromText(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  if (match === null) throw new UsageError(`${option}: '${text}' is no duration (try 10s)`)
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
  return Number(match[1]) * units[(match[2] ?? 's') as keyof typeof units]
}

/** What a command is about. */
export interface ConfigFile {
  /** The first one, by which the configuration is known. */
  readonly file: string
  /** All of them: Kea has one for each of its servers. */
  readonly files: readonly string[]
  /** Which server of its pair this is, where it was said. */
  readonly thisServer: string | undefined
  /** The family that is served, where it is not what the files say. */
  readonly only?: 4 | 6 | undefined
}

/** For parseArgs: the options that name a configuration file. */
export const CONFIG_OPTIONS = {
  config: { type: 'string', short: 'c', multiple: true },
  'this-server': { type: 'string' },
} as const

/** The configuration that a command is about, its files named alone or with -c. */
export function configFileFrom(args: string[]): ConfigFile {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: CONFIG_OPTIONS,
  })
  return oneConfigFile(values, positionals)
}

/** The same where no file need be named: `config` is undefined then. */
export function configFileOrNone(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: CONFIG_OPTIONS,
  })
  const isNamed = values.config !== undefined || positionals.length > 0
  const config = isNamed ? oneConfigFile(values, positionals) : undefined
  return { config, thisServer: values['this-server'] }
}

/** The same of arguments that were parsed for more. */
export function oneConfigFile(
  values: {
    readonly config?: readonly string[] | undefined
    readonly 'this-server'?: string | undefined
  },
  positionals: readonly string[] = [],
): ConfigFile {
  const files = [...(values.config ?? []), ...positionals]
  const [file] = files
  if (file === undefined || files.length > FILES_MAX) throw new UsageError(NAME_FILES)
  return { file, files, thisServer: values['this-server'] }
}

/** One for each of Dhcp4, Dhcp6, Control-agent and DhcpDdns. */
const FILES_MAX = 4
const NAME_FILES =
  'name a configuration file, or several: one each with Dhcp4, Dhcp6, Control-agent, DhcpDdns'

/** For messages: `dhcp4.conf and dhcp6.conf`. */
export function nameOf({ files }: ConfigFile): string {
  return files.join(' and ')
}
