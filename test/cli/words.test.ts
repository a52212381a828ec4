// Commands that people are told: in the README, in the examples and units, in messages and usage.
// Each must be one of the package, and none may have npm look for a name in its registry, where
// somebody else has it.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { whio } from './whio.ts'

const ROOT = join(import.meta.dirname, '../..')

const files = [
  'README.md',
  'CHANGELOG.md',
  'lib/catalogue/messages.ts',
  'lib/catalogue/reasons.ts',
  ...below('examples'),
  ...below('lib/cli'),
  ...below('lib/config'),
  ...below('lib/platform'),
]

function below(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => /\.\w+$/.test(name)).map((name) => join(folder, name))
}

/** `whio check FILE` in a text: behind a quote, a prompt, sudo, or another command. */
function commandsIn(text: string): string[] {
  const found = text.matchAll(/(?:`|^ *|^#? {2,}|^\/\/ +|sudo |; |bin\/)whio ([a-z][a-z-]*)\b/gm)
  return [...found].map(([, command = '']) => command)
}

t.test('every command that people are told is there', async (t) => {
  const { stdout } = await whio('--help')
  const known = new Set([...stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name))
  const told = new Map(
    files.map((file) => [file, commandsIn(readFileSync(join(ROOT, file), 'utf8'))]),
  )
  t.ok(told.get('README.md')!.length > 10, 'the README is read')
  t.ok(told.get('examples/systemd/whio.service')!.includes('serve'))
  for (const [file, commands] of told)
    t.same(
      commands.filter((name) => !known.has(name)),
      [],
      file,
    )
})

t.test('no command has npm look for a name', async (t) => {
  for (const file of files) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    t.notMatch(text, /\bnpx\b|\bnpm (exec|x)\b/, file)
    for (const [, what = ''] of text.matchAll(/npm (?:install|i) (?:-g|--global) ([^\s`]+)/g))
      t.match(what, /^\.\/.*\.tgz$/, file)
  }
})
