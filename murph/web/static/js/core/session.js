/**
 * Who is signed in. The access token lives in this module's memory only; the refresh token is a cookie that
 * no script can read. What is remembered beside it, a name and a role, is there so that pages can greet at once.
 */
import { ApiError, send } from "./http.js";

const PAGE = { "X-Murph-Client": "browser" };
const REMEMBERED = "murph.signed-in";
const EARLY_MS = 30_000;

/** @typedef {{id: string, name: string, email: string, user_type: "student" | "teacher" | "admin"}} Account */

let token = "";
let expiresAt = 0;
/** @type {Promise<string> | null} */
let renewing = null;

/**
 * Return who was signed in last in this browser, or null; whether that still holds, `accessToken` finds out.
 * @returns {Account | null}
 */
export function remembered() {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED) ?? "null");
  } catch {
    return null;
  }
}

/**
 * Remember who is signed in.
 * @param {Account} user
 */
export function remember({ id, name, email, user_type }) {
  localStorage.setItem(REMEMBERED, JSON.stringify({ id, name, email, user_type }));
}

/**
 * Return a good access token, or "" when nobody is signed in.
 * @returns {Promise<string>}
 */
export async function accessToken() {
  if (token && Date.now() < expiresAt - EARLY_MS) return token;
  return remembered() ? renew() : "";
}

/**
 * Get a fresh access token with the cookie; "" when the sign-in is over.
 * @returns {Promise<string>}
 */
export function renew() {
  // One at a time, in this tab and among all tabs: a refresh token is good once.
  renewing ??= exclusively(async () => {
    try {
      return take(await send("/auth/refresh", { method: "POST", headers: PAGE }));
    } catch (error) {
      if (!(error instanceof ApiError) || ![401, 403].includes(error.status)) throw error;
      forget();
      return "";
    }
  }).finally(() => {
    renewing = null;
  });
  return renewing;
}

function exclusively(action) {
  return navigator.locks ? navigator.locks.request("murph.refresh", action) : action();
}

/**
 * Sign in.
 * @param {{email: string, password: string}} who
 * @returns {Promise<Account>}
 */
export async function signIn(who) {
  return admit(await send("/auth/login", { method: "POST", body: who, headers: PAGE }));
}

/**
 * Create an account, which is then signed in.
 * @param {{email: string, password: string, name: string, user_type: string}} account
 * @returns {Promise<Account>}
 */
export async function register(account) {
  return admit(await send("/auth/register", { method: "POST", body: account, headers: PAGE }));
}

/** End this sign-in everywhere it is used. */
export async function signOut() {
  const bearer = await accessToken();
  if (bearer) {
    const headers = { ...PAGE, Authorization: `Bearer ${bearer}` };
    await send("/auth/logout", { method: "POST", headers }).catch((error) => {
      if (!(error instanceof ApiError && error.isSignedOut)) throw error;
    });
  }
  forget();
}

/**
 * Delete the account of who is signed in; nobody is, afterwards.
 * @param {string} password
 */
export async function erase(password) {
  const headers = { ...PAGE, Authorization: `Bearer ${await accessToken()}` };
  await send("/users/me", { method: "DELETE", body: { password }, headers });
  forget();
}

/** Forget what this tab knows of a sign-in that is over. */
export function forget() {
  token = "";
  localStorage.removeItem(REMEMBERED);
}

/**
 * Call `leave` when another tab signs out or somebody else in.
 * @param {() => void} leave
 */
export function onChangeElsewhere(leave) {
  const known = remembered()?.id;
  addEventListener("storage", (event) => {
    if (event.key === REMEMBERED && remembered()?.id !== known) leave();
  });
}

function admit(answer) {
  take(answer);
  remember(answer.user);
  return answer.user;
}

function take({ access_token, expires_in }) {
  token = access_token;
  expiresAt = Date.now() + expires_in * 1000;
  return token;
}
