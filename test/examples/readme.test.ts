// README.md is what people type from: its commands and options are there, and what it points to.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { COMMANDS } from '../../lib/cli/commands.ts'
import { KEA_NAMES } from '../../lib/cli/kea-names.ts'
import { COMMANDS as MANAGEMENT } from '../../lib/control/table.ts'

const ROOT = join(import.meta.dirname, '../..')
const text = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** Blocks of code are no headings and no links. */
const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '')
const headings = [...prose.matchAll(/^#{1,4} (.+)$/gm)].map(([, heading]) => heading!)

/** As forges make anchors of headings. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}

/** What stands behind `whio` in blocks of the shell and in prose. */
function commandLines(): string[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block!)
  const lines = blocks.flatMap((block) => block.replaceAll(/ +#.*$/gm, '').split('\n'))
  const spoken = [...prose.matchAll(/`(?:sudo )?(whio [^`]+)`/g)].map(([, line]) => line!)
  return [...lines, ...spoken].flatMap((line) => [
    ...[...line.matchAll(/(?:^|sudo |\()whio ([^|)]+)/g)].map(([, rest]) => rest!),
  ])
}

t.test('every command and option of the text is there', (t) => {
  const lines = commandLines()
  t.ok(lines.length > 40)
  for (const line of lines) {
    const [name = '', ...words] = line.trim().split(/\s+/)
    if (name.startsWith('-') || name === 'COMMAND') continue
    const command = COMMANDS.get(name)
    t.ok(command, `whio ${line}`)
    const flags = command?.options.flatMap((option) => option.flags) ?? []
    for (const word of words.filter((one) => /^--?[a-z]/.test(one)))
      t.ok(flags.includes(word), `whio ${name} ${word}`)
    if (name === 'ctl' && words[0] !== undefined && words[0] !== 'COMMAND')
      t.ok(MANAGEMENT.has(words[0]), `whio ctl ${words[0]}`)
  }
  t.end()
})

t.test('what the text points to is there', (t) => {
  const anchors = headings.map(anchorOf)
  for (const [, target = ''] of prose.matchAll(/\]\(#([^)]+)\)/g))
    t.ok(anchors.includes(target), `#${target}`)
  for (const [, file = ''] of prose.matchAll(/`((?:examples|lib|schemas)\/[\w./-]+)`/g))
    t.ok(existsSync(join(ROOT, file)), file)
  for (const [, heading = ''] of prose.matchAll(/see "([A-Z][^"]+)"/g))
    t.ok(headings.includes(heading), `"${heading}"`)
  const changes = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').replaceAll(/\n {2}/g, ' ')
  for (const [, list = ''] of changes.matchAll(/README, ("[^".]+"(?:, "[^".]+")*)/g))
    for (const [, heading = ''] of list.matchAll(/"([^"]+)"/g))
      t.ok(headings.includes(heading), `"${heading}" of the changelog`)
  for (const name of KEA_NAMES) t.match(text, `\`${name}\``)
  t.end()
})
