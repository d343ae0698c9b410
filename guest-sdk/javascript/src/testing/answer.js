// Checks answers to clients against the contract.
import { Rejection } from "../rejection.js";
import { GOVERNING } from "./rules.js";

/** A hook's answer. Throws if the host would not send it, so that the test shows the bug. */
export function answer(hook, { status, headers, body }) {
  for (const [name, value] of headers) {
    if (GOVERNING.includes(name)) throw new Error(`${hook}: the host controls the header \`${name}\``);
    if (/[\r\n\0]/.test(value)) throw new Error(`${hook}: the value of the header \`${name}\` contains CR, LF or NUL`);
  }
  if (hook === "onConnect") throw new Rejection(status, body, headers);
  const content = typeof body === "string" ? body : body.val;
  return { status, headers: Object.fromEntries(headers), body: content, json: () => JSON.parse(content) };
}
