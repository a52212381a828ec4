// Values as JSON text in one form only: keys sorted, Kea's spacing, BigInt as digits. Clients hash
// what they are told in order to see changes, so the same value must be the same bytes. Text comes
// in pieces, so that nobody has to hold an answer of a million leases.

/** Of characters; a Listing adds its items before that is looked at. */
const PIECE: number = 32_768

/**
 * A list that is not in memory: `next` gives some more items, an empty list when there are none any
 * more. It is read once.
 */
export class Listing {
  readonly next: () => readonly unknown[]

  constructor(next: () => readonly unknown[]) {
    this.next = next
  }
}

/** A value whose text is known already: what there are a million of need not be taken apart. */
export class Printed {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Text that was made before, in the form of this room. */
export class Ready {
  readonly pieces: readonly string[]

  constructor(pieces: readonly string[]) {
    this.pieces = pieces
  }
}

/** The same for a map: `next` gives its entries, sorted by their keys. */
export class Mapping {
  readonly next: () => readonly (readonly [key: string, value: unknown])[]

  constructor(next: () => readonly (readonly [key: string, value: unknown])[]) {
    this.next = next
  }
}

/** The whole text at once. */
export function printed(value: unknown): string {
  return [...pieces(value)].join('')
}

/** The same in pieces of some ten thousand characters. */
export function* pieces(value: unknown): Generator<string, void, undefined> {
  const out = { text: '' }
  for (const _ of write(value, out)) {
    yield out.text
    out.text = ''
  }
  if (out.text !== '') yield out.text
}

interface Out {
  text: string
}

/** Stops where the text has grown to a piece. */
function* write(value: unknown, out: Out): Generator<void, void, undefined> {
  if (value instanceof Printed) out.text += value.text
  else if (value instanceof Listing) yield* writeListing(value, out)
  else if (value instanceof Mapping) yield* writeMapping(value, out)
  else if (value instanceof Ready) yield* writeReady(value, out)
  else if (Array.isArray(value)) yield* writeItems(value, out)
  else if (typeof value === 'object' && value !== null) yield* writeMap(value, out)
  else out.text += scalar(value)
}

function* writeMap(map: object, out: Out): Generator<void, void, undefined> {
  const all = Object.entries(map).filter(([, value]) => value !== undefined)
  // By code units: that is bytewise but for surrogates, and no key has any.
  const entries = all.sort(([a], [b]) => (a < b ? -1 : 1))
  if (entries.length === 0) {
    out.text += '{  }'
    return
  }
  let mark = '{ '
  for (const [key, value] of entries) {
    out.text += `${mark}${JSON.stringify(key)}: `
    yield* write(value, out)
    mark = ', '
  }
  out.text += ' }'
}

function* writeItems(items: readonly unknown[], out: Out): Generator<void, void, undefined> {
  let mark = '[ '
  for (const item of items) {
    out.text += mark
    yield* write(item, out)
    mark = ', '
    if (out.text.length > PIECE) yield
  }
  out.text += items.length === 0 ? '[  ]' : ' ]'
}

function* writeListing(listing: Listing, out: Out): Generator<void, void, undefined> {
  let mark = '[ '
  let items = listing.next()
  if (items.length === 0) out.text += mark
  while (items.length > 0) {
    for (const item of items) {
      out.text += mark
      yield* write(item, out)
      mark = ', '
    }
    if (out.text.length > PIECE) yield
    items = listing.next()
  }
  out.text += ' ]'
}

function* writeReady({ pieces }: Ready, out: Out): Generator<void, void, undefined> {
  for (const piece of pieces) {
    out.text += piece
    if (out.text.length > PIECE) yield
  }
}

function* writeMapping(mapping: Mapping, out: Out): Generator<void, void, undefined> {
  let mark = '{ '
  let entries = mapping.next()
  if (entries.length === 0) out.text += mark
  while (entries.length > 0) {
    for (const [key, value] of entries) {
      out.text += `${mark}${JSON.stringify(key)}: `
      yield* write(value, out)
      mark = ', '
    }
    if (out.text.length > PIECE) yield
    entries = mapping.next()
  }
  out.text += ' }'
}

function scalar(value: unknown): string {
  return typeof value === 'bigint' ? value.toString() : (JSON.stringify(value) ?? 'null')
}
