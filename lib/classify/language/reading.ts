// What the parts of the parser ask of each other.

import type { Names } from '../expression.ts'
import type { Remarks } from './remarks.ts'
import type { TokenReader } from './token-reader.ts'
import type { BoolNode, TextNode } from './tree.ts'

/** An expression that is being read. */
export interface Reading {
  readonly reader: TokenReader
  readonly names: Names
  readonly remarks: Remarks
  /** Reads a test from here on. */
  test(): BoolNode
  /** Reads a text from here on. */
  text(): TextNode
}
