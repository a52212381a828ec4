// What an operator does to leases of a pair: at whichever server it is said, it is true at both
// when it is answered, and no address goes to two clients, whatever is cut or crashes meanwhile.
// S1 and S2 are server1 and server2, X is at home at S1, Y at S2.

import t from 'tap'
import { createPair, type PairLab, type PairSettings } from '../../lib/lab/pair.ts'
import { bindingOf } from '../../lib/leases/binding.ts'
import { type ClientIdentity, LEASE_STATE } from '../../lib/leases/lease.ts'
import type { StatedLease } from '../../lib/server/amend/amendment.ts'
import { Order, stated } from '../server/amending.ts'
import {
  bind,
  bindAt,
  both,
  FOUR,
  HOUR,
  HOUR_MS,
  only,
  poolOf,
  S1,
  S2,
  stage,
  X,
  Y,
} from './pair-stage.ts'
import { FAMILIES, type StageFamily } from './pair-stage6.ts'
import { freeHand, weakPorts } from './pair-weakness.ts'

type Row = ReturnType<PairLab['servers'][number]['disk']['durableRow']>

/** A pair that works, and its operator. */
class Operated {
  readonly lab: PairLab
  readonly #family: StageFamily

  constructor(family: StageFamily, more: Partial<PairSettings> = {}) {
    const settings = family.settingsOf({ settings: stage(poolOf(FOUR, HOUR)) })
    this.lab = family.stageOf(createPair({ ...settings, ...more }))
    this.#family = family
    if (!this.lab.reachNormal()) throw new Error('the pair does not become normal')
    this.lab.advance(2000)
  }

  /** `owner`: which of the two clients is to have it. */
  add(server: number, address: number, owner: 0 | 1, more: Partial<StatedLease> = {}): Order {
    return this.#order(server, { kind: 'add', lease: this.#stated(address, owner, more) })
  }

  update(server: number, address: number, owner: 0 | 1, more: Partial<StatedLease> = {}): Order {
    return this.#order(server, { kind: 'update', lease: this.#stated(address, owner, more) })
  }

  del(server: number, address: number): Order {
    return this.#order(server, { kind: 'delete', key: this.#family.keyOf(address) })
  }

  said(order: Order): string | undefined {
    this.lab.world.advanceUntil(() => order.said !== undefined, 20_000)
    return order.said
  }

  row(server: number, address: number): Row {
    return this.lab.server(server).disk.durableRow(address)
  }

  identityOf(owner: 0 | 1): ClientIdentity {
    const own = this.lab.clients6[owner]?.machine.settings
    if (own === undefined) {
      const { hwAddress } = this.lab.clients[owner]!.machine.settings
      return { htype: 1, hwAddress, clientId: '' }
    }
    const { kind, iaid } = own.ias[0]!
    return { htype: 0, hwAddress: '', clientId: bindingOf(kind, iaid, own.duid) }
  }

  #order(server: number, ...amendments: ConstructorParameters<typeof Order>[1][]): Order {
    return new Order(this.lab.server(server).server, ...amendments)
  }

  #stated(address: number, owner: 0 | 1, more: Partial<StatedLease>): StatedLease {
    const client = this.identityOf(owner)
    return { ...stated(address, ''), key: this.#family.keyOf(address), client, ...more }
  }
}

