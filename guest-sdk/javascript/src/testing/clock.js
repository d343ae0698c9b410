// A clock that the test moves, and the timers on it.

export class Clock {
  /** Milliseconds since the hub's start. */
  now = 0;
  #start;
  #timers = [];
  #last = 0;

  /** `start` is the wall's time when the hub starts, in milliseconds since 1970. */
  constructor(start) {
    this.#start = start;
  }

  /** The wall's time. */
  get wall() {
    return this.#start + this.now;
  }

  get size() {
    return this.#timers.length;
  }

  set(delay, repetition, token) {
    const id = ++this.#last;
    this.#timers.push({ id, due: this.now + delay, period: repetition === "every" ? delay : undefined, delay, token });
    return id;
  }

  cancel(id) {
    const before = this.#timers.length;
    this.#timers = this.#timers.filter((timer) => timer.id !== id);
    return this.#timers.length < before;
  }

  /** Advance to the next timer that is due by `end` and return its token; if there is none, advance to `end` and return undefined. */
  next(end) {
    const [timer] = this.#timers.filter(({ due }) => due <= end).sort((one, two) => one.due - two.due || one.id - two.id);
    if (!timer) {
      this.now = end;
      return undefined;
    }
    this.now = timer.due;
    if (timer.period === undefined) this.cancel(timer.id);
    else timer.due += timer.period;
    return timer.token;
  }

  /** Hands the previous instance's timers to the new one. */
  take() {
    return this.#timers.splice(0);
  }

  putBack(old) {
    this.#timers = old;
  }

  /** A timer set by the new instance replaces a previous one with the same token. */
  adopt(old) {
    for (const timer of old) {
      const own = this.#timers.find(({ token }) => token === timer.token);
      if (!own) this.#timers.push(timer);
      else if (own.delay === timer.delay) own.due = timer.due;
    }
  }
}
