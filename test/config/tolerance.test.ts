// Files of real networks with one odd entry in them: what Kea serves is served, told with its
// place, and one bad reservation is never why a whole network has no DHCP.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { hexFromOctets, octetsFromHex } from '../../lib/bytes/octets.ts'
import { type Loaded, loadPlan } from '../../lib/config/load.ts'
import { knownAs } from '../../lib/config/plan/known4.ts'
import type { Subnet4 } from '../../lib/config/plan/plan4.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

function load(subnet: string, beside = ''): Loaded {
  const text = `{"Dhcp4": {"interfaces-config": {"interfaces": ["*"]}, "subnet4": [
{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10 - 192.0.2.99"}],
${subnet}}]}${beside}}`
  return loadPlan(text, 'f', () => undefined, { stateDirectory: '/tmp' })
}

/** Lines with their severity, without infos. */
function said({ problems }: Loaded): string[] {
  return problems
    .filter(({ severity }) => severity !== 'info')
    .map((problem) => `${problem.severity} ${formatProblem(problem)}`)
}

function subnetOf({ plan, problems }: Loaded): Subnet4 {
  if (plan === undefined) throw new Error(problems.map(formatProblem).join('\n'))
  return plan.dhcp4!.subnets[0]!
}

const RESERVATIONS = 'Dhcp4.subnet4[0].reservations'

function reservedName(loaded: Loaded, hw = '020000000001'): string | undefined {
  const hwAddress = octetsFromHex(hw)!
  const known = knownAs({ htype: 1, hwAddress, clientId: '' })
  return subnetOf(loaded).ownReservations?.of(known)?.hostname
}

function withHostname(hostname: string): Loaded {
  return load(`"reservations": [\n{"hw-address": "02:00:00:00:00:01", "hostname": "${hostname}"}]`)
}

t.test('names that people give to devices are sent as they stand', async (t) => {
  const labels = 'labels of letters, digits and hyphens, at most 63 each and 253 in all'
  for (const name of ['front desk', 'café', 'a..b', 'x'.repeat(70), 'Jörg’s iPad']) {
    const loaded = withHostname(name)
    t.equal(reservedName(loaded), name)
    t.same(said(loaded), [
      `warning f:4:49 ${RESERVATIONS}[0].hostname: '${name}' is no host name and is sent so (${labels})`,
    ])
  }
  for (const name of ['bell\\u0007', 'two\\nlines', 'é'.repeat(127)]) {
    const loaded = withHostname(name)
    t.equal(reservedName(loaded), '', 'the rest of the reservation counts')
    t.match(said(loaded), [/^error f:4:49 .*is not a host name/])
  }
})

t.test('one bad reservation of many', async (t) => {
  const cases: readonly (readonly [entry: string, says: RegExp])[] = [
    ['"hw-address": "zz", "ip-address": "192.0.2.20"', /^error f:5:16 .*is not a hw-address/],
    ['"hw-address": 7, "ip-address": "192.0.2.20"', /^error f:5:16 .*7 is not a text/],
    ['"ip-address": "192.0.2.20"', /^error f:5:1 .*no identifier/],
    ['"hw-addres": "02:00:00:00:00:02", "ip-address": "192.0.2.20"', /did you mean "hw-address"/],
    ['"duid": "x", "ip-address": "192.0.2.20"', /^error f:5:10 .*'x' is not a duid/],
    ['"identifiers": [], "ip-address": "192.0.2.20"', /^error f:5:17 .*no identifier/],
    ['"hw-address": "02:00:00:00:00:01", "ip-address": "192.0.2.20"', /has a reservation here/],
    ['"hw-address": "01", "client-id": "01", "ip-address": "192.0.2.20"', /both hw-address and/],
  ]
  for (const [entry, says] of cases) {
    const loaded = load(`"reservations": [
{"hw-address": "02:00:00:00:00:01", "hostname": "one"},
{${entry}},
{"hw-address": "02:00:00:00:00:03", "hostname": "three"}]`)
    t.match(said(loaded), [says], entry)
    t.equal(reservedName(loaded), 'one')
    t.equal(reservedName(loaded, '020000000003'), 'three')
    const address = ipv4FromText('192.0.2.20')!
    t.equal(
      subnetOf(loaded).ownReservations?.at(address).length,
      1,
      'its address is for nobody else',
    )
    t.same([...loaded.plan!.dhcp4!.reservedAddresses()], [address])
    const nobody = { htype: 0, hwAddress: '', clientId: '' }
    t.equal(subnetOf(loaded).ownReservations?.of(knownAs(nobody)), undefined)
  }

  t.test('an entry whose address is wrong costs itself alone', async (t) => {
    for (const address of ['192.0.2', '192.0.3.1', '']) {
      const loaded = load(`"reservations": [
{"hw-address": "02:00:00:00:00:01", "ip-address": "${address}"},
{"hw-address": "02:00:00:00:00:03", "hostname": "three"}]`)
      t.match(said(loaded), [/^error f:4:51 /])
      t.same([reservedName(loaded), reservedName(loaded, '020000000003')], [undefined, 'three'])
    }
  })

  t.test('a list that is none, or a slip elsewhere, is another matter', async (t) => {
    for (const members of ['"reservations": {}', '"pools": [{"pool": 7}]', '"id": 1, "relayy": {}'])
      t.equal(load(members).plan, undefined)
  })
})

