// What is found anew for every query allocates nothing once it was found before.

import t from 'tap'
import { Sweep } from '../../lib/classify/sweep.ts'
import { loadPlan } from '../../lib/config/load.ts'
import { ReplyOptions4 } from '../../lib/dhcp4/reply-options.ts'
import type { Selection } from '../../lib/dhcp4/selection.ts'
import { block } from '../../lib/wire/options/enterprises.ts'
import { bytesPerStep } from '../bench/allocations.ts'
import { choiceCost } from '../bench/campus-choice.ts'
import { campusDocument } from '../bench/campus-file.ts'
import { DISCOVER, testOf } from '../classify/said.ts'
import {
  enterprise,
  entry,
  inClasses,
  level,
  queryWith,
  reservationOf,
  setOf,
  vendorLevel,
} from './option-levels.ts'
import { documentWith, ip, requestList, SERVER, TestServer } from './test-server.ts'

/** A step that allocates one object of two words or more is seen; what measures it is below. */
const NOTHING = 1

t.test('options by pool, classes, reservation, enterprise and request list', async (t) => {
  const always = { always: true } as const
  const ofClasses = Array.from({ length: 40 }, (_, number) => level(entry(200 + number, 'own')))
  const options = new ReplyOptions4(ofClasses)
  const set = setOf({
    global: vendorLevel(enterprise(4491, [], [entry(2, 'tftp'), entry(5, 'a', always)])),
    pool: level(entry(3, 'rrrr'), entry(42, 'n', { tag: [7, 12] })),
  })
  const reservations = [undefined, reservationOf(level(entry(12, 'printer')))]
  const classes = [[], [3, 7], [7, 3, 39, 12], [30, 31, 32, 33, 34, 35]].map((numbers) =>
    inClasses(...numbers),
  )
  const queries = [
    queryWith(requestList(1, 3, 6)),
    queryWith({ ...requestList(3, 42, 230), 125: block(4491, '\x01\x02\x02\x05') }),
    queryWith({ 124: block(4491, 'docsis') }),
  ]
  const found = new Set<Selection>()
  let last: Selection | undefined
  const step = (round: number) => {
    const reservation = reservations[round & 1]
    last = options.select(set, classes[round & 3]!, reservation, queries[round % 3]!)
  }
  for (let round = 0; round < 12; round++) {
    step(round)
    found.add(last!)
  }
  t.equal(found.size, 12, 'each of them is another one')
  t.ok(bytesPerStep(step) < NOTHING)
})

t.test('ranges and reach by class', async (t) => {
  const pools = [
    { pool: '192.0.2.10 - 192.0.2.19', 'client-classes': ['phones'] },
    { pool: '192.0.2.20 - 192.0.2.29', 'client-classes': ['printers', 'others'] },
    { pool: '192.0.2.30 - 192.0.2.39' },
  ]
  const { plan } = new TestServer(documentWith({ pools }))
  const subnet = plan.subnets[0]!
  const numbers = ['phones', 'printers', 'others'].map((name) => plan.classes.numberOf(name)!)
  const classes = [[], [numbers[0]!], [numbers[1]!], numbers].map((own) => inClasses(...own))
  const address = ip('192.0.2.25')
  let seen = 0
  const step = (round: number) => {
    const own = classes[round & 3]!
    seen = subnet.rangesFor(own).length + subnet.reachFor(own).ranges.length
    if (subnet.isDynamic(address, own)) seen++
  }
  const counts = [0, 1, 2, 3].map((round) => {
    step(round)
    return seen
  })
  t.strictSame(counts, [2, 4, 5, 7])
  t.ok(bytesPerStep(step) < NOTHING)
})

t.test('classes by their tests, but for strings of what they read', async (t) => {
  const number = (at: number): string => at.toString(16).padStart(4, '0')
  const texts = [
    ...Array.from({ length: 50 }, (_, at) => `option[93].hex == 0x${number(at)}`),
    ...Array.from({ length: 50 }, (_, at) => `pkt4.mac == 0x08002b02${number(0x3f00 + at)}`),
    "substring(option[60].hex,0,9) == 'PXEClient'",
    "substring(option[60].hex,0,4) == 'MSFT' or option[77].hex == 'iPXE'",
    "option[80].exists and not member('B') and option[12].hex == 'Host-One'",
    "ifelse(member('ALL'), option[12].hex, option[60].hex) == 'other'",
  ]
  let matched = 0
  const sink = {
    matched(): void {
      matched++
    },
    gave(): void {},
    failed(): void {},
  }
  const sweep = new Sweep(texts.map((text) => testOf(text)))
  const step = (): void => sweep.run(DISCOVER, sink)
  step()
  t.equal(matched, 4)
  t.ok(bytesPerStep(step) < NOTHING)
})

t.test('classes of a query, step by step', async (t) => {
  const pools = [{ pool: '192.0.2.10 - 192.0.2.19', 'client-classes': ['ours', 'gold'] }]
  const reservations = [{ 'hw-address': '02:00:5e:10:00:01', 'client-classes': ['gold'] }]
  const server = new TestServer({
    ...documentWith({ pools, reservations, interface: 'eth0' }),
    'early-global-reservations-lookup': true,
    'client-classes': [
      { name: 'all', test: "member('ALL')" },
      { name: 'gold' },
      { name: 'shiny', test: "member('gold')" },
      { name: 'ours', test: "member('KNOWN') and member('shiny')" },
      { name: 'DROP', test: "member('UNKNOWN')" },
    ],
  })
  const query = queryWith({})
  const { arrival, now, owner } = server
  const denied = ['\x01', '\x02'].map((last) => {
    const client = { htype: 1, hwAddress: `\x02\x00\x5e\x10\x00${last}`, clientId: '' }
    return { query, client, owner, arrival, now, heard: undefined }
  })
  const step = (round: number) => server.engine.isDenied(denied[round & 1]!)
  t.same([step(0), step(1)], [false, true])
  t.ok(bytesPerStep(step) < NOTHING)
})

t.test('all choices for clients of a campus, once their messages are read', async (t) => {
  const text = JSON.stringify({
    Dhcp4: { 'interfaces-config': { interfaces: ['*'] }, ...campusDocument(3) },
  })
  const { plan, problems } = loadPlan(text, 'f', () => undefined, { stateDirectory: undefined })
  t.notOk(problems.some(({ severity }) => severity === 'error'))
  const link = { name: 'eth0', addresses: [{ address: SERVER, length: 24 }] }
  const arrival = { link, address: ip('192.0.2.9'), port: 67, to: 0 }
  const { bytes, classes } = choiceCost(plan!.dhcp4!, arrival)
  t.ok(classes > 8, `${classes} classes each`)
  t.ok(bytes < NOTHING, `${bytes}`)
})

t.test('the measure sees a single object', async (t) => {
  const kept: unknown[] = [undefined]
  const bytes = bytesPerStep((round) => {
    kept[0] = { round }
  })
  t.ok(bytes > 8, `${bytes}`)
})
