// The refusal of a request.
import { headers, text } from "./arguments.js";
import { show } from "./show.js";

export class Rejection extends Error {
  constructor(status, message = "", more = undefined) {
    super(text(message, "a rejection's text"));
    if (status !== 204 && !(Number.isInteger(status) && status >= 400 && status <= 599)) {
      throw new TypeError(`a rejection's status is 204, or 400 to 599, not ${show(status)}`);
    }
    this.name = "Rejection";
    this.status = status;
    this.headers = headers(more, "a rejection's headers");
  }
}
