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

/** Escapes what {@link splitFields} with a comma would take apart. */
export function escapeField(field: string): string {
  return field.replace(/[\\,]/g, '\\$&')
}
