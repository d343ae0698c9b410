// Maps stack traces to the author's files and lines.
//
// The component runs one bundle. The build stores a line table in `__roomcastLines`: `files`, and for each run of lines
// `[first line in the bundle, number of lines, file, first line in the file]`.

const FRAME = /^\s*at (?:(.*?) \()?([^()]*?):(\d+)(?::\d+)?\)?$/;

/** The lines of an error's stack, innermost first, without those of the SDK. */
export function lines(error) {
  const frames = String(error?.stack ?? "").split("\n").map(author).filter(Boolean);
  return frames.map(({ name, place }) => `    at ${name ? `${name} (${place})` : place}`);
}

/** Where an error was thrown, for example `plugin.js:12`; undefined if that was not in the author's code. */
export function place(error) {
  return String(error?.stack ?? "").split("\n").map(author).find(Boolean)?.place;
}

/** A frame in the author's files; undefined for others. */
function author(frame) {
  const [, name, , line] = FRAME.exec(frame) ?? [];
  if (line === undefined) return undefined;
  const table = globalThis.__roomcastLines;
  const at = Number(line);
  const run = table?.runs.find(([first, count]) => at >= first && at < first + count);
  if (!run) return undefined;
  const [first, , file, start] = run;
  return { name: /^(?:<.*>|Object\.<anonymous>|eval)$/.test(name ?? "") ? "" : name, place: `${table.files[file]}:${start + at - first}` };
}
