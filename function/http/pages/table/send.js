// Send rows to the service in pieces, one after the other, and again if it is busy.

const MOST_ROWS = 1000;
const MOST_BYTES = 2 ** 19;
const MOST_TRIES = 6;
const LONGEST_WAIT_SECONDS = 60;
const BUSY = [429, 503];
const TOO_LARGE = [413, 504];
const encoder = new TextEncoder();

// Split rows, given by their numbers, into pieces of bounded size: arrays of { row, json }.
export function* pieces(rows, json) {
  let piece = [],
    bytes = 0;
  for (const row of rows) {
    const text = json(row);
    const size = encoder.encode(text).length + 1;
    if (piece.length && (piece.length === MOST_ROWS || bytes + size > MOST_BYTES)) {
      yield piece;
      [piece, bytes] = [[], 0];
    }
    piece.push({ row, json: text });
    bytes += size;
  }
  if (piece.length) yield piece;
}

export class Sender {
  // `outputs` are values of parameters.output; `onWait` gets the seconds until the next try.
  constructor({ outputs, version, signal, onWait }) {
    Object.assign(this, { outputs, version, signal, onWait });
  }

  // Yield { row, values }, with one value for each output, or { row, faults } for a row that the service refuses.
  async *predict(piece) {
    for (let rest = piece; rest.length;) {
      const { values, faults, tooLarge } = await this.#try(rest);
      if (tooLarge) {
        const half = Math.ceil(rest.length / 2);
        yield* this.predict(rest.slice(0, half));
        rest = rest.slice(half);
      } else if (faults) {
        for (const [i, found] of faults) yield { row: rest[i].row, faults: found };
        rest = rest.filter((_, i) => !faults.has(i));
      } else {
        for (const [i, { row }] of rest.entries()) yield { row, values: values.map((each) => each[i]) };
        rest = [];
      }
    }
  }

  async #try(piece) {
    const values = [];
    for (const output of this.outputs) {
      const response = await this.#post(
        `{"instances":[${piece.map(({ json }) => json).join(",")}],"parameters":{"output":"${output}"}}`,
      );
      if (TOO_LARGE.includes(response.status) && piece.length > 1) return { tooLarge: true };
      const text = await response.text();
      if (!response.ok) {
        const { faults, message } = refusal(response.status, text, piece.length);
        if (!faults) throw new Error(message);
        return { faults };
      }
      const { predictions } = JSON.parse(text, exactly);
      if (predictions.length !== piece.length) throw new Error("The service responded with another number of rows.");
      values.push(predictions);
    }
    return { values };
  }

  async #post(body) {
    for (let tries = 1; ; tries += 1) {
      const response = await this.#fetch(body, tries);
      const version = response?.headers.get("X-Model-Version");
      if (version && version !== this.version)
        throw new Error(
          "The live model has changed. Reload this page to use it; the predictions so far are of the model before.",
        );
      const seconds = retryAfter(response) ?? 2 ** (tries - 1);
      const again = !response || BUSY.includes(response.status);
      if (!again || tries === MOST_TRIES || seconds > LONGEST_WAIT_SECONDS) return response;
      this.onWait(seconds);
      await sleep(1000 * seconds, this.signal);
      this.onWait(0);
    }
  }

  // A connection that fails is tried again too.
  async #fetch(body, tries) {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    try {
      return await fetch("predict", { method: "POST", headers, body, signal: this.signal });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      if (tries === MOST_TRIES) throw new Error("The service cannot be reached. Try again later.");
      return null;
    }
  }
}

// Return the faults of each row, by its place in the piece; none if the response is about something else.
function refusal(status, text, length) {
  const { error = `The service responded with status ${status}. Try again later.`, detail = [] } = parsed(text);
  const faults = new Map();
  for (const { loc, msg } of status === 422 ? detail : []) {
    const [, key, i, name = null] = loc;
    if (key !== "instances" || !(i < length)) return { message: error };
    faults.set(i, [...(faults.get(i) ?? []), { name, text: msg }]);
  }
  return faults.size ? { faults } : { message: error };
}

// A proxy in front of the service may send errors that are not JSON.
function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

// Keep the digits of integers that JavaScript's numbers cannot hold.
function exactly(key, value, context) {
  const large = Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "");
  return large ? context.source : value;
}

// Return the seconds of the header Retry-After, which may also be a date.
function retryAfter(response) {
  const text = response?.headers.get("Retry-After");
  if (!text) return null;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    signal.addEventListener("abort", () => (clearTimeout(timer), stop()), { once: true });
  });
}
