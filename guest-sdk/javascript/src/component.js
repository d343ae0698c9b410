// From the host's calls to the author's hooks, and from what these return or throw to what the contract has.
import * as host from "#host";
import { failure, rejection } from "./answers.js";
import { Body, stored, toBytes } from "./body.js";
import { Connection } from "./connection.js";
import { fromEvent, toEvent } from "./event.js";
import { failureOf, ResponseHead } from "./fetched.js";
import { check } from "./hooks.js";
import { startClock } from "./platform/performance.js";
import { drain } from "./platform/promise.js";
import { start } from "./platform/started.js";
import { Rejection } from "./rejection.js";
import { report } from "./report.js";
import { end, Request } from "./request.js";
import { toReply } from "./response.js";
import { show } from "./show.js";

/**
 * The interfaces that a component exports; the build chooses among them. `run` calls a hook: `work` is the call, `told`
 * makes of its value what goes to the host, `failed` of what it throws, and `ended` comes last.
 */
export function exportsOf(plugin, run = runNow) {
  check(plugin);

  const call = (name, values, told, failed, ended = nothing) => {
    const report = (error) => tell(plugin, error, name);
    return run(name, { work: () => plugin[name]?.(...values), told, failed: (error) => failed(error, report), report, ended });
  };

  const connection = (id) => new Connection(id);
  const logged = (error, tell) => tell(error);

  return {
    lifecycle: {
      init() {
        start();
        startClock();
        return call("init", [], nothing, failure);
      },
    },
    connect: {
      onConnect: (id, lent) => {
        const request = new Request(lent);
        return call("onConnect", [connection(id), request], agreed, rejection, () => end(request));
      },
    },
    disconnect: {
      onDisconnect: (id, reason) => call("onDisconnect", [connection(id), reason], nothing, logged),
    },
    room: {
      onJoin: (id, room) => call("onJoin", [connection(id), room], agreed, rejection),
      onLeave: (id, room) => call("onLeave", [connection(id), room], nothing, logged),
    },
    publish: {
      onPublish: (room, event, origin) => call("onPublish", [room, fromEvent(event), address(origin)], verdict, refused),
    },
    message: {
      onMessage: (id, lent, body) => {
        const sender = id === null || id === undefined ? undefined : connection(id);
        const request = new Request(lent);
        return call("onMessage", [sender, request, new Body(body)], toReply, rejection, () => end(request));
      },
    },
    timer: {
      onTimer: (token) => call("onTimer", [token], nothing, logged),
    },
    fetchEvents: {
      onResponse: (token, status, headers) => call("onResponse", [token, new ResponseHead(status, headers)], nothing, logged),
      onChunk: (token, chunk) => call("onChunk", [token, new Body(chunk, { what: "the chunk" })], nothing, logged),
      onEnd: (token, { tag, val }) => call("onEnd", [token, tag === "err" ? failureOf(val) : undefined], nothing, logged),
    },
    state: {
      save: () => call("save", [], (state) => toBytes(state, "what save returns"), failure),
      restore: (state) => call("restore", [stored(state, "the saved state")], nothing, failure),
    },
  };
}

/** A call ends when its function returns, so a promise has to be settled by then. */
function runNow(hook, { work, told, failed, report, ended }) {
  try {
    const outcome = outcomeOf(work());
    runReactions(report);
    return told(outcome(hook));
  } catch (error) {
    runReactions(report);
    return failed(error);
  } finally {
    ended();
  }
}

/** All that can run now. What goes wrong in it is nobody's answer. */
function runReactions(report) {
  for (const reason of drain()) report(reason);
}

/** The value, or what a promise has come to by the time that this is asked. */
function outcomeOf(value) {
  if (typeof value?.then !== "function") return () => value;
  let outcome = (hook) => {
    throw new Error(`${hook} returned a promise that nothing will settle: a call ends when the hook returns, and nothing goes on in the background`);
  };
  value.then(
    (value) => { outcome = () => value; },
    (reason) => { outcome = () => { throw reason; }; },
  );
  return (hook) => outcome(hook);
}

/** What nobody has caught goes to `onError` or to the log. What `onError` throws ends the instance. */
function tell(plugin, error, hook) {
  if (!plugin.onError) return report(error, hook);
  try {
    plugin.onError(error, hook);
  } catch (fatal) {
    report(fatal, hook);
    host.exit({ tag: "err" });
  }
}

function nothing() {}

/** A rejection that was returned was meant; and whoever returns false has not meant yes. */
function agreed(value) {
  if (value instanceof Rejection) throw value;
  if (value === false) throw new TypeError(`a hook returned ${show(value)}: to say no, throw new Rejection(403, "why")`);
}

/** Nothing, or the event as it was, lets it pass. */
function verdict(value) {
  if (value === undefined) return { tag: "forward" };
  if (value === null || typeof value === "boolean") {
    throw new TypeError(`onPublish returned ${show(value)}: return nothing to let the event pass, another event to replace it, or throw new Rejection(403, "why")`);
  }
  if (value instanceof Rejection) throw value;
  return { tag: "rewrite", val: toEvent(value) };
}

function refused(error, tell) {
  try {
    return rejection(error, tell);
  } catch (why) {
    return { tag: "refuse", val: why };
  }
}

/** Where an event comes from: the publisher's address, or the name of something newer. */
function address({ tag, val }) {
  return { kind: tag, from: val };
}
