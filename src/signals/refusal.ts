import { PhraseTable } from './phrase-table.ts'
import { keyOf, Words } from './words.ts'

/**
 * Whether an answer is a refusal: the model's API says so, or its first words do. Phrases of declining in the languages
 * most asked in; one that is missing is a refusal that is not seen. An apology alone is none.
 */
const phrases = [
  ...["can't", 'cannot', "won't", 'can not'].flatMap((verb) =>
    'help assist provide comply fulfill fulfil share create generate write discuss engage support answer give do'
      .split(' ')
      .map((what) => `I ${verb} ${what}`),
  ),
  "I'm sorry, but I can't",
  'sorry, but I cannot',
  "I'm not able to",
  'I am not able to',
  "I'm unable to",
  'I am unable to',
  'I must decline',
  'I have to decline',
  'against my guidelines',
  "I'm not comfortable",
  'dabei kann ich nicht',
  'kann ich nicht helfen',
  'kann ich dir nicht helfen',
  'kann ich Ihnen nicht helfen',
  'kann ich leider nicht',
  'kann dir dabei nicht helfen',
  'kann Ihnen dabei nicht helfen',
  'ich kann diese Anfrage nicht',
  'je ne peux pas',
  'je ne suis pas en mesure',
  'no puedo ayudar',
  'no puedo ayudarte',
  'no puedo proporcionar',
  'pero no puedo',
  'não posso ajudar',
  'não posso fornecer',
  'mas não posso',
  'non posso aiutarti',
  'non posso fornire',
  'ma non posso',
  'ik kan je daar niet bij helpen',
  'ik kan u hier niet bij helpen',
  'nie mogę pomóc',
  'nie mogę udzielić',
  'ale nie mogę',
  'jag kan inte hjälpa',
  'yardımcı olamam',
  'yardımcı olamıyorum',
  'я не могу помочь',
  'я не могу предоставить',
  'но я не могу',
  'к сожалению, я не могу',
  'я не можу допомогти',
  'δεν μπορώ να βοηθήσω',
  'δεν μπορώ να παρέχω',
  'لا أستطيع مساعدتك',
  'لا يمكنني مساعدتك',
  'لا يمكنني تقديم',
  'لا أستطيع تقديم',
  'אני לא יכול לעזור',
  'אני לא יכולה לעזור',
  'मदद नहीं कर सकता',
  'मदद नहीं कर सकती',
  'tôi không thể giúp',
  'tôi không thể cung cấp',
  'saya tidak dapat membantu',
  'saya tidak bisa membantu',
  'ไม่สามารถช่วย',
  'ไม่สามารถให้',
  '我无法提供',
  '我无法帮助',
  '我无法协助',
  '我不能提供',
  '我不能帮助',
  '抱歉，我无法',
  '抱歉，我不能',
  '我無法提供',
  '我無法協助',
  '抱歉，我無法',
  'お手伝いできません',
  'お答えできません',
  '提供することはできません',
  'お応えできません',
  '도와드릴 수 없습니다',
  '도와 드릴 수 없습니다',
  '제공할 수 없습니다',
  '답변할 수 없습니다',
]

/** What is looked at of an answer, in UTF-16 units; the caller need not keep more of it. */
export const OPENING_UNITS = 200

export class Refusals {
  readonly #key: number
  readonly #table: PhraseTable
  readonly #words = new Uint32Array(OPENING_UNITS + 1)

  /** `secret`: at least 4 bytes of this deployment's own. */
  constructor(secret: Uint8Array) {
    this.#key = keyOf(secret)
    this.#table = new PhraseTable(phrases.map((phrase) => Array.from(this.#words.subarray(0, this.#read(phrase)))))
  }

  /** `opening`: the answer's first characters, or all of them; null where its text is not known. */
  isRefusal(opening: string | null, finishReason: string | null): boolean {
    if (finishReason === 'refusal' || finishReason === 'content_filter') return true
    return opening !== null && this.#table.isIn(this.#words, this.#read(opening))
  }

  #read(text: string): number {
    const words = new Words(this.#key)
    const count = words.read(text, 0, Math.min(text.length, OPENING_UNITS), this.#words)
    return count + words.end(this.#words, count)
  }
}
