// What BIND makes of what is sent to it: both directions and families, keys, zones that are not
// named, signed zones and secondaries.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { bytesFromOctets, type Octets } from '../../lib/bytes/octets.ts'
import type { TsigAlgorithm, TsigKeyPlan } from '../../lib/config/plan/names-plan.ts'
import { RCODE } from '../../lib/ddns/codes.ts'
import { dhcidOf, duidIdentifier, identifierOf4 } from '../../lib/ddns/dhcid.ts'
import { Zones } from '../../lib/ddns/zones.ts'
import type { ConflictMode } from '../../lib/names/rules.ts'
import { openResolver } from '../../lib/platform/dns/resolver.ts'
import { hex, type OrderOptions, order, V6_20 } from '../ddns/golden.ts'
import { PATIENCE, Runner } from '../ddns/run.ts'
import { BIND_KEY, BIND_ZONES, Bind, REVERSE4, REVERSE6 } from './bind.ts'
import { systemSkip } from './netns.ts'

const skip = systemSkip('named', 'dig', 'nsupdate', 'dnssec-verify')

const OUR_MAC = hex('525400aa0001')
const OTHER_MAC = hex('525400aa0002')

function byMac(hwAddress: Octets, name: string): Octets {
  return dhcidOf(identifierOf4({ htype: 1, hwAddress, clientId: '' }), name)!
}

function byDuid(name: string): Octets {
  return dhcidOf(duidIdentifier(hex('000100012b3c4d5e525400aa0001')), name)!
}

function base64(octets: Octets): string {
  return Buffer.from(bytesFromOctets(octets)).toString('base64')
}

/** The clock may be ahead, milliseconds. */
function runner(t: Test, ahead = 0): Runner {
  const resolver = openResolver(() => Date.now() + ahead)
  t.after(() => resolver.close())
  return new Runner(resolver)
}

t.test(
  'RFC 4703 §5.4: an address leads to its name, whoever had it before',
  { skip },
  async (t) => {
    const bind = await Bind.start(t)
    const run = runner(t)
    const server = bind.server(BIND_KEY)
    const modes: readonly ConflictMode[] = ['check-with-dhcid', 'no-check-without-dhcid']
    for (const [index, mode] of modes.entries()) {
      const owner = `${20 + index}`
      const wanted = (action: 'add' | 'remove', fqdn: string) =>
        run.run(
          server,
          order({
            action,
            direction: 'reverse',
            registration: {
              mode,
              fqdn,
              address: hex(`c00002${(20 + index).toString(16)}`),
              dhcid: byMac(OUR_MAC, fqdn),
            },
          }),
        )
      const records = async () => {
        const lines = await bind.lines(REVERSE4)
        return lines.filter((line) => line.startsWith(`${owner} `))
      }
      const expected = (name: string) => [
        ...(mode === 'check-with-dhcid'
          ? [`${owner} 1200 DHCID ${base64(byMac(OUR_MAC, name))}`]
          : []),
        `${owner} 1200 PTR ${name}.`,
      ]
      t.same(await wanted('add', 'one.lab.test'), { kind: 'done' })
      t.same(await records(), expected('one.lab.test'))
      t.same(await wanted('add', 'two.lab.test'), { kind: 'done' })
      t.same(await records(), expected('two.lab.test'), 'it is another’s by now')
      if (mode === 'check-with-dhcid') {
        t.same(await wanted('remove', 'one.lab.test'), { kind: 'done' })
        t.same(await records(), expected('two.lab.test'), 'and stays so when the first one ends')
      }
      t.same(await wanted('remove', 'two.lab.test'), { kind: 'done' })
      t.same(await records(), [])
    }
    const six = order({ direction: 'reverse', registration: { address: V6_20 } })
    t.same(await run.run(bind.server(), six), { kind: 'done' })
    t.match(await bind.lines(REVERSE6), [/ DHCID /, / PTR pc1.open.test\.$/])
  },
)

