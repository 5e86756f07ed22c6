/** The catalogue: courses to search and filter, with what is chosen kept in the address. */
import { get } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { counted } from "../core/format.js";
import { page } from "../core/page.js";
import { courseCard } from "../parts/course-card.js";
import { field, values } from "../parts/form.js";
import { readOn } from "../parts/more.js";
import { loaded, state } from "../parts/states.js";

const PAUSE_MS = 300;
const LEVELS = [["", "Any level"], ["beginner", "Beginner"], ["intermediate", "Intermediate"], ["advanced", "Advanced"]];
const PRICES = [["", "Any price"], ["0.05", "Up to 5¢ a minute"], ["0.10", "Up to 10¢ a minute"], ["0.25", "Up to 25¢ a minute"], ["1.00", "Up to $1 a minute"]];
const RATINGS = [["", "Any rating"], ["3", "3 and up"], ["4", "4 and up"], ["4.5", "4.5 and up"]];
const SORTS = [["relevance", "Best match"], ["popular", "Most watched"], ["rating", "Best rated"], ["newest", "Newest"], ["price", "Lowest price"]];

page(async (view, user) => {
  if (user) document.querySelector(".hero")?.remove();
  const chosen = Object.fromEntries(new URLSearchParams(location.search));
  const { items } = await get("/categories");
  const results = h("section", { class: "stack", "aria-labelledby": "results-title" });
  const search = filters(chosen, items);
  const show = () => showResults(results, values(search));
  search.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("change", show);
  search.addEventListener("input", later(show));
  const heading = user ? h("h1", {}, "Courses") : null;
  fill(view, heading, search, results);
  await show();
});

function filters(chosen, categories) {
  const names = categories.map(({ name }) => [name, name]);
  const words = field({ name: "q", label: "Search", type: "search", value: chosen.q, placeholder: "What would you like to learn?", autocomplete: "off" });
  words.classList.add("field-wide");
  const input = words.querySelector("input");
  const box = h("div", { class: "search-input" });
  input.replaceWith(box);
  box.append(icon("search"), input);
  const select = (name, label, options) => field({ tag: "select", name, label, options, value: chosen[name] });
  return h(
    "form",
    { class: "searchbar", role: "search", "aria-label": "Courses" },
    words,
    select("category", "Category", [["", "All categories"], ...names]),
    select("level", "Level", LEVELS),
    select("max_price", "Price", PRICES),
    select("min_rating", "Rating", RATINGS),
    select("sort", "Order", chosen.q ? SORTS : [...SORTS.slice(1), SORTS[0]]),
  );
}

let newest = 0;

async function showResults(results, chosen) {
  const query = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value));
  history.replaceState(null, "", `/${location.hash}`.replace("/", Object.keys(query).length ? `/?${new URLSearchParams(query)}` : "/"));
  const turn = (newest += 1);
  const heading = h("h2", { id: "results-title", "aria-live": "polite" }, "Courses");
  const place = h("div", { class: "stack" });
  await loaded(place, async () => {
    const load = async (cursor) => {
      const found = await get("/courses", { ...query, limit: 12, cursor });
      heading.textContent = query.q ? `${counted(found.total, "course")} for “${query.q}”` : counted(found.total, "course");
      return found;
    };
    const shown = await readOn({ load, item: courseCard, list: h("ul", { class: "grid" }), empty });
    // A slower answer to an earlier question must not replace a newer one.
    if (turn === newest) fill(results, heading, place);
    return shown;
  });
  if (turn === newest) fill(results, heading, place);
}

function empty() {
  return state("search", "Nothing found", "Try fewer words, or take a filter away.", h("a", { class: "button", href: "/" }, "Show all courses"));
}

function later(action) {
  let timer = 0;
  return (event) => {
    if (event.target.type !== "search") return;
    clearTimeout(timer);
    timer = setTimeout(action, PAUSE_MS);
  };
}
