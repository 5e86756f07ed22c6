/** The API as the signed-in person: tokens are added and renewed, lost answers are asked for again. */
import { ApiError, Unreachable, events, send } from "./http.js";
import { accessToken, renew } from "./session.js";

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 700;
const LONGEST_PAUSE_S = 5;

/** @typedef {import("./http.js").Request & {key?: string}} Asked */

/**
 * Read what stands at a path.
 * @param {string} path
 * @param {Record<string, any>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export const get = (path, query, signal) => call(path, { query, signal });

/**
 * Post; with a `key`, an `intention()`, it may be sent several times and has its effect once.
 * @param {string} path
 * @param {unknown} [body]
 * @param {{key?: string}} [options]
 * @returns {Promise<any>}
 */
export const post = (path, body, { key } = {}) => call(path, { method: "POST", body, key });

/** @param {string} path @param {unknown} body @returns {Promise<any>} */
export const put = (path, body) => call(path, { method: "PUT", body });

/** @param {string} path @returns {Promise<any>} */
export const remove = (path) => call(path, { method: "DELETE" });

/**
 * Return a fresh key for one intention of a person: every attempt at it sends the same.
 * @returns {string}
 */
export function intention() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Yield the items of a whole list, page after page.
 * @param {string} path
 * @param {Record<string, any>} [query]
 */
export async function* all(path, query = {}) {
  let cursor = null;
  do {
    const page = await get(path, { limit: 100, ...query, cursor });
    yield* page.items;
    cursor = page.next_cursor;
  } while (cursor);
}

/**
 * Follow a stream of events as the signed-in person.
 * @param {string} path
 */
export async function* follow(path) {
  yield* events(path, signed({}, await accessToken()));
}

/**
 * Send a request as the signed-in person, again where that is safe and may help.
 * @param {string} path
 * @param {Asked} asked
 * @returns {Promise<any>}
 */
async function call(path, asked) {
  const isRepeatable = (asked.method ?? "GET") === "GET" || asked.key !== undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await authorised(path, asked);
    } catch (error) {
      if (!isRepeatable || attempt === ATTEMPTS || !mayHelp(error)) throw error;
      await pause(error.retryAfterS ? error.retryAfterS * 1000 : FIRST_PAUSE_MS * attempt);
    }
  }
}

async function authorised(path, { key, ...request }) {
  const headers = key === undefined ? {} : { "Idempotency-Key": key };
  const token = await accessToken();
  try {
    return await send(path, { ...request, headers: signed(headers, token) });
  } catch (error) {
    if (!token || !(error instanceof ApiError) || error.code !== "token_expired") throw error;
    // This machine's clock is wrong, or it slept: the server knows better when a token has expired.
    return send(path, { ...request, headers: signed(headers, await renew()) });
  }
}

function signed(headers, token) {
  return token ? { ...headers, Authorization: `Bearer ${token}` } : headers;
}

function mayHelp(error) {
  if (error instanceof Unreachable) return navigator.onLine;
  return error instanceof ApiError && error.status === 503 && error.retryAfterS <= LONGEST_PAUSE_S;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