t.test('a machine has both families under its name, in any order', { skip }, async (t) => {
  const bind = await Bind.start(t)
  const run = runner(t)
  const act = async (action: 'add' | 'remove', family: 4 | 6, fqdn: string) => {
    const [four, six] = [byMac(OUR_MAC, fqdn), byDuid(fqdn)]
    const registration =
      family === 4
        ? { fqdn, dhcid: four, aliases: [six], known: [six] }
        : { fqdn, dhcid: six, aliases: [four], known: [four], address: V6_20 }
    t.same(await run.run(bind.server(), order({ action, registration })), { kind: 'done' })
    const lines = await bind.lines('open.test')
    return lines
      .filter((line) => line.startsWith(`${fqdn.slice(0, fqdn.indexOf('.'))} `))
      .map((line) => line.split(' ')[2])
  }
  const stranger = { dhcid: byMac(OTHER_MAC, 'd.open.test') }
  for (const first of [4, 6] as const)
    for (const leaves of [4, 6] as const) {
      const fqdn = `dual${first}${leaves}.open.test`
      const second = first === 4 ? 6 : 4
      const stays = leaves === 4 ? 6 : 4
      t.same(await act('add', first, fqdn), [first === 4 ? 'A' : 'AAAA', 'DHCID'])
      t.same(await act('add', second, fqdn), ['A', 'AAAA', 'DHCID'], 'one DHCID, as others expect')
      const other = order({ registration: { fqdn, ...stranger } })
      t.match(await run.run(bind.server(), other), { kind: 'conflict' })
      t.same(await act('remove', leaves, fqdn), [stays === 4 ? 'A' : 'AAAA', 'DHCID'])
      t.same(await act('remove', stays, fqdn), [], 'the name is free again')
    }
})

t.test('several addresses under one name', { skip }, async (t) => {
  const bind = await Bind.start(t)
  const run = runner(t)
  const other = hex('20010db8000100000000000000000021')
  const registration = { address: V6_20 }
  const act = async (options: OrderOptions) => {
    t.same(await run.run(bind.server(), order({ registration, ...options })), { kind: 'done' })
    const lines = await bind.lines('open.test')
    return lines.filter((line) => /^pc1 \d+ AAAA/.test(line)).map((line) => line.split(' ')[3])
  }
  t.same(await act({}), ['2001:db8:1::20'])
  t.same(await act({ beside: [other] }), ['2001:db8:1::20', '2001:db8:1::21'])
  t.same(await act({ action: 'remove', beside: [other] }), ['2001:db8:1::21'])
})

t.test('a name of a machine that had it by another server', { skip }, async (t) => {
  const bind = await Bind.start(t)
  const clientId = `\x01${OUR_MAC}`
  const name = 'pc1.open.test'
  const byClientId = dhcidOf(identifierOf4({ htype: 1, hwAddress: OUR_MAC, clientId }), name)!
  await bind.update(
    `update add ${name} 300 A 192.0.2.99`,
    `update add ${name} 300 DHCID ${base64(byClientId)}`,
  )
  const registration = { dhcid: byMac(OUR_MAC, name) }
  t.same(await runner(t).run(bind.server(), order({ registration })), { kind: 'done' })
  t.same(
    (await bind.lines('open.test')).filter((line) => line.startsWith('pc1 ')),
    ['pc1 1200 A 192.0.2.10', `pc1 300 DHCID ${base64(byClientId)}`],
  )
})

/** With the bits that a signature may be cut to. */
const ALGORITHMS: readonly (readonly [TsigAlgorithm, number])[] = [
  ['hmac-md5', 80],
  ['hmac-sha1', 80],
  ['hmac-sha224', 112],
  ['hmac-sha256', 128],
  ['hmac-sha384', 192],
  ['hmac-sha512', 256],
]

t.test('RFC 8945: keys, and what is wrong with them', { skip }, async (t) => {
  const secret = Buffer.from(bytesFromOctets(BIND_KEY.secret)).toString('base64')
  const keys = ALGORITHMS.flatMap(([algorithm, bits]) => [
    `key "k-${algorithm}." { algorithm ${algorithm}; secret "${secret}"; };`,
    `key "cut-${algorithm}." { algorithm ${algorithm}-${bits}; secret "${secret}"; };`,
  ])
  const bind = await Bind.start(t, { statements: keys.join('\n') })
  const name = 'pc9.lab.test'
  const lab = (options: OrderOptions = {}) =>
    order({
      zone: 'lab.test',
      registration: { fqdn: name, dhcid: byMac(OUR_MAC, name) },
      ...options,
    })
  const run = runner(t)
  const with_ = (key: Partial<TsigKeyPlan>) => bind.server({ ...BIND_KEY, ...key })

  for (const [algorithm, digestBits] of ALGORITHMS) {
    const open = order({ registration: { fqdn: `${algorithm}.open.test` } })
    const whole = with_({ name: `k-${algorithm}`, algorithm })
    t.same(await run.run(whole, open), { kind: 'done' }, algorithm)
    const cut = with_({ name: `cut-${algorithm}`, algorithm, digestBits })
    t.same(await run.run(cut, open), { kind: 'done' }, `${algorithm}, ${digestBits} bits`)
  }

  t.same(await run.run(with_({}), lab()), { kind: 'done' })
  t.equal(run.answers.at(-1)?.kind, 'reply')
  const blocked = (rcode: keyof typeof RCODE) => ({ kind: 'blocked', rcode: RCODE[rcode] })
  t.same(await run.run(bind.server(), lab()), blocked('REFUSED'), 'not signed')
  // What is not signed is taken when nothing better has come for so long.
  const unsigned = async (key: Partial<TsigKeyPlan>) => {
    for (;;) {
      const verdict = await run.run(with_(key), lab(), 200)
      if (verdict.kind !== 'retry' || verdict.trouble !== 'timeout') return verdict
    }
  }
  t.same(await unsigned({ name: 'nobody' }), blocked('BADKEY'))
  t.same(await unsigned({ algorithm: 'hmac-sha1' }), blocked('BADKEY'))
  t.same(await unsigned({ secret: 'guessed' }), blocked('BADSIG'))
  t.same(await unsigned({ digestBits: 80 }), {
    kind: 'retry',
    trouble: 'untrusted',
    detail: 'FORMERR, but it is not signed',
  })
  t.same(await run.run(with_({ digestBits: 128 }), lab()), blocked('BADTRUNC'))
  const text = order({ registration: { fqdn: 'ns.lab.test', mode: 'no-check-with-dhcid' } })
  const other = with_({ name: 'k-hmac-sha256' })
  t.same(await run.run(other, { ...text, zone: 'lab.test' }), blocked('REFUSED'), 'not granted')

  for (const ahead of [600, -600]) {
    const late = runner(t, ahead * 1000)
    t.same(await late.run(with_({}), lab()), { kind: 'done' }, 'once with the server’s clock')
    const [answer] = late.answers
    const clock = answer?.kind === 'reply' ? answer.clockAhead : 0
    t.ok(Math.abs(clock + ahead) <= 60, `${clock} s`)
  }
  const near = runner(t, 5000)
  t.same(await near.run(with_({}), lab()), { kind: 'done' })
  t.match(near.answers, [{ clockAhead: 0 }, { clockAhead: 0 }])
})

