/** Numbers for an operator's eyes. */

export function percent(share: number): string {
  const hundredths = share * 100
  if (hundredths > 0 && hundredths < 0.1) return 'under 0.1 %'
  return `${hundredths < 10 ? Math.round(hundredths * 10) / 10 : Math.round(hundredths)} %`
}

export const rounded = (x: number): string => `${x < 10 ? Math.round(x * 10) / 10 : Math.round(x)}`

/** A hash as operators see it elsewhere. */
export const hex = (hash: number): string => (hash >>> 0).toString(16).padStart(8, '0')
