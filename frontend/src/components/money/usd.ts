/** An amount as people write it; small ones keep the digits that matter. Tests: tests/components/test_money_caps.test.ts */
export function usd(amount: number | string): string {
  const value = Number(amount);
  if (value > 0 && value < 0.01) return `$${Number(value.toPrecision(2))}`;
  return `$${value.toFixed(2)}`;
}
