/** One request to the API, and its refusals as errors. Everything that is fetched goes through here. */

const BASE = "/api/v1";

/**
 * A refusal of the API, as its problem document tells it (RFC 9457).
 */
export class ApiError extends Error {
  /** @param {{status: number, code: string, detail: string, errors?: Record<string, string[]>}} problem @param {number} [retryAfterS] */
  constructor(problem, retryAfterS = 0) {
    super(told(problem));
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code;
    /** Everything the problem says, its further members too. @type {Record<string, any>} */
    this.problem = problem;
    /** Messages by the field they are about. @type {Record<string, string[]>} */
    this.errors = problem.errors ?? {};
    this.retryAfterS = retryAfterS;
  }

  /** Whether nobody is signed in any more; a wrong password is no such thing. */
  get isSignedOut() {
    return this.status === 401 && this.code !== "invalid_credentials";
  }
}

/** A sentence for people: what is wrong with each value, where the problem says so. */
function told({ detail, errors = {} }) {
  const lines = Object.entries(errors).map(([name, messages]) => `${name}: ${[messages].flat().join(" ")}`);
  return lines.length ? lines.join(" ") : detail;
}

/** The request did not reach the server, or its answer did not come back. */
export class Unreachable extends Error {
  constructor() {
    super("Murph cannot be reached. Look at your connection; what was done so far is kept.");
    this.name = "Unreachable";
  }
}

/**
 * @typedef {object} Request
 * @property {string} [method]
 * @property {Record<string, any>} [query] absent, null and empty values are left out
 * @property {unknown} [body] sent as JSON
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 */

/**
 * Return the address of a path of the API.
 * @param {string} path
 * @param {Record<string, any>} [query]
 * @returns {string}
 */
export function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const asked = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `${BASE}${path}${asked ? `?${asked}` : ""}`;
}

/**
 * Send one request and return what is answered; null when that is nothing.
 * @param {string} path below /api/v1
 * @param {Request} [request]
 * @returns {Promise<any>}
 */
export async function send(path, { method = "GET", query, body, headers = {}, signal } = {}) {
  const response = await reach(address(path, query), {
    method,
    headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
    signal,
  });
  if (response.status === 204) return null;
  const text = await response.text();
  if (!response.ok) throw refusal(response.status, text, Number(response.headers.get("Retry-After")) || 0);
  const isJson = response.headers.get("Content-Type")?.includes("json");
  return isJson ? JSON.parse(text) : text;
}

/**
 * Return the error that an answer stands for.
 * @param {number} status
 * @param {string} text
 * @param {number} [retryAfterS]
 * @returns {ApiError}
 */
export function refusal(status, text, retryAfterS = 0) {
  try {
    return new ApiError({ status, ...JSON.parse(text) }, retryAfterS);
  } catch {
    // A proxy in between answers in its own words.
    return new ApiError(
      { status, code: "unreadable", detail: `The server answered ${status}. Try again shortly.` },
      retryAfterS,
    );
  }
}

async function reach(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable();
  }
}

/**
 * Read a stream of server-sent events; the browser's own reader cannot send a token.
 * @param {string} path below /api/v1
 * @param {Record<string, string>} headers
 */
export async function* events(path, headers) {
  const response = await reach(address(path), { headers, credentials: "same-origin" });
  if (!response.ok || !response.body) throw refusal(response.status, await response.text());
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const blocks = (rest + piece.value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield readEvent(block);
  }
}

function readEvent(block) {
  const lines = block.split("\n").map((line) => /^(\w+): ?(.*)$/.exec(line));
  const found = Object.fromEntries(lines.filter(Boolean).map(([, name, value]) => [name, value]));
  return { event: found.event ?? "message", data: JSON.parse(found.data ?? "null") };
}
