// A compact line table for the component, made from the bundle's source map: runs
// `[first line in the bundle, number of lines, file, first line in the file]`, all counted from 1.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * `named` returns the name of a source, or undefined to leave it out. Of the places in a row of the bundle the first one at or
 * after its indentation counts: before that, esbuild names the place of the row above.
 */
export function linesOf(map, code, named) {
  const rows = code.split("\n");
  const files = [];
  const runs = [];
  const places = new Map();
  let [source, line] = [0, 0];
  map.mappings.split(";").forEach((segments, row) => {
    const indentation = rows[row].search(/\S|$/);
    let [column, first] = [0, undefined];
    for (const segment of segments.split(",").filter(Boolean)) {
      const [right, file, down] = decode(segment);
      column += right;
      if (file === undefined) continue;
      [source, line] = [source + file, line + down];
      if (!first || first.column < indentation) first = { source, line, column };
    }
    if (!first) return;
    if (!places.has(first.source)) {
      const name = named(map.sources[first.source]);
      places.set(first.source, name === undefined ? undefined : files.push(name) - 1);
    }
    const file = places.get(first.source);
    if (file === undefined) return;
    const last = runs.at(-1);
    const goesOn = last && last[2] === file && last[0] + last[1] === row + 1 && last[3] + last[1] === first.line + 1;
    if (goesOn) last[1]++;
    else runs.push([row + 1, 1, file, first.line + 1]);
  });
  return { files, runs };
}

/** The numbers of one segment: Base64 digits of 5 bits, lowest first, with the sign in the lowest bit. */
function decode(segment) {
  const numbers = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}
