// The routes of Whio's own API in the description for programs: each row of their table is an
// operation.

import type { Schema } from '../command.ts'
import type { Route } from './route.ts'

export const PREFIX = '/api/v1'

/** The description with the operations of these routes. */
export function withRoutes(description: object, routes: readonly Route[]): object {
  const { paths = {} } = description as { readonly paths?: object }
  const own: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    own[PREFIX + route.path] ??= {}
    own[PREFIX + route.path]![route.method.toLowerCase()] = operationOf(route)
  }
  return { ...description, paths: { ...paths, ...own } }
}

function operationOf(route: Route): object {
  const { method, path, as, summary, query = {}, body, takesCsv, media } = route

  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameter(name!, 'path'))
  const asked = Object.entries(query).map(([name, schema]) => parameter(name, 'query', schema))
  const told = media === undefined ? json({ type: 'object' }) : { [media]: { schema: TEXT } }
  return {
    operationId: `${method.toLowerCase()}${path.replace(/\W+/g, '-').replace(/-$/, '')}`,
    summary,
    description: `For whoever may give the command ${as}`,
    parameters: [...named, ...asked, ...(method === 'GET' ? [] : [KEY])],
    ...(body === undefined
      ? {}
      : { requestBody: { content: { ...json(body), ...(takesCsv ? CSV : {}) } } }),
    responses: {
      200: { description: 'It was told, or done', content: told },
      '4XX': { description: 'It was refused', content: json(ERROR) },
    },
  }
}

function parameter(name: string, place: 'path' | 'query', schema: Schema = { type: 'string' }) {
  return { name, in: place, required: place === 'path', schema }
}

/** Of every change. */
const KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Who asks again with it within a day is told what came of it the first time',
  schema: { type: 'string', maxLength: 255 },
}

function json(schema: Schema): object {
  return { 'application/json': { schema } }
}

const TEXT: Schema = { type: 'string' }
const CSV = { 'text/csv': { schema: TEXT } }

const ERROR: Schema = {
  type: 'object',
  required: ['error'],
  properties: { error: { type: 'string' }, problems: { type: 'array' } },
}
