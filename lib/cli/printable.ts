// Text of strangers on a terminal.

/** The text with its control characters as `\x1b`: names in a journal may come from anywhere. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, escaped)
}

function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
