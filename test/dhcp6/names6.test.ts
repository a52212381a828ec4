// Option 39 (RFC 4704) and what leases are called.

import t from 'tap'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import type { UpdateRules } from '../../lib/names/rules.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import { cellsOf, flagsOf } from '../names/update-flags.ts'
import { clientId, iaNa, iaPd, RELEASE, REQUEST, SOLICIT, serverId } from './messages6.ts'
import { documentWith, TestServer6 } from './test-server6.ts'

const ADDRESS = '2001:db8:1::10'

/** Labels of a whole name, or of a part of one. */
const labels = (name: string) =>
  name
    .split('.')
    .map((label) => String.fromCharCode(label.length) + label)
    .join('')
const whole = (name: string) => `${labels(name)}\0`

interface Named {
  /** Flags and name of option 39 of the reply, '' = none. */
  readonly option: string
  readonly hostname: string
  /** What is registered: f, r. */
  readonly dns: string
}

/** `updates`: undefined where nothing is registered in DNS. */
function named(document: Dhcp6Document, fqdn: string | undefined, updates?: UpdateRules): Named {
  const server = registering(document, updates)
  const option = fqdn === undefined ? [] : [[OPTION6.fqdn, fqdn] as const]
  const reply = server.reply(REQUEST, [clientId(), serverId(), iaNa(1, ADDRESS), ...option])
  const row = server.row(ADDRESS)!
  const answered = reply.message.option(OPTION6.fqdn)
  return {
    option: answered === undefined ? '' : `${answered.charCodeAt(0)} ${answered.slice(1)}`,
    hostname: row.hostname,
    dns: `${row.fqdnFwd ? 'f' : ''}${row.fqdnRev ? 'r' : ''}`,
  }
}

function registering(document: Dhcp6Document, updates: UpdateRules | undefined): TestServer6 {
  const server = new TestServer6(document)
  for (const place of [server.plan.subnets[0]!, ...server.plan.subnets[0]!.pools])
    Object.assign(place, { names: { ...place.names, updates } })
  return server
}

const updates = (overridesClient = false, overridesNone = false): UpdateRules => ({
  overridesClient,
  overridesNone,
  mode: 'check-with-dhcid',
  updatesOnRenew: false,
  ttl: { fixed: 0, percent: 0.33333, min: 600, max: 0 },
})

const says = (flags: number, name = whole('host.example.org')) => String.fromCharCode(flags) + name
const is = (flags: number, dns: string, name = 'host.example.org'): Named => ({
  option: `${flags} ${whole(name)}`,
  hostname: name,
  dns,
})

t.test('RFC 4704 §4.1: who updates DNS, N O S as 4 2 1', async (t) => {
  const off = documentWith({})
  t.same(named(off, says(0)), is(4, ''), 'the client does: nobody does it here')
  t.same(named(off, says(1)), is(6, ''), 'the server is to: it does not, and says so')
  t.same(named(off, says(4)), is(4, ''), 'nobody is to')
  t.same(named(off, says(0), updates()), is(0, 'r'))
  t.same(named(off, says(1), updates()), is(1, 'fr'))
  t.same(named(off, says(4), updates()), is(4, ''))
  t.same(named(off, says(0), updates(true)), is(3, 'fr'), 'override-client-update')
  t.same(named(off, says(4), updates(false, true)), is(3, 'fr'), 'override-no-update')
})

t.test('RFC 4704 §4.1: each thing that a client can say, by each key of Kea', async (t) => {
  const bits = { S: 1, O: 2, N: 4 }
  for (const { about, answered, asked, dns, updates: rules } of cellsOf(updates())) {
    const ask = () => named(documentWith({}), says(flagsOf(asked, bits)), rules)
    // As in Kea, a message that contradicts itself is not answered.
    if (asked.startsWith('NS')) t.throws(ask, /bad-fqdn/, about)
    else t.same(ask(), is(flagsOf(answered, bits), dns), about)
  }
})

