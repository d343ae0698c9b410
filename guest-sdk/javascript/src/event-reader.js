// The events of a `text/event-stream`, out of pieces that end anywhere (WHATWG HTML, 9.2.6).
import { isPlain } from "./arguments.js";
import { show } from "./show.js";

/** Of one stream: what is read of an event so far. `rest` are the pieces of a line, `data` the lines of the event: they are
 *  joined once, when they are complete, since a line may be long and its pieces many. */
const begin = () => ({ rest: [], data: undefined, event: "", id: undefined, retryMs: undefined, afterCr: false, begun: false });

/** From and to plain data, in which pieces and lines are joined. */
const restored = ({ rest = "", data, ...stream }) => ({ ...begin(), ...stream, rest: [rest], data: data === undefined ? undefined : [data] });
const saved = ({ rest, data, ...stream }) => ({ ...stream, rest: rest.join(""), data: data?.join("\n") });

const mapped = (object, change) => Object.entries(object).map(([token, stream]) => [token, change(stream)]);

export class EventReader {
  #streams;

  constructor(streams = {}) {
    if (!isPlain(streams)) throw new TypeError(`an EventReader goes on from what JSON has made of another one, not from ${show(streams)}`);
    this.#streams = new Map(mapped(streams, restored));
  }

  push(token, chunk) {
    const stream = this.#streams.get(token) ?? begin();
    this.#streams.set(token, stream);
    return lines(stream, textOf(chunk)).map((line) => take(stream, line)).filter(Boolean);
  }

  end(token) {
    this.#streams.delete(token);
  }

  toJSON() {
    return Object.fromEntries(mapped(Object.fromEntries(this.#streams), saved));
  }
}

function textOf(chunk) {
  if (typeof chunk === "string") return chunk;
  return chunk.textLossy();
}

/** The lines that are complete now. A line ends with CR, LF or CRLF, which may come in two pieces. */
function lines(stream, text) {
  if (text === "") return [];
  if (!stream.begun && text.startsWith("\ufeff")) text = text.slice(1);
  if (stream.afterCr && text.startsWith("\n")) text = text.slice(1);
  stream.begun = true;
  stream.afterCr = text.endsWith("\r");
  const found = text.split(/\r\n|\r|\n/);
  const rest = found.pop();
  if (found.length > 0) {
    found[0] = [...stream.rest, found[0]].join("");
    stream.rest = [];
  }
  stream.rest.push(rest);
  return found;
}

/** One line: the event that it completes, if it does. */
function take(stream, line) {
  if (line === "") return complete(stream);
  const colon = line.indexOf(":");
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
  if (name === "data") (stream.data ??= []).push(value);
  else if (name === "event") stream.event = value;
  else if (name === "id" && !value.includes("\0")) stream.id = value;
  else if (name === "retry" && /^\d{1,9}$/.test(value)) stream.retryMs = Number(value);
  return undefined;
}

function complete(stream) {
  const { data, event, id, retryMs } = stream;
  Object.assign(stream, { data: undefined, event: "", id: undefined, retryMs: undefined });
  return data === undefined ? undefined : { data: data.join("\n"), event: event || undefined, id, retryMs };
}
