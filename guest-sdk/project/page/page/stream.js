// What the page needs of a server: a stream of events that is opened again when it breaks, and a way to post messages.
// It reads the stream by fetch: unlike an EventSource, that shows why a stream was refused, and the connection's id.

const LASTED_MS = 10_000;
const LONGEST_PAUSE_S = 30;

/**
 * Open a stream, and open it again whenever it ends. `heard(name, data)` is called with each event, and `told(text, isOpen)`
 * with what people should know about the stream. Returns `send(message)` and `close()`.
 */
export function stream(path, { heard, told }) {
  const stop = new AbortController();
  let connection;

  async function read() {
    const answer = await fetch(path, { headers: { accept: "text/event-stream" }, signal: stop.signal });
    if (answer.status !== 200) {
      told(`refused: ${(await answer.text()) || answer.status}`, false);
      return false;
    }
    connection = answer.headers.get("roomcast-connection");
    told("connected", true);
    // By a reader, since streams cannot be iterated in every browser.
    const pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (let rest = ""; ; ) {
        const { done, value } = await pieces.read();
        if (done) return true;
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) hear(block.split("\n"));
      }
    } finally {
      // Also after an error in `heard`, this stream does not stay open behind the next one.
      pieces.cancel().catch(() => {});
    }
  }

  function hear(lines) {
    const values = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ""));
    const data = values("data");
    if (data.length > 0) heard(values("event").at(-1) ?? "message", data.join("\n"));
  }

  async function stay() {
    for (let pause = 1; !stop.signal.aborted; ) {
      const began = Date.now();
      let why = "";
      try {
        if (!(await read())) return;
      } catch (error) {
        if (stop.signal.aborted) return;
        console.error(error);
        why = ` (${error.message})`;
      }
      // What fails at once is tried more and more seldom.
      pause = Date.now() - began > LASTED_MS ? 1 : Math.min(pause * 2, LONGEST_PAUSE_S);
      told(`connection lost${why}: trying again in ${pause} s`, false);
      await new Promise((resolve) => setTimeout(resolve, pause * 1000));
    }
  }

  stay();
  return {
    close: () => stop.abort(),

    /** Post a message, as JSON. Throws an error with the server's text when it is refused. */
    async send(message) {
      const headers = { "content-type": "application/json" };
      if (connection) headers["roomcast-connection"] = connection;
      const answer = await fetch("/send", { method: "POST", headers, body: JSON.stringify(message) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text || `status ${answer.status}`);
      return text;
    },
  };
}

/** An element with attributes and children. Texts stay texts: markup in them is shown, not interpreted. */
export function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}
