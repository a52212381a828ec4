// Commands to the server that runs on this machine, through the door for its operator.

import type { ControlReply } from '../platform/control-socket.ts'
import type { DaemonStatus } from './daemon.ts'
import { askOnlyServer, askServer, isAnswer } from './find-server.ts'
import { oneConfigFile } from './usage.ts'

const PATIENCE = 60_000

export type Family = 4 | 6

export interface Told {
  readonly result: number
  readonly text: string
  readonly arguments: Readonly<Record<string, unknown>>
}

type Named = Parameters<typeof oneConfigFile>[0]

export class ServerCommands {
  readonly #named: Named

  /** `named`: the options that say which server; without a file it is the only one. */
  constructor(named: Named) {
    this.#named = named
  }

  /** Rejects where no server answers. */
  async ask(family: Family, command: string, given?: object): Promise<Told> {
    const request = { command, service: [`dhcp${family}`], ...(given && { arguments: given }) }
    const { told } = await this.#reply('ctl', JSON.stringify(request))
    const { result, text = '', arguments: found = {} } = JSON.parse(String(told))
    return { result, text, arguments: found }
  }

  /** The same; rejects also where it is not done. */
  async done(family: Family, command: string, given?: object): Promise<Told> {
    const told = await this.ask(family, command, given)
    if (told.result !== 0) throw new Error(told.text)
    return told
  }

  /** The files of its configuration, as they were named at its start. */
  async files(): Promise<readonly string[]> {
    const { status } = await this.#reply('status', '')
    return (status as DaemonStatus).configuration.files
  }

  async #reply(word: string, about: string): Promise<ControlReply> {
    const reply =
      this.#named.config === undefined
        ? await askOnlyServer(word, PATIENCE, about)
        : await askServer(oneConfigFile(this.#named), word, PATIENCE, about)
    if (!isAnswer(reply) || !reply.allowed) throw new Error(reply.why)
    return reply
  }
}
