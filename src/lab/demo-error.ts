/** An error as the dialect's vendor words it. */
export interface DemoError {
  readonly status: number
  readonly type: string
  readonly message: string
  readonly param: string | null
  readonly code: string | null
}

export const invalid = (message: string, param: string | null, code: string | null = null): DemoError => ({
  status: 400,
  type: 'invalid_request_error',
  message,
  param,
  code,
})

export const unknownModel = (model: string, param: string | null): DemoError => ({
  ...invalid(`The model \`${model}\` does not exist or you do not have access to it.`, param, 'model_not_found'),
  status: 404,
})

export const unknownUrl = (method: string, path: string): DemoError => ({
  ...invalid(`Invalid URL (${method} /v1${path})`, null),
  status: 404,
})

export const serverError: DemoError = {
  status: 500,
  type: 'server_error',
  message: 'The server had an error while processing your request. Sorry about that!',
  param: null,
  code: null,
}

/** The error that a directive asks for by its status alone. */
export function errorOf(status: number): DemoError {
  switch (status) {
    case 401:
      return { ...invalid('Incorrect API key provided: demo.', null, 'invalid_api_key'), status }
    case 429: {
      const message = 'Rate limit reached for requests. Please try again in 2s.'
      return { status, type: 'requests', message, param: null, code: 'rate_limit_exceeded' }
    }
    case 503:
      return { ...serverError, status, message: 'The engine is currently overloaded, please try again later.' }
    default:
      return status < 500
        ? { ...invalid('The demo model was asked to refuse this.', null), status }
        : { ...serverError, status }
  }
}

export const errorBody = ({ message, type, param, code }: DemoError): { error: object } => ({
  error: { message, type, param, code },
})
