// Unbound, by its control channel: what unbound-control says, said by hand. A command is one
// connection. What Unbound is told it has in memory only, so whoever starts it again, starts it
// without names: that is seen by its socket, and now and then all is told once more.

import { readFile, stat } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { connect } from 'node:tls'
import type { Octets } from '../../bytes/octets.ts'
import type { UnboundPlan } from '../../config/plan/names-plan.ts'
import type { Millis } from '../../time/units.ts'
import { textOf } from './hosts-file.ts'
import { type Owner, OwnerSink, type SinkSettings } from './sink.ts'

/** Version of the protocol, in front of every command. */
const GREETING = 'UBCT1 '
const END_OF_LIST = '\x04\n'
/** Names told by one command. */
const AT_ONCE = 500
const LOOK_EVERY: Millis = 10_000
const TELL_ALL_EVERY: Millis = 3_600_000
const PATIENCE: Millis = 10_000
const ANSWER_MAX = 65_536

export class UnboundSink extends OwnerSink {
  readonly #plan: UnboundPlan
  /** Lines of each owner that it has been told. */
  readonly #told = new Map<Octets, readonly string[]>()
  #knowsAll = false
  #socketMark = ''
  #allAt: Millis = 0
  readonly #look: NodeJS.Timeout

  constructor(plan: UnboundPlan, settings: SinkSettings) {
    super(typeof plan.at === 'string' ? plan.at : `${plan.at.address}#${plan.at.port}`, settings)
    this.#plan = plan
    this.#look = setInterval(() => this.wake(), LOOK_EVERY)
    this.wake()
  }

  override close(): void {
    clearInterval(this.#look)
    super.close()
  }

  protected async tell(): Promise<void> {
    const mark = await this.#mark()
    const isOld = performance.now() - this.#allAt > TELL_ALL_EVERY
    if (!this.#knowsAll || mark !== this.#socketMark || isOld) {
      this.#told.clear()
      await this.lackAll()
      this.#allAt = performance.now()
      this.#socketMark = mark
      this.#knowsAll = true
    }
    while (this.waiting > 0 && !this.isClosed) await this.#tellSome()
  }

  async #tellSome(): Promise<void> {
    const owners = this.take(AT_ONCE)
    const wanted = owners.map((owner) => ({ owner, lines: this.#linesOf(owner) }))
    // All records of a name go at once: those that stay are told again.
    const gone = wanted.filter(({ owner, lines }) =>
      this.#told.get(owner.name)?.some((line) => !lines.includes(line)),
    )
    const isGone = new Set(gone)
    const added = wanted.flatMap((one) => {
      const told = isGone.has(one) ? [] : (this.#told.get(one.owner.name) ?? [])
      return one.lines.filter((line) => !told.includes(line))
    })
    try {
      await this.#command(
        'local_datas_remove',
        gone.map(({ owner }) => `${owner.name}.`),
      )
      await this.#command('local_datas', added)
    } catch (error) {
      this.#knowsAll = false
      for (const owner of owners) this.lack(owner)
      throw error
    }
    for (const { owner, lines } of wanted)
      if (lines.length === 0) this.#told.delete(owner.name)
      else this.#told.set(owner.name, lines)
  }

  #linesOf(owner: Owner): readonly string[] {
    return this.recordsOf(owner).map(({ address, name, ttl }) => {
      if (owner.address !== undefined) return `${owner.name}. ${ttl} IN PTR ${name}.`
      return `${owner.name}. ${ttl} IN ${address.length === 4 ? 'A' : 'AAAA'} ${textOf(address)}`
    })
  }

  async #command(name: string, lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return
    const text = lines.map((line) => `${line}\n`).join('')
    const answer = await this.#ask(`${GREETING}${name}\n${text}${END_OF_LIST}`)
    const error = /^error.*/m.exec(answer)
    if (error !== null) throw new Error(error[0])
  }

  async #ask(text: string): Promise<string> {
    const socket = await this.#connect()
    return await new Promise<string>((resolve, reject) => {
      let answer = ''
      socket.setEncoding('utf8')
      socket.setTimeout(PATIENCE, () => socket.destroy(new Error('it does not answer')))
      socket.on('data', (part: string) => {
        answer += part
        if (answer.length > ANSWER_MAX) socket.destroy(new Error('its answer does not end'))
      })
      socket.on('end', () => socket.end())
      socket.on('error', reject)
      socket.on('close', () => resolve(answer))
      socket.write(text)
    })
  }

  async #connect(): Promise<Socket> {
    const { at } = this.#plan
    if (typeof at === 'string') return createConnection(at)
    const files = [at.serverCertFile, at.certFile, at.keyFile]
    const [ca, cert, key] = await Promise.all(files.map((file) => readFile(file)))
    // Its certificate is known by itself, whatever name stands in it.
    const known = { ca, cert, key, checkServerIdentity: () => undefined }
    return connect({ host: at.address, port: at.port, ...known })
  }

  /** Another one, where Unbound was started anew. */
  async #mark(): Promise<string> {
    const { at } = this.#plan
    if (typeof at !== 'string') return ''
    const { ino, ctimeMs } = await stat(at)
    return `${ino} ${ctimeMs}`
  }
}
