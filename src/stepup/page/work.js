/**
 * A worker that looks for a number that, behind a challenge and a colon, hashes (SHA-256) to enough leading zero bits. By hand, because the browser's own SHA-256 answers each call later, which makes it ten times slower for short
 * texts, and is not there at all without HTTPS.
 */
const primes = []
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n)
const fraction = (x) => ((x - Math.floor(x)) * 0x100000000) | 0
const K = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)))
const H = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))
const W = new Int32Array(64)

function compress(state, bytes, at) {
  for (let i = 0; i < 16; i++) {
    const j = at + i * 4
    W[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3]
  }
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15]
    const y = W[i - 2]
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0
  }
  let [a, b, c, d, e, f, g, h] = state
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  state[0] += a
  state[1] += b
  state[2] += c
  state[3] += d
  state[4] += e
  state[5] += f
  state[6] += g
  state[7] += h
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker speaks to whoever made it
const tell = (message) => self.postMessage(message)

const zeros = (state) => (state[0] === 0 ? 32 + Math.clz32(state[1]) : Math.clz32(state[0]))

addEventListener('message', ({ data: { challenge, bits, first, step } }) => {
  const prefix = `${challenge}:`
  const whole = prefix.length - (prefix.length % 64)
  const head = H.slice()
  const bytes = new Uint8Array(prefix.length + 128)
  for (let i = 0; i < prefix.length; i++) bytes[i] = prefix.charCodeAt(i)
  // What stands before the number is the same each time.
  for (let at = 0; at < whole; at += 64) compress(head, bytes, at)
  const tail = bytes.slice(whole)
  const start = prefix.length - whole
  const state = new Int32Array(8)
  for (let number = first, tries = 1; ; number += step, tries++) {
    const digits = String(number)
    let end = start
    for (let i = 0; i < digits.length; i++) tail[end++] = digits.charCodeAt(i)
    const blocks = end + 9 > 64 ? 128 : 64
    tail.fill(0, end, blocks)
    tail[end] = 0x80
    const length = (whole + end) * 8
    tail[blocks - 2] = length >>> 8
    tail[blocks - 1] = length
    state.set(head)
    for (let at = 0; at < blocks; at += 64) compress(state, tail, at)
    if (zeros(state) >= bits) {
      tell({ solution: digits, tries })
      return
    }
    if (tries % 16384 === 0) tell({ tries })
  }
})
