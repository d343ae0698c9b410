// From the host's calls to the author's hooks, and from what these return or throw to what the contract has.
import * as host from "#host";
import { failure, rejection } from "./answers.js";
import { Body, stored, toBytes } from "./body.js";
import { Connection } from "./connection.js";
import { fromEvent, toEvent } from "./event.js";
import { failureOf, ResponseHead } from "./fetched.js";
import { check } from "./hooks.js";
import { write } from "./platform/console.js";
import { due, isTimeout } from "./platform/due.js";
import { startClock } from "./platform/performance.js";
import { start } from "./platform/started.js";
import { Rejection } from "./rejection.js";
import { report } from "./report.js";
import { end, Request } from "./request.js";
import { toReply } from "./response.js";
import { runNow } from "./run.js";
import { show } from "./show.js";
import * as states from "./state.js";

/**
 * The interfaces that a component exports; the build chooses among them. `run` calls a hook: `work` is the call, `told`
 * makes of its value what goes to the host, `failed` of what it throws, and `ended` comes last.
 */
export function exportsOf(plugin, run = runNow) {
  check(plugin);

  const runAs = (name, work, told, failed, ended = nothing) => {
    const report = (error) => tell(plugin, error, name);
    return run(name, { work, told, failed: (error) => failed(error, report), report, ended });
  };
  const call = (name, values, ...more) => runAs(name, () => plugin[name]?.(...values), ...more);

  const connection = (id) => new Connection(id);
  const logged = (error, tell) => tell(error);
  const timedOut = (entry) => entry && runAs(entry.name, entry.work, nothing, logged);

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
        const client = connection(id);
        const refused = (error, tell) => {
          states.forgetConnection(client.id);
          return rejection(error, tell);
        };
        return call("onConnect", [client, request], agreed, refused, () => end(request));
      },
    },
    disconnect: {
      onDisconnect: (id, reason) => {
        const client = connection(id);
        return call("onDisconnect", [client, reason], nothing, logged, () => states.forgetConnection(client.id));
      },
    },
    room: {
      onJoin: (id, room) => call("onJoin", [connection(id), room], agreed, rejection),
      onLeave: (id, room) => call("onLeave", [connection(id), room], nothing, logged, () => states.memberLeft(room)),
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
      onTimer: (token) => (isTimeout(token) ? timedOut(due(token)) : call("onTimer", [token], nothing, logged)),
    },
    fetchEvents: {
      onResponse: (token, status, headers) => call("onResponse", [token, new ResponseHead(status, headers)], nothing, logged),
      onChunk: (token, chunk) => call("onChunk", [token, new Body(chunk, { what: "the chunk" })], nothing, logged),
      onEnd: (token, { tag, val }) => call("onEnd", [token, tag === "err" ? failureOf(val) : undefined], nothing, logged),
    },
    state: {
      save: () => call("save", [], (state) => states.save(plugin.save && toBytes(state, "what save returns")), failure),
      restore: (state) => runAs("restore", () => restoreInto(plugin, state), nothing, failure),
    },
  };
}

/** The SDK's part of a saved state, then the plugin's own, if the version before had some. */
function restoreInto(plugin, state) {
  const own = states.restore(state);
  if (own === undefined) return undefined;
  if (plugin.restore) return plugin.restore(stored(own, "the saved state"));
  if (own.length > 0) write("warn", "the version before has saved a state of its own, which is dropped: this one has no hook `restore`", "restore");
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
