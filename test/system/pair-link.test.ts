// The link between two servers: whoever has the wrong password or certificate is refused, and a
// pair that has not met serves nobody; a database of tens of thousands of leases is sent to a new
// partner while both ends of it are killed.

import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { type Daemon, folder } from './daemon.ts'
import { systemSkip } from './netns.ts'
import {
  Load,
  makeCertificates,
  PairHosts,
  type PairOptions,
  tlsKeys,
  type Which,
} from './pair-hosts.ts'

const skip = systemSkip('openssl')

/**
 * The line by which server1 says that it refuses server2, the field with the reason, other fields.
 */
type Told = 'HA_STRANGER' | 'HA_DIAL_REJECTED' | 'HA_PEER_REFUSED'
const FIELD = { HA_STRANGER: 'why', HA_DIAL_REJECTED: 'detail', HA_PEER_REFUSED: 'reason' }
const MORE = {
  HA_STRANGER: { remote: /^10\.78\.0\.2\b/ },
  HA_DIAL_REJECTED: { peer: 'server2', failure: 'rejected' },
  HA_PEER_REFUSED: { who: /10\.78\.0\.2\b/ },
}

// Both pairs mostly start.
t.jobs = 2

t.test('strangers', { skip, buffered: true }, async (t) => {
  const [own, other] = [folder(t), folder(t)]
  const password = (text: string) => ({ 'basic-auth-user': 'pair', 'basic-auth-password': text })
  const good: PairOptions = {
    mode: 'load-balancing',
    isSecure: true,
    ha: (host) => tlsKeys(own, host),
    peer: () => password('right'),
  }
  const pair = new PairHosts(t, folder(t), good)
  makeCertificates(pair.clients, own)
  makeCertificates(pair.clients, other)
  const one = pair.launch(0)
  await one.line('HA_LISTENING')
  const load = await Load.start(pair.clients)
  load.go()

  const cases: [what: string, wrong: Partial<PairOptions>, told: Told, why: RegExp][] = [
    [
      'the wrong password',
      { peer: () => password('wrong') },
      'HA_STRANGER',
      /^wrong user or password$/,
    ],
    [
      'a certificate of another authority',
      { ha: (host) => tlsKeys(other, host) },
      'HA_DIAL_REJECTED',
      /certificate/,
    ],
    [
      'the certificate of the other server',
      { ha: () => tlsKeys(own, 0) },
      'HA_PEER_REFUSED',
      /^the certificate names/,
    ],
  ]
  for (const [what, wrong, told, why] of cases)
    await t.test(what, async (t) => {
      const { mark } = one
      const two = pair.launch(1, { ...good, ...wrong })
      const line = await one.line(told, { [FIELD[told]]: why }, mark)
      t.match(line, MORE[told], line.msg as string)
      if (told === 'HA_PEER_REFUSED') await two.line('HA_PEER_REFUSED')
      else await two.line(/^HA_DIAL_(FAILED|REJECTED)$/, { failure: /^(rejected|unreachable)$/ })
      await two.line('DHCP4_PACKET_DROP', { reason: 'no-rights' })
      t.notOk(one.wrote('HA_PEER_MET'))
      t.equal(load.mark, 0, 'nobody is served by servers that have not met')
      t.equal(await two.stop(), 0)
    })

  await t.test('the right ones', async (t) => {
    pair.launch(1)
    await pair.areNormal()
    for (const host of [0, 1] as const) await load.heard(20, host, 0)
    await load.settle()
    await pair.audit(t, load)
  })
})

const LEASES = 40_000

/** Kea's lease file with leases from 10.77.64.0 on. */
function leaseFile(): string {
  const expire = Math.floor(Date.now() / 1000) + 80_000
  const hex = (number: number) => number.toString(16).padStart(2, '0')
  const rows = Array.from({ length: LEASES }, (_, index) => {
    const [high, low] = [index >> 8, index & 255]
    const hw = `02:99:00:00:${hex(high)}:${hex(low)}`
    return `10.77.${64 + high}.${low},${hw},,86400,${expire},1,0,0,,0,,0`
  })
  const head =
    'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id'
  return `${[head, ...rows].join('\n')}\n`
}

/**
 * Waits until the journal of a running server answers a query with a number above `least`; returns
 * that.
 */
async function above(least: number, { journalFile, running }: Daemon, sql: string) {
  let isOver = false
  void running.ended.then(() => {
    isOver = true
  })
  while (!existsSync(journalFile)) await delay(5)
  const db = new Database(journalFile, { readonly: true })
  try {
    for (;;) {
      const found = db.prepare(sql).pluck().get() as number
      if (found > least) return found
      if (isOver) throw new Error(`${journalFile}: the server has ended at ${found}`)
      await delay(2)
    }
  } finally {
    db.close()
  }
}

