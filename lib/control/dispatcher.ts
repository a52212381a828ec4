// A request's way to its command and the answer's way back: parsed, sent to whom it is for, judged
// by the asker's role, told in the log where it changes something, carried out. Whatever happens
// there is an answer.

import { withoutSecrets } from '../config/keys/secrets.ts'
import { Audit } from './audit.ts'
import type { Answer, Asker, Command, ControlRoom, Persona } from './command.ts'
import { type Parsed, Reading } from './parse.ts'
import { answerOf, goingOn, INTERNAL, tellFault } from './refused.ts'
import { whyRefused } from './refused-names.ts'
import { type Request, requestOf } from './request.ts'
import { permits, seesSecrets } from './roles.ts'
import { NO_SERVICE_HINT, namedInAgent, servicesOf } from './services.ts'
import { COMMANDS } from './table.ts'

export interface HttpReply {
  readonly status: 200 | 400 | 403
  /** A list of answers for 200, else a map: for print.ts. */
  readonly body: unknown
}

/**
 * Which server a door of HTTP leads to: by its path or its port, or `ca`, who looks at `service`.
 */
export type HttpDoor = Persona

export type Later = (part: () => void) => void

export class Dispatcher {
  readonly #room: ControlRoom
  readonly #commands: ReadonlyMap<string, Command>
  readonly #later: Later
  readonly #audit: Audit

  /** `later`: runs a part of what takes long in a turn of its own. */
  constructor(
    room: ControlRoom,
    commands: ReadonlyMap<string, Command> = COMMANDS,
    later: Later = (part) => part(),
  ) {
    this.#room = room
    this.#commands = commands
    this.#later = later
    this.#audit = new Audit(room)
  }

