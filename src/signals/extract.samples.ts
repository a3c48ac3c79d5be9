/** Texts of many scripts and shapes, for the tests that hold extraction still. */
const paragraph =
  'The weir lets the river through and measures it. Nobody who only wants water feels anything; whoever drains the river is seen. '

export const samples: Readonly<Record<string, string>> = {
  empty: '',
  space: ' \t \u00a0 ',
  'one word': 'ok',
  greeting: 'hi there, can you help me?',
  deictic: 'thanks, now do the same again for the other one',
  question: 'What is the capital of France, and how many people live there?',
  reasoning:
    'Tom has 12 boxes with 35 pens each and gives 7 to every one of his 18 friends. How many are left? Think step by step.',
  marks: 'Please grade the following essay against the rubric, on a scale of 1 to 10, and show your reasoning.',
  form: 'Title: A day at the sea\nAuthor: N. N.\nText: We went down to the water early.\nQuestion: When did they go?\nAnswer:',
  code: 'def area(r):\n    """Circle."""\n    return 3.14159 * r ** 2\n\nprint(area(10))\r\nfor (let i = 0; i < n; i++) { x[i] += y_i; }',
  shouting: 'WHY DOES THIS NOT WORK AT ALL?! I HAVE TRIED EVERYTHING!!!',
  apostrophes: "don't you think it's Tom's o'clock ’tis l’été d’accord '' '",
  figures: '1,234.56 and 7/8, 2026-11-28T14:22:48Z, 0xdeadbeef, ٣٤٥ and １２３',
  'long words':
    'incomprehensibilities counterrevolutionaries antidisestablishmentarianism floccinaucinihilipilification then',
  german: 'Erkläre mir bitte Schritt für Schritt, wie die Straßenbahn über die Brücke fährt. Übrigens: ÄÖÜ äöüß!',
  french: 'Explique-moi étape par étape pourquoi l’été est plus chaud que l’hiver, s’il te plaît. Où ça ? À Paris.',
  spanish: '¿Puedes explicar paso a paso cómo se resuelve una ecuación de segundo grado? ¡Gracias!',
  portuguese: 'Explique passo a passo por que o céu é azul, e não verde. Isso também vale à noite?',
  turkish: 'İstanbul’da hava bugün nasıl? Işık hızını açıklar mısın, ılık şeyler de olur.',
  vietnamese: 'Hãy giải thích từng bước một tại sao bầu trời lại có màu xanh, được không?',
  polish: 'Zażółć gęślą jaźń. Proszę wyjaśnić, dlaczego łódź płynie pod prąd.',
  russian: 'Объясни шаг за шагом, почему небо голубое. ЕЩЁ раз: Ёлка, съезд, объём! Спасибо?',
  greek: 'Εξήγησε μου γιατί ο ουρανός είναι γαλάζιος; ΑΒΓ Ωμέγα ήλιος, παρακαλώ.',
  hebrew: 'למה השמים כחולים? הסבר לי את זה צעד אחר צעד, בבקשה.',
  arabic: 'اشرح لي خطوة بخطوة لماذا السماء زرقاء؟ شكرا، ٢٥ مرة؛ نعم.',
  persian: 'لطفاً توضیح بده که چرا آسمان آبی است؟ ممنون، ۱۲ بار۔',
  hindi: 'मुझे चरण दर चरण समझाओ कि आसमान नीला क्यों होता है। धन्यवाद॥',
  bengali: 'আকাশ নীল কেন হয় তা আমাকে ধাপে ধাপে বুঝিয়ে বলো।',
  tamil: 'வானம் ஏன் நீலமாக இருக்கிறது என்று படிப்படியாக விளக்குங்கள்.',
  thai: 'ช่วยอธิบายทีละขั้นตอนว่าทำไมท้องฟ้าถึงเป็นสีฟ้า ขอบคุณครับ',
  burmese: 'ကောင်းကင်ဘာကြောင့်ပြာသလဲဆိုတာ ရှင်းပြပါ။',
  khmer: 'សូមពន្យល់ថាហេតុអ្វីមេឃពណ៌ខៀវ។',
  georgian: 'ამიხსენი ნაბიჯ-ნაბიჯ, რატომ არის ცა ლურჯი? ᲓᲘᲐᲮ.',
  armenian: 'Բացատրիր քայլ առ քայլ, թե ինչու է երկինքը կապույտ։',
  amharic: 'ሰማዩ ለምን ሰማያዊ እንደሆነ ደረጃ በደረጃ አስረዳኝ።',
  chinese: '请一步一步解释为什么天空是蓝色的，并且给出推理过程。谢谢！这个问题的答案是什么？',
  japanese: 'なぜ空は青いのか、ステップバイステップで説明してください。カタカナとひらがな、漢字も。',
  korean: '하늘이 왜 파란지 단계별로 설명해 주세요. 고마워요!',
  mixed: 'Translate "Привет, мир" into 中文 and العربية, then 日本語で説明して and δώσε μου 3 παραδείγματα。',
  emoji: 'great 👍🏽 👨‍👩‍👧‍👦 job!!! 🇩🇪 \ud83d alone \udc00 too',
  fullwidth: 'Ｈｅｌｌｏ　ｗｏｒｌｄ！　１２３？（はい）',
  separators: 'one\u2028two\u2029three\u200bfour\u200d\ufefffive\u3000six\u007f\u0000seven',
  lines: '\n\n- one\n- two\n\n\n- three\r\n- four\n- five\n- six\n- seven',
  'han run': '天空大海山川河流'.repeat(40),
  'kana run': 'そらはあおい'.repeat(60),
  '800 characters': paragraph.repeat(7).slice(0, 800),
  'head and tail': paragraph.repeat(8).slice(0, 896),
  'no room': paragraph.repeat(9).slice(0, 1024),
  'a little room': paragraph.repeat(9).slice(0, 1030),
  '5000 characters': paragraph.repeat(40).slice(0, 5000),
  'long in figures': '12345 67890. '.repeat(200),
  'long in marks': '()[]{};:,.?!'.repeat(300),
  'long word': 'a'.repeat(3000),
  'long in Cyrillic': 'Объясни шаг за шагом, почему небо голубое. '.repeat(60),
  'long in Han': '请一步一步解释为什么天空是蓝色的。'.repeat(120),
}

/** Any text, the same for the same seed: runs of characters of every class, words of the phrase tables among them. */
export function randomText(seed: number): string {
  let state = seed | 0
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return ((state >>> 8) * below) >>> 24
  }
  const ranges = [
    [97, 123], [97, 123], [97, 123], [65, 91], [48, 58], [32, 48], [9, 14], [0xc0, 0x250], [0x370, 0x400], [0x400, 0x530],
    [0x590, 0x700], [0x900, 0xe00], [0xe00, 0x1100], [0x1780, 0x1800], [0x2000, 0x2070], [0x3000, 0x3100], [0x4e00, 0xa000],
    [0xac00, 0xd7b0], [0xd800, 0xe000], [0xff00, 0xff66], [0, 0x10000],
  ] as const // prettier-ignore
  const words =
    'step by step thanks again please write it following show your work on a scale of 请 的 一步一步 это é été'.split(
      ' ',
    )
  let text = ''
  for (let runs = next(60); runs > 0; runs--) {
    if (next(4) === 0) text += `${words[next(words.length)]!} `
    const [from, to] = ranges[next(ranges.length)]!
    for (let length = next(24); length > 0; length--) text += String.fromCharCode(from + next(to - from))
    if (next(2) === 0) text += ' '
  }
  return text
}