const ROWS = 'SELECT count(*) FROM lease4'

/** Up to where a server has the stream of its partner. */
const APPLIED = 'SELECT coalesce(sum(value), 0) FROM pair, json_each(pair.applied)'

/**
 * A stopped server has extended all leases that it gave; returns the change numbers before and
 * after.
 */
function extendAll(file: string): { before: number; after: number } {
  const db = new Database(file, { fileMustExist: true })
  try {
    const change = db.prepare('SELECT change FROM meta').pluck()
    const before = change.get() as number
    db.exec(`
      UPDATE lease4 SET end_ms = end_ms + 1000, change = (SELECT change FROM meta) + nth
      FROM (
        SELECT address AS own, row_number() OVER (ORDER BY address) AS nth
        FROM lease4 WHERE state = 0 AND given_by = 0
      )
      WHERE address = own;
      UPDATE meta SET change = (SELECT max(change) FROM lease4);
    `)
    return { before, after: change.get() as number }
  } finally {
    db.close()
  }
}

t.test('both ends are killed while a database is sent', { skip, buffered: true }, async (t) => {
  const at = folder(t)
  const pair = new PairHosts(t, at, { mode: 'load-balancing' })
  const csv = `${at}/leases.csv`
  writeFileSync(csv, leaseFile())
  const one = pair.prepare(0)
  const imports = pair.hosts[0]!.node('bin/whio.ts', 'import', '-c', one.configFile, csv)
  t.equal(await imports.ended, 0)
  t.match(imports.stdout, `: ${LEASES} leases read in`)
  one.restart()
  const load = await Load.start(pair.clients)
  load.go()
  await pair.enters(0, 'partner-down')
  await load.heard(50, 0, 0)

  /** Kills that came before everything was sent. A machine that stalls may be too late for one. */
  let interruptions = 0
  const killed = async (t: Test, host: Which, mark: number, what: string) => {
    await pair.kill(host)
    const isEarly = !one.wrote('HA_SYNC_SENT', {}, mark)
    if (isEarly) interruptions++
    t.comment(`killed with ${what}${isEarly ? '' : ', which was all'}`)
  }

  await t.test('the new one', async (t) => {
    const two = pair.launch(1)
    await two.line('HA_PEER_MET', { expect: 'refill' })
    await above(1000, two, ROWS)
    await killed(t, 1, 0, `${pair.leftBehind(1).length} rows of ${LEASES}`)
    await load.heard(50, 0, load.mark)
  })

  await t.test('the one that has the leases', async (t) => {
    const two = pair.server(1)
    const { mark } = one
    const left = pair.leftBehind(1).length
    two.restart()
    await two.line('HA_PEER_MET')
    // More than before: pages are under way again.
    const rows = await above(left, two, ROWS)
    await killed(t, 0, mark, `${rows} rows of ${LEASES}`)
    await two.line('HA_LINK_LOST')
  })

  await t.test('in the end both have everything', async (t) => {
    const { mark } = pair.server(1)
    const began = Date.now()
    one.restart()
    await pair.areNormal([0, mark])
    t.comment(`both load-balancing after ${Date.now() - began} ms`)
    const { rows } = await one.line('HA_SYNC_SENT')
    t.comment(`${rows} rows were sent`)
    for (const host of [0, 1] as const) await load.heard(50, host, load.mark)
    await load.settle()
    await pair.audit(t, load)
    for (const server of pair.servers) t.ok(server.leases().length > LEASES)
  })

  await t.test('what one missed is sent from where it was when it was killed', async (t) => {
    const two = pair.server(1)
    for (const server of [two, one]) t.equal(await server.stop(), 0)
    const { before, after } = extendAll(one.journalFile)
    one.restart()
    await pair.enters(0, 'partner-down')
    two.restart()
    await two.line('HA_PEER_MET', { expect: 'delta' })
    const applied = await above(before + 1, two, APPLIED)
    await killed(t, 1, 0, `${applied - before} changes of ${after - before}`)
    const { mark } = one
    two.restart()
    await two.line('HA_PEER_MET', { expect: 'delta' })
    await pair.areNormal([mark, 0])
    const { rows } = await one.line('HA_SYNC_SENT', {}, mark)
    t.ok((rows as number) <= after - applied, `${rows} were sent then: those it did not have`)
    t.ok(interruptions > 0, `${interruptions} of three kills came in the middle`)
    await load.settle('renew')
    await pair.audit(t, load)
  })
})
