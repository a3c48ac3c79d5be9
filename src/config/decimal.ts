/**
 * A number as it was written, times 10^places, as a whole number; null where that is not whole, or not exact. It works
 * on the decimal digits, because 0.1 x 10^9 in binary is near 10^8 and 1.1 x 10^6 is not 1,100,000.
 */
export function scaled(value: number, places: number): number | null {
  const found = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value))
  if (found === null) return null
  const [, whole = '', fraction = '', exponent = '0'] = found
  const shift = places + Number(exponent) - fraction.length
  if (Math.abs(shift) > 40) return null
  const digits = BigInt(whole + fraction)
  const result = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift)
  if (shift < 0 && result * 10n ** BigInt(-shift) !== digits) return null
  return result <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(result) : null
}
