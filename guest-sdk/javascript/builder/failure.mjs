/** Something that the author can do something about: what is wrong, where, and what to do. */
export class Failure extends Error {}
