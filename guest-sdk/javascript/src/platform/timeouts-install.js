// Part of a component whose code names setTimeout or setInterval.
import { clearInterval, clearTimeout, setInterval, setTimeout } from "./timeouts.js";

Object.assign(globalThis, { clearInterval, clearTimeout, setInterval, setTimeout });
