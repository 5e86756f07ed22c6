/** The catalogue: courses to search and filter, with what is chosen kept in the address. */
import { get } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { amountOf, counted, money } from "../core/format.js";
import { page } from "../core/page.js";
import { remembered } from "../core/session.js";
import { courseCard, suggestionCard } from "../parts/course-card.js";
import { guide } from "../parts/guide.js";
import { completing } from "../parts/completing.js";
import { field, values } from "../parts/form.js";
import { readOn } from "../parts/more.js";
import { loaded, state } from "../parts/states.js";

const PAUSE_MS = 300;
const MOST_FOUND = 24;
const LEVELS = [
  ["", "Any level"],
  ["beginner", "Beginner"],
  ["intermediate", "Intermediate"],
  ["advanced", "Advanced"],
];
const PRICES = [
  ["", "Any price"],
  ...[25, 50, 100, 200].map(amountOf).map((most) => [most, `Up to ${money(most)} a minute`]),
];
const RATINGS = [
  ["", "Any rating"],
  ["3", "3 and up"],
  ["4", "4 and up"],
  ["4.5", "4.5 and up"],
];
const SORTS = [
  ["popular", "Most watched"],
  ["rating", "Best rated"],
  ["newest", "Newest"],
  ["price", "Lowest price"],
];

// At once, so that nothing jumps: who has an account knows what this is.
if (remembered()) document.querySelector(".hero")?.remove();

page(async (view, user) => {
  const chosen = Object.fromEntries(new URLSearchParams(location.search));
  const { items } = await get("/categories");
  const results = h("section", { class: "stack", "aria-labelledby": "results-title" });
  const search = filters(chosen, items);
  const show = () => {
    order(search);
    return showResults(results, values(search));
  };
  search.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("change", show);
  search.addEventListener("input", later(show));
  const heading = user ? h("h1", {}, "Courses") : null;
  fill(view, heading, search, guide(user), results);
  await show();
});

function filters(chosen, categories) {
  const names = categories.map(({ name }) => [name, name]);
  const words = field({
    name: "q",
    label: "Search",
    type: "search",
    value: chosen.q,
    placeholder: "What would you like to learn?",
    autocomplete: "off",
  });
  words.classList.add("field-wide");
  const input = words.querySelector("input");
  const box = h("div", { class: "search-input" });
  input.replaceWith(box);
  box.append(icon("search"), input, completing(input));
  const select = (name, label, options) => field({ tag: "select", name, label, options, value: chosen[name] });
  return h(
    "form",
    { class: "searchbar", role: "search", "aria-label": "Courses" },
    words,
    narrowing(
      select("category", "Category", [["", "All categories"], ...names]),
      select("level", "Level", LEVELS),
      select("max_price", "Price", PRICES),
      select("min_rating", "Rating", RATINGS),
      select("sort", "Order", SORTS),
    ),
  );
}

/** On a phone the filters would push the courses off the screen: there they are behind a button. */
function narrowing(...selects) {
  const wide = matchMedia("(min-width: 40rem)");
  const details = h(
    "details",
    { class: "filters", open: wide.matches },
    h("summary", {}, "Filters and order"),
    h("div", { class: "searchbar" }, selects),
  );
  wide.addEventListener("change", () => (details.open = wide.matches));
  return details;
}

/** What is found for words is in the order of how well it fits. */
function order({ elements: { q, sort } }) {
  const hasWords = q.value.trim() !== "";
  if (sort.disabled === hasWords) return;
  sort.disabled = hasWords;
  if (hasWords) sort.prepend(h("option", { value: "", selected: true }, "Best match"));
  else sort.firstElementChild.remove();
}

let newest = 0;

async function showResults(results, chosen) {
  const given = Object.entries(chosen).map(([name, value]) => [name, value.trim()]);
  const query = Object.fromEntries(given.filter(([, value]) => value));
  history.replaceState(null, "", Object.keys(query).length ? `/?${new URLSearchParams(query)}` : "/");
  const turn = (newest += 1);
  const heading = h("h2", { id: "results-title", "aria-live": "polite" }, "Courses");
  const place = h("div", { class: "stack" });
  if (!results.childElementCount) fill(results, heading, place);
  await loaded(place, async () => {
    const shown = query.q ? await found(query, heading) : await listed(query, heading);
    // A slower answer to an earlier question must not replace a newer one.
    if (turn === newest) fill(results, heading, place);
    return shown;
  });
  if (turn === newest) fill(results, heading, place);
}

function listed(query, heading) {
  const load = async (cursor) => {
    const courses = await get("/courses", { ...query, limit: 12, cursor });
    heading.textContent = counted(courses.total, "course");
    return courses;
  };
  return readOn({ load, item: courseCard, list: h("ul", { class: "grid" }), empty });
}

/** Words are looked for by meaning too, and each find says why it is one; the best match comes first. */
async function found(query, heading) {
  const { items } = await get("/discovery/search", { ...query, limit: MOST_FOUND });
  const many = items.length < MOST_FOUND ? counted(items.length, "course") : `The ${MOST_FOUND} best courses`;
  heading.textContent = `${many} for “${query.q}”`;
  return items.length ? h("ul", { class: "grid" }, items.map(suggestionCard)) : empty();
}

function empty() {
  return state(
    "search",
    "Nothing found",
    "Try fewer words, or take a filter away.",
    h("a", { class: "button", href: "/" }, "Show all courses"),
  );
}

function later(action) {
  let timer = 0;
  return (event) => {
    if (event.target.type !== "search") return;
    clearTimeout(timer);
    timer = setTimeout(action, PAUSE_MS);
  };
}
