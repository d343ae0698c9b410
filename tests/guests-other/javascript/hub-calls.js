// Commands that call the hub: `send-event`, `send-comment`, `close`, `is-open`, `join`, `leave`, `broadcast`, `broadcast-many`,
// `members`, `count`, `rooms-of`, `tag`, `set-tag`.
import { Connection, hub, Rejection } from "roomcast";
import { result } from "./as-json.js";

const connection = (given) => new Connection(given.connection());

export const hubCalls = {
  "send-event": (given) => result(() => connection(given).send(event(given))),
  "send-comment": (given) => result(() => connection(given).comment(given.text("text"))),
  close: (given) => result(() => connection(given).close()),
  "is-open": (given) => ({ ok: connection(given).isOpen() }),
  join: (given) => result(() => connection(given).join(given.text("room"))),
  leave: (given) => result(() => connection(given).leave(given.text("room"))),
  broadcast: (given) => result(() => hub.broadcast(given.text("room"), event(given), { except: given.optionalText("except") })),
  "broadcast-many"(given) {
    const duplicates = given.optionalText("duplicates") ?? "drop";
    if (!["drop", "keep"].includes(duplicates)) throw new Rejection(400, `no duplicates ${duplicates}`);
    return result(() => hub.broadcastMany(given.texts("rooms"), event(given), { except: given.optionalText("except"), duplicates }));
  },
  members: (given) => result(() => hub.members(given.text("room"), { offset: given.number("offset"), limit: given.number("limit") })),
  count: (given) => result(() => hub.count(given.text("room"))),
  "rooms-of": (given) => result(() => connection(given).rooms()),
  tag: (given) => result(() => connection(given).tag),
  "set-tag": (given) => result(() => { connection(given).tag = given.optionalText("tag"); }),
};

function event({ command }) {
  const { data, event, id, retry_ms: retryMs } = command.event ?? {};
  if (typeof data !== "string") throw new Rejection(400, "no text `event.data`");
  if (typeof retryMs === "number" && retryMs > 0xffff_ffff) throw new Rejection(400, "`event.retry_ms` has 32 bits");
  return { data, event, id, retryMs };
}
