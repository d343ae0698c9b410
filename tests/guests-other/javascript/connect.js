// What a query makes `onConnect` do, parameter by parameter in their order; see tests/guests/probe/src/connect.rs.
import { HostError, Rejection } from "roomcast";
import { parse, run } from "./command.js";

/** `isForAnother` says whether a query is for a probe of another name. */
export async function obey(connection, request, isForAnother) {
  const rejection = { status: 0, headers: [], body: "" };
  const steps = {
    join: (value) => connection.join(value),
    send: (value) => connection.send(value),
    comment: (value) => connection.comment(value),
    tag: (value) => { connection.tag = value; },
    close: () => connection.close(),
    async command(value) {
      connection.send({ event: "result", data: await run(parse(value), connection.id) });
    },
    reject: (value) => { rejection.status = Number(value); },
    body: (value) => { rejection.body = value; },
    header: (value) => {
      const [, name, content] = /^([^:]*):(.*)$/s.exec(value);
      rejection.headers.push([name, content]);
    },
  };
  for (const [name, value] of request.parameters()) {
    if (name === "to" && isForAnother(value)) return;
    if (!Object.hasOwn(steps, name)) continue;
    try {
      await steps[name](value);
    } catch (why) {
      if (!(why instanceof HostError || why instanceof Rejection)) throw why;
      throw new Rejection(500, `${name}: ${why.message}`);
    }
  }
  if (rejection.status !== 0) throw new Rejection(rejection.status, rejection.body, rejection.headers);
}
