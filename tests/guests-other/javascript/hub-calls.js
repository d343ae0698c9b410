// Commands that call the hub: `send-event`, `send-comment`, `close`, `is-open`, `join`, `leave`, `broadcast`, `broadcast-many`,
// `members`, `count`, `rooms-of`, `tag`, `set-tag`.
import { hub, Rejection } from "roomcast";
import { result } from "./as-json.js";

export const hubCalls = {
  "send-event": (given) => result(() => given.connection().send(event(given))),
  "send-comment": (given) => result(() => given.connection().comment(given.text("text"))),
  close: (given) => result(() => given.connection().close()),
  "is-open": (given) => ({ ok: given.connection().isOpen() }),
  join: (given) => result(() => given.connection().join(given.text("room"))),
  leave: (given) => result(() => given.connection().leave(given.text("room"))),
  broadcast: (given) => result(() => hub.broadcast(given.text("room"), event(given), { except: given.optionalConnection("except") })),
  "broadcast-many"(given) {
    const duplicates = given.optionalText("duplicates") ?? "drop";
    if (!["drop", "keep"].includes(duplicates)) throw new Rejection(400, `no duplicates ${duplicates}`);
    return result(() => hub.broadcastMany(given.texts("rooms"), event(given), { except: given.optionalConnection("except"), duplicates }));
  },
  members: (given) =>
    result(() => {
      const page = hub.members(given.text("room"), { at: given.command.at, limit: given.number("limit") });
      return { ...page, next: page.next ?? null };
    }),
  count: (given) => result(() => hub.count(given.text("room"))),
  "rooms-of": (given) => result(() => given.connection().rooms()),
  tag: (given) => result(() => given.connection().tag),
  "set-tag": (given) => result(() => { given.connection().tag = given.optionalText("tag"); }),
};

function event({ command }) {
  const { data, event, id, retry_ms: retryMs } = command.event ?? {};
  if (typeof data !== "string") throw new Rejection(400, "no text `event.data`");
  if (typeof retryMs === "number" && retryMs > 0xffff_ffff) throw new Rejection(400, "`event.retry_ms` has 32 bits");
  return { data, event, id, retryMs };
}
