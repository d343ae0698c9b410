/**
 * The types of `connection.state` and `hub.room(name).state`, which are `any` until you say them:
 *
 * ```ts
 * declare module "roomcast" {
 *   interface States {
 *     connection: { name: string };
 *     room: { votes: number };
 *   }
 * }
 * ```
 */
export interface States {}

/** The type of the state of a `connection` or `room`. */
export type StateOf<Kind extends string> = States extends Record<Kind, infer State> ? State : any;
