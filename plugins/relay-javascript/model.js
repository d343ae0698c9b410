// What the model says: lines of an event stream, in pieces that end anywhere.

const MAX_LINE = 64 << 10;
const NOT_JSON = "the model said something that is not JSON";
const TOO_LONG = "the model sent a line that is too long";

/**
 * Reads on, after `begun`, which is the part of a line that had come before. Answers the `text` of the tokens that are complete
 * now, and either the `rest`, part of a line again, or the `end`: an empty object, or why it failed.
 */
export function read(begun, piece) {
  const lines = `${begun}${piece}`.split("\n");
  const rest = lines.pop();
  let text = "";
  for (const line of lines.map(withoutCr)) {
    if (isTooLong(line)) return { text, end: { why: TOO_LONG } };
    if (!line.startsWith("data:")) continue;
    const data = line.slice("data:".length).replace(/^ /, "");
    if (data === "[DONE]") return { text, end: {} };
    const said = parse(data);
    if (said === undefined) return { text, end: { why: NOT_JSON } };
    if (typeof said?.token === "string") text += said.token;
  }
  return isTooLong(withoutCr(rest)) ? { text, end: { why: TOO_LONG } } : { text, rest };
}

/** As `read`, for a chunk. */
export function readChunk(begun, chunk) {
  return chunk.isText ? read(begun, chunk.text()) : { text: "", end: { why: NOT_JSON } };
}

const withoutCr = (line) => (line.endsWith("\r") ? line.slice(0, -1) : line);

/** In bytes; a character has 3 of them at most for each of its places in a string. */
const isTooLong = (line) => line.length * 3 > MAX_LINE && new TextEncoder().encode(line).length > MAX_LINE;

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
