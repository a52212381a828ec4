// Loaded before a program: the optional package pg is not installed.

import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'pg') throw new Error("Cannot find package 'pg'")
    return next(specifier, context)
  },
})
