// The configuration by command: asked, tried, put in force, written into its files. What is checked
// of arguments, and the words, are Kea's.

import { agentMap } from '../../config/canonical/agent.ts'
import { ddnsMap } from '../../config/canonical/ddns.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import { NoSecret, withSecrets } from '../../config/keys/secrets.ts'
import { describeDatabase } from '../../config/plan/connection-plan.ts'
import { isMap } from '../../config/text/map.ts'
import { formatPath } from '../../config/text/problem.ts'
import type { WriteOrder, WriteResult } from '../../ports/config-host.ts'
import { goneWords } from '../../server/configuration/results.ts'
import type {
  Author,
  ConfigResult,
  Tried,
} from '../../server/configuration/running-configuration.ts'
import { optionalMapOf } from '../arguments.ts'
import type { Answer, Asked, Command, ControlRoom, Persona } from '../command.ts'
import { EVERYWHERE, PROGRAMS } from '../command.ts'
import { type ConfigurationText, configurationText } from '../configuration-text.ts'
import { hooksForbidden } from '../hooks-forbidden.ts'
import { faultText } from '../kea-words.ts'
import { Ready } from '../print.ts'
import { answerOf, CommandRefused, goingOn } from '../refused.ts'

type Name = 'Dhcp4' | 'Dhcp6' | 'DhcpDdns'
type Say = (answer: Answer) => void

const VERSIONS: Partial<Record<Persona, 4 | 6>> = { dhcp4: 4, dhcp6: 6 }

function nameOf(version: 4 | 6): 'Dhcp4' | 'Dhcp6' {
  return `Dhcp${version}`
}

/** The family of who is asked; the commands are not the agent's. */
function versionOf({ persona }: Asked): 4 | 6 {
  return VERSIONS[persona] ?? 4
}

/** The map of who is asked. */
function mapNameOf(asked: Asked): Name {
  return asked.persona === 'd2' ? 'DhcpDdns' : nameOf(versionOf(asked))
}

const GET: Command = {
  name: 'config-get',
  access: 'read',
  library: 'built-in',
  personas: EVERYWHERE,
  summary: 'Tells the configuration in force, with all that holds in it',
  parameters: undefined,
  run(asked, room, answer) {
    if (asked.persona === 'ca') return answer({ result: 0, arguments: agentOf(room) })
    if (asked.persona === 'd2') {
      const DhcpDdns = ddnsMap(room.configuration.document, false) ?? {}
      return answer({ result: 0, arguments: { DhcpDdns, hash: hashOfDdns(room) } })
    }
    const version = versionOf(asked)
    withText(room, version, answer, (text) => {
      if (text === undefined) return answer(notServed(version))
      const map = new Ready(text.hidden)
      answer({ result: 0, arguments: { [nameOf(version)]: map, hash: text.hash } })
    })
  },
}

const HASH: Command = {
  name: 'config-hash-get',
  access: 'read',
  library: 'built-in',
  personas: PROGRAMS,
  summary: 'Tells the hash of the configuration in force: another one where it says something else',
  parameters: undefined,
  run(asked, room, answer) {
    withHash(asked, room, { result: 0 }, answer)
  },
}

const TEST: Command = {
  name: 'config-test',
  access: 'write',
  library: 'built-in',
  personas: PROGRAMS,
  summary: 'Tells whether a configuration could be in force; nothing is changed',
  parameters: mapParameters(),
  run(asked, room, answer) {
    const members = membersOf(asked, room)
    const tell = ({ problems, trouble }: Tried): void => {
      if (trouble !== '') return answer({ result: 1, text: trouble })
      if (problems.some(({ severity }) => severity === 'error'))
        return answer({ result: 1, text: faultText(problems, members) })
      answer({ result: 0, text: asked.persona === 'd2' ? SANE_DDNS : SANE })
    }
    room.configuration.test(members, goingOn(room, answer, tell))
  },
}

const SANE =
  'Configuration seems sane. Control-socket, hook-libraries, and D2 configuration were sanity checked, but not applied.'

/** Of Kea's updater. */
const SANE_DDNS = 'Configuration check successful'
const SET_DDNS = 'Configuration applied successfully.'

