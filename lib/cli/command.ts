// What a row of the table of commands says (commands.ts).

export interface Option {
  /** `-c`, `--config`. */
  readonly flags: readonly string[]
  /** What stands behind it: the path of a file, any word, or one of these. */
  readonly takes?: 'file' | 'word' | readonly string[]
}

export interface Command {
  /** What stands behind the name. */
  readonly usage: string
  readonly text: string
  /**
   * What stands there beside options: paths of files, one of Kea's commands, one of these words, or
   * what nobody can guess.
   */
  readonly operand: 'file' | 'none' | 'management' | readonly string[]
  readonly options: readonly Option[]
  /** More than the usage, of what is named beside `--help`; undefined: the usage will do. */
  readonly help?: (args: readonly string[]) => Promise<string | undefined>
  /** Takes the arguments behind the name and gives the exit code. */
  readonly run: (args: string[]) => Promise<number>
}

export type Commands = ReadonlyMap<string, Command>
