// Part of a component whose code uses the name `fetch`.
import { fetch } from "./fetch.js";

Object.assign(globalThis, { fetch, __roomcastFetch: fetch });
