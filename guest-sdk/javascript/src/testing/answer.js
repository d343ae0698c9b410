// What a client gets: checked against what the contract allows.
import { Rejection } from "../rejection.js";
import { GOVERNING } from "./rules.js";

/** An answer of a hook. One that the host would not send is a fault of the plugin, which the test should show. */
export function answer(hook, { status, headers, body }) {
  for (const [name, value] of headers) {
    if (GOVERNING.includes(name)) throw new Error(`${hook}: the host governs the header \`${name}\``);
    if (/[\r\n\0]/.test(value)) throw new Error(`${hook}: the value of the header \`${name}\` breaks the line`);
  }
  if (hook === "onConnect") throw new Rejection(status, body, headers);
  const content = typeof body === "string" ? body : body.val;
  return { status, headers: Object.fromEntries(headers), body: content, json: () => JSON.parse(content) };
}
