// What happens to names of clients in a simulated world, and to DNS: clients are called otherwise,
// DNS is away, slow, refuses, fails, loses questions and answers, hears a question twice. Half of
// the worlds have no DNS until everybody is served again: clients wait for none.

import { between, oneOf } from '../../lib/lab/chance.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import type { DnsBehaviour } from '../../lib/lab/virtual-dns.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { excessNames, lostOthers, wrongNames } from './name-checks.ts'
import { isChecked, type Named, othersRecords } from './named.ts'

const FAULTS = ['away', 'slow', 'refuses', 'failing', 'lossy', 'rename', 'resend'] as const

const OUTAGE_MAX = 400_000

/** No world has more. */
const ADDRESSES = 100

/**
 * What a server refuses it is asked again in ten minutes, one that was away in a minute or so; who
 * had to wait for a name has it then.
 */
const DONE_WITHIN = 30 * 60_000
const LOOK_WAIT = 15_000

const WELL: DnsBehaviour = {
  ...{ latencyMin: 1, latencyMax: 5, lost: 0, unanswered: 0, twice: 0 },
  ...{ isAway: false, refuses: false, failing: 0, transfers: true },
}

export class NameChaos {
  /** How often each kind of fault happened. */
  readonly counts: Record<string, number> = {}
  readonly #lab: Lab
  readonly #named: Named
  readonly #draw: Draw
  readonly #pauseMax: number
  /** How often names were put to the test: those that DNS had in the end, changes on the way. */
  get checks(): Record<string, number> {
    const { records, updates } = this.#named.dns()
    return { named: records.length - othersRecords().length, updates }
  }

  /** What servers kept too much of, sentences. */
  readonly excess: string[] = []
  #isOver = false

  constructor(lab: Lab, named: Named, pauseMax: number) {
    this.#lab = lab
    this.#named = named
    this.#draw = lab.world.draw('chaos-names')
    this.#pauseMax = pauseMax
    for (const record of othersRecords()) named.dns().put(record)
    this.#next()
  }

  /** Nothing happens any more; whatever DNS is like it stays like, or it is away. */
  end(): void {
    this.#isOver = true
    if (this.#draw(2) === 0) this.#behaviour.isAway = true
  }

  /** DNS is well from now on. Some operators say so. */
  #mend(): void {
    Object.assign(this.#behaviour, WELL)
    if (this.#draw(2) === 0)
      for (const { node, server } of this.#lab.servers) node.run(() => server?.names.retry())
  }

  /**
   * DNS is well, and after a while it has what it should: sentences on what it does not. What a
   * lost disk knew nobody removes, and it may be in the way of others: so is what is
   * `isForgotten`.
   */
  settle(
    server: VirtualServer,
    isForgotten = this.#lab.servers.some(({ diskReplacedAt }) => diskReplacedAt > 0),
  ): string[] {
    this.#mend()
    if (isForgotten) return [...this.excess, ...lostOthers(this.#named)]
    const until = this.#lab.now + DONE_WITHIN
    let wrong: string[] = []
    do {
      this.#lab.advance(LOOK_WAIT)
      wrong = wrongNames(server, this.#named, this.#lab.servers)
    } while (wrong.length > 0 && this.#lab.now < until)
    return [...this.excess, ...wrong]
  }

  get #behaviour(): DnsBehaviour {
    return this.#named.dns().behaviour
  }

  #next(): void {
    this.#lab.world.after(between(this.#draw, 0, this.#pauseMax), () => {
      if (this.#isOver) return
      if (this.excess.length === 0) this.excess.push(...excessNames(this.#lab, ADDRESSES))
      const kind = oneOf(this.#draw, FAULTS)
      const name = `dns-${kind}`
      this.counts[name] = (this.counts[name] ?? 0) + 1
      this.#lab.world.note('chaos', name)
      this.#happen(kind)
      this.#next()
    })
  }

  #happen(kind: (typeof FAULTS)[number]): void {
    switch (kind) {
      case 'away':
        return this.#behave({ isAway: true })
      case 'slow':
        return this.#behave({ latencyMin: 200, latencyMax: between(this.#draw, 500, 9000) })
      case 'refuses':
        return this.#behave({ refuses: true })
      case 'failing':
        return this.#behave({ failing: 20 + this.#draw(81) })
      case 'lossy':
        return this.#behave({ lost: this.#draw(40), unanswered: this.#draw(40), twice: 20 })
      case 'rename':
        return this.#rename()
      case 'resend':
        return this.#resend(oneOf(this.#draw, this.#lab.servers))
      default:
        return kind satisfies never
    }
  }

  /** For a while. */
  #behave(behaviour: Partial<DnsBehaviour>): void {
    Object.assign(this.#behaviour, behaviour)
    this.#lab.world.after(between(this.#draw, 0, OUTAGE_MAX), () => {
      if (!this.#isOver) Object.assign(this.#behaviour, WELL)
    })
  }

  /** Another name, none, or one that somebody else has. */
  #rename(): void {
    const { clients } = this.#lab
    const at = this.#draw(clients.length)
    const { machine } = clients[at]!
    const others = isChecked(this.#named.mode) ? [`pc${this.#draw(clients.length)}`] : []
    const hostname = oneOf(this.#draw, [`pc${at}`, `pc${at}-new`, '', ...others])
    machine.settings = { ...machine.settings, hostname }
  }

  #resend({ node, server }: VirtualServer): void {
    if (server === undefined) return
    const rows = server.tables.all.flatMap((table) => table.walk('leases').next(100))
    if (rows.length > 0) node.run(() => server.names.resend(oneOf(this.#draw, rows).address))
  }
}
