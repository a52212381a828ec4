// Edits at both servers of a pair, in any order, through cuts, crashes and reloads: when the two
// have met again and all is said, both have the same subnets.

import t from 'tap'
import type { Edit } from '../../lib/config/edits.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { ADMIN } from './configuration-world.ts'
import { configurationOf, type Office, office } from './edit-office.ts'

const SEEDS = 40
const STEPS = 30

function anEdit(draw: Draw): Edit {
  const subnet = draw(3) + 1
  const path = ['Dhcp4', 'subnet4', { id: subnet }]
  const hardware = `02000000000${draw(6)}`
  switch (draw(5)) {
    case 0:
      return { path, value: { id: subnet, subnet: `10.0.${draw(3)}.0/24` } }
    case 1:
      return { path: [...path, 'valid-lifetime'], value: 600 + draw(50) }
    case 2:
      return draw(2) === 0 ? { path } : { path: [...path, 'reservations'], value: [] }
    case 3:
      return { path: [...path, 'reservations', { 'hw-address': hardware }] }
    default: {
      const value = { 'hw-address': hardware, hostname: `host${draw(9)}` }
      return { path: [...path, 'reservations', { 'hw-address': hardware }], value }
    }
  }
}

function step(one: Office, draw: Draw): void {
  const { lab } = one
  const server = draw(2)
  const machine = lab.server(server)
  const kind = draw(12)
  if (kind === 0) lab.cutLink()
  else if (kind === 1) lab.healLink()
  else if (kind === 2 && machine.isRunning) machine.crash()
  else if (!machine.isRunning) machine.start()
  else if (kind === 3) configurationOf(one, server).reload(ADMIN, () => {})
  else configurationOf(one, server).edit([anEdit(draw)], 'pair', ADMIN, () => {})
  lab.advance(draw(3) === 0 ? 5000 : draw(40))
}

for (let seed = 1; seed <= SEEDS; seed++)
  t.test(`seed ${seed}: both have the same in the end`, async (t) => {
    const one = office([], seed)
    const draw = one.lab.world.draw('edits')
    for (let count = 0; count < STEPS; count++) step(one, draw)
    one.lab.healLink()
    for (const server of one.lab.servers) if (!server.isRunning) server.start()
    t.ok(one.lab.reachNormal(120_000))
    one.lab.advance(30_000)
    const [first, second] = [0, 1].map(
      (server) => configurationOf(one, server).document.Dhcp4!.subnet4,
    )
    t.same(second, first)
    t.same(one.lab.invariants.violations, [])
  })
