// The events of a `text/event-stream`, out of pieces that end anywhere (WHATWG HTML, 9.2.6).
import { isPlain } from "./arguments.js";
import { show } from "./show.js";

/** Of one stream: what is read of an event so far. Plain data, so that it can be saved. */
const begin = () => ({ rest: "", data: undefined, event: "", id: undefined, retryMs: undefined, afterCr: false, begun: false });

export class EventReader {
  #streams;

  constructor(saved = {}) {
    if (!isPlain(saved)) throw new TypeError(`an EventReader goes on from what JSON has made of another one, not from ${show(saved)}`);
    this.#streams = new Map(Object.entries(saved).map(([token, stream]) => [token, { ...begin(), ...stream }]));
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
    return Object.fromEntries(this.#streams);
  }
}

function textOf(chunk) {
  if (typeof chunk === "string") return chunk;
  return chunk.isText ? chunk.text() : new TextDecoder().decode(chunk.bytes());
}

/** The lines that are complete now. A line ends with CR, LF or CRLF, which may come in two pieces. */
function lines(stream, text) {
  if (text === "") return [];
  if (!stream.begun && text.startsWith("\ufeff")) text = text.slice(1);
  if (stream.afterCr && text.startsWith("\n")) text = text.slice(1);
  stream.begun = true;
  stream.afterCr = text.endsWith("\r");
  const found = `${stream.rest}${text}`.split(/\r\n|\r|\n/);
  stream.rest = found.pop();
  return found;
}

/** One line: the event that it completes, if it does. */
function take(stream, line) {
  if (line === "") return complete(stream);
  const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
  if (name === "data") stream.data = stream.data === undefined ? value : `${stream.data}\n${value}`;
  else if (name === "event") stream.event = value;
  else if (name === "id" && !value.includes("\0")) stream.id = value;
  else if (name === "retry" && /^\d{1,9}$/.test(value)) stream.retryMs = Number(value);
  return undefined;
}

function complete(stream) {
  const { data, event, id, retryMs } = stream;
  Object.assign(stream, { data: undefined, event: "", id: undefined, retryMs: undefined });
  return data === undefined ? undefined : { data, event: event || undefined, id, retryMs };
}