const SET: Command = {
  name: 'config-set',
  access: 'write',
  library: 'built-in',
  personas: PROGRAMS,
  summary: 'Puts a configuration of this server in force in place of the present one',
  parameters: mapParameters(),
  run(asked, room, answer) {
    const members = membersOf(asked, room)
    const forbidden = hooksForbidden(asked.asker.role, room.configuration.document, members)
    if (forbidden !== '') throw new CommandRefused(forbidden)
    const tell = (result: ConfigResult): void => {
      if (!result.allowed) {
        const hasFault = result.problems.some(({ severity }) => severity === 'error')
        const text = hasFault ? faultText(result.problems, members) : result.why
        return answer({ result: 1, text })
      }
      const isDdns = asked.persona === 'd2'
      const text = doneText(result, isDdns ? SET_DDNS : undefined)
      withHash(asked, room, { result: 0, text }, answer)
    }
    room.configuration.replace(members, authorOf(asked), goingOn(room, answer, tell))
  },
}

const RELOAD: Command = {
  name: 'config-reload',
  access: 'write',
  library: 'built-in',
  personas: EVERYWHERE,
  summary: 'Reads the files of the configuration again; edits that were not written are dropped',
  parameters: undefined,
  run(asked, room, answer) {
    const { configuration } = room
    const tell = (result: ConfigResult): void => {
      if (!result.allowed) {
        const file = configuration.status.files.join("' and '")
        const hasFault = result.problems.some(({ severity }) => severity === 'error')
        const why = hasFault ? faultText(result.problems, undefined) : result.why
        const text = `Config reload failed: configuration error using file '${file}': ${why}`
        return answer({ result: 1, text })
      }
      withHash(asked, room, { result: 0, text: doneText(result) }, answer)
    }
    configuration.reload(authorOf(asked), goingOn(room, answer, tell))
  },
}

const WRITE: Command = {
  name: 'config-write',
  access: 'write',
  library: 'built-in',
  personas: EVERYWHERE,
  summary: 'Writes the configuration in force into its files, or into another one',
  parameters: {
    type: 'object',
    properties: { filename: { type: 'string', description: 'Beside the file of the server.' } },
  },
  run(asked, room, answer) {
    const { filename } = optionalMapOf(asked, "'arguments' parameter expected to be a map.")
    if (filename !== undefined && typeof filename !== 'string')
      throw new CommandRefused("passed parameter 'filename' is not a string")
    if (filename === undefined) refuseOverDatabase(room)
    const version = VERSIONS[asked.persona]
    textsOf(room, answer, (maps, document) => {
      const { Whio, 'Control-agent': agent, DhcpDdns } = document
      const others = {
        ...(Whio && { Whio }),
        ...(agent && { 'Control-agent': agent }),
        ...(DhcpDdns && { DhcpDdns }),
      }
      const tell = (result: WriteResult) => written(result, filename, document, room, answer)
      room.configHost.write({ maps, others, version, filename }, goingOn(room, answer, tell))
    })
  },
}

/** What the database says would stand in the file as well, and stay there when it is gone. */
function refuseOverDatabase({ server }: ControlRoom): void {
  const [database] = server.plan.configDatabases
  if (database === undefined) return
  const name = describeDatabase(database.connection)
  const why = `a part of the configuration comes from ${name}; write another file`
  throw new CommandRefused(`Error during config-write: ${why}`)
}

function written(
  result: WriteResult,
  filename: string | undefined,
  document: ConfigDocument,
  room: ControlRoom,
  answer: Say,
): void {
  if (result.trouble !== undefined)
    return answer({ result: 1, text: `Error during config-write: ${result.trouble}` })
  const { path, bytes: size } = result
  const text = `Configuration written to ${path} successful`
  const done: Answer = { result: 0, text, arguments: { filename: path, size } }
  // Another file is nobody's, so that edits still stand over those of the server.
  if (filename !== undefined) return answer(done)
  const tell = ({ allowed, why }: ConfigResult) => answer(allowed ? done : { result: 1, text: why })
  room.configuration.written(document, goingOn(room, answer, tell))
}