t.test('answers that fit no datagram, and messages that do not', { skip }, async (t) => {
  const bind = await Bind.start(t)
  const run = runner(t)
  const many = Array.from({ length: 15 }, (_, index) =>
    base64(byMac(`${OUR_MAC.slice(0, 5)}${String.fromCharCode(index)}`, 'pc1.open.test')),
  )
  await bind.update(...many.map((data) => `update add pc1.open.test 300 DHCID ${data}`))
  const verdict = await run.run(bind.server(), order())
  t.match(verdict, { kind: 'conflict' })
  const { answers } = run.answers.at(-1) as { answers: readonly unknown[] }
  t.equal(answers.length, 15)

  const beside = Array.from(
    { length: 30 },
    (_, index) => `\xc0\x00\x02${String.fromCharCode(100 + index)}`,
  )
  const registration = { fqdn: 'many.open.test' }
  t.same(await run.run(bind.server(), order({ beside, registration })), { kind: 'done' })
  const lines = await bind.lines('open.test')
  t.equal(lines.filter((line) => line.startsWith('many 1200 A ')).length, 31)
})

t.test('zones that are not named, or wrongly, are found', { skip }, async (t) => {
  const bind = await Bind.start(t)
  const run = runner(t)
  const add = (
    zone: string | undefined,
    fqdn: string,
    direction: 'forward' | 'reverse' = 'forward',
  ) => {
    const registration = { fqdn, dhcid: byMac(OUR_MAC, fqdn) }
    return run.run(bind.server(BIND_KEY), order({ zone, direction, registration }))
  }
  t.same(await add(undefined, 'a.open.test'), { kind: 'done' })
  t.same(await add(undefined, 'b.c.lab.test'), { kind: 'done' })
  t.same(await add(undefined, 'd.lab.test', 'reverse'), { kind: 'done' })
  t.same(await add('test', 'e.open.test'), { kind: 'done' }, 'a zone above')
  t.same(await add('sub.open.test', 'f.sub.open.test'), { kind: 'done' }, 'a name below it')
  t.same(await add('open.test', 'g.lab.test'), { kind: 'done' }, 'another zone')
  const lines = (await bind.lines('open.test')).filter((line) => / A /.test(line))
  t.same(
    lines.map((line) => line.split(' ')[0]),
    ['a', 'e', 'f.sub', 'static'],
  )
  t.match(await add(undefined, 'pc.example.org'), { kind: 'blocked', rcode: RCODE.REFUSED })
  t.match(await add('example.org', 'pc.example.org'), { kind: 'blocked' })
})

