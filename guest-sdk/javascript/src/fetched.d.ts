/** The head of an answer. Redirects are not followed. */
export class ResponseHead {
  readonly status: number;
  /** Whether the status is 200 to 299. */
  readonly ok: boolean;
  /** All headers, names in lower case. */
  readonly headers: [name: string, value: string][];
  /** The first header of this name, ignoring case. */
  header(name: string): string | undefined;
}

/** Why a fetch failed. `kind` is the kind; `reason` is a text. */
export type FetchFailure =
  | {
      kind: /** The destination is not granted: the host name resolves to a private address. */
        | "denied"
        /** The host could not be reached: name resolution, network or TLS failed. */
        | "unreachable"
        /** The peer closed the connection early, or its answer is not valid HTTP. */
        | "broken"
        /** The fetch's connection has ended. */
        | "connection-closed"
        /** The instance that started it is gone, and so is its state. */
        | "interrupted"
        /** A value that this version does not name. */
        | "other";
      reason: string;
    }
  | {
      /** A time or size limit was reached. */
      kind: "limit-exceeded";
      /** The limit's configuration key. */
      key: string;
      reason: string;
    };
