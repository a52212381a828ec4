// The link with TLS: certificates and the names in them, files that are renewed, broken or missing.

import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectSecurely } from 'node:tls'
import t, { type Test } from 'tap'
import type { HaTls } from '../../lib/config/plan/ha-plan.ts'
import { endpointText, plainAddress } from '../../lib/platform/link/address.ts'
import { namesOf } from '../../lib/platform/link/certificate.ts'
import { LINK_MESSAGE_MAX } from '../../lib/ports/link.ts'
import {
  type LinkWish,
  makeCertificates,
  makePlace,
  meet,
  openPlace,
  openssl,
  tlsOf,
  upgradeRequest,
} from './link-world.ts'

t.test('names and addresses', async (t) => {
  const CN = 'server1'
  const subject = { CN } as Parameters<typeof namesOf>[0]
  t.same(namesOf(subject, ''), ['server1'])
  t.same(namesOf(undefined, ''), [])
  t.same(
    namesOf(
      subject,
      'DNS:server1, DNS:dhcp1.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, URI:urn:x, email:a@b',
    ),
    ['server1', 'dhcp1.example', '192.0.2.1', '2001:db8::1'],
  )
  t.same(namesOf(subject, 'DNS:"evil, DNS:server2", DNS:x'), ['server1', 'evil, DNS:server2', 'x'])
  t.same(namesOf(subject, 'URI:"http://x/, DNS:server2"'), ['server1'])
  t.same(namesOf({ CN: ['a', 'b'] } as unknown as typeof subject, ''), ['a', 'b'])
  t.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(plainAddress('2001:DB8::0:1'), '2001:db8::1')
  t.equal(endpointText('2001:db8::1', 1), '[2001:db8::1]:1')
})

