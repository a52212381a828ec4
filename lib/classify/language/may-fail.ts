// Which parts of an expression may have no value, by the lengths of what they are given. Where
// nothing can fail, the order of evaluation shows nowhere.

import { lengthsFor } from './functions.ts'
import { isOnly, lengthsOf } from './lengths.ts'
import { type Node, operandsOf } from './tree.ts'

/** The longest value that an expression may make of shorter ones. */
export const VALUE_MAX = 2 ** 20

const known = new WeakMap<Node, boolean>()

/** Whether there may be a message for which the node has no value. */
export function mayFail(node: Node): boolean {
  let fails = known.get(node)
  if (fails === undefined) {
    fails = failsItself(node) || operandsOf(node).some(mayFail)
    known.set(node, fails)
  }
  return fails
}

function failsItself(node: Node): boolean {
  switch (node.kind) {
    case 'failing':
      return true
    case 'substring':
      return !isInt32(node.start) || !(node.length === Infinity || isInt32(node.length))
    case 'split':
      return !isInt32(node.field)
    case 'conversion': {
      const allowed = lengthsFor(node.name)
      return allowed !== undefined && !isOnly(lengthsOf(node.of, false), allowed)
    }
    case 'join':
    case 'hexstring':
      return lengthsOf(node, false).max > VALUE_MAX
    default:
      return false
  }
}

export function isInt32(value: number): boolean {
  return value === (value | 0)
}
