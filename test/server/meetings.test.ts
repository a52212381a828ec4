// Who dials and whose connection stays, in every order of events: two servers as far as meetings
// go, and wires between them on which whatever is under way may arrive next.

import t from 'tap'
import type { Agreement } from '../../lib/ha/handshake.ts'
import type { Hello } from '../../lib/ha/link-messages.ts'
import type { LinkConnection } from '../../lib/ports/link.ts'
import { Meetings } from '../../lib/server/pair/meetings.ts'
import { haPlan } from '../ha/ha-plans.ts'

/** One server as far as meetings go. */
class Greeter {
  readonly meetings: Meetings
  readonly name: string
  /** Everything that it was told, in order: two of one history are alike. */
  readonly history: string[] = []
  #turn = 0

  constructor(crossing: Crossing, role: 'primary' | 'secondary') {
    const plan = haPlan('load-balancing', role)
    this.name = plan.thisServer.name
    // The backup of the plan is switched off.
    const dial = (peer: string) => peer === plan.partner!.name && crossing.dial(this)
    const link = { open() {}, dial, close() {} }
    this.meetings = new Meetings(plan, link, {
      now: () => 0,
      isReady: () => true,
      hello: () => ({ ...HELLO, name: this.name, role, instance: role, turn: ++this.#turn }),
      isReplaced: () => false,
      isCurrent: () => true,
      judge: () => ({ kind: 'agree' }) as Agreement,
      met: () => {},
      lost: () => {},
      dialFailed: () => {},
      unanswered: () => {},
      refused: () => {},
      away: () => {},
      isWaitedFor: () => false,
      contain: (_, action) => action(),
    })
  }
}

const HELLO: Omit<Hello, 'name' | 'role' | 'instance' | 'turn'> = {
  type: 'hello',
  version: 1,
  software: '',
  mode: 'load-balancing',
  database: 'd',
  position: 0,
  applied: 0,
  appliedDatabase: '',
  clock: 0,
  appliedClock: 0,
  pairId: '',
  candidateId: 'c',
  side: 0,
  rights: 'none',
  noneBecause: 'fresh',
  handOver: 0,
  longestLifetime: 0,
  fingerprint: '',
  state: 'waiting',
}

/** What is on its way to one end of a wire: what is told there, and what that is called. */
type Lane = { readonly to: Greeter; readonly what: string; readonly tell: () => void }[]

interface WireEnd extends LinkConnection {
  isOpen: boolean
  readonly wire: number
}

/** Two greeters and the wires between them; what happens next is chosen by number. */
class Crossing {
  readonly greeters = [new Greeter(this, 'primary'), new Greeter(this, 'secondary')] as const
  /** What is on its way, in order, for each end of each wire. */
  readonly #lanes: Lane[] = []
  /** Told when the call under way is over. */
  readonly #soon: (() => void)[] = []
  readonly ends: WireEnd[] = []
  #wires = 0

  /** Each of the two will look around twice, whenever that is. */
  constructor() {
    for (const to of this.greeters)
      this.#lanes.push(
        [0, 1000].map((now) => ({ to, what: `turn ${now}`, tell: () => to.meetings.turn(now) })),
      )
  }

  get pending(): Lane[] {
    return this.#lanes.filter((lane) => lane.length > 0)
  }

  dial(from: Greeter): void {
    const to = this.#other(from)
    const wire = this.#wires++
    const lanes = [[], []] as Lane[]
    this.#lanes.push(...lanes)
    const near = this.#end(from, to, lanes[0]!, lanes[1]!, wire, to.name)
    const far = this.#end(to, from, lanes[1]!, lanes[0]!, wire, '')
    near.peer = far
    far.peer = near
    const what = `open ${wire}`
    lanes[0]!.push({ to: from, what, tell: () => from.meetings.opened(near.end, 0) })
    lanes[1]!.push({ to, what, tell: () => to.meetings.opened(far.end, 0) })
  }

  step(choice: number): void {
    const { to, what, tell } = this.pending[choice]!.shift()!
    to.history.push(what)
    tell()
    for (const action of this.#soon.splice(0)) action()
  }

  /** Both let time pass: who is missed is dialled. */
  turn(now: number): void {
    for (const { meetings } of this.greeters) meetings.turn(now)
    while (this.pending.length > 0) this.step(0)
  }

  /** What is wrong, '' when both have one and the same connection, or both have none. */
  trouble(): string {
    const [one, other] = this.greeters.map(({ meetings, name }) =>
      meetings.with(name === 'server1' ? 'server2' : 'server1'),
    ) as [{ connection: WireEnd } | undefined, { connection: WireEnd } | undefined]
    if (one?.connection.wire !== other?.connection.wire)
      return `server1 has ${one?.connection.wire}, server2 ${other?.connection.wire}`
    const open = this.ends.filter(({ isOpen }) => isOpen).length
    return open === (one === undefined ? 0 : 2) ? '' : `${open} ends are open`
  }

  get isMet(): boolean {
    return this.greeters[0].meetings.with('server2') !== undefined
  }

  #other(one: Greeter): Greeter {
    return one === this.greeters[0] ? this.greeters[1] : this.greeters[0]
  }

  #end(own: Greeter, other: Greeter, arriving: Lane, out: Lane, wire: number, dialled: string) {
    const half: { peer?: { end: WireEnd }; end: WireEnd } = {
      end: {
        wire,
        dialled,
        remote: '192.0.2.1:1',
        certificateNames: undefined,
        buffered: 0,
        isOpen: true,
        confirm: () => {},
        send: (message) => {
          if (!half.end.isOpen) return
          const { end } = half.peer!
          const tell = () => void (end.isOpen && other.meetings.message(end, message))
          out.push({ to: other, what: `hello ${wire}`, tell })
        },
        close: (reason) => {
          if (!half.end.isOpen) return
          half.end.isOpen = false
          // Whatever is still on its way here changes nothing any more.
          arriving.length = 0
          const { end } = half.peer!
          this.#soon.push(() => own.meetings.closed(half.end, reason))
          const tell = () => {
            if (!end.isOpen) return
            end.isOpen = false
            other.meetings.closed(end, 'closed there')
          }
          out.push({ to: other, what: `close ${wire}`, tell })
        },
      },
    }
    this.ends.push(half.end)
    return half
  }
}

t.test('dials that cross: one connection remains, whatever the order', async (t) => {
  let met = 0
  const troubles = new Set<string>()
  const seen = new Set<string>()
  const ends = new Set<string>()
  const paths: number[][] = [[]]
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const crossing = new Crossing()
    for (const choice of path) crossing.step(choice)
    const state = crossing.greeters.map(({ history }) => history.join()).join(' | ')
    if (seen.has(state)) continue
    seen.add(state)
    for (const choice of crossing.pending.keys()) paths.push([...path, choice])
    if (crossing.pending.length > 0) continue
    ends.add(state)
    if (crossing.trouble() !== '') troubles.add(crossing.trouble())
    if (crossing.isMet) met++
    for (let round = 1; round < 4 && !crossing.isMet; round++) crossing.turn(round * 1000)
    if (!crossing.isMet) troubles.add('they never meet')
    if (crossing.trouble() !== '') troubles.add(`later: ${crossing.trouble()}`)
  }
  t.same([...troubles], [])
  t.ok(ends.size > 100, `${ends.size} ends, ${seen.size} states`)
  t.equal(met, ends.size, 'they have met without another dial')
})
