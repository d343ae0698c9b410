// How deep JSON is nested, found out before it is parsed: what is deep is no message, and all that would look at it goes deep, too.

const BRACKET_OR_STRING = /"[^"\\]*(?:\\.[^"\\]*)*"?|[[\]{}]/gs;

/** Whether a text that may be JSON is nested deeper than this many levels. */
export function isDeeper(text, most) {
  if (text.length <= most) return false;
  let depth = 0;
  for (const [token] of text.matchAll(BRACKET_OR_STRING)) {
    if (token === "[" || token === "{") depth += 1;
    else if (token === "]" || token === "}") depth -= 1;
    if (depth > most) return true;
  }
  return false;
}
