/**
 * Log a record; `context` is a free-form label that groups records. `console.log` and the like write to the same log; these
 * functions take one text.
 */
type Write = (message: string, context?: string) => void;

export const trace: Write;
export const debug: Write;
export const info: Write;
export const warn: Write;
export const error: Write;
export const critical: Write;