  /** Through a unix socket: one answer, whatever `service` says. `answer` is called once. */
  ask(text: string, persona: Persona, asker: Asker, answer: (answer: Answer) => void): void {
    const go = ({ value, trouble }: Parsed): void => {
      if (trouble !== undefined) return answer({ result: 1, text: trouble })
      const request = checked(value, this.#room)
      if ('result' in request) return answer(request)
      this.give(request, persona, asker, (given) =>
        answer(given === 'forbidden' ? forbidden(request, asker) : given),
      )
    }
    this.read(text, goingOn(this.#room, answer, go))
  }

  /** Through HTTP: a list of answers, one for each service. `answer` is called once. */
  askHttp(text: string, door: HttpDoor, asker: Asker, answer: (reply: HttpReply) => void): void {
    if (text.trim() === '') return answer(listed([NO_COMMAND]))
    const one = (given: Answer) => answer(listed([given]))
    const go = ({ value, trouble }: Parsed): void => {
      if (trouble !== undefined) return answer(BAD_REQUEST)
      const request = checked(value, this.#room)
      if ('result' in request) return one(request)
      this.#giveAll(request, door, asker, answer)
    }
    this.read(text, goingOn(this.#room, one, go))
  }

  /** A part a turn; what is short is read at once. */
  read(text: string, then: (found: Parsed) => void): void {
    this.#read(new Reading(text), then)
  }

  #read(reading: Reading, then: (found: Parsed) => void): void {
    const found = this.#step(reading)
    if (found === undefined) this.#later(() => this.#read(reading, then))
    else then(found)
  }

  #step(reading: Reading): Parsed | undefined {
    try {
      return reading.step()
    } catch (error) {
      tellFault(error, this.#room)
      return { value: undefined, trouble: INTERNAL }
    }
  }

  #giveAll(
    request: Request,
    door: HttpDoor,
    asker: Asker,
    answer: (reply: HttpReply) => void,
  ): void {
    const { server, configuration } = this.#room
    const named = namedInAgent(configuration.document)
    const services = servicesOf(request.service, door, server.plan, named)
    if ('result' in services) return answer(listed([services]))
    const answers: (Answer | undefined)[] = services.map(() => undefined)
    let open = services.length
    let isForbidden = false
    services.forEach((service, index) => {
      const put = (given: Answer | 'forbidden'): void => {
        if (given === 'forbidden') isForbidden = true
        else answers[index] = given
        open--
        if (open === 0) answer(isForbidden ? FORBIDDEN : listed(answers))
      }
      if (typeof service === 'string') this.give(request, service, asker, put)
      else put(service)
    })
  }

  /** What was parsed; `forbidden` where the role does not permit it. */
  give(
    { command: name, arguments: given }: Request,
    persona: Persona,
    asker: Asker,
    answer: (answer: Answer | 'forbidden') => void,
  ): void {
    const command = this.find(name, persona)
    if (command === undefined) return answer(unknown(name, persona))
    const asked = { command: name, arguments: given, persona, asker }
    if (!permits(asker.role, command)) {
      return this.#noted(
        () => this.#audit.forbidden(asked),
        () => answer('forbidden'),
      )
    }
    if (this.#room.server.state === 'starting' && OF_LEASES.has(command.library))
      return answer(NOT_YET)
    let isAnswered = false
    const once = (reply: Answer): void => {
      if (isAnswered) return
      isAnswered = true
      this.#noted(
        () => this.#audit.answered(command, asked, reply),
        () => answer(this.#shownTo(asker, command, reply)),
      )
    }
    try {
      command.run(asked, this.#room, once)
    } catch (error) {
      // Also what came up when the asker had his answer is told in the log.
      once(answerOf(error, this.#room))
    }
  }

  /** Without what the asker may not see. */
  #shownTo({ role }: Asker, { library }: Command, reply: Answer): Answer {
    if (seesSecrets(role) || !OF_CONFIGURATION.has(library)) return reply
    try {
      const shown = withoutSecrets(reply.arguments)
      return shown === reply.arguments ? reply : { ...reply, arguments: shown }
    } catch (error) {
      return answerOf(error, this.#room)
    }
  }

  /** First the line of the log; what goes wrong with that costs nobody the answer. */
  #noted(note: () => void, then: () => void): void {
    try {
      note()
    } catch (error) {
      tellFault(error, this.#room)
    } finally {
      then()
    }
  }

  /** Undefined: nobody here has it. */
  find(name: string, persona: Persona): Command | undefined {
    const command = this.#commands.get(name)
    if (command === undefined || !command.personas.includes(persona)) return undefined
    return command.isHere?.(this.#room) === false ? undefined : command
  }
}

/** What cannot be told, or done, before the leases are in memory. */
const OF_LEASES: ReadonlySet<Command['library']> = new Set(['lease_cmds', 'stat_cmds'])
const NOT_YET: Answer = { result: 1, text: 'the lease database is being read: ask again' }

const NO_COMMAND: Answer = { result: 1, text: 'Command processing failed: NULL command parameter' }
const BAD_REQUEST: HttpReply = { status: 400, body: { result: 400, text: 'Bad Request' } }
const FORBIDDEN: HttpReply = { status: 403, body: { result: 403, text: 'Forbidden' } }

function listed(answers: readonly (Answer | undefined)[]): HttpReply {
  return { status: 200, body: answers }
}

/** What is wrong with it is an answer. */
function checked(value: unknown, room: ControlRoom): Request | Answer {
  try {
    return requestOf(value)
  } catch (error) {
    return answerOf(error, room)
  }
}

/** Libraries whose commands tell parts of the configuration as it stands. */
const OF_CONFIGURATION: ReadonlySet<Command['library']> = new Set([
  'host_cmds',
  'subnet_cmds',
  'class_cmds',
])

function unknown(name: string, persona: Persona): Answer {
  const why = whyRefused(name)
  if (why !== '') return { result: 2, text: `'${name}' command not supported: ${why}` }
  const hint = persona === 'ca' ? NO_SERVICE_HINT : ''
  return { result: 2, text: `'${name}' command not supported.${hint}` }
}

function forbidden({ command }: Request, { role }: Asker): Answer {
  return { result: 1, text: `'${command}' is not permitted for the role '${role.name}'` }
}
