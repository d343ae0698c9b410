// The answer to a message.
import { fields, headers, isPlain, json, text } from "./arguments.js";
import { show } from "./show.js";

const FIELDS = ["status", "headers", "body", "json"];
const SHAPE = "return nothing (202), a string, or { status, headers, body } or { status, headers, json }";

/** Not an answer: the next plugin of the chain is asked. */
export const PASS = Object.freeze({ status: 100 });

/** From what `onMessage` returned to `response` of the contract. */
export function toResponse(value) {
  if (value === undefined) return { status: 202, headers: [], body: toBody("") };
  if (typeof value === "string" || value instanceof Uint8Array) return { status: 200, headers: [], body: toBody(value) };
  if (!isPlain(value)) throw new TypeError(`onMessage returned ${show(value)}: ${SHAPE}`);
  const { status = 200, body, ...rest } = fields(value, "the answer of onMessage", FIELDS);
  if (!Number.isInteger(status) || (status !== 100 && (status < 200 || status > 599))) {
    throw new TypeError(`the answer's status is 200 to 599, or 100 to pass, not ${show(status)}`);
  }
  const answer = { status, headers: headers(rest.headers, "the answer's headers"), body: toBody(body ?? "") };
  if (rest.json === undefined) return answer;
  if (body !== undefined) throw new TypeError("the answer has `body` and `json`: it can be only one of them");
  if (!answer.headers.some(([name]) => name === "content-type")) answer.headers.push(["content-type", "application/json"]);
  return { ...answer, body: toBody(json(rest.json, "`json`")) };
}

/** `body` of the contract. */
export function toBody(content) {
  if (content instanceof Uint8Array) return { tag: "binary", val: content };
  return { tag: "text", val: text(content, "the answer's body") };
}
