// What people are told where a database cannot be opened or written: words first, the system's code
// behind them.

import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openTrouble, refusalOfError, troubleOfError } from '../../lib/platform/journal/trouble.ts'

function error(code: string): Error {
  return Object.assign(new Error('raw text'), { code })
}

t.test('opening', async (t) => {
  const absent = '/nowhere/at/all/leases.sqlite'
  const rows: readonly (readonly [string, string, RegExp])[] = [
    [
      'SQLITE_CANTOPEN',
      absent,
      /^this user may not make files in \/nowhere\/at\/all, or there is no/,
    ],
    ['EACCES', absent, /^this user may not make files in \/nowhere\/at\/all/],
    ['ENOENT', '/proc/none/leases.sqlite', /^this user may not make files in \/proc\/none, or/],
    ['SQLITE_CANTOPEN', '/etc', /^it is a folder: name a file in it/],
    ['EACCES', '/etc/hostname', /^this user may not read and write it/],
    ['SQLITE_IOERR_SHMSIZE', absent, /^the disk is full, or its file system cannot share/],
    ['SQLITE_IOERR_READ', absent, /^the disk reports an error/],
    ['EROFS', absent, /^the file system is read-only/],
  ]
  for (const [code, path, words] of rows) {
    t.match(openTrouble(path, error(code)), words, code)
    t.ok(openTrouble(path, error(code)).endsWith(` (${code}: raw text)`))
  }
  t.equal(openTrouble(absent, error('EWHAT')), 'raw text (EWHAT)', 'what nobody knows is as it was')
  const { code, message } = refusalOfError(absent, error('SQLITE_CANTOPEN'))
  t.equal(code, 'cannot-open')
  t.match(message, `${absent} cannot be opened: this user may not make files`)
})

t.test('opening where this user may not look', async (t) => {
  const folder = t.testdir()
  const hidden = join(folder, 'hidden')
  mkdirSync(hidden, { mode: 0 })
  symlinkSync('circle', join(folder, 'circle'))
  const isRoot = process.getuid!() === 0
  if (isRoot) {
    // Root may look everywhere.
    chmodSync(folder, 0o711)
    process.seteuid!(65534)
  }
  try {
    const raw = error('SQLITE_CANTOPEN')
    const words = openTrouble(join(hidden, 'leases.sqlite'), raw)
    t.match(words, `this user may not look into ${hidden} (SQLITE_CANTOPEN`)
    const inside = openTrouble(join(hidden, 'whio/leases.sqlite'), raw)
    t.match(inside, `this user may not look into ${hidden} (SQLITE_CANTOPEN`)
    t.match(openTrouble(join(folder, 'circle/leases.sqlite'), raw), /^the files of the database/)
  } finally {
    if (isRoot) process.seteuid!(0)
    chmodSync(hidden, 0o700)
  }
})

t.test('writing', async (t) => {
  t.match(
    troubleOfError(error('SQLITE_IOERR_SHMSIZE')),
    /^the disk is full, or .* \(SQLITE_IOERR_S/,
  )
  t.match(troubleOfError(error('SQLITE_CANTOPEN')), /^the files of the database cannot be opened/)
})
