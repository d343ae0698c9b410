// Every hook call so far.

let calls = [];

export const note = (call) => void calls.push(call);
export const all = () => [...calls];
export const replace = (newCalls) => void (calls = newCalls);
