// Part of a component whose code names crypto.subtle.
import * as host from "roomcast:plugin/crypto@0.1.0";
import { CryptoKey, subtleCrypto } from "./subtle.js";

globalThis.crypto.subtle = subtleCrypto(host);
globalThis.CryptoKey = CryptoKey;
