// What commands are given in tests: a server of the lab, and a process around it that only notes
// what it is told to do.

import { createHash } from 'node:crypto'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { plainRole, type Role } from '../../lib/config/plan/role.ts'
import type { Answer, Asker, ControlRoom, Persona } from '../../lib/control/command.ts'
import { Dispatcher, type HttpReply } from '../../lib/control/dispatcher.ts'
import type { HostFace } from '../../lib/control/host-face.ts'
import { Statistics } from '../../lib/control/statistics/statistics.ts'
import { COMMANDS } from '../../lib/control/table.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import type { ConfigHost } from '../../lib/ports/config-host.ts'
import type { HostInterface } from '../../lib/ports/host-interface.ts'
import type { LeaseFiles } from '../../lib/ports/lease-files.ts'
import type { RunningConfiguration } from '../../lib/server/configuration/running-configuration.ts'

export const ADMIN: Asker = { user: 'root', role: plainRole('admin'), from: 'here', door: 'unix' }

export function asker(role: Role, user = role.name): Asker {
  return { user, role, from: '192.0.2.1:4711', door: 'http' }
}

export const ETH0: HostInterface = {
  name: 'eth0',
  index: 2,
  mac: '02:00:00:00:00:01',
  type: 1,
  isLoopback: false,
  isUp: true,
  isRunning: true,
  takesMulticast: true,
  takesBroadcast: true,
  addresses: ['192.0.2.1', 'fe80::1', '2001:db8:1::1'],
}

/** Slices follow as the lab's time goes on; nothing is written. */
function configHost(lab: Lab): ConfigHost {
  return {
    sum: () => {
      const hash = createHash('sha256')
      return { add: (text) => hash.update(text), hex: () => hash.digest('hex').toUpperCase() }
    },
    soon: (work) => lab.world.at(lab.world.now, work),
    write: (_order, done) => done({ trouble: 'nothing is written here' }),
  }
}

export class Stage {
  readonly lab: Lab
  readonly dispatcher: Dispatcher
  /** A copy of the table. */
  readonly commands = new Map(COMMANDS)
  readonly room: ControlRoom
  /** Lines of the log that commands have written. */
  readonly lines: { id: string; level: string; fields: Record<string, unknown> }[] = []
  /** Exit codes that the process was told to stop with. */
  readonly stops: number[] = []
  /** Files that were written. */
  readonly files = new Map<string, string>()

  /** `server`: which of the lab's. */
  constructor(lab: Lab, document: ConfigDocument = { Dhcp4: {} }, server = 0) {
    this.lab = lab
    lab.advance(1000)
    this.room = {
      server: lab.server(server).server!,
      configuration: { document } as RunningConfiguration,
      configHost: configHost(lab),
      statistics: new Statistics(lab.server(server).server!, () => 0),
      host: this.#host(),
      leaseFiles: this.#leaseFiles(),
      leaseHistory: { of: (_database, _about, _max, done) => done({ holdings: [], isCut: false }) },
      log: {
        enabled: () => true,
        write: (level, id, _text, fields) => this.lines.push({ id, level, fields: { ...fields } }),
      },
    }
    this.dispatcher = new Dispatcher(this.room, this.commands)
  }

  #leaseFiles(): LeaseFiles {
    return {
      write: (folder, name, heading, pieces, done) => {
        if (name.includes('/')) return done({ trouble: 'another folder', isRefused: true })
        const text = [`${heading}\n`, ...Array.from({ [Symbol.iterator]: () => pieces })].join('')
        this.files.set(`${folder}${name}`, text)
        done({ path: `${folder}${name}` })
      },
    }
  }

  #host(): HostFace {
    const since = this.lab.world.now
    const uptime = () => Math.floor((this.lab.world.now - since) / 1000)
    return {
      pid: 4711,
      version: '1.2.3',
      build: ['node v24'],
      uptime,
      sinceReload: uptime,
      httpDate: () => 'Thu, 01 Jan 2026 12:00:00 GMT',
      interfaces: () => [ETH0],
      stop: (code) => this.stops.push(code),
    }
  }

  /** What a unix socket answers; throws where it has not answered yet. */
  ask(request: unknown, persona: Persona = 'dhcp4', who: Asker = ADMIN): Answer {
    return this.asked(request, persona, who)()
  }

  /** The same where the answer may come later. */
  asked(request: unknown, persona: Persona = 'dhcp4', who: Asker = ADMIN): () => Answer {
    const text = typeof request === 'string' ? request : JSON.stringify(request)
    const answers: Answer[] = []
    this.dispatcher.ask(text, persona, who, (answer) => answers.push(answer))
    return () => {
      if (answers.length !== 1) throw new Error(`${answers.length} answers to ${text}`)
      return answers[0]!
    }
  }

  /** What HTTP answers. */
  http(request: unknown, door: Persona = 'ca', who: Asker = ADMIN): HttpReply {
    const text = typeof request === 'string' ? request : JSON.stringify(request)
    let reply: HttpReply | undefined
    this.dispatcher.askHttp(text, door, who, (given) => (reply = given))
    if (reply === undefined) throw new Error(`no answer to ${text}`)
    return reply
  }
}
