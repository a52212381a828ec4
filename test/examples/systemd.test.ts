// The units among the examples, by systemd's own tools.

import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)

const UNITS = join(import.meta.dirname, '../../examples/systemd')
const PROGRAM = '/usr/local/bin/whio'

/** How much of the machine a unit may reach, in tenths of systemd's points. */
const EXPOSURE_MAX = '22'

const has = await run('systemd-analyze', ['--version']).then(
  () => true,
  () => false,
)
const skip = !has && 'needs systemd-analyze'

t.test('systemd-analyze finds nothing wrong', { skip }, async (t) => {
  const at = mkdtempSync(join(tmpdir(), 'whio-units-'))
  t.after(() => rmSync(at, { recursive: true }))
  // It wants the program to be there.
  writeFileSync(join(at, 'whio'), '#!/bin/sh\n')
  chmodSync(join(at, 'whio'), 0o755)
  const units = readdirSync(UNITS)
  t.ok(units.includes('whio.service'))
  for (const unit of units) {
    copyFileSync(join(UNITS, unit), join(at, unit))
    if (!unit.endsWith('.service')) continue
    await run('sed', ['-i', `s,${PROGRAM} ,${at}/whio ,`, join(at, unit)])
  }
  const files = units.map((unit) => join(at, unit))
  const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', ...files])
  t.equal(stdout + stderr, '')
})

t.test('the service reaches little of the machine', { skip }, async (t) => {
  const unit = join(UNITS, 'whio.service')
  const words = ['security', '--no-pager', '--offline=true', `--threshold=${EXPOSURE_MAX}`, unit]
  // It ends with 1 above the threshold.
  const { stdout } = await run('systemd-analyze', words)
  t.match(stdout, /Overall exposure level for whio\.service: \d\.\d/)
})
