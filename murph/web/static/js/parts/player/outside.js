/** A video on another site: it opens in a tab of its own, and a clock here is set going and stopped by hand. */
import { fill, h, icon } from "../../core/dom.js";

const FILE = /\.(mp4|m4v|webm|ogv)$/i;

/**
 * Return the origin of a video file that pages can play, or "" for anything else.
 * @param {string} url
 * @returns {string}
 */
export function originOfFile(url) {
  const { origin, pathname, protocol } = new URL(url);
  return protocol === "https:" && FILE.test(pathname) ? origin : "";
}

/** Return the other host that this page may play from. @returns {string} */
export function mediaOrigin() {
  return new URLSearchParams(location.search).get("media") ?? "";
}

/** A screen without a picture. */
export class Outside {
  #beganAt = 0;
  #before = 0;
  #changed;
  #press;
  isOutside = true;
  rate = 1;

  /** @param {string} url @param {number} length seconds @param {() => void} changed */
  constructor(url, length, changed) {
    this.length = length;
    this.#changed = changed;
    const open = h(
      "a",
      { class: "button", href: url, target: "_blank", rel: "noopener noreferrer" },
      icon("external"),
      "Open the lesson in a new tab",
    );
    const words =
      "This lesson lives on another site. Start the clock when you begin there, and stop it when you are done.";
    this.#press = h("button", { class: "button button-quiet", type: "button", on: { click: () => this.#turn() } });
    this.element = h("div", { class: "stage-cover" }, h("p", {}, words), open, this.#press);
    this.#label();
  }

  #turn() {
    if (this.#beganAt) this.pause();
    else this.play();
  }

  #label() {
    fill(this.#press, icon(this.#beganAt ? "pause" : "clock"), this.#beganAt ? "Stop the clock" : "Start the clock");
  }

  /** Seconds from the beginning. */
  get position() {
    return Math.min(this.length, this.#before + (this.#beganAt ? (performance.now() - this.#beganAt) / 1000 : 0));
  }

  /** @returns {"playing" | "paused" | "ended"} */
  get state() {
    if (this.position >= this.length) return "ended";
    return this.#beganAt ? "playing" : "paused";
  }

  /** @returns {Promise<boolean>} */
  async play() {
    if (!this.#beganAt) this.#beganAt = performance.now();
    this.#label();
    this.#changed();
    return true;
  }

  pause() {
    this.seek(this.position);
    this.#beganAt = 0;
    this.#label();
    this.#changed();
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.#before = Math.min(Math.max(0, seconds), this.length);
    if (this.#beganAt) this.#beganAt = performance.now();
  }

  setRate() {}

  clear() {
    if (this.#beganAt) this.pause();
  }
}
