/**
 * The meter beside the picture. Its figures are those the server has made durable; between two of them time and
 * cost are carried on here by the same rule. It is silent for screen readers, but for a few sentences that matter.
 */
import { h, icon } from "../../core/dom.js";
import { clock, duration, minor, money } from "../../core/format.js";
import { LOW_S } from "./funds.js";

const SHOW_EVERY_MS = 250;
const STATES = {
  connecting: "Connecting",
  counting: "Counting",
  resting: "Paused: not counting",
  lost: "Connection lost: not counting, trying again",
  suspended: "Waiting for the server: not counting",
  elsewhere: "Counting elsewhere",
  ended: "Ended",
};

/** The meter of one session. */
export class Meter {
  #figures;
  #ackedAt = 0;
  #playedAtAck = 0;
  #watch;
  #perMinute;
  #places = {};

  /** @param {any} session @param {{read: () => number}} watch @param {(words: string) => void} announce */
  constructor(session, watch, announce) {
    this.#figures = {
      used_seconds: session.used_seconds,
      cost: session.cost,
      locked: session.locked_amount,
      seconds_left: session.seconds_left,
    };
    this.#perMinute = minor(session.price_per_minute);
    this.#watch = watch;
    this.announce = announce;
    this.currency = session.currency;
    this.element = this.#build(session);
    this.#timer = setInterval(() => this.#show(), SHOW_EVERY_MS);
    this.state = "connecting";
  }

  #timer = 0;
  #state = "connecting";

  /** @param {keyof STATES} state */
  set state(state) {
    this.#state = state;
    this.#places.state.textContent = STATES[state];
    this.#places.state.dataset.state = state;
  }

  get state() {
    return this.#state;
  }

  /** Take what the server has made durable. @param {any} figures */
  take(figures) {
    this.#figures = figures;
    this.#playedAtAck = this.#watch.read();
    this.#ackedAt = performance.now();
    this.#show();
  }

  /** @param {string | null} amount what is left in the wallet beside the lock */
  set balance(amount) {
    this.#places.balance.textContent = money(amount, this.currency);
  }

  /** Stop counting, and show the figures of the receipt. @param {any} receipt */
  finish(receipt) {
    clearInterval(this.#timer);
    this.state = "ended";
    this.#places.cost.textContent = money(receipt.cost, this.currency);
    this.#places.time.textContent = clock(receipt.used_seconds);
    this.#places.left.textContent = "–";
  }

  #show() {
    // Never further ahead than one report may be: what is not acknowledged is not charged.
    const ahead =
      this.#state === "counting"
        ? Math.min((this.#watch.read() - this.#playedAtAck) / 1000, (performance.now() - this.#ackedAt) / 1000)
        : 0;
    const used = Math.floor(this.#figures.used_seconds + Math.max(0, Math.min(ahead, this.#figures.seconds_left)));
    const left = this.#figures.seconds_left - (used - this.#figures.used_seconds);
    this.#places.time.textContent = clock(used);
    this.#places.cost.textContent = money(this.#costOf(used), this.currency);
    this.#places.left.textContent = duration(left);
    this.#places.locked.textContent = money(this.#figures.locked, this.currency);
    this.element.dataset.low = String(left < LOW_S);
  }

  #costOf(usedSeconds) {
    if (usedSeconds === this.#figures.used_seconds) return this.#figures.cost;
    const places = (this.#figures.cost.split(".")[1] ?? "").length;
    const cost = Math.floor((usedSeconds * this.#perMinute) / 60);
    return places
      ? `${Math.floor(cost / 10 ** places)}.${String(cost % 10 ** places).padStart(places, "0")}`
      : String(cost);
  }

  #build(session) {
    const place = (name, className = null) => (this.#places[name] = h("dd", { class: className }, "–"));
    this.#places.cost = h("p", { class: "meter-cost" }, money(session.cost, session.currency));
    this.#places.state = h("p", { class: "meter-state" });
    const part = (words, ...rest) => h("div", {}, h("dt", {}, words), place(...rest));
    return h(
      "section",
      { class: "card card-pad meter", "aria-label": "Meter", "aria-live": "off" },
      this.#places.state,
      h("div", {}, h("p", { class: "meter-name" }, "Spent so far"), this.#places.cost),
      h(
        "dl",
        { class: "meter-parts" },
        part("Watched", "time"),
        part("Still paid for", "left", "meter-left"),
        part("Set aside", "locked"),
        part("In the wallet", "balance"),
      ),
      h(
        "p",
        { class: "row small muted" },
        icon("coin"),
        h("span", {}, `${money(session.price_per_minute, session.currency)} a minute`),
      ),
    );
  }
}
