// A page asks, a language model answers token by token, and the tokens reach the one connection that asked. The server makes the
// requests, and calls `onChunk` when a piece of an answer is there; the protocol is in plugins/relay/README.md.
import { config, Connection, definePlugin, fetches, HostError, Rejection } from "roomcast";
import { readChunk } from "./model.js";

const MAX_PROMPT = 4_000;

let upstream;
let headers;
/** How many questions there were. */
let asked = 0;
/** What is under way, by connection: the number of the question, the fetch, and the part of a line that has come. */
let questions = new Map();

export default definePlugin({
  init() {
    upstream = config.get("upstream");
    if (!upstream) throw new Error("set `upstream` in [plugins.config]: the address that is asked, for example http://127.0.0.1:9000/answer");
    headers = { accept: "text/event-stream" };
    const authorization = config.get("authorization");
    if (authorization !== undefined) headers.authorization = authorization;
  },

  onConnect(connection) {
    connection.send({ event: "welcome", data: { connection } });
  },

  onMessage(connection, request, body) {
    if (!connection) throw new Rejection(400, "name your stream in the header Roomcast-Connection");
    const message = body.json();
    switch (message?.type) {
      case "ask":
        return { status: 202, json: { ask: ask(connection, message.prompt) } };
      case "stop":
        return stop(connection.id);
      default:
        throw new Rejection(400, '`type` is "ask" or "stop"');
    }
  },

  onResponse(token, response) {
    if (!response.ok) finish(token, { why: `the model answers with status ${response.status}` });
  },

  onChunk(token, chunk) {
    const { question, connection, number } = find(token);
    if (!question) return;
    const { text, rest, end } = readChunk(question.begun, chunk);
    if (text !== "") tell(connection, "token", { ask: number, text });
    if (end) finish(token, end);
    else question.begun = rest;
  },

  onEnd(token, failure) {
    const { question, connection, number } = find(token);
    if (question) questions.delete(connection);
    if (failure?.kind === "connection-closed") return;
    // Of a question that this instance knows nothing of, the state was lost.
    const why = question ? reason(failure) : "the plugin was started again";
    tell(connection, "failed", { ask: number, why });
  },

  onDisconnect(connection) {
    questions.delete(connection.id);
  },

  save: () => ({ version: 1, asked, questions: [...questions] }),

  restore(state) {
    const saved = state.json();
    if (saved.version !== 1) throw new Error(`version ${saved.version} of the state is not known`);
    asked = saved.asked;
    questions = new Map(saved.questions);
  },
});

/** Ask the model; the question's number. */
function ask(connection, prompt) {
  if (typeof prompt !== "string" || prompt.trim() === "" || [...prompt].length > MAX_PROMPT) {
    throw new Rejection(400, `\`prompt\` is a text of 1 to ${MAX_PROMPT} characters, not only white space`);
  }
  if (questions.has(connection.id)) throw new Rejection(400, "a question is under way: wait for its answer, or stop it");
  const number = asked + 1;
  const fetch = start({ url: upstream, method: "POST", headers, json: { prompt }, connection }, `${connection.id} ${number}`);
  asked = number;
  questions.set(connection.id, { number, fetch, begun: "" });
  return number;
}

/** What the server refuses is not the client's fault. */
function start(request, token) {
  try {
    return fetches.start(request, token);
  } catch (why) {
    throw why instanceof HostError ? new Rejection(503, `the model cannot be asked now: ${why.message}`) : why;
  }
}

function stop(connection) {
  const question = questions.get(connection);
  if (question) fetches.cancel(question.fetch);
  questions.delete(connection);
}

/** The answer is over before the fetch is: nothing that still comes counts. */
function finish(token, { why }) {
  const { question, connection, number } = find(token);
  if (!question) return;
  stop(connection);
  if (why === undefined) tell(connection, "done", { ask: number });
  else tell(connection, "failed", { ask: number, why });
}

/** The question that a fetch's token names, if it is still under way here. */
function find(token) {
  const [connection, ask] = token.split(" ");
  const number = Number(ask);
  const question = questions.get(connection);
  return { connection, number, question: question?.number === number ? question : undefined };
}

function reason(failure) {
  switch (failure?.kind) {
    case undefined:
      return "the answer broke off";
    case "limit-exceeded":
      return `a limit was reached: ${failure.key}`;
    case "interrupted":
      return "the plugin was started again";
    default:
      return `the model cannot be asked: ${failure.reason}`;
  }
}

/** Nobody is told who has gone meanwhile. */
function tell(id, event, data) {
  try {
    new Connection(id).send({ event, data });
  } catch (why) {
    if (!["no-such-connection", "closed"].includes(why.kind)) throw why;
  }
}