t.test('RFC 2317: the names of a part of a network', { skip }, async (t) => {
  const part = `0/25.${REVERSE4}`
  const office = `office.${REVERSE4}`
  const aliases = [`10 CNAME 10.${part}.`, `20 CNAME 20.${office}.`]
  const open = 'allow-update { any; };'
  const bind = await Bind.start(t, {
    zones: {
      'open.test': { policy: open },
      [REVERSE4]: { policy: open, records: aliases },
      [part]: { policy: open },
      [office]: { policy: open },
    },
  })
  const run = runner(t)
  const names = async (zone: string) =>
    (await bind.lines(zone)).filter((line) => / PTR /.test(line)).map((line) => line.split(' ')[0])
  /** As whoever has these zones in his configuration. */
  const follow = async (zones: readonly string[], action: 'add' | 'remove', last: number) => {
    const known = new Zones(zones.map((name) => ({ name })))
    const address = `\xc0\x00\x02${String.fromCharCode(last)}`
    let { name } = order({ direction: 'reverse', registration: { address } })
    for (let moves = 0; moves < 3; moves++) {
      const place = known.find(name)!
      const { zoneName: zone } = place
      const wanted = {
        action,
        direction: 'reverse',
        zone,
        name: place.name,
        registration: { address },
      } as const
      const verdict = await run.run(bind.server(), order(wanted))
      if (verdict.kind !== 'moved') return verdict
      name = verdict.name
    }
    return 'a circle'
  }
  const cases: readonly (readonly [readonly string[], number, string])[] = [
    [[REVERSE4, part, office], 10, part],
    [[part], 10, part],
    [[REVERSE4, part, office], 20, office],
    [[office], 20, office],
    [['', part, office], 10, part],
  ]
  for (const [zones, last, where] of cases) {
    t.same(await follow(zones, 'add', last), { kind: 'done' }, `${zones}`)
    t.same(await names(where), [`${last}`], `${zones}`)
    t.same(await names(REVERSE4), [], 'nothing beside the alias')
    t.same(await follow(zones, 'remove', last), { kind: 'done' }, `${zones}`)
    t.same(await names(where), [], `${zones}`)
  }
  t.same(await follow([REVERSE4, part], 'add', 200), { kind: 'done' })
  t.same(await names(REVERSE4), ['200'], 'no alias: here')
})

t.test('a signed zone stays whole, and a secondary follows and forwards', { skip }, async (t) => {
  const signed = 'signed.test'
  const policy = 'allow-update { any; }; dnssec-policy default; key-directory "keys";'
  const bind = await Bind.start(t, { zones: { ...BIND_ZONES, [signed]: { policy } } })
  const run = runner(t)
  const add = (server: ReturnType<Bind['server']>, fqdn: string, last: number) => {
    const address = `\xc0\x00\x02${String.fromCharCode(last)}`
    const registration = { fqdn, address, dhcid: byMac(OUR_MAC, fqdn) }
    return run.run(server, order({ zone: signed, registration }))
  }
  for (const [index, label] of ['a', 'b', 'c'].entries())
    t.same(await add(bind.server(), `${label}.${signed}`, index), { kind: 'done' })
  t.same(await add(bind.server(), `a.${signed}`, 9), { kind: 'done' })
  const text = await bind.dig('+noall', '+answer', '+nosplit', signed, 'AXFR')
  const file = join(bind.folder, 'verified')
  writeFileSync(file, [...new Set(text.split('\n'))].join('\n'))
  await t.resolves(bind.program('dnssec-verify', '-z', '-o', signed, file))
  t.match(text, new RegExp(`^a\\.${signed}\\..*RRSIG\tDHCID `, 'm'))

  const primaries = `primaries port ${bind.port} { ${bind.address}; };`
  const forwarding = 'allow-update-forwarding { any; };'
  const statements = `zone "${signed}" { type secondary; ${primaries} ${forwarding} };`
  const follower = async () => {
    const secondary = await Bind.start(t, { zones: {}, statements })
    const wanted = await bind.lines(signed)
    while ((await secondary.lines(signed)).join() !== wanted.join())
      await new Promise((resolve) => setTimeout(resolve, 50))
    return secondary
  }
  const secondary = await follower()
  t.same(await add(secondary.server(), `d.${signed}`, 7), { kind: 'done' })
  t.match((await bind.lines(signed)).join(), /d 1200 A 192\.0\.2\.7/)
  t.equal((await (await follower()).lines(signed)).length, 8)
})

t.test('a server that is away, and comes back', { skip }, async (t) => {
  const bind = await Bind.start(t)
  const run = runner(t)
  const server = bind.server()
  t.same(await run.run(server, order()), { kind: 'done' })
  await bind.stop()
  const wanted = order({ registration: { address: hex('c000020b') } })
  t.match(await run.run(server, wanted, PATIENCE), { kind: 'retry', trouble: 'refused' })
  await bind.start()
  t.same(await run.run(server, wanted), { kind: 'done' })
  await bind.freeze()
  t.match(await run.run(server, order(), 20), { kind: 'retry', trouble: 'timeout' })
  bind.thaw()
  t.same(await run.run(server, order({ action: 'remove' })), { kind: 'done' })
})
