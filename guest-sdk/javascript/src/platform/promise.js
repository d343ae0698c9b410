// A Promise whose reactions can be drained from outside.
//
// A call into a plugin ends when its function returns. Nothing runs afterwards, so the engine's own promises would never
// settle. The build therefore compiles `async` to generators over this class, and drains it until a hook's promise is
// settled. Nothing in a plugin waits for external events, so after a drain a promise is settled or never will be.

const queue = [];
const unhandled = new Set();
const NONE = Object.freeze([]);

/** Run all reactions, including new ones. Returns the reasons of unhandled rejections. */
export function drain() {
  if (queue.length === 0 && unhandled.size === 0) return NONE;
  for (let next = 0; next < queue.length; next++) queue[next]();
  queue.length = 0;
  const reasons = [...unhandled].map((promise) => promise._value);
  unhandled.clear();
  return reasons;
}

export function queueMicrotask(task) {
  queue.push(task);
}

class Settling {
  // Not private fields: the lowered code of `class X extends Promise` and of `async` is older than they are.
  constructor(executor) {
    if (typeof executor !== "function") throw new TypeError("the argument of Promise must be a function");
    this._state = "pending";
    this._value = undefined;
    this._reactions = [];
    const [resolve, reject] = settlers(this);
    try {
      executor(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  then(onFulfilled, onRejected) {
    const Kind = this.constructor[Symbol.species] ?? Settling;
    return new Kind((resolve, reject) => {
      const react = () => {
        const handler = this._state === "fulfilled" ? onFulfilled : onRejected;
        const pass = this._state === "fulfilled" ? resolve : reject;
        if (typeof handler !== "function") return pass(this._value);
        try {
          resolve(handler(this._value));
        } catch (error) {
          reject(error);
        }
      };
      unhandled.delete(this);
      if (this._state === "pending") this._reactions.push(react);
      else queue.push(react);
      this._handled = true;
    });
  }

  catch(onRejected) {
    return this.then(undefined, onRejected);
  }

  finally(onFinally) {
    if (typeof onFinally !== "function") return this.then(onFinally, onFinally);
    const Kind = this.constructor[Symbol.species] ?? Settling;
    return this.then(
      (value) => Kind.resolve(onFinally()).then(() => value),
      (reason) => Kind.resolve(onFinally()).then(() => { throw reason; }),
    );
  }

  get [Symbol.toStringTag]() {
    return "Promise";
  }

  static get [Symbol.species]() {
    return this;
  }

  static resolve(value) {
    return value instanceof Settling && value.constructor === this ? value : new this((resolve) => resolve(value));
  }

  static reject(reason) {
    return new this((_, reject) => reject(reason));
  }

  static withResolvers() {
    let resolve, reject;
    const promise = new this((one, two) => { [resolve, reject] = [one, two]; });
    return { promise, resolve, reject };
  }

  static try(work, ...values) {
    return new this((resolve) => resolve(work(...values)));
  }

  static race(entries) {
    return new this((resolve, reject) => {
      for (const entry of entries) this.resolve(entry).then(resolve, reject);
    });
  }

  static all(entries) {
    return gather(this, entries, (entry, done, _, reject) => entry.then(done, reject));
  }

  static allSettled(entries) {
    return gather(this, entries, (entry, done) =>
      entry.then(
        (value) => done({ status: "fulfilled", value }),
        (reason) => done({ status: "rejected", reason }),
      ));
  }

  static any(entries) {
    const failed = (reasons) => { throw new AggregateError(reasons, "all promises were rejected"); };
    return gather(this, entries, (entry, done, resolve) => entry.then(resolve, done)).then((found) =>
      Array.isArray(found) && found.isGathered ? failed([...found]) : found);
  }
}

/** Only the first call of the two counts. */
function settlers(promise) {
  let decided = false;
  const once = (work) => (value) => {
    if (decided) return;
    decided = true;
    work(value);
  };
  const settle = (state, value) => {
    promise._state = state;
    promise._value = value;
    if (state === "rejected" && !promise._handled) unhandled.add(promise);
    queue.push(...promise._reactions);
    promise._reactions = undefined;
  };
  const resolve = (value) => {
    if (value === promise) return settle("rejected", new TypeError("a promise cannot be resolved with itself"));
    let then;
    try {
      then = Object(value) === value ? value.then : undefined;
    } catch (error) {
      return settle("rejected", error);
    }
    if (typeof then !== "function") return settle("fulfilled", value);
    const [one, two] = settlers(promise);
    queue.push(() => {
      try {
        then.call(value, one, two);
      } catch (error) {
        two(error);
      }
    });
  };
  return [once(resolve), once((reason) => settle("rejected", reason))];
}

/** Wait for each entry and collect the results in order. */
function gather(Kind, entries, wait) {
  return new Kind((resolve, reject) => {
    const results = Object.defineProperty([], "isGathered", { value: true });
    let left = 1;
    const finish = () => { if (--left === 0) resolve(results); };
    let place = 0;
    for (const entry of entries) {
      const at = place++;
      left++;
      wait(Kind.resolve(entry), (result) => { results[at] = result; finish(); }, resolve, reject);
    }
    finish();
  });
}

/** Array.fromAsync; the engine's own uses the engine's own promises. */
export async function fromAsync(items, map = (item) => item) {
  const all = [];
  for await (const item of items) all.push(await map(item, all.length));
  return all;
}

Object.defineProperty(Settling, "name", { value: "Promise" });
export { Settling as Promise };
