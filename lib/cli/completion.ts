// `whio completion bash`: what a shell needs to complete the command line, made from the table of
// commands. The text is whole: nothing is started while somebody types.

import { COMMANDS as MANAGEMENT } from '../control/table.ts'
import type { Command, Commands, Option } from './command.ts'
import { argumentWords } from './ctl-words.ts'
import { UsageError } from './usage.ts'

const SHELLS: Readonly<Record<string, (commands: Commands) => string>> = { bash, zsh, fish }

export function completion(args: string[], commands: Commands): number {
  const [shell = '', ...more] = args
  const text = SHELLS[shell]
  if (text === undefined || more.length > 0)
    throw new UsageError(`name a shell: ${Object.keys(SHELLS).join(', ')}`)
  process.stdout.write(text(commands))
  return 0
}

/** Words that may stand behind the command; none where that is a file, or nobody can guess. */
function operandsOf({ operand }: Command): readonly string[] {
  if (operand === 'management') return [...MANAGEMENT.keys()].sort()
  return typeof operand === 'string' ? [] : operand
}

function flagsOf({ options }: Command): readonly string[] {
  return options.flatMap(({ flags }) => flags)
}

/** Words that may stand behind an option; undefined where none does. */
function wordsBehind({ takes }: Option): readonly string[] | undefined {
  return takes === undefined ? undefined : typeof takes === 'string' ? [] : takes
}

/** Where no word is offered, `-o default` offers files. */
function bash(commands: Commands): string {
  return `# Completion of whio for bash.\n${words(commands)}complete -o default -F _whio whio\n`
}

function words(commands: Commands): string {
  const behind = [...commands].flatMap(([name, { options }]) =>
    options.flatMap((option) => {
      const words = wordsBehind(option)
      if (words === undefined) return []
      const patterns = option.flags.map((flag) => `"${name} ${flag}"`).join('|')
      return [`    ${patterns}) words="${words.join(' ')}" ;;`]
    }),
  )
  const plain = [...commands].map(([name, command]) => {
    const operands = operandsOf(command).join(' ')
    return `      ${name}) flags="${flagsOf(command).join(' ')}" words="${operands}" ;;`
  })
  return `_whio() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]} flags= words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${[...commands.keys()].join(' ')}" -- "$cur"))
    return
  fi
  case "$command \${COMP_WORDS[COMP_CWORD-1]}" in
${behind.join('\n')}
    *)
      case "$command" in
${plain.join('\n')}
      esac
      if [ "$command" = ctl ] && [ "$COMP_CWORD" -gt 2 ]; then
        words=
        case "\${COMP_WORDS[2]}" in
${managed().join('\n')}
        esac
        # A value is for the user to say; bash takes the mark before it for a word.
        case "$cur\${COMP_WORDS[COMP_CWORD-1]}" in *=*) words= ;; esac
        case "$cur" in -*) ;; *) type compopt > /dev/null 2>&1 && compopt -o nospace ;; esac
      fi
      case "$cur" in -*) words=$flags ;; esac
      ;;
  esac
  COMPREPLY=()
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); fi
}
`
}

/** What may stand behind a command of the management side. */
function managed(): string[] {
  return [...MANAGEMENT.values()].flatMap((command) => {
    const words = argumentWords(command)
    return words.length === 0 ? [] : [`          ${command.name}) words="${words.join(' ')}" ;;`]
  })
}

/**
 * Zsh knows the words of bash once it is told to, but not compopt: each word brings the blank
 * behind it, unless a value follows.
 */
function zsh(commands: Commands): string {
  return `# Completion of whio for zsh.
autoload -U +X bashcompinit && bashcompinit
${words(commands)}_whio_zsh() {
  _whio
  COMPREPLY=("\${COMPREPLY[@]/%/ }")
  COMPREPLY=("\${COMPREPLY[@]/%= /=}")
}
complete -o default -o nospace -F _whio_zsh whio
`
}

function fish(commands: Commands): string {
  const lines = [...commands].flatMap(([name, command]) => {
    const within = `-n '__fish_seen_subcommand_from ${name}'`
    const operands = operandsOf(command)
    // Of the management side one command, and then its arguments.
    const isOne = command.operand === 'management'
    const none = isOne ? `; and not __fish_seen_subcommand_from ${operands.join(' ')}` : ''
    const first = `-n '__fish_seen_subcommand_from ${name}${none}'`
    const isFile = command.operand === 'file'
    return [
      `complete -c whio -n __fish_use_subcommand -f -a ${name} -d '${described(command.text)}'`,
      ...command.options.map((option) => `complete -c whio ${within} ${fishOption(option)}`),
      ...(operands.length === 0 ? [] : [`complete -c whio ${first} -f -a '${operands.join(' ')}'`]),
      ...(isFile ? [`complete -c whio ${within} -F`] : []),
    ]
  })
  for (const command of MANAGEMENT.values()) {
    const words = argumentWords(command)
    const behind = `-n '__fish_seen_subcommand_from ${command.name}'`
    if (words.length > 0) lines.push(`complete -c whio ${behind} -f -a '${words.join(' ')}'`)
  }
  return `# Completion of whio for fish.\n${lines.join('\n')}\n`
}

function fishOption(option: Option): string {
  const names = option.flags.map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  )
  const words = wordsBehind(option)
  if (words === undefined) return `${names.join(' ')} -f`
  if (option.takes === 'file') return `${names.join(' ')} -r -F`
  return `${names.join(' ')} -x${words.length === 0 ? '' : ` -a '${words.join(' ')}'`}`
}

function described(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
