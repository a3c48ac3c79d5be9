import type { Language } from '../language.ts'
import { arabic } from './arabic.ts'
import { chinese } from './chinese.ts'
import { english } from './english.ts'
import { french } from './french.ts'
import { german } from './german.ts'
import { hindi } from './hindi.ts'
import { japanese } from './japanese.ts'
import { portuguese } from './portuguese.ts'
import { russian } from './russian.ts'
import { spanish } from './spanish.ts'

export const languages: readonly Language[] = [
  english,
  german,
  spanish,
  french,
  portuguese,
  russian,
  chinese,
  japanese,
  arabic,
  hindi,
]
