/** What every page does: the header, who may see it, and what stands there while it loads or fails. */
import { fill, h, icon, unseen } from "./dom.js";
import { initials } from "./format.js";
import { ApiError } from "./http.js";
import { accessToken, forget, onChangeElsewhere, remembered } from "./session.js";
import { failed, signInAddress, state } from "../parts/states.js";
import { notice } from "../parts/notice.js";

const LINKS = {
  student: [
    ["/", "Courses"],
    ["/library", "My library"],
    ["/wallet", "Wallet"],
  ],
  teacher: [
    ["/", "Courses"],
    ["/teach", "Teacher's desk"],
  ],
  admin: [["/", "Courses"]],
};

/**
 * Show a page: `render` fills its view.
 * @param {(view: HTMLElement, user: import("./session.js").Account | null) => void | Promise<void>} render
 * @param {{needs?: "anybody" | "student" | "teacher" | "signed-in"}} [options]
 */
export async function page(render, { needs = "anybody" } = {}) {
  const view = document.getElementById("view");
  showHeader();
  watchConnection();
  onChangeElsewhere(() => location.reload());
  if (!view) return;
  try {
    const user = (await accessToken()) ? remembered() : null;
    showHeader();
    if (needs !== "anybody" && !user) return toSignIn();
    if (["student", "teacher"].includes(needs) && user?.user_type !== needs) return showWrongRole(view, needs);
    await render(view, user);
  } catch (error) {
    if (isSignedOut(error)) return needs === "anybody" ? location.reload() : toSignIn();
    console.error(error);
    fill(
      view,
      failed(error, () => location.reload()),
    );
  } finally {
    view.removeAttribute("aria-busy");
  }
}

/** Go and sign in, and then come back here. */
export function toSignIn() {
  location.assign(signInAddress());
}

/** Name the page in its tab. @param {string} title */
export function titled(title) {
  document.title = `${title} · ${document.body.dataset.app}`;
}

/** Return the id that stands in this page's address. @returns {string} */
export function idInAddress() {
  return location.pathname.split("/").filter(Boolean).pop() ?? "";
}

/** Show who is signed in, and where they can go. */
export function showHeader() {
  const user = remembered();
  const links = user ? LINKS[user.user_type] : [["/", "Courses"]];
  fill(
    document.getElementById("nav"),
    links.map(([href, words]) => link(href, words)),
  );
  fill(document.getElementById("account"), user ? accountLink(user) : signInLinks());
}

function link(href, words) {
  const isHere = href === "/" ? location.pathname === "/" : location.pathname.startsWith(href);
  return h("a", { href, "aria-current": isHere ? "page" : null }, words);
}

function accountLink(user) {
  const circle = h("span", { class: "avatar", "aria-hidden": "true" }, initials(user.name));
  const words = h("span", { class: "account-word" }, user.name);
  return h("a", { class: "account-name", href: "/profile" }, circle, words, unseen(", your profile"));
}

function signInLinks() {
  return [
    h("a", { class: "button button-quiet", href: "/login" }, "Sign in"),
    h("a", { class: "button", href: "/register" }, "Join"),
  ];
}

function showWrongRole(view, needs) {
  const words = `This page is for ${needs}s. You are signed in with another kind of account.`;
  fill(view, state("user", "Not for this account", words, h("a", { class: "button", href: "/" }, "To the courses")));
}

function isSignedOut(error) {
  const isOver = error instanceof ApiError && error.isSignedOut;
  if (isOver) forget();
  return isOver;
}

function watchConnection() {
  let shown = null;
  addEventListener("offline", () => {
    shown ??= notice("You are offline. This page goes on when the connection is back.", {
      stays: true,
      sign: icon("cloud-off"),
    });
  });
  addEventListener("online", () => {
    shown?.remove();
    if (shown) notice("You are online again.");
    shown = null;
  });
}
