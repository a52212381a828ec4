// Commands of the server itself, and of the agent: what it is.

import { type Command, EVERYWHERE } from '../command.ts'

export const BUILT_IN: readonly Command[] = [
  {
    name: 'version-get',
    access: 'read',
    library: 'built-in',
    personas: EVERYWHERE,
    summary: 'Tells the version of the server',
    parameters: undefined,
    run(_asked, { host: { keaVersion, version, build } }, answer) {
      const extended = [`${keaVersion} (Whio ${version})`, ...build].join('\n')
      answer({ result: 0, text: keaVersion, arguments: { extended } })
    },
  },
]
