// Describes a value in an error's text.

const LONGEST = 40;

/** For example `the number 3`, `an array`, or `the string "tea"`. */
export function show(value) {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  switch (typeof value) {
    case "string":
      return `the string ${JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value)}`;
    case "number":
    case "boolean":
    case "bigint":
      return `the ${typeof value} ${value}`;
    case "function":
      return value.name ? `the function \`${value.name}\`` : "a function";
    case "symbol":
      return "a symbol";
    default: {
      const kind = value.constructor?.name;
      return kind && kind !== "Object" ? `a value of class ${kind}` : "an object";
    }
  }
}
