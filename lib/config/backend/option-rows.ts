// Rows of options and of their definitions -> what a document would say.

import type { Members } from '../text/map.ts'
import { hexIn, isTrue, jsonIn, mapIn, numberIn, type Row, textIn } from './values.ts'

/** An entry of `option-data`. A formatted value goes before octets, as in Kea. */
export function optionOf(row: Row, family: 4 | 6): Members {
  const code = numberIn(row.code) ?? 0
  const space = textIn(row.space)
  const text = row.formatted_value
  const classes = jsonIn(row.client_classes)
  const context = mapIn(row.user_context)
  return {
    code,
    ...(space === '' || space === `dhcp${family}` ? {} : { space }),
    ...(typeof text === 'string' && text !== ''
      ? { data: text, 'csv-format': true }
      : { data: hexIn(row.value), 'csv-format': false }),
    ...(isTrue(row.persistent) ? { 'always-send': true } : {}),
    ...(isTrue(row.cancelled) ? { 'never-send': true } : {}),
    ...(Array.isArray(classes) && classes.length > 0
      ? { 'client-classes': classes.map(String) }
      : {}),
    ...(context === undefined ? {} : { 'user-context': context }),
  }
}

/** By the numbers of the column. */
const TYPES: readonly string[] = [
  ...['empty', 'binary', 'boolean', 'int8', 'int16', 'int32', 'uint8', 'uint16', 'uint32'],
  ...['any-address', 'ipv4-address', 'ipv6-address', 'ipv6-prefix', 'psid', 'string', 'tuple'],
  ...['fqdn', 'internal'],
]

/** An entry of `option-def`. The number of a record differs by version: its fields tell it. */
export function definitionOf(row: Row, family: 4 | 6): Members {
  const fields = jsonIn(row.record_types)
  const isRecord = Array.isArray(fields) && fields.length > 0
  const space = textIn(row.space)
  const encapsulate = textIn(row.encapsulate)
  const context = mapIn(row.user_context)
  return {
    name: textIn(row.name),
    code: numberIn(row.code) ?? 0,
    type: isRecord ? 'record' : typeName(row.type),
    ...(isRecord ? { 'record-types': fields.map(typeName).join(', ') } : {}),
    ...(isTrue(row.is_array) ? { array: true } : {}),
    ...(space === '' || space === `dhcp${family}` ? {} : { space }),
    ...(encapsulate === '' ? {} : { encapsulate }),
    ...(context === undefined ? {} : { 'user-context': context }),
  }
}

/** A number that no version knows is told as it is, and refused where types are. */
function typeName(value: unknown): string {
  return TYPES[numberIn(value) ?? -1] ?? String(value)
}
