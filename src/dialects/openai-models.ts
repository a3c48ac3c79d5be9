import { ok } from '../core/result.ts'
import { emptyBody } from './body.ts'
import type { Endpoint } from './dialect.ts'
import { leanModel, leanModels } from './openai-lean.ts'
import { noAnswer, noCall, noReader } from './nothing.ts'
import { openai } from './openai.ts'

const common = {
  dialect: openai,
  method: 'GET',
  generates: false,
  encode: () => null,
  readAnswer: noAnswer,
  reader: noReader,
} as const

export const openaiModels: Endpoint = {
  ...common,
  name: 'models',
  path: '/v1/models',
  read: () => ok(noCall(emptyBody, '', '/models')),
  lean: leanModels,
}

export const openaiModel: Endpoint = {
  ...common,
  name: 'model',
  path: '/v1/models/{id}',
  read: (_body, { id }) => ok(noCall(emptyBody, id!, `/models/${encodeURIComponent(id!)}`)),
  lean: leanModel,
}
