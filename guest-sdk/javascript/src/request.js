// The head of a client's HTTP request.

export class Request {
  #parameters;

  constructor({ method, path, query, headers, peer, lastEventId }) {
    this.method = method;
    this.path = path;
    this.query = query ?? undefined;
    this.headers = headers;
    this.peer = peer;
    this.lastEventId = lastEventId ?? undefined;
  }

  header(name) {
    const wanted = name.toLowerCase();
    return this.headers.find(([key]) => key === wanted)?.[1];
  }

  parameter(name) {
    return this.parameters().get(name) ?? undefined;
  }

  parameters() {
    return (this.#parameters ??= new URLSearchParams(this.query ?? ""));
  }
}
