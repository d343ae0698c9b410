import { config, Connection, definePlugin, EventReader, fetches, Rejection } from "roomcast";

/** The answers under way: the fetch of each connection that has asked, by its id, which is the fetch's token. */
let answers = new Map();
let reader = new EventReader();

export default definePlugin({
  // A client posts {"type": "ask", "prompt": "hello"}, or {"type": "cancel"}.
  onMessage(connection, request, body) {
    if (!connection) throw new Rejection(400, "name your stream in the header Roomcast-Connection");
    const message = body.json();
    if (message?.type === "ask") ask(connection, message.prompt);
    else if (message?.type === "cancel") end(connection.id);
    else throw new Rejection(400, '`type` is "ask" or "cancel"');
  },

  onResponse(token, response) {
    if (response.ok) return;
    end(token);
    tell(token, "failed", { why: `the model answers with status ${response.status}` });
  },

  onChunk(token, chunk) {
    for (const { data } of reader.push(token, chunk)) {
      const text = data === "[DONE]" ? "" : JSON.parse(data).choices?.[0]?.delta?.content;
      if (text) tell(token, "piece", { text });
    }
  },

  onEnd(token, failure) {
    end(token);
    if (failure) tell(token, "failed", { why: `the model cannot be asked: ${failure.reason}` });
    else tell(token, "done", {});
  },

  // The rest of an answer goes to the version that is there when it comes.
  save: () => ({ answers: [...answers], reader }),

  restore(state) {
    const saved = state.json();
    answers = new Map(saved.answers);
    reader = new EventReader(saved.reader);
  },
});

function ask(connection, prompt) {
  if (typeof prompt !== "string" || prompt === "" || [...prompt].length > 4000) {
    throw new Rejection(400, "`prompt` is a text of 1 to 4000 characters");
  }
  if (answers.has(connection.id)) throw new Rejection(400, "an answer is under way: wait for its end, or cancel it");
  const authorization = config.get("authorization");
  const headers = authorization ? { authorization } : {};
  const json = { model: config.get("model"), stream: true, messages: [{ role: "user", content: prompt }] };
  const outgoing = { url: config.get("upstream"), method: "POST", headers, json, connection };
  answers.set(connection.id, fetches.start(outgoing, connection.id));
}

function end(token) {
  fetches.cancel(answers.get(token) ?? 0);
  answers.delete(token);
  reader.end(token);
}

function tell(token, event, data) {
  const connection = new Connection(token);
  if (connection.isOpen()) connection.send({ event, data });
}
