/** The fields that describe a course, for a new one and for one that is changed. */
import { get } from "../../core/api.js";
import { amountOf } from "../../core/format.js";
import { field } from "../form.js";

const LEVELS = [
  ["", "Any"],
  ["beginner", "Beginner"],
  ["intermediate", "Intermediate"],
  ["advanced", "Advanced"],
];

/**
 * Return the fields, with what the course has so far.
 * @param {any} course or an empty object
 * @returns {Promise<HTMLElement[]>}
 */
export async function courseFields(course) {
  const { items } = await get("/categories");
  return [
    field({ name: "title", label: "Title", value: course.title, maxlength: 200, required: true, autocomplete: "off" }),
    field({
      tag: "textarea",
      name: "description",
      label: "What one learns",
      value: course.description,
      maxlength: 10000,
      required: true,
    }),
    field({
      tag: "select",
      name: "category",
      label: "Category",
      options: items.map(({ name }) => [name, name]),
      value: course.category_name ?? items[0]?.name,
    }),
    field({ tag: "select", name: "level", label: "Level", options: LEVELS, value: course.level }),
    field({
      name: "price_per_minute",
      label: "Price a minute",
      value: course.price_per_minute,
      hint: `What one minute of watching costs, such as ${amountOf(50)}.`,
      inputmode: "decimal",
      autocomplete: "off",
    }),
  ];
}

/**
 * Return what the API takes of the fields' values.
 * @param {Record<string, string>} values
 * @returns {Record<string, string | null>}
 */
export function courseOf({ title, description, category, level, price_per_minute }) {
  return { title, description, category, level: level || null, price_per_minute: price_per_minute || null };
}
