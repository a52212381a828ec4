// Completion at the prompts of real shells: words are typed, the tabulator is pressed, and what
// stands in the line then is looked at.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { noTerminal, Terminal } from './terminal.ts'
import { folder, whio } from './whio.ts'

interface Shell {
  /** In this folder, with a file that is read at the start. */
  readonly starts: (at: string, file: string) => string
  /** What the file says: the prompt, and that Ctrl-X Ctrl-K writes the line into a file. */
  readonly file: (completion: string, keep: string) => string
}

const SHELLS: Readonly<Record<string, Shell>> = {
  bash: {
    starts: (_, file) => `bash --noprofile --rcfile ${file} -i`,
    file: (completion, keep) => `PS1='ready> '
bind 'set enable-bracketed-paste off'
. ${completion}
keep() { printf '%s' "$READLINE_LINE" ${keep}; }
bind -x '"\\C-x\\C-k": keep'
`,
  },
  zsh: {
    starts: (at) => `env ZDOTDIR=${at} zsh -d -i`,
    file: (completion, keep) => `PS1='ready> '
autoload -U compinit && compinit -u -D
. ${completion}
keep() { print -rn -- "$BUFFER" ${keep} }
zle -N keep
bindkey '^X^K' keep
`,
  },
  fish: {
    starts: (_, file) => `fish --no-config -i -C 'source ${file}'`,
    file: (completion, keep) => `function fish_prompt; echo -n 'ready> '; end
source ${completion}
function keep; commandline ${keep}; end
bind \\cx\\ck keep
`,
  },
}

/** A prompt with the completion of whio. */
async function promptOf(t: Test, name: string): Promise<(typed: string) => Promise<string>> {
  const at = folder(t)
  const [completion, kept] = [join(at, 'completion'), join(at, 'kept')]
  writeFileSync(completion, (await whio('completion', name)).stdout)
  const { starts, file } = SHELLS[name]!
  // Zsh reads a file of this name.
  const rc = join(at, '.zshrc')
  writeFileSync(rc, file(completion, `> ${kept}.new && mv ${kept}.new ${kept}`))
  mkdirSync(join(at, 'home'))
  const terminal = new Terminal(t, '', { HOME: join(at, 'home') }, starts(at, rc))
  await terminal.shows(/ready> /)
  return async (typed) => {
    rmSync(kept, { force: true })
    terminal.press(`${typed}\t\x18\x0b`)
    while (!existsSync(kept)) await delay(20)
    const line = readFileSync(kept, 'utf8').replace(/\n$/, '')
    // Away with the line.
    terminal.press('\x15')
    return line
  }
}

/** What is typed, and what the line is then. A blank stands behind a word that is whole. */
const LINES: readonly (readonly [typed: string, line: string])[] = [
  ['whio stat', 'whio status '],
  ['whio status --ch', 'whio status --check '],
  ['whio completion z', 'whio completion zsh '],
  ['whio pair host --mode h', 'whio pair host --mode hot-standby '],
  ['whio ctl subnet4-delta-d', 'whio ctl subnet4-delta-del '],
  ['whio ctl leases-reclaim ', 'whio ctl leases-reclaim remove='],
  ['whio ctl lease4-add host', 'whio ctl lease4-add hostname='],
  ['whio ctl lease4-add --soc', 'whio ctl lease4-add --socket '],
  ['whio ctl lease4-add no-such', 'whio ctl lease4-add no-such'],
]

/** Why it cannot be tried; false: it can. */
function missing(name: string): false | string {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const isThere = folders.some((at) => existsSync(join(at, name)))
  return isThere ? noTerminal() : `there is no ${name}`
}

for (const name of Object.keys(SHELLS))
  t.test(`completion at the prompt of ${name}`, { skip: missing(name) }, async (t) => {
    const at = folder(t)
    writeFileSync(join(at, 'lan.conf'), '')
    const press = await promptOf(t, name)
    for (const [typed, line] of LINES) t.equal(await press(typed), line, typed)
    const file = await press(`whio check ${at}/la`)
    t.equal(file.trimEnd(), `whio check ${at}/lan.conf`, 'a file')
  })
