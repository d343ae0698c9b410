/**
 * The head of a client's HTTP request, lent to a hook for the time of its call: what you do not read costs nothing, and reading it
 * later throws an error. Keep the values, not the request.
 */
export class Request {
  private constructor();

  /** The method, for example `GET`. */
  readonly method: string;
  /** The path without the query, for example `/sse`. */
  readonly path: string;
  /** What follows the `?`, as sent (percent-encoded). */
  readonly query: string | undefined;
  /** All headers in the order received, names in lower case. */
  readonly headers: [name: string, value: string][];
  /** The address of the peer, for example `127.0.0.1:51234`. */
  readonly peer: string;
  /** The id of the last event that a reconnecting client has seen. */
  readonly lastEventId: string | undefined;

  /** The first header of this name, ignoring case. */
  header(name: string): string | undefined;

  /** The first query parameter of this name, decoded. */
  parameter(name: string): string | undefined;

  /** All query parameters. */
  parameters(): URLSearchParams;
}