t.test('the name: what the client says, cleaned, with the domain', async (t) => {
  const document = documentWith({}, { 'ddns-qualifying-suffix': 'example.org' })
  const rows: readonly (readonly [string, string | undefined, string])[] = [
    ['a whole name stays as it is', whole('Host.Example.NET'), 'host.example.net'],
    ['a part of one gets the domain', labels('host'), 'host.example.org'],
    ['what is no letter, digit, dot or hyphen goes', labels('my_host!'), 'myhost.example.org'],
    ['none: the server finds one', '', 'myhost-2001-db8-1--10.example.org'],
    ['an empty whole name', '\0', 'myhost-2001-db8-1--10.example.org'],
    ['nothing is left of it', labels('___'), ''],
    ['a label that runs past the end', '\x09host', ''],
    ['a pointer is no label', '\xc0\x0c', ''],
    ['something behind the end', '\x04host\0\x04more\0', ''],
    ['a label of dots', '\x02..\0', ''],
    ['too long', labels(Array(5).fill('x'.repeat(60)).join('.')), ''],
    ['no option 39', undefined, ''],
  ]
  for (const [about, name, hostname] of rows) {
    const found = named(document, name === undefined ? undefined : says(1, name))
    t.equal(found.hostname, hostname, about)
    t.equal(found.option, hostname === '' ? '' : `6 ${whole(hostname)}`, about)
  }
})

t.test('ddns-replace-client-name', async (t) => {
  const with_ = (mode: string) =>
    documentWith(
      {},
      {
        'ddns-qualifying-suffix': 'example.org',
        'ddns-generated-prefix': 'dyn',
        'ddns-replace-client-name': mode as 'always',
      },
    )
  const madeUp = 'dyn-2001-db8-1--10.example.org'
  t.equal(named(with_('never'), undefined).hostname, '')
  t.same(named(with_('when-not-present'), undefined, updates()), is(1, 'fr', madeUp))
  t.equal(named(with_('when-not-present'), says(1)).hostname, 'host.example.org')
  t.same(named(with_('when-present'), says(1), updates()), is(1, 'fr', madeUp))
  t.equal(named(with_('when-present'), undefined).hostname, '')
  t.same(named(with_('always'), undefined, updates()), is(1, 'fr', madeUp))
})

t.test('a reserved name wins', async (t) => {
  const reservations = [{ duid: '00:03:00:01:02:00:5e:10:00:01', hostname: 'printer' }]
  const document = documentWith({ reservations }, { 'ddns-qualifying-suffix': 'example.org' })
  t.same(named(document, says(1), updates()), is(1, 'fr', 'printer.example.org'))
  const silent = named(document, undefined, updates())
  t.same(silent, { option: '', hostname: 'printer.example.org', dns: 'fr' }, 'unasked no option')
})

t.test('an ADVERTISE says it, too; prefixes have no names', async (t) => {
  const server = registering(documentWith({}), updates())
  const fqdn = [OPTION6.fqdn, says(1)] as const
  const offer = server.reply(SOLICIT, [clientId(), iaNa(1), fqdn])
  t.equal(offer.message.option(OPTION6.fqdn), says(1))
  const delegated = server.reply(REQUEST, [clientId(), serverId(), iaPd(1), fqdn])
  t.equal(delegated.message.option(OPTION6.fqdn), undefined)
  t.match(server.row('2001:db8:8000::/56'), { hostname: '', fqdnFwd: false, fqdnRev: false })
  const released = server.reply(RELEASE, [clientId(), serverId(), iaNa(1, ADDRESS), fqdn])
  t.notOk(released.codes.includes(OPTION6.fqdn))
})

t.test('two addresses never make one name', async (t) => {
  const document = (address: string): Dhcp6Document =>
    documentWith(
      {
        subnet: '2001:db8::/32',
        pools: [{ pool: `${address} - ${address}` }],
        'pd-pools': [],
      },
      { 'ddns-replace-client-name': 'always' },
    )
  const nameOf = (address: string) => {
    const server = new TestServer6(document(address))
    server.reply(REQUEST, [clientId(), serverId(), iaNa(1)])
    return server.row(address)!.hostname
  }
  t.not(nameOf('2001:db8::5:1'), nameOf('2001:db8:5::1'))
})