t.test('TLS', async (t) => {
  const good = t.testdir()
  const folder = join(good, 'pair')
  const other = join(good, 'other')
  const tls = (name: string, from = folder) => tlsOf(from, name)

  t.test('the example makes certificates, and leaves good ones alone', async (t) => {
    const made = makeCertificates(folder, 'server1=127.0.0.1', 'server2=::1')
    t.equal(made.match(/: made/g)?.length, 3)
    const again = makeCertificates(folder, 'server1=127.0.0.1', 'server2=::1')
    t.equal(again.match(/: still good/g)?.length, 2)
    t.notMatch(again, /made/)
    makeCertificates(other, 'server2=127.0.0.1')
    t.throws(() => makeCertificates(folder, 'no address'))
  })

  t.test('both ends prove themselves', async (t) => {
    const { dialler, host, here, there } = await meet(
      t,
      { own: { tls: tls('server1') } },
      { own: { tls: tls('server2') } },
    )
    t.same(there.certificateNames, ['server1', '127.0.0.1'])
    // The dialler presents the certificate of the entry that it dials, as Kea does.
    t.same(here.certificateNames, ['server1', '127.0.0.1'])
    const big = 'x'.repeat(LINK_MESSAGE_MAX)
    there.send(big)
    here.send(big)
    t.ok((await host.sink.next('message')).message === big)
    t.ok((await dialler.sink.next('message')).message === big)
    there.close('enough')
    t.equal((await host.sink.next('closed')).reason, 'the other end closed it: enough')
  })

  /** What becomes of a dial with these files to a server with those. */
  const attempt = async (t: Test, own: LinkWish, present: HaTls | undefined) => {
    const host = await openPlace(t, own)
    const { port } = host.link
    const dialler = await openPlace(t, { peers: { server1: { port, tls: present } } })
    dialler.link.dial('server1')
    await dialler.sink.until(() => dialler.sink.events.length > 1)
    const [failed] = dialler.sink.all('dial-failed')
    const [opened] = dialler.sink.all('opened')
    return {
      verdict: opened === undefined ? `${failed?.failure}: ${failed?.detail}` : 'opened',
      names: host.sink.all('opened')[0]?.connection.certificateNames,
      why: host.sink.all('stranger').map(({ why }) => why),
    }
  }
  const own = (changes: Partial<LinkWish> = {}): LinkWish => ({
    own: { tls: tls('server1') },
    ...changes,
  })

  t.test('whoever does not is turned away, and both ends say why', async (t) => {
    const stranger = { ...tls('server2', other), trustAnchor: tls('server1').trustAnchor }
    t.same(await attempt(t, own(), stranger), {
      verdict: 'rejected: HTTP 403 certificate is not accepted: UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      names: undefined,
      why: ['certificate is not accepted: UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    })
    const plain = await attempt(t, own(), undefined)
    t.match(plain.verdict, /^(rejected|unreachable): /)
    t.same(plain.why, ['speaks HTTP without TLS'])
    const deceived = await attempt(t, own(), tls('server2', other))
    t.match(deceived.verdict, /^rejected: .*(certificate|signature)/)
    t.match((await attempt(t, {}, tls('server2'))).verdict, /^rejected: it answers without TLS/)
    const missing = { ...tls('server2'), keyFile: join(folder, 'absent.key') }
    t.match((await attempt(t, own(), missing)).verdict, /^unreachable: ENOENT.*absent\.key/)
  })

  t.test(
    'the certificate of another machine of the same authority is not the partner',
    async (t) => {
      makeCertificates(folder, 'server1=127.0.0.1', 'printer=127.0.0.7')
      const printer = { own: { tls: tls('printer') } }
      const { verdict } = await attempt(t, printer, tls('server2'))
      t.equal(
        verdict,
        "rejected: the certificate names printer, 127.0.0.7, neither 'server1' nor 127.0.0.1",
      )
      const host = await openPlace(t, printer)
      const peers = { server1: { port: host.link.port, tls: tls('server2') } }
      const careless = await openPlace(t, { peers, checksCertificateNames: false })
      careless.link.dial('server1')
      await careless.sink.next('opened')
    },
  )

  t.test('the address of the url is name enough', async (t) => {
    makeCertificates(folder, 'dhcp1.example=127.0.0.1')
    const named = { own: { tls: tls('dhcp1.example') } }
    t.equal((await attempt(t, named, tls('server2'))).verdict, 'opened')
  })

  t.test('an expired certificate', async (t) => {
    const expired = { ...tls('server2'), certFile: join(folder, 'expired.crt') }
    const request = join(folder, 'expired.csr')
    openssl('req', '-new', '-key', expired.keyFile, '-subj', '/CN=server2', '-out', request)
    const signing = [
      '-CA',
      expired.trustAnchor,
      '-CAkey',
      join(folder, 'ca.key'),
      '-set_serial',
      '7',
    ]
    openssl('x509', '-req', '-in', request, ...signing, '-days', '-1', '-out', expired.certFile)
    t.same(await attempt(t, own(), expired), {
      verdict: 'rejected: HTTP 403 certificate has expired',
      names: undefined,
      why: ['certificate has expired'],
    })
    const { verdict } = await attempt(t, { own: { tls: expired } }, tls('server1'))
    t.equal(verdict, 'rejected: certificate has expired')
  })

  t.test('no certificate at all', async (t) => {
    for (const [requireClientCerts, status] of [
      [true, '403 no certificate'],
      [false, '101 Switching Protocols'],
    ] as const) {
      const { link, sink } = await openPlace(t, own({ requireClientCerts }))
      const answer = await secureAnswer(t, link.port, tls('server1').trustAnchor)
      t.match(answer, `HTTP/1.1 ${status}\r\n`)
      if (!requireClientCerts)
        t.equal((await sink.next('opened')).connection.certificateNames, undefined)
    }
  })

  t.test('without require-client-certs a stranger has no name', async (t) => {
    const stranger = { ...tls('server2', other), trustAnchor: tls('server1').trustAnchor }
    const { verdict, names } = await attempt(t, own({ requireClientCerts: false }), stranger)
    t.equal(verdict, 'opened')
    t.equal(names, undefined)
  })

  t.test('a trust anchor may be a folder', async (t) => {
    const anchors = join(good, 'anchors')
    mkdirSync(anchors)
    copyFileSync(tls('server1').trustAnchor, join(anchors, 'one.pem'))
    copyFileSync(tls('server2', other).trustAnchor, join(anchors, 'two.pem'))
    copyFileSync(tls('server1').trustAnchor, join(anchors, 'one-again.0'))
    writeFileSync(join(anchors, 'README'), 'not a certificate')
    const both = { ...tls('server1'), trustAnchor: anchors }
    const stranger = { ...tls('server2', other), trustAnchor: anchors }
    t.equal((await attempt(t, { own: { tls: both } }, stranger)).verdict, 'opened')
    for (const [name, trustAnchor] of [
      ['holds no certificate', join(anchors, 'README')],
      ['holds a broken certificate', join(anchors, 'broken')],
    ] as const) {
      writeFileSync(
        join(anchors, 'broken'),
        '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      )
      const place = makePlace(t, { own: { tls: { ...both, trustAnchor } } })
      place.link.open(place.sink)
      t.match((await place.sink.next('listener')).trouble, name)
    }
  })

  t.test('renewed files are used, broken ones are told and change nothing', async (t) => {
    const renewing = join(good, 'renewing')
    makeCertificates(renewing, 'server1=127.0.0.1')
    const files = tlsOf(renewing, 'server1')
    const host = await openPlace(t, { own: { tls: files }, patience: { files: 0 } })
    const dialler = await openPlace(t, {
      peers: { server1: { port: host.link.port, tls: files } },
      patience: { files: 0 },
    })
    const meetAgain = async () => {
      dialler.link.dial('server1')
      const { connection } = await dialler.sink.next('opened')
      return connection.certificateNames
    }
    t.same(await meetAgain(), ['server1', '127.0.0.1'])

    // The certificate is here, its key not yet.
    openssl(
      'genpkey',
      '-algorithm',
      'EC',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-out',
      files.keyFile,
    )
    t.same(await meetAgain(), ['server1', '127.0.0.1'])
    t.same(await meetAgain(), ['server1', '127.0.0.1'])
    for (const { lines } of [host, dialler]) {
      t.same(
        lines.map(({ id }) => id),
        ['HA_LINK_TLS_KEPT'],
        'said once',
      )
      t.match(lines[0]?.fields.trouble, 'cannot be used together')
    }

    makeCertificates(renewing, 'server1=127.0.0.5')
    t.same(await meetAgain(), ['server1', '127.0.0.5'])
    for (const { lines } of [host, dialler]) t.equal(lines.at(-1)?.id, 'HA_LINK_TLS_RENEWED')

    // Away and back again, unchanged.
    renameSync(files.keyFile, `${files.keyFile}.away`)
    t.same(await meetAgain(), ['server1', '127.0.0.5'])
    renameSync(`${files.keyFile}.away`, files.keyFile)
    t.same(await meetAgain(), ['server1', '127.0.0.5'])
    for (const { lines } of [host, dialler])
      t.same(
        lines.map(({ id }) => id.slice('HA_LINK_TLS_'.length)),
        ['KEPT', 'RENEWED', 'KEPT', 'RENEWED'],
      )
  })

  t.test('a listener without its files waits for them', async (t) => {
    const late = join(good, 'late')
    const place = makePlace(t, {
      own: { tls: tlsOf(late, 'server1') },
      patience: { listenRetry: 20 },
    })
    place.link.open(place.sink)
    t.match((await place.sink.next('listener')).trouble, /ENOENT/)
    makeCertificates(late, 'server1=127.0.0.1')
    await place.sink.until(() => place.sink.all('listener').at(-1)?.trouble === '')
  })
})

/** What a TLS client without a certificate is answered. */
async function secureAnswer(t: Test, port: number, trustAnchor: string): Promise<string> {
  const socket = connectSecurely({
    host: '127.0.0.1',
    port,
    ca: readFileSync(trustAnchor),
    checkServerIdentity: () => undefined,
  })
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.write(upgradeRequest())
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return bytes.toString('latin1')
}
