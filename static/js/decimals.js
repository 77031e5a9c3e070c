/* Exact decimals: whole numbers of 10⁻⁸, rounded half up as the server rounds (core.money). */

const SCALE = 8;
export const UNIT = 10n ** BigInt(SCALE);

/** The number a person typed, or null: full-width digits, thousands separators and ¥ are understood. */
export function decimal(text) {
  const plain = String(text == null ? "" : text).normalize("NFKC").replace(/[,\s¥￥]/g, "").replace("−", "-");
  const found = /^([-+]?)(\d*)(?:\.(\d*))?$/.exec(plain);
  if (!found || !(found[2] || found[3])) return null;
  const digits = BigInt((found[2] || "0") + (found[3] || "").slice(0, SCALE).padEnd(SCALE, "0"));
  return found[1] === "-" ? -digits : digits;
}

export function divideHalfUp(value, by) {
  const negative = value < 0n;
  const size = negative ? -value : value;
  const rounded = (size * 2n + by) / (by * 2n);
  return negative ? -rounded : rounded;
}

export const times = (a, b) => divideHalfUp(a * b, UNIT);

export function roundTo(value, digits) {
  const step = 10n ** BigInt(SCALE - digits);
  return divideHalfUp(value, step) * step;
}

/** As text with thousands separators and at least so many decimals. */
export function show(value, least) {
  const negative = value < 0n;
  const text = String(negative ? -value : value).padStart(SCALE + 1, "0");
  const whole = text.slice(0, -SCALE).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = text.slice(-SCALE).replace(/0+$/, "").padEnd(least, "0");
  return (negative ? "-" : "") + whole + (fraction ? "." + fraction : "");
}
