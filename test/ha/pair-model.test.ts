// Two servers that play through crashes, cuts, hand-overs, lost disks, restored backups and a
// human's words, as far as their records and rows go.

import t from 'tap'
import { ADDRESSES, type Database, PairModel, type Server } from './pair-model.ts'

interface Rules {
  /**
   * Databases may be replaced by copies of themselves that are older. harmless: when the partner
   * has stored all that is forgotten, and the restored one does not serve before they meet.
   */
  readonly restores: 'never' | 'harmless' | 'any'
  /** A human may say that the partner is off: when that is true, or whenever he likes. */
  readonly word: 'never' | 'true' | 'any'
}

/** A generator with a seed: the same steps each time. */
function drawFrom(seed: number): (count: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1)
  return (count) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count
  }
}

type Step = (model: PairModel, server: Server, draw: (count: number) => number) => boolean

const address = (draw: (count: number) => number) => ADDRESSES[draw(ADDRESSES.length)]!

const ORDINARY: Record<string, Step> = {
  give: (model, server, draw) => model.give(server, address(draw)),
  renew: (model, server, draw) => model.renew(server, address(draw)),
  handOn: (model, server, draw) => model.handOn(server, address(draw)),
  deliver: (model, server) => model.deliver(server),
  deliver2: (model, server) => model.deliver(server) || model.deliver(model.other(server)),
  refill: (model, server) => model.refill(server),
  giveBack: (model, server) => model.giveBack(server),
  dial: (model, server) => model.dial(server),
}

const FAULTS: Record<string, Step> = {
  cut: (model) => model.cut(),
  crash: (model, server) => model.crash(server),
  start: (model, server) => model.start(server),
  start2: (model, server) => model.start(server),
  maintain: (model, server) => model.maintain(server),
  endWork: (model, server) => model.endWork(server),
}

/** A run of one seed; returns what was done, and fails on the first broken promise. */
class Run {
  readonly model = new PairModel()
  readonly trace: string[] = []
  readonly #draw: (count: number) => number
  readonly #rules: Rules
  #copies: [Database, Server][] = []
  broken = ''
  /** A disk was lost or a backup restored, and the pair has not been whole since. */
  #isWounded = false
  #hasRestored = false

  constructor(seed: number, rules: Rules) {
    this.#draw = drawFrom(seed)
    this.#rules = rules
  }

  play(steps: number): void {
    for (let step = 0; step < steps && this.broken === ''; step++) this.#step()
  }

