// What stands between values in a file as people write them: blanks, comments of three kinds, and
// commas.

const COMMENT_END: Readonly<Record<string, string>> = { '#': '\n', '//': '\n', '/*': '*/' }

/** The first character from here on that is neither blank nor in a comment. */
export function nextSign(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    const end = commentEnd(text, at)
    if (end !== undefined) at = end
    else if (/\s/.test(text[at]!)) at++
    else return at
  }
  return at
}

/** Behind the comment that begins here; undefined where none does. */
function commentEnd(text: string, at: number): number | undefined {
  const opener = text[at] === '#' ? '#' : text.slice(at, at + 2)
  const closer = COMMENT_END[opener]
  if (closer === undefined) return undefined
  const end = text.indexOf(closer, at + opener.length)
  if (end === -1) return text.length
  return closer === '\n' ? end : end + closer.length
}

/** The end of the line, where only blanks and comments are left of it; else the place itself. */
export function restOfLine(text: string, from: number): number {
  let at = from
  while (at < text.length && text[at] !== '\n') {
    const end = commentEnd(text, at)
    if (end !== undefined && !text.slice(at, end).includes('\n')) at = end
    else if (/[ \t\r]/.test(text[at]!)) at++
    else return from
  }
  return text[at - 1] === '\r' ? at - 1 : at
}

/** The blanks that the line of this place begins with. */
export function indentAt(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1
  return /^[ \t]*/.exec(text.slice(start, at))![0]
}

/** Whether only blanks stand before this place on its line. */
export function isLineStart(text: string, at: number): boolean {
  return /^[ \t]*$/.test(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))
}
