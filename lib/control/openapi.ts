// The description of the commands for programs (OpenAPI 3.1), made from the table: whatever is in
// it is described, and nothing else. Kea's way is one address for all: which command it is stands
// in the body, so that a request is one of many schemas, told apart by `command`.

import type { Command, Persona, Schema } from './command.ts'

export interface OpenApiParts {
  /** Whio's own version. */
  readonly version: string
  readonly commands: Iterable<Command>
}

/** Addresses of the servers; that of the agent is `/`, where `service` says who is meant. */
const DOORS: readonly { readonly path: string; readonly who: Persona; readonly about: string }[] = [
  { path: '/dhcp4', who: 'dhcp4', about: 'The server of DHCPv4' },
  { path: '/dhcp6', who: 'dhcp6', about: 'The server of DHCPv6' },
  { path: '/ca', who: 'ca', about: 'The agent' },
]

export function openApiOf({ version, commands }: OpenApiParts): object {
  const rows = [...commands].sort((a, b) => (a.name < b.name ? -1 : 1))
  const paths = DOORS.map(({ path, who, about }) => [
    path,
    pathOf(who, about, ofPersona(rows, who)),
  ])
  const all = pathOf('all', 'Every server: `service` says which', rows)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Whio',
      version,
      summary: 'Management commands of a DHCP server, as clients of Kea send them',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ basic: [] }, { token: [] }, { certificate: [] }, {}],
    paths: Object.fromEntries([['/', all], ...paths]),
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        token: { type: 'http', scheme: 'bearer' },
        certificate: { type: 'mutualTLS' },
      },
      schemas: {
        Answer: ANSWER,
        Answers: { type: 'array', minItems: 1, items: { $ref: '#/components/schemas/Answer' } },
        Trouble: TROUBLE,
        ...Object.fromEntries(rows.map((row) => [row.name, requestOf(row)])),
      },
    },
  }
}

function ofPersona(rows: readonly Command[], persona: Persona): readonly Command[] {
  return rows.filter(({ personas }) => personas.includes(persona))
}

function pathOf(id: string, summary: string, rows: readonly Command[]): object {
  const refs = rows.map(({ name }) => [name, `#/components/schemas/${name}`] as const)
  return {
    post: {
      operationId: id,
      summary,
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              oneOf: refs.map(([, $ref]) => ({ $ref })),
              discriminator: { propertyName: 'command', mapping: Object.fromEntries(refs) },
            },
          },
        },
      },
      responses: {
        200: reply('A list of answers, one for each server that was asked', 'Answers'),
        400: reply('No request that can be read', 'Trouble'),
        401: reply('Nobody who is known', 'Trouble'),
        403: reply('The role does not permit the command', 'Trouble'),
        408: reply('The request did not come in time', 'Trouble'),
        413: reply('The request is too long', 'Trouble'),
      },
    },
  }
}

function reply(description: string, schema: 'Answers' | 'Trouble'): object {
  return {
    description,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
  }
}

function requestOf({ name, summary, parameters, access, library }: Command): object {
  const changes = access === 'write' ? 'changes something' : 'reads'
  return {
    type: 'object',
    description: `${summary} (${library}, ${changes})`,
    required: ['command', ...((parameters?.required?.length ?? 0) > 0 ? ['arguments'] : [])],
    properties: {
      command: { const: name },
      ...(parameters === undefined ? {} : { arguments: parameters satisfies Schema }),
      service: { type: 'array', items: { type: 'string', enum: ['', 'dhcp4', 'dhcp6', 'd2'] } },
    },
  }
}

const ANSWER: object = {
  type: 'object',
  required: ['result'],
  properties: {
    result: {
      type: 'integer',
      description: '0 done, 1 error, 2 not supported, 3 nothing found or changed, 4 conflict',
    },
    text: { type: 'string' },
    arguments: {},
  },
}

const TROUBLE: object = {
  type: 'object',
  required: ['result', 'text'],
  properties: { result: { type: 'integer', minimum: 400 }, text: { type: 'string' } },
}