function optionOf(loaded: Loaded, code: number): string {
  return hexFromOctets(subnetOf(loaded).options.values.get(code)!.data)
}

t.test('commas in a text', async (t) => {
  const doubt = 'its commas count as part of the text, where Kea ends it: write \\\\, for each'
  const cases: readonly (readonly [name: string, code: number, data: string, sent: string])[] = [
    ['pcode', 100, 'EST5EDT4,M3.2.0/02:00,M11.1.0', 'EST5EDT4,M3.2.0/02:00,M11.1.0'],
    ['root-path', 17, '10.0.0.1:/nfs, vers=3,,ro', '10.0.0.1:/nfs, vers=3,,ro'],
    ['slp-service-scope', 79, 'true, a\\\\,b,c', '\x01a,b,c'],
  ]
  for (const [name, code, data, sent] of cases) {
    const loaded = load(`"option-data": [\n{"name": "${name}", "data": "${data}"}]`)
    t.equal(Buffer.from(optionOf(loaded, code), 'hex').toString('latin1'), sent)
    t.match(said(loaded).length, 1)
    t.match(said(loaded)[0], `warning f:4:${name.length + 22} `)
    t.match(said(loaded)[0], doubt)
  }
  const escaped = load('"option-data": [{"name": "pcode", "data": "a\\\\,b\\\\\\\\c"}]')
  t.equal(Buffer.from(optionOf(escaped, 100), 'hex').toString(), 'a,b\\c')
  const trailing = load('"option-data": [{"name": "pcode", "data": "a,"}]')
  t.equal(optionOf(trailing, 100), '61')
  t.same([...said(escaped), ...said(trailing)], [])
  const many = load('"option-data": [{"name": "ip-forwarding", "data": "true, true"}]')
  t.match(said(many), [/^warning .* ip-forwarding: the last value is left out, as by Kea/])
})

t.test('an option twice in one list: the last one counts, as in Kea', async (t) => {
  const loaded = load(`"option-data": [{"name": "routers", "data": "192.0.2.1"},
{"code": 3, "data": "192.0.2.2"}]`)
  t.equal(optionOf(loaded, 3), 'c0000202')
  t.same(said(loaded), [
    'warning f:4:1 Dhcp4.subnet4[0].option-data[1]: routers stands in this list a second time, and counts instead of the first (the first is option-data[0])',
  ])
})

t.test('hexadecimal with an odd number of digits', async (t) => {
  for (const data of ['abc', '0xabc']) {
    const loaded = load(`"option-data": [\n{"code": 224, "csv-format": false, "data": "${data}"}]`)
    t.equal(optionOf(loaded, 224), '0abc')
    t.same(said(loaded), [
      'warning f:4:44 Dhcp4.subnet4[0].option-data[0].data: option 224: a digit is missing, so 0abc is sent, as by Kea',
    ])
  }
})

t.test('two commas in a row', async (t) => {
  const loaded = load(
    '"option-data": [{"name": "routers", "data": "192.0.2.1"},,\n{"code": 7, "data": "192.0.2.7",}]',
  )
  t.equal(optionOf(loaded, 3), 'c0000201')
  t.match(said(loaded), [/^warning f:3:58: two commas in a row/, /^warning f:4:32: a comma before/])
})

t.test('no class, and the class of all', async (t) => {
  for (const classes of [
    '"client-class": ""',
    '"client-class": "ALL"',
    '"client-classes": [""]',
    '"client-classes": ["ALL", "phones"]',
  ]) {
    const loaded = load(classes)
    t.equal(subnetOf(loaded).guard, subnetOf(load('"comment": ""')).guard)
    t.ok(said(loaded).every((line) => /^warning .*client-class: an old spelling/.test(line)))
  }
  const closed = load('"client-class": "phones"')
  t.not(subnetOf(closed).guard, undefined)
  t.match(said(closed)[1], /client-class: no client is ever in the class phones/)
})

t.test('loggers beside the server, as before Kea 1.6', async (t) => {
  const logger = '{"name": "kea-dhcp4", "severity": "debug", "output_options": [{"output": "x"}]}'
  const beside = `,\n"Logging": {"loggers": [${logger}]}`
  const loaded = load('"comment": ""', beside)
  t.match(loaded.plan?.loggers, [
    { name: 'kea-dhcp4', severity: 'debug', outputs: [{ to: 'x', keep: 1 }] },
  ])
  t.match(said(loaded), [
    /^warning f:4:12 Logging: an old spelling \(write its loggers into Dhcp4 or Dhcp6\)/,
    /^warning f:4:68 .*output_options: an old spelling/,
  ])
  const text = `{"Dhcp4": {"loggers": [{"name": "kea-dhcp4"}]}${beside}}`
  const both = loadPlan(text, 'f', () => undefined, { stateDirectory: '/tmp' })
  t.match(both.plan?.loggers, [{ severity: 'info' }], 'those inside go first')
})
