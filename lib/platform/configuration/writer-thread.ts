// The thread that writes the configuration: a large file takes seconds to read and to compare, and
// clients are not to wait for it. What is in force comes as pieces of JSON.

import { parentPort, workerData } from 'node:worker_threads'
import type { ConfigDocument } from '../../config/keys/document.ts'
import { rewriteFiles } from './rewrite-files.ts'
import type { WriterData, WriterPart } from './writer.ts'

const { files, others, version, filename } = workerData as WriterData
const pieces: Record<string, string[]> = {}

parentPort?.on('message', (part: WriterPart) => {
  if (part !== 'all') {
    pieces[part.name] ??= []
    pieces[part.name]!.push(part.text)
    return
  }
  const maps = Object.entries(pieces).map(([name, texts]) => [name, JSON.parse(texts.join(''))])
  const document = { ...Object.fromEntries(maps), ...others } as ConfigDocument
  parentPort!.postMessage(rewriteFiles({ files, document, version, filename }))
  parentPort!.close()
})
