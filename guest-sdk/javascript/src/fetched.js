// What a fetch brings: the head of the answer, and why it failed.

export class ResponseHead {
  constructor(status, headers) {
    this.status = status;
    this.headers = headers;
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  header(name) {
    const wanted = name.toLowerCase();
    return this.headers.find(([key]) => key === wanted)?.[1];
  }
}

/** In words, what the contract has no words for. */
const REASONS = {
  "connection-closed": "the fetch's connection has ended",
  interrupted: "the instance that started it is gone, and so is its state",
};

/** From `failure` of the contract, a variant. */
export function failureOf({ tag, val }) {
  if (tag === "limit-exceeded") return { kind: tag, key: val.key, reason: val.reason };
  return { kind: tag, reason: REASONS[tag] ?? val };
}
