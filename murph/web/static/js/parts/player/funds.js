/** When the money set aside runs low: more of it, from the wallet or by a top-up. */
import { get, intention, post } from "../../core/api.js";
import { fill, h, icon } from "../../core/dom.js";
import { amountOf, minor, money } from "../../core/format.js";
import { topUp } from "../top-up.js";

const STEPS = [100, 500, 1000].map(amountOf);
/** Below this there is little left. */
export const LOW_S = 120;

/** The warning of a session: it stands there for as long as little is left. */
export class RunningLow {
  #sessionId;
  #announce;
  #extended;
  #isLow = false;

  /** @param {string} sessionId @param {(words: string) => void} announce @param {(session: any) => void} extended */
  constructor(sessionId, announce, extended) {
    this.#sessionId = sessionId;
    this.#announce = announce;
    this.#extended = extended;
    this.element = h("div", {});
  }

  /** Warn, or do so no more. @param {number} secondsLeft */
  look(secondsLeft) {
    const isLow = secondsLeft < LOW_S;
    if (isLow === this.#isLow) return;
    this.#isLow = isLow;
    if (!isLow) return this.close();
    this.#announce("Less than two minutes are paid for.");
    const place = h("div", { class: "stack" });
    show(place, this.#sessionId, this.#extended);
    return fill(this.element, h("div", { class: "note note-warn", data: { warning: "low" } }, place));
  }

  /** Take the warning away. */
  close() {
    fill(this.element);
  }
}

async function show(place, sessionId, extended) {
  const { available, currency } = await get("/payments/wallet/balance").catch(() => ({
    available: "0",
    currency: undefined,
  }));
  const again = () => show(place, sessionId, extended);
  const steps = STEPS.filter((step) => minor(step) <= minor(available));
  const rest = !steps.length && minor(available) > 0 ? [available] : [];
  const buttons = [...steps, ...rest].map((amount) => addButton(amount, currency, sessionId, extended, place));
  fill(
    place,
    h("p", { class: "row row-tight" }, icon("alert"), h("b", {}, "Less than two minutes are paid for.")),
    buttons.length
      ? h("p", { class: "small" }, "Set more aside:")
      : h("p", { class: "small" }, "There is nothing left in the wallet."),
    h(
      "div",
      { class: "row" },
      buttons,
      h("button", { class: "button button-quiet", type: "button", on: { click: () => topUp(again) } }, "Top up"),
    ),
  );
}

function addButton(amount, currency, sessionId, extended, place) {
  const key = intention();
  const add = async () => {
    button.disabled = true;
    try {
      extended(await post(`/sessions/${sessionId}/extend`, { amount }, { key }));
      await show(place, sessionId, extended);
      place.querySelector("button")?.focus();
    } catch (error) {
      button.disabled = false;
      place.append(h("p", { role: "alert", class: "small" }, error.message));
    }
  };
  const button = h(
    "button",
    { class: "button", type: "button", on: { click: add } },
    icon("plus"),
    money(amount, currency),
  );
  return button;
}
