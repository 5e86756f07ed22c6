/** The wallet: what is there, what is set aside, what moved, and how to put more in. */
import { get } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { money } from "../core/format.js";
import { page } from "../core/page.js";
import { notice } from "../parts/notice.js";
import { tableButton } from "../parts/save-button.js";
import { readOn } from "../parts/more.js";
import { movement } from "../parts/movement.js";
import { loaded, state } from "../parts/states.js";
import { tile } from "../parts/sums.js";
import { topUp } from "../parts/top-up.js";

const FILTERS = [
  ["", "Everything"],
  ["topup", "Top-ups"],
  ["lock", "Set aside"],
  ["payment", "Watched"],
  ["refund", "Came back"],
];

page(
  async (view) => {
    const [balance, held] = [
      h("section", { class: "stack", "aria-label": "Balance" }),
      h("section", { class: "stack" }),
    ];
    const history = h("section", { class: "card card-pad", "aria-labelledby": "history" });
    const refresh = () => Promise.all([loaded(balance, tiles), loaded(held, live), showHistory(history)]);
    const add = () =>
      topUp(async (paid) => {
        notice(`${money(paid.amount, paid.currency)} are in your wallet.`);
        await refresh();
      });
    const button = h("button", { class: "button", type: "button", on: { click: add } }, icon("plus"), "Top up");
    fill(view, h("div", { class: "row row-apart" }, h("h1", {}, "Wallet"), button), balance, held, history);
    await refresh();
  },
  { needs: "student" },
);

async function tiles() {
  const wallet = await get("/payments/wallet/balance");
  const amount = (value) => money(value, wallet.currency);
  return h(
    "div",
    { class: "tiles" },
    tile("Available", amount(wallet.available), "ready to be set aside", "tile-lead"),
    tile("Set aside", amount(wallet.locked), "for sessions that run or are being settled"),
    tile("In all", amount(wallet.total)),
  );
}

async function live() {
  const { items } = await get("/sessions", { status: "active", limit: 5 });
  return items.map((session) =>
    h(
      "p",
      { class: "note note-good" },
      icon("lock"),
      h(
        "span",
        {},
        `${money(session.locked_amount, session.currency)} are set aside for “${session.course_title}”. `,
        h("a", { href: `/watch/${session.course_id}` }, "To the player"),
      ),
    ),
  );
}

async function showHistory(place) {
  const type = h(
    "select",
    { "aria-label": "Which movements", id: "which" },
    FILTERS.map(([value, words]) => h("option", { value }, words)),
  );
  const list = h("div", { class: "stack" });
  const show = () => loaded(list, () => movements(type.value));
  type.addEventListener("change", show);
  const table = tableButton("/payments/transactions.csv", "murph-movements.csv", () => ({ type: type.value }));
  const head = h("h2", { id: "history" }, "What moved");
  fill(place, h("div", { class: "card-head" }, head, h("div", { class: "row" }, h("div", {}, type), table)), list);
  await show();
}

function movements(type) {
  const load = (cursor) => get("/payments/transactions", { type, limit: 15, cursor });
  const empty = () => state("empty", "Nothing has moved yet", "Top-ups and sessions appear here.");
  return readOn({ load, item: movement, list: h("ul", { class: "list" }), empty });
}
