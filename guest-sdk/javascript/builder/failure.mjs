/** An error that the author can fix: what is wrong, where, and what to do. */
export class Failure extends Error {}