/** The texts of the maps that are served, both of the same document. */
function textsOf(
  room: ControlRoom,
  answer: Say,
  then: (maps: WriteOrder['maps'], document: ConfigDocument) => void,
): void {
  const { document, version } = room.configuration
  withText(room, 4, answer, (four) =>
    withText(room, 6, answer, (six) => {
      if (room.configuration.version !== version) return textsOf(room, answer, then)
      then({ ...(four && { Dhcp4: four.clear }), ...(six && { Dhcp6: six.clear }) }, document)
    }),
  )
}

function withText(
  room: ControlRoom,
  version: 4 | 6,
  answer: Say,
  done: (text: ConfigurationText | undefined) => void,
): void {
  const lost = (error: Error) => answer(answerOf(error, room))
  configurationText(room.configuration, version, room.configHost, { done, lost })
}

export const CONFIG: readonly Command[] = [GET, HASH, TEST, SET, RELOAD, WRITE]

function mapParameters(): Command['parameters'] {
  const description = 'The whole map of the server; what it leaves out is as by default.'
  return {
    type: 'object',
    properties: {
      Dhcp4: { type: 'object', description },
      Dhcp6: { type: 'object', description },
      DhcpDdns: { type: 'object', description },
      hash: { type: 'string', description: 'Of what was got; it plays no part.' },
    },
  }
}

/**
 * The map of this server in the arguments, and nothing else, with the secrets that were not shown;
 * throws CommandRefused.
 */
function membersOf(asked: Asked, { configuration }: ControlRoom): Partial<Record<Name, unknown>> {
  const { arguments: given } = asked
  const name = mapNameOf(asked)
  if (given === undefined) throw new CommandRefused("Missing mandatory 'arguments' parameter.")
  if (!isMap(given)) throw new CommandRefused("'arguments' parameter expected to be a map.")
  const { [name]: map, hash: _, ...others } = given
  if (map === undefined) throw new CommandRefused(`Missing mandatory '${name}' parameter.`)
  if (!isMap(map)) throw new CommandRefused(`'${name}' parameter expected to be a map.`)
  const [foreign] = Object.keys(others)
  if (foreign !== undefined) throw new CommandRefused(`Unsupported '${foreign}' parameter.`)
  try {
    return { [name]: withSecrets(map, configuration.document[name]) }
  } catch (error) {
    if (!(error instanceof NoSecret)) throw error
    const where = formatPath([name, ...error.path])
    const why = 'no secret stands beside the same words; write the secret, or leave it out'
    throw new CommandRefused(`${where} is the mark of a secret: ${why}`)
  }
}

function authorOf({ asker, command }: Asked): Author {
  return { user: asker.user, from: asker.from, command }
}

function doneText(
  { needsRestart, dropped }: ConfigResult,
  done = 'Configuration successful.',
): string {
  const restart =
    needsRestart.length === 0 ? '' : ` A restart is needed for: ${needsRestart.join(', ')}.`
  const gone = dropped === 0 ? '' : ` ${goneWords(dropped)}.`
  return `${done}${restart}${gone}`
}

/** The answer with the hash of what is in force; the agent's has none. */
function withHash(asked: Asked, room: ControlRoom, answered: Answer, answer: Say): void {
  if (asked.persona === 'd2') return answer({ ...answered, arguments: { hash: hashOfDdns(room) } })
  const version = VERSIONS[asked.persona]
  if (version === undefined) return answer(answered)
  withText(room, version, answer, (text) =>
    answer(text === undefined ? answered : { ...answered, arguments: { hash: text.hash } }),
  )
}

/** Of all that it says, secrets too. */
function hashOfDdns({ configHost, configuration }: ControlRoom): string {
  const sum = configHost.sum()
  sum.add(JSON.stringify(ddnsMap(configuration.document, true) ?? {}))
  return sum.hex()
}

function agentOf({ configuration }: ControlRoom): Answer['arguments'] {
  return { 'Control-agent': agentMap(configuration.document) }
}

function notServed(version: 4 | 6): Answer {
  return { result: 1, text: `DHCPv${version} is not served` }
}
