// A lease database that was put back: what the daemon makes of it, and what people are told.

import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import { witnessFolder } from '../../lib/platform/journal/witness.ts'
import { closed, leaseAt, PromisingSink } from '../platform/journal-world.ts'
import { configure, folder, start, type Whio, whio, withoutPartner } from './whio.ts'

interface Service {
  readonly file: string
  readonly journal: string
  readonly env: NodeJS.ProcessEnv
}

function serviceIn(t: Test, more: object = {}): Service {
  const at = folder(t)
  const env = { XDG_STATE_HOME: join(at, 'state') }
  return { file: configure(at, more), journal: join(at, 'leases.sqlite'), env }
}

async function serve(t: Test, { file, env }: Service): Promise<Whio> {
  const daemon = start(t, ['serve', '-c', file, '-p', '0'], env)
  await daemon.log('DHCP4_INTERFACE_SERVING')
  return daemon
}

/** Puts back what there was before a lease was given. */
async function putBack({ journal: path, env }: Service): Promise<void> {
  const witness = witnessFolder(path, env, 0)
  for (const change of [1, 2]) {
    const journal = await openJournal({ path, durability: 'full', witness })
    const sink = new PromisingSink()
    await sink.load(journal)
    const lease = leaseAt(0xc6120001, { change })
    await sink.commit(journal, [{ kind: 'put', lease }], 1000 * change)
    await closed(journal)
    if (change === 1) copyFileSync(path, `${path}.copy`)
  }
  copyFileSync(`${path}.copy`, path)
}

t.test('a single server says that its database is an older copy', async (t) => {
  const service = serviceIn(t)
  await putBack(service)
  const daemon = start(t, ['serve', '-c', service.file, '-p', '0'], service.env)
  await daemon.log('JOURNAL_OLDER')
  await daemon.log('DHCP4_INTERFACE_SERVING')
  const [status, check] = await Promise.all([
    whio('status', service.file),
    whio('status', service.file, '--check'),
  ])
  t.match(status.stdout, /^an older copy of the lease database was put back/m)
  t.match(status.stdout, /^next: `whio explain JOURNAL_OLDER`/m)
  t.match(check, { code: 1, stdout: /^WARNING: an older copy of the lease database was put back/ })
  await whio('stop', service.file)
  t.equal((await daemon.ended).code, 0)
  const told = start(t, ['serve', '-c', service.file, '-p', '0', '--after-restore'], service.env)
  await told.log('RESTORED_ALONE')
})

t.test('the file says where the host notes what a database was', async (t) => {
  const at = folder(t)
  const notes = join(at, 'notes')
  const file = configure(at, {}, { 'witness-folder': notes })
  const daemon = await serve(t, { file, journal: join(at, 'leases.sqlite'), env: {} })
  configure(at, {}, { 'witness-folder': join(at, 'others') })
  t.match(await whio('reload', file), { stdout: /; witness-folder needs a restart$/m })
  await whio('stop', file)
  await daemon.ended
  t.same(
    readdirSync(notes).map((name) => JSON.parse(readFileSync(join(notes, name), 'utf8')).journal),
    [join(at, 'leases.sqlite')],
  )
  const near = configure(at, {}, { 'witness-folder': `${at}/` })
  t.match((await whio('check', near)).stdout, /witness-folder: .* the folder of the lease database/)
  const relative = configure(at, {}, { 'witness-folder': 'notes' })
  t.match(await whio('check', relative), { code: 1, stdout: /witness-folder: .*absolute/ })
})

t.test('a server of a pair that is told so waits for its partner', async (t) => {
  const service = serviceIn(t, await withoutPartner())
  const daemon = await serve(t, service)
  t.match(await whio('serve-alone', service.file), { code: 0 })
  await whio('stop', service.file)
  await daemon.ended
  const told = start(t, ['serve', '-c', service.file, '-p', '0', '--after-restore'], service.env)
  t.match(await told.log('HA_AFTER_RESTORE'), { because: 'told' })
  await told.log('DHCP4_INTERFACE_SERVING')
  const waiting = await whio('status', service.file)
  t.match(waiting.stdout, /^it has no rights: its database is new or an older copy$/m)
  await whio('stop', service.file)
  await told.ended
  await serve(t, service)
  const still = await whio('status', service.file)
  t.match(still.stdout, /^it has no rights: /m, 'the next start is not told and waits all the same')
  t.match(await whio('partner-off', service.file), { code: 0 }, 'the way out')
})
