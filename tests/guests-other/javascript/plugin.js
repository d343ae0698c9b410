// A remote control, as tests/guests/probe in Rust, written with the SDK as any plugin is: every hook, each call written down,
// and the host called as it is told. The protocol is that one's (see its src); what differs is in README.md.
import { config, definePlugin, PASS, Rejection } from "roomcast";
import * as asJson from "./as-json.js";
import { parse, reject, respond, run } from "./command.js";
import { obey } from "./connect.js";
import { onChunk, onEnd, onResponse } from "./fetching.js";
import * as journal from "./journal.js";

const { note } = journal;

/** Fail with a text that the operator has set. */
function fail(setting) {
  const text = config.get(setting);
  if (text !== undefined) throw new Error(text);
}

/** Run a command that the operator has set. */
async function runFirst(setting) {
  const text = config.get(setting);
  if (text !== undefined) await run(JSON.parse(text));
}

/** The refusal of what has to do with a room, with the status that its name ends with. */
function refusal(room, why) {
  const status = room.includes(":") ? Number(room.split(":").at(-1)) : 403;
  return new Rejection(status, `${room} ${why}`, { "x-room": room });
}

/** Whether something with this address is for another probe. */
function isForAnother(to) {
  const name = config.get("name");
  return to !== undefined && name !== undefined && to !== name;
}

function isCommand(token) {
  try {
    return Object(JSON.parse(token)).constructor === Object;
  } catch {
    return false;
  }
}

/** The text of what is no command, as the value that stands for its result. */
function textOf(why) {
  if (!(why instanceof Rejection)) throw why;
  return why.message;
}

export default definePlugin({
  async init() {
    await runFirst("init_command");
    note({ hook: "init" });
    fail("init_error");
  },

  onConnect(connection, request) {
    note({ hook: "on-connect", connection, request: asJson.request(request) });
    return obey(connection, request, isForAnother);
  },

  // What can still be done with the connection is written down too.
  onDisconnect(connection, reason) {
    note({
      hook: "on-disconnect",
      connection,
      reason,
      "is-open": connection.isOpen(),
      tag: asJson.result(() => connection.tag),
      rooms: asJson.result(() => connection.rooms()),
      send: asJson.result(() => connection.send("late")),
    });
  },

  onJoin(connection, room) {
    note({ hook: "on-join", connection, room });
    if (room.startsWith("private")) throw refusal(room, "is private");
  },

  onLeave(connection, room) {
    note({ hook: "on-leave", connection, room });
  },

  onPublish(room, event, { kind, from }) {
    note({ hook: "on-publish", room, event: asJson.event(event), origin: { [kind]: from } });
    if (room.startsWith("refused")) throw refusal(room, "takes no events");
    if (room.startsWith("rewritten")) return { ...event, data: event.data.toUpperCase() };
  },

  async onMessage(connection, request, body) {
    const told = asJson.request(request);
    note({ hook: "on-message", connection: connection ?? null, request: told, body: asJson.body(body) });
    if (request.query === "echo") return body.isText ? body.text() : body.bytes();
    const command = parse(body.text());
    if (typeof command.to === "string" && isForAnother(command.to)) return PASS;
    switch (command.op) {
      case "fail":
        throw new Rejection(400, command.text ?? "");
      case "reject":
        return reject(command);
      case "pass":
        return PASS;
      case "respond":
        return respond(command);
      case "echo-request":
        return { json: { ok: told } };
      default:
        return { json: await run(command, connection?.id) };
    }
  },

  async onTimer(token) {
    note({ hook: "on-timer", token });
    if (isCommand(token)) note({ result: await run(parse(token)).catch(textOf) });
  },

  onResponse,
  onChunk,
  onEnd,

  async save() {
    await runFirst("save_command");
    fail("save_error");
    note({ hook: "save" });
    return journal.all();
  },

  async restore(state) {
    await runFirst("restore_command");
    fail("restore_error");
    const calls = state.json();
    const most = config.number("restore_calls");
    if (most !== undefined && calls.length > most) throw new Error(`a journal of ${calls.length} calls is too long`);
    journal.replace(calls);
    note({ hook: "restore" });
  },
});
