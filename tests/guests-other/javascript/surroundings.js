// Commands that reach for what lies around a plugin. JavaScript has time, chance and requests by `fetch`; it has neither
// standard streams nor the environment, files and sockets.

/** What the SDK does not offer. */
export const unsupported = () => ({ error: { kind: "unsupported", reason: "the SDK for JavaScript does not have it" } });

export const surroundings = {
  now: () => ({ ok: { wall_ms: Date.now(), monotonic_ns: Math.round(performance.now() * 1e6) } }),
  random: (given) => ({ ok: crypto.getRandomValues(new Uint8Array(given.number("bytes"))).toBase64() }),

  async fetch(given) {
    const { parallel, connect_ms, first_byte_ms, between_bytes_ms } = given.command;
    if ([parallel, connect_ms, first_byte_ms, between_bytes_ms].some((value) => value !== undefined)) return unsupported();
    const body = given.optionalText("body")?.repeat(given.command.repeat ?? 1);
    const headers = given.pairs("headers");
    try {
      const answer = await fetch(given.text("url"), { method: given.optionalText("method"), headers, body });
      return { ok: { status: answer.status, headers: [...answer.headers], body: await answer.text() } };
    } catch (why) {
      return { error: { kind: "http", code: code(why) } };
    }
  },
  async "keep-asking"(given) {
    for (;;) await fetch(given.text("url")).catch(() => {});
  },

  print: unsupported,
  environment: unsupported,
  "read-file": unsupported,
  "write-file": unsupported,
  "list-folder": unsupported,
  "connect-tcp": unsupported,
  "bind-udp": unsupported,
  resolve: unsupported,
};

/** `ConnectionRefused` of "fetch http://...: connection-refused", since `fetch` says it in the error's text only. */
function code(why) {
  if (why.message.includes(": it is not granted")) return "HttpRequestDenied";
  const [, name = why.message] = /: ([\w-]+)(?:: .*)?$/s.exec(why.message) ?? [];
  const capital = (word) => word[0].toUpperCase() + word.slice(1).toLowerCase();
  return name.includes("-") ? name.split("-").map(capital).join("") : name;
}
