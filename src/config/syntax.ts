import type { ErrorCode } from 'yaml'
import type { Complaint } from './problem.ts'

const indent = 'indent with spaces, the same number for all keys of one map'
const quote = 'put text that holds : # { } [ ] , & * ! | > % @ or a quote in double quotes'
const close = 'close every quote, [ and {, and write a space after every colon'

/** Our own words, because the parser's messages repeat the text at fault, and that text can be a secret. */
const words: Record<ErrorCode, readonly [message: string, hint: string]> = {
  ALIAS_PROPS: ['an alias cannot have an anchor or a tag', 'write *name alone'],
  BAD_ALIAS: ['not an alias', 'put text that starts with * in double quotes, as in "*"'],
  BAD_COLLECTION_TYPE: ['the tag does not fit the value', 'remove the tag'],
  BAD_DIRECTIVE: ['not a YAML directive', 'remove the line that starts with %'],
  BAD_DQ_ESCAPE: ['not an escape sequence', 'write \\\\ for a backslash in double quotes, or use single quotes'],
  BAD_INDENT: ['the indentation does not fit what is above', indent],
  BAD_PROP_ORDER: ['an anchor or a tag stands in the wrong place', 'write it directly before the value'],
  BAD_SCALAR_START: ['text cannot start with this character', quote],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second "key:" on one line',
    'start a new line for each key, or put the text in double quotes',
  ],
  BLOCK_IN_FLOW: ['lines of a block inside { } or [ ]', 'keep to commas inside { } and [ ]'],
  DUPLICATE_KEY: ['the key is written twice', 'keep one of the two'],
  IMPOSSIBLE: ['not YAML', close],
  KEY_OVER_1024_CHARS: ['a key of more than 1024 characters', 'check the line for a missing quote'],
  MISSING_CHAR: ['something is missing here', close],
  MULTILINE_IMPLICIT_KEY: ['a key that runs over several lines', close],
  MULTIPLE_ANCHORS: ['more than one anchor', 'keep one of them'],
  MULTIPLE_DOCS: ['a second YAML document', 'remove the line "---" and what follows'],
  MULTIPLE_TAGS: ['more than one tag', 'remove the tags'],
  NON_STRING_KEY: ['a key that is not text', 'write keys as plain names'],
  RESOURCE_EXHAUSTION: ['nested too deeply to read', close],
  TAB_AS_INDENT: ['a tab used as indentation', 'indent with spaces'],
  TAG_RESOLVE_FAILED: [
    'a tag that is not used here',
    'remove the word that starts with !, or put the text in double quotes',
  ],
  UNEXPECTED_TOKEN: ['unexpected here', close],
}

/** What is wrong with the YAML, given the line it is on. */
export function syntaxComplaint(code: ErrorCode, line: string): Complaint {
  const [message, hint] = words[code]
  // The braces of an unquoted ${NAME} inside { } are the one mistake that this file format invites.
  const bare = /[{[,].*[^"'$]\$\{/.test(line)
  return { message: `YAML: ${message}`, hint: bare ? 'inside { } and [ ] put "${NAME}" in double quotes' : hint }
}