for (const family of FAMILIES) {
  for (const index of [0, 1])
    for (const [name, address] of [
      ['X', X],
      ['Y', Y],
    ] as const)
      t.test(
        `${family.name}: ${name} is given by an operator’s word at S${index + 1}`,
        async (t) => {
          const pair = new Operated(family)
          const { lab } = pair
          const [a, b] = both(lab)
          t.equal(pair.said(pair.add(index, address, 0)), 'added')
          for (const server of [0, 1])
            t.match(
              pair.row(server, address),
              { state: LEASE_STATE.assigned, ...pair.identityOf(0) },
              `on the disk of S${server + 1}`,
            )
          t.ok(bind(lab, a))
          t.equal(a.ipv4, address)
          t.notOk(bindAt(lab, b, index === 0 ? S2 : S1, address) && b.ipv4 === address)
          t.same(lab.invariants.violations, [])
        },
      )

  t.test(`${family.name}: a lease is deleted at either server, whoever gave it`, async (t) => {
    for (const index of [0, 1]) {
      const pair = new Operated(family)
      const { lab } = pair
      const [a] = both(lab)
      t.ok(bindAt(lab, a, S1, X))
      lab.advance(5000)
      a.stop()
      t.equal(pair.said(pair.del(index, X)), 'deleted')
      lab.advance(500)
      for (const server of [0, 1])
        t.match(pair.row(server, X), { state: LEASE_STATE.released, validLifetime: 0 })
      t.equal(pair.said(pair.del(1 - index, X)), 'missing: there is no lease')
      t.same(lab.invariants.violations, [])
    }
  })

  t.test(
    `${family.name}: what was declined is free at both when it is deleted at one`,
    async (t) => {
      const pair = new Operated(family)
      const { lab } = pair
      const [a] = both(lab)
      const declined = { state: LEASE_STATE.declined, validLifetime: 86_400 }
      t.equal(pair.said(pair.add(0, X, 0, declined)), 'added')
      t.equal(pair.said(pair.del(1, X)), 'deleted')
      t.equal(pair.said(pair.add(1, X, 0)), 'added')
      t.ok(bind(lab, a))
      t.equal(a.ipv4, X)
    },
  )

  t.test(
    `${family.name}: while the partner is away, its keys are not to be had, and what is here is`,
    async (t) => {
      const pair = new Operated(family)
      const { lab } = pair
      lab.crash(1)
      lab.advance(10_000)
      t.match(pair.said(pair.add(0, Y, 0)), /^conflict: server2 has its keys, and is not connected/)
      t.equal(pair.said(pair.add(0, X, 0)), 'added')
      lab.start(1)
      t.ok(lab.reachNormal())
      lab.advance(5000)
      t.match(pair.row(1, X), { state: LEASE_STATE.assigned })
    },
  )

  t.test(
    `${family.name}: a partner that is cut off in between leaves nothing half done`,
    async (t) => {
      const pair = new Operated(family)
      const { lab } = pair
      const order = pair.add(0, Y, 0)
      lab.cutLink()
      t.match(pair.said(order), /^conflict: server2 /)
      t.equal(pair.row(0, Y)?.state ?? LEASE_STATE.free, LEASE_STATE.free)
      const [, b] = both(lab)
      lab.healLink()
      t.ok(lab.reachNormal())
      lab.advance(5000)
      t.equal(pair.said(pair.add(0, Y, 0)), 'added')
      t.ok(bind(lab, b))
      t.not(b.ipv4, Y)
      t.same(lab.invariants.violations, [])
    },
  )

  t.test(
    `${family.name}: cut in two, each deletes and gives what it has the keys of alone`,
    async (t) => {
      const pair = new Operated(family)
      const { lab } = pair
      const [a, b] = both(lab)
      t.ok(bindAt(lab, a, S1, X))
      lab.advance(5000)
      lab.cutLink()
      lab.advance(10_000)
      // A renews at S2, which S1 does not hear of.
      only(lab, a, S2)
      lab.advance(0.9 * HOUR_MS)
      t.equal(a.ipv4, X)
      t.equal(pair.said(pair.del(0, X)), 'deleted', 'S1 knows no better')
      t.match(pair.said(pair.add(0, X, 1)), /^conflict: server2 has its keys/, 'but nobody gets it')
      bindAt(lab, b, S1, X)
      t.not(b.ipv4, X)
      lab.healLink()
      t.ok(lab.reachNormal())
      lab.advance(5000)
      t.match(pair.row(0, X), { state: LEASE_STATE.assigned }, 'A has it, as S2 knew')
      t.match(pair.said(pair.add(0, X, 1)), /^exists/)
      t.same(lab.invariants.violations, [])
    },
  )

  t.test(
    `${family.name}: a partner of a version that knows no question is not asked`,
    async (t) => {
      const hears = (message: string | Uint8Array) =>
        typeof message === 'string' ? message.replace('"asks":true,', '') : message
      const pair = new Operated(family, { ports: weakPorts({ hears }, () => true, [])! })
      t.match(
        pair.said(pair.add(0, Y, 0)),
        /^conflict: server2 .* of a version that cannot be asked/,
      )
      t.equal(pair.said(pair.add(0, X, 0)), 'added')
    },
  )

  t.test(`${family.name}: who does not answer is not waited for`, async (t) => {
    const hears = (message: string | Uint8Array) =>
      typeof message === 'string' && message.startsWith('{"type":"told"') ? undefined : message
    const ports = weakPorts({ servers: [S1], hears }, () => true, [])!
    const pair = new Operated(family, { ports })
    t.match(pair.said(pair.add(0, Y, 0)), /^conflict: server2 .* has not answered/)
    t.equal(pair.said(pair.add(0, Y, 0)), 'added', 'its keys are here by now')
    t.same(pair.lab.invariants.violations, [])
  })

  // Rule 3a. The same, and S1 believes that it has both keys of every address.
  t.test(
    `${family.name}: who gives by an operator’s word without the keys is found out`,
    async (t) => {
      const pair = new Operated(family, { ports: weakPorts(freeHand(S1), () => true, [])! })
      const { lab } = pair
      const [a, b] = both(lab)
      t.ok(bindAt(lab, a, S1, X))
      lab.advance(5000)
      lab.cutLink()
      lab.advance(10_000)
      only(lab, a, S2)
      lab.advance(0.9 * HOUR_MS)
      t.equal(pair.said(pair.del(0, X)), 'deleted')
      t.equal(pair.said(pair.add(0, X, 1)), 'added')
      bindAt(lab, b, S1, X)
      t.match(
        lab.invariants.violations.filter((one) => one.includes('is valid for')),
        [/./],
      )
    },
  )

  for (const crashed of [0, 1])
    t.test(
      `${family.name}: S${crashed + 1} crashes in between: who was answered has it`,
      async (t) => {
        for (let wait = 0; wait < 12; wait++) {
          const pair = new Operated(family)
          const { lab } = pair
          const order = pair.add(0, Y, 0)
          lab.advance(wait)
          const answer = order.said
          lab.crash(crashed)
          lab.advance(1000)
          lab.start(crashed)
          t.ok(lab.reachNormal())
          lab.advance(5000)
          if (answer === 'added') t.match(pair.row(1 - crashed, Y), { state: LEASE_STATE.assigned })
          const [one, other] = [pair.row(0, Y), pair.row(1, Y)]
          t.equal(one?.state, other?.state, `${wait} ms: ${answer}`)
          t.same(lab.invariants.violations, [])
        }
      },
    )

  t.test(
    `${family.name}: a lease that the partner alone has the keys of is changed and deleted here`,
    async (t) => {
      const pair = new Operated(family)
      const { lab } = pair
      const [, b] = both(lab)
      lab.cutLink()
      lab.advance(5000)
      t.ok(bindAt(lab, b, S2, Y))
      lab.healLink()
      t.ok(lab.world.advanceUntil(() => pair.row(0, Y) !== undefined, 20_000))
      const named = { hostname: 'printer' }
      t.equal(pair.said(pair.update(0, Y, 1, named)), 'changed')
      lab.advance(500)
      t.match(pair.row(1, Y), named)
      b.stop()
      t.equal(pair.said(pair.del(0, Y)), 'deleted')
      lab.advance(2 * HOUR_MS)
      t.same(lab.invariants.violations, [])
    },
  )
}
