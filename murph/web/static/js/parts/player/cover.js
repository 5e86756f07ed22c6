/** What stands over the picture when somebody has to press something first. */
import { h, icon } from "../../core/dom.js";

/** One cover at a time, on one stage. */
export class Cover {
  #stage;
  #shown = null;

  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.#stage = stage;
  }

  /**
   * Say something with one button, which takes the cover away.
   * @param {string} words
   * @param {string} button
   * @param {() => void} action
   * @param {string} [sign]
   */
  ask(words, button, action, sign = "play") {
    const press = h("button", { class: "button button-big", type: "button" }, icon(sign), button);
    press.addEventListener("click", () => {
      this.lift();
      this.#stage.focus({ preventScroll: true });
      action();
    });
    this.say(h("p", {}, words), press);
  }

  /** @param {...any} content what stands there for good */
  say(...content) {
    this.lift();
    this.#shown = h("div", { class: "stage-cover" }, content);
    this.#stage.append(this.#shown);
  }

  /** Take it away. */
  lift() {
    this.#shown?.remove();
    this.#shown = null;
  }
}
