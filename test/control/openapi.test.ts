// The table of commands: its own rules, and the description for programs that is made from it.

import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { openApiOf } from '../../lib/control/openapi.ts'
import { COMMANDS } from '../../lib/control/table.ts'

const described = () => openApiOf({ version: '1.2.3', commands: COMMANDS.values() })

t.test('the description is OpenAPI 3.1', async (t) => {
  const validator = new Validator()
  const { valid, errors } = await validator.validate({ ...described() })
  t.ok(valid, JSON.stringify(errors))
  t.equal(validator.version, '3.1')
  const broken = await new Validator().validate({ ...described(), paths: { '/': { post: 1 } } })
  t.notOk(broken.valid, 'what is none is found')
})

t.test('every command is in it, at the address of who answers it', async (t) => {
  const { paths, components } = described() as {
    paths: Record<string, { post: { requestBody: { content: object } } }>
    components: { schemas: Record<string, { properties: { command: { const: string } } }> }
  }
  for (const { name, personas } of COMMANDS.values()) {
    t.equal(components.schemas[name]?.properties.command.const, name)
    const ref = `#/components/schemas/${name}`
    for (const who of ['dhcp4', 'dhcp6', 'ca'] as const) {
      const at = JSON.stringify(paths[`/${who}`]!.post).includes(`"${ref}"`)
      t.equal(at, personas.includes(who), `${name} ${who}`)
    }
  }
})

t.test('a command is a row with all that is said of it', async (t) => {
  for (const [name, command] of COMMANDS) {
    t.equal(command.name, name)
    t.match(name, /^[a-z][a-z0-9-]+$/)
    t.match(command.summary, /^[A-Z].*[^.]$/, `${name}: a sentence without a full stop`)
    t.ok(command.personas.length > 0)
    const { parameters } = command
    if (parameters === undefined) continue
    t.equal(parameters.type, 'object', name)
    for (const key of parameters.required ?? []) t.ok(key in parameters.properties!, name)
  }
})

/** Kea's definitions of what only reads, and ours. */
const READS =
  /-get(-|$)|-list$|-select-test$|^(build-report|interface-list|list-commands|version-get|whio-dns-check)$/

t.test('what only reads is told from what changes something as Kea does', async (t) => {
  for (const { name, access } of COMMANDS.values())
    t.equal(access, READS.test(name) ? 'read' : 'write', name)
})
