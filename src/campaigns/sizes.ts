/** Keys of shape in an observation, in the order of `signals/keys.ts`. */
export const KEYS_EACH = 10
/** Keys of what a prompt says, whatever its shape: the very text, and two of its words at a time. */
export const SAYINGS = 3
