// The pattern of a log line, in the letters of log4cplus, that `loggers` of Kea know: text, and
// conversions such as `%-5p` or `%D{%H:%M:%S.%q}`.

export type PatternPiece = string | Conversion

export interface Conversion {
  readonly letter: string
  /** What stands behind it in braces. */
  readonly argument: string
  /** Filled up with blanks to so many characters, in front or (isLeft) behind. */
  readonly width: number
  readonly isLeft: boolean
  /** Cut to so many characters, at its begin. */
  readonly limit: number
}

/** Those that mean something here. Files and lines of a source say nothing to an operator. */
const KNOWN = 'DdpcmnitThHr%'

/** What Kea does where no pattern is given. */
export const KEA_PATTERN = '%D{%Y-%m-%d %H:%M:%S.%q} %-5p [%c/%i.%t] %m\n'
/** The same for syslog, which has times of its own. */
export const KEA_SYSLOG_PATTERN = '%-5p [%c.%t] %m\n'

const CONVERSION = /%(-?)(\d*)(?:\.(\d+))?([A-Za-z%])(?:\{([^}]*)\})?/g

export function patternPieces(pattern: string): readonly PatternPiece[] {
  const pieces: PatternPiece[] = []
  let end = 0
  for (const match of pattern.matchAll(CONVERSION)) {
    const [all, minus, width, limit, letter = '', argument = ''] = match
    if (match.index > end) pieces.push(pattern.slice(end, match.index))
    end = match.index + all.length
    pieces.push({
      ...{ letter, argument, isLeft: minus === '-' },
      width: Number(width),
      limit: limit === undefined ? Number.POSITIVE_INFINITY : Number(limit),
    })
  }
  if (end < pattern.length) pieces.push(pattern.slice(end))
  return pieces
}

/** Conversions of a pattern that say nothing here: `%L`. */
export function unknownConversions(pattern: string): readonly string[] {
  const letters = patternPieces(pattern).flatMap((piece) =>
    typeof piece === 'string' || KNOWN.includes(piece.letter) ? [] : [`%${piece.letter}`],
  )
  return [...new Set(letters)]
}
