/** Before the picture: how much is set aside, and what it pays for. */
import { get, intention, post } from "../../core/api.js";
import { fill, h, icon } from "../../core/dom.js";
import { amountOf, duration, minor, money } from "../../core/format.js";
import { ApiError } from "../../core/http.js";
import { choices, form } from "../form.js";
import { topUp } from "../top-up.js";

const STEPS = [200, 500, 1000, 3000].map(amountOf);

/**
 * Return the question of how much to set aside.
 * @param {any} course
 * @param {(session: any) => Promise<void>} begin is called with the started session
 * @returns {Promise<HTMLElement>}
 */
export async function starting(course, begin) {
  const place = h("section", { class: "card card-pad stack", "aria-label": "Start watching" });
  await show(place, course, begin);
  return place;
}

async function show(place, course, begin) {
  const { available, currency } = await get("/payments/wallet/balance");
  const again = () => show(place, course, begin);
  fill(place, minor(available) > 0 ? question(course, available, currency, begin, again) : noMoney(again));
}

function question(course, available, currency, begin, again) {
  const within = STEPS.filter((step) => minor(step) < minor(available));
  const amounts = minor(available) <= minor(STEPS[STEPS.length - 1]) ? [...within, available] : within;
  const options = amounts.map((amount) => [amount, `${money(amount, currency)}, ${timeFor(amount, course)}`]);
  const key = intention();
  const submit = async ({ locked_amount }) => {
    const body = { course_id: course.id, locked_amount };
    await begin(await started(body, `${key}-${locked_amount}`.replace(".", "-")));
  };
  const enough =
    amounts.find((amount) => minor(amount) >= minor(course.price_to_finish)) ?? amounts[amounts.length - 1];
  return [
    h("h2", {}, "Set money aside"),
    h(
      "p",
      { class: "muted small" },
      `You have ${money(available, currency)}. What you do not watch comes back when you stop.`,
    ),
    form({
      fields: [choices({ name: "locked_amount", label: "How much, and for how long?", options, value: enough })],
      button: "Start watching",
      submit,
      wide: true,
    }),
    h("button", { class: "link-button", type: "button", on: { click: () => topUp(again) } }, "Top up the wallet"),
  ];
}

function noMoney(again) {
  return [
    h("h2", {}, "Your wallet is empty"),
    h("p", { class: "muted" }, "Put some money in first: you only spend what you watch, and the rest stays yours."),
    h(
      "button",
      { class: "button button-wide", type: "button", on: { click: () => topUp(again) } },
      icon("wallet"),
      "Top up",
    ),
  ];
}

async function started(body, key) {
  try {
    return await post("/sessions/start", body, { key });
  } catch (error) {
    // Another tab was faster: its session is found by a fresh look.
    if (error instanceof ApiError && error.code === "session_active") location.reload();
    throw error;
  }
}

function timeFor(amount, { price_per_minute: price }) {
  const seconds = Math.floor((minor(amount) * 60) / minor(price));
  return duration(seconds > 600 ? Math.floor(seconds / 60) * 60 : seconds);
}