  #step(): void {
    const draw = this.#draw
    const { model } = this
    const server = model.servers[draw(2) as 0 | 1]
    model.tick()
    const kind = draw(40)
    if (kind === 0) for (let round = 0; round < 12; round++) this.#settleOnce(round)
    const name = kind === 0 ? 'quiet' : kind < 8 ? this.#fault(server) : this.#ordinary(server)
    if (name === '') return
    this.trace.push(`${server.plan.thisServer.name} ${name}`)
    model.log.push(`${server.plan.thisServer.name} ${name}`)
    this.#check()
  }

  #ordinary(server: Server): string {
    const names = Object.keys(ORDINARY)
    const name = names[this.#draw(names.length)]!
    return ORDINARY[name]!(this.model, server, this.#draw) ? name : ''
  }

  #fault(server: Server): string {
    const names = [...Object.keys(FAULTS), 'word', 'newDisk', 'copy', 'restore']
    const name = names[this.#draw(names.length)]!
    const step = FAULTS[name] ?? this.#rare(name)
    return step(this.model, server, this.#draw) ? name : ''
  }

  #rare(name: string): Step {
    if (name === 'word') return (model, server) => this.#word(model, server)
    if (name === 'newDisk') return (model, server) => this.#newDisk(model, server)
    if (this.#rules.restores === 'never') return () => false
    if (name === 'copy') return (model, server) => this.#copy(model, server)
    return (model, server, draw) => this.#restore(model, server, draw)
  }

  #word(model: PairModel, server: Server): boolean {
    const { word } = this.#rules
    return word !== 'never' && server.isUp && model.partnerOff(server, word === 'true')
  }

  /**
   * Only one disk at a time, and not the one that a human made the only one: what no disk holds
   * nobody can know.
   */
  #newDisk(model: PairModel, server: Server): boolean {
    if (server.isUp || this.#isWounded || model.wordGiven) return false
    const knows = model.other(server).db.record
    if (knows.partnerDatabase !== server.db.id) return false
    server.db = model.newDatabase(server.plan)
    this.#isWounded = true
    return true
  }

  /**
   * Not before they have met: then they would start as different pairs, which a human must sort
   * out.
   */
  #copy(model: PairModel, server: Server): boolean {
    if (server.db.record.pairId === '') return false
    return this.#copies.push([model.copyOf(server), server]) > 0
  }

  #restore(model: PairModel, server: Server, draw: (count: number) => number): boolean {
    const copies = this.#copies.filter(([, of]) => of === server)
    if (server.isUp || copies.length === 0) return false
    const isHarmless = this.#rules.restores === 'harmless'
    if (this.#isWounded || (isHarmless && !model.isKnownElsewhere(server))) return false
    const chosen = copies[draw(copies.length)]!
    const [copy] = chosen
    // Younger backups tell of a past that has not been: nobody could know them for what they are.
    this.#copies = this.#copies.slice(0, this.#copies.indexOf(chosen) + 1)
    const rows = new Map([...copy.rows].map(([at, row]) => [at, { ...row }]))
    server.db = { ...copy, rows }
    server.isRestored = true
    this.#isWounded = true
    if (isHarmless) {
      server.isBarred = true
      model.wordGiven = true
    } else this.#hasRestored = true
    return true
  }

  #check(): void {
    const { model } = this
    const rights = model.servers.map(({ db }) => db.record.rights)
    const isTrusted = !this.#hasRestored && this.#rules.word !== 'any'
    if (model.isNormal()) {
      this.#isWounded = false
      model.wordGiven = false
    }
    if (isTrusted && model.violations.length > 0) this.broken = model.violations[0]!
    if (this.#hasRestored || model.wordGiven) return
    if (rights[0] === 'sole' && rights[1] === 'sole') this.broken = 'both sole'
    if (rights.includes('sole') && rights.includes('shared')) this.broken = 'sole and shared'
    for (const at of ADDRESSES) if (model.keySum(at) > 2) this.broken = `three keys of ${at}`
  }

  /** No more faults: they must be normal soon. */
  settle(): void {
    if (this.broken !== '') return
    const { model } = this
    for (const server of model.servers) {
      model.start(server)
      server.isAtWork = false
    }
    model.cut()
    model.refusals = 0
    for (let round = 0; round < 40 && !this.#isDone(); round++) this.#settleOnce(round)
    // Databases of different pairs, brought together by restored backups, are for a human to sort
    // out.
    if (this.#hasRestored && model.refusals > 1) return
    if (!this.#isDone()) this.broken = 'never normal again'
    // What a restored backup forgot may be a key, but none comes to be.
    for (const at of ADDRESSES)
      if (model.keySum(at) > 2 || (model.keySum(at) < 2 && !this.#hasRestored))
        this.broken ||= `${model.keySum(at)} keys of ${at} in the end`
    if (model.refusals > 1) this.broken ||= `${model.refusals} refusals`
  }

  #isDone(): boolean {
    return this.model.isNormal()
  }

  #settleOnce(round: number): void {
    const { model } = this
    const [one, two] = model.servers
    model.tick()
    model.dial(round % 2 === 0 ? one : two)
    for (const server of model.servers) {
      model.deliver(server)
      model.refill(server)
      model.giveBack(server)
    }
  }
}

function campaign(t: Tap, rules: Rules, seeds: number): void {
  let normal = 0
  for (let seed = 0; seed < seeds; seed++) {
    const run = new Run(seed, rules)
    run.play(100 + (seed % 5) * 200)
    run.settle()
    if (run.broken === '') {
      normal++
      continue
    }
    t.fail(`seed ${seed}: ${run.broken}`, { log: run.model.log.slice(-120) })
    return
  }
  t.equal(normal, seeds)
}

type Tap = typeof t

const SEEDS = Number(process.env.SEEDS ?? 1500)

t.test('crashes, cuts, hand-overs and new disks: no address for two clients', async (t) => {
  campaign(t as unknown as Tap, { restores: 'never', word: 'never' }, SEEDS)
})
t.test('a true word of a human does not change that', async (t) => {
  campaign(t as unknown as Tap, { restores: 'never', word: 'true' }, SEEDS)
})
t.test('false words and restored backups heal when the two meet', async (t) => {
  campaign(t as unknown as Tap, { restores: 'any', word: 'any' }, SEEDS)
})
t.test('restored backups heal when the two meet', async (t) => {
  campaign(t as unknown as Tap, { restores: 'any', word: 'never' }, SEEDS)
})
t.test('a backup that forgets what the partner knows gives nothing away', async (t) => {
  campaign(t as unknown as Tap, { restores: 'harmless', word: 'never' }, SEEDS)
})
