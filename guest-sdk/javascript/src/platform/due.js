// What setTimeout and setInterval have set, by the token of the host's timer for each.
//
// It is of one instance alone: a timer that the next one takes over finds nothing here, and means nothing. So each instance
// has tokens of its own.

const PREFIX = "\0timeout ";

/** Those of an instance that begins. */
export const begin = () => ({ entries: new Map(), instance: undefined, last: 0 });

let own = begin();

/** In tests several instances are in one process. */
export function use(timeouts) {
  own = timeouts;
}

/** Whether a timer is one of these. */
export const isTimeout = (token) => token.startsWith(PREFIX);

/** The token of one by its number. */
export const tokenOf = (id) => `${PREFIX}${own.instance} ${id}`;

/** Keeps an entry; its number. */
export function keep(entry) {
  own.instance ??= Math.random().toString(36).slice(2);
  own.last += 1;
  own.entries.set(tokenOf(own.last), entry);
  return own.last;
}

/** Takes out the entry with this token, if there is one. */
export function take(token) {
  const entry = own.entries.get(token);
  own.entries.delete(token);
  return entry;
}

/** The entry whose timer has fired, if there is one. It stays if it repeats. */
export function due(token) {
  const entry = own.entries.get(token);
  if (!entry?.repeats) own.entries.delete(token);
  return entry;
}
