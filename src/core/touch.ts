/** What a caller laid hands on that nobody honest has a reason to. */
export const touchKinds = ['endpoint', 'model', 'key', 'alias', 'prompt'] as const
export type TouchKind = (typeof touchKinds)[number]

/**
 * One decoy touched by one exchange. `endpoint`: a path that nobody documents. `model`: a name that nobody was told.
 * `key`: one that was left where only a thief reads. `alias`: a model name that was given to another account, its `owner`.
 * `prompt`: the system prompt came out in the answer.
 */
export interface Touch {
  readonly kind: TouchKind
  /** The path, the model, the id of the key, the alias, or `mark` and `echo` for what was seen of a prompt. */
  readonly name: string
  /** How many times likelier a thief is to do this than an honest account, at least 1: evidence, never a verdict. */
  readonly weight: number
  /** The account that the touched thing was given to; null: to nobody, or nobody knows any more. */
  readonly owner: string | null
}
