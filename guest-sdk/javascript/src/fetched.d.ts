/** The head of an answer. Any status is one; redirects are yours to follow. */
export class ResponseHead {
  readonly status: number;
  /** Whether the status is 200 to 299. */
  readonly ok: boolean;
  /** All headers, names in lower case. */
  readonly headers: [name: string, value: string][];
  /** The first header of this name, in whatever case the name is given. */
  header(name: string): string | undefined;
}

/** Why a fetch did not end well. `kind` says which; `reason` says it in words. */
export type FetchFailure =
  | {
      kind: /** The destination turned out to be one that is not granted: its name stands for a private address. */
        | "denied"
        /** There is no such host, or it does not let itself be reached: name, network, TLS. */
        | "unreachable"
        /** The other side broke off, or what it said is not HTTP. */
        | "broken"
        /** The connection that it was for has ended. */
        | "connection-closed"
        /** The instance that started it is gone, and so is its state. */
        | "interrupted"
        /** Something that this version has no name for. */
        | "other";
      reason: string;
    }
  | {
      /** A bound was reached: time, or the size of the answer. */
      kind: "limit-exceeded";
      /** The bound's configuration key. */
      limit: string;
      reason: string;
    };
