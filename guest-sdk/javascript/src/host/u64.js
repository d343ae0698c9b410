// A u64 passes between host and engine as hexadecimal text: see builder/values.mjs. Numbers that count something, and ids that the
// host counts up, are exact as numbers, too.

export const fromU64 = (digits) => Number.parseInt(digits, 16);
export const toU64 = (number) => number.toString(16);
