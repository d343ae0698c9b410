/**
 * A record of the host's log; `context` is a free word that groups records. `console.log` and its like write there, too:
 * these differ in that they take one text.
 */
type Write = (message: string, context?: string) => void;

export const trace: Write;
export const debug: Write;
export const info: Write;
export const warn: Write;
export const error: Write;
export const critical: Write;
