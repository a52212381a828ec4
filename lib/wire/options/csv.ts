// Kea's splitting of one text into fields. A backslash takes the meaning from a separator or a
// backslash behind it and stands for itself anywhere else; empty fields do not count.

/** The fields of `text`, trimmed, without their escapes of `separator`; others are kept. */
export function splitFields(text: string, separator: ',' | '|'): string[] {
  const fields: string[] = []
  let field = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    const next = text[at + 1]
    if (character === '\\' && (next === separator || (next === '\\' && separator === ','))) {
      field += next
      at++
    } else if (character === separator) {
      if (field !== '') fields.push(field.trim())
      field = ''
    } else field += character
  }
  if (field !== '') fields.push(field.trim())
  return fields
}

/** The fields where there are at most `max`, the last one being all the rest, commas and all. */
export function splitFirstFields(text: string, max: number): string[] {
  const fields: string[] = []
  let rest = text
  while (fields.length < max - 1) {
    const [head] = /^(?:\\.|[^\\,])*/s.exec(rest)!
    const field = splitFields(head, ',')
    fields.push(...field)
    rest = rest.slice(head.length + 1)
  }
  return [...fields, rest.trim().replace(/\\([,\\])/g, '$1')]
}

/** Escapes what {@link splitFields} with a comma would take apart. */
export function escapeField(field: string): string {
  return field.replace(/[\\,]/g, '\\$&')
}
