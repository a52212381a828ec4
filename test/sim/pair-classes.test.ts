// Classes of clients in a pair: beside those of its servers, guards name others, and both servers
// give by them. S1 answers client A, S2 client B.

import t from 'tap'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { HaDocument } from '../../lib/config/keys/ha-document.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import { bind, both, HOUR, HOUR_MS, hardwareAddress, stage } from './pair-stage.ts'

type Members = Record<string, unknown>

/** Phones are known by their name. */
const VOICE = { name: 'voice', test: "option[12].hex == 'phone'" }
const PHONE = { hostname: 'phone' }

const pool = (first: number, ...classes: string[]) => ({
  pool: `192.0.2.${first} - 192.0.2.${first + 9}`,
  'client-classes': classes,
})

function pairOf(dhcp4: Members, ha: Partial<HaDocument> = {}, a: object = {}, b: object = {}) {
  const plans = pairPlans(pairConfig({ dhcp4: { 'valid-lifetime': HOUR, ...dhcp4 }, ha }))
  return createPair({ ...stage({}, a, b), plans })
}

const given = (lab: PairLab) => both(lab).map(({ ipv4 }) => textFromIpv4(ipv4))

t.test('client-classes: pools for phones of either server, and what is left', async (t) => {
  const pools = [pool(10, 'voice'), pool(30, 'HA_server1'), pool(50, 'HA_server2')]
  const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', pools }]
  const lab = pairOf({ 'client-classes': [VOICE], subnet4 }, {}, PHONE)
  t.ok(lab.reachNormal())
  for (const client of both(lab)) t.ok(bind(lab, client))
  const [phone, other] = given(lab)
  t.match(phone, /^192\.0\.2\.1\d$/)
  t.match(other, /^192\.0\.2\.5\d$/)
  t.test('the partner renews by them, too, and gives by them what it holds', async (t) => {
    lab.advance(2000)
    lab.crash(0)
    lab.advance(2 * HOUR_MS)
    t.same(given(lab), [phone, other])
    t.same(lab.invariants.violations, [])
  })
})

t.test("client-classes: member('HA_server1') in a test", async (t) => {
  const own = { name: 'own', test: "member('HA_server1') and not member('voice')" }
  const pools = [pool(10, 'own'), pool(30, 'voice')]
  const classes = { 'client-classes': [VOICE, own] }
  const lab = pairOf(
    { ...classes, subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools }] },
    {},
    {},
    PHONE,
  )
  t.ok(lab.reachNormal())
  for (const client of both(lab)) t.ok(bind(lab, client))
  const [a, b] = given(lab)
  t.match([a, b], [/^192\.0\.2\.1\d$/, /^192\.0\.2\.3\d$/])
})

/** Silence for a minute is none yet; without clients that wait the takeover comes after two. */
const SLOW = { 'max-unacked-clients': 1, 'max-response-delay': 60_000 }

// A client that the configuration denies an answer repeats its DISCOVER for ever, and says that it
// has waited long: that is no sign that the partner is gone.
for (const name of ['DROP', 'REJECT', 'voice'])
  t.test(`max-unacked-clients: who is in ${name} while the partner is silent`, async (t) => {
    const isPhone = "option[12].hex == 'phone'"
    const classes = { 'client-classes': [{ name, test: `${isPhone} or member('UNKNOWN')` }] }
    const of1 = hardwareAddress(0, 1)
    const lab = pairOf(classes, SLOW, {}, { hwAddress: of1 })
    t.ok(lab.reachNormal())
    lab.cutLink()
    lab.pause(0)
    for (const client of both(lab)) client.start()
    lab.advance(100_000)
    t.equal(lab.states()[1], name === 'voice' ? 'partner-down' : 'communication-recovery')
  })
