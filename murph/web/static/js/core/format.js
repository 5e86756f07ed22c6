/** Values as people read them. Money stays the decimal string that the API writes; nothing computes with floats. */

const LOCALE = "en";
const HOUR_S = 3600;

/** @type {Map<string, Intl.NumberFormat>} */
const moneyFormats = new Map();

/**
 * Write an amount: "2.00" as $2.00.
 * @param {string | null} amount
 * @param {string} [currency]
 * @returns {string}
 */
export function money(amount, currency = document.body.dataset.currency ?? "USD") {
  if (amount === null || amount === undefined) return "–";
  let format = moneyFormats.get(currency);
  if (!format) moneyFormats.set(currency, (format = new Intl.NumberFormat(LOCALE, { style: "currency", currency })));
  return format.format(/** @type {any} */ (amount));
}

/**
 * Return an amount in the smallest unit of its currency.
 * @param {string} amount with the currency's places, as the API writes it
 * @returns {number}
 */
export function minor(amount) {
  return Number(amount.replace(".", ""));
}

/**
 * Write an amount as the API does: 250 as "2.50", and as "250" where the currency has no smaller unit.
 * @param {number} minorUnits
 * @returns {string}
 */
export function amountOf(minorUnits) {
  const places = Number(document.body.dataset.places);
  const digits = String(minorUnits).padStart(places + 1, "0");
  return places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
}

/**
 * Write a length of time: 75 as 1:15, 3700 as 1:01:40.
 * @param {number} seconds
 * @returns {string}
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(whole / HOUR_S);
  return hours ? `${hours}:${parts.join(":")}` : parts.join(":").replace(/^0/, "");
}

/**
 * Write a length of time in words: 75 as "1 min 15 s".
 * @param {number} seconds
 * @returns {string}
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / HOUR_S), Math.floor(whole / 60) % 60, whole % 60];
  if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes) return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
  return `${rest} s`;
}

/** @param {string | null} moment @returns {string} */
export function date(moment) {
  return moment ? new Date(moment).toLocaleDateString(LOCALE, { dateStyle: "medium" }) : "–";
}

/** @param {string | null} moment @returns {string} */
export function dateAndTime(moment) {
  return moment ? new Date(moment).toLocaleString(LOCALE, { dateStyle: "medium", timeStyle: "short" }) : "–";
}

/** @param {number | null} value @param {number} [places] @returns {string} */
export function number(value, places = 0) {
  return value === null || value === undefined
    ? "–"
    : value.toLocaleString(LOCALE, { minimumFractionDigits: places, maximumFractionDigits: places });
}

/**
 * Write a count with its noun: 1 as "1 review", 3 as "3 reviews".
 * @param {number} count
 * @param {string} noun
 * @param {string} [plural] what more than one adds to it
 * @returns {string}
 */
export function counted(count, noun, plural = "s") {
  return `${number(count)} ${noun}${count === 1 ? "" : plural}`;
}

const languages = new Intl.DisplayNames([LOCALE], { type: "language", fallback: "code" });

/** @param {string} code such as "pt-BR" @returns {string} the language's name */
export function language(code) {
  try {
    return languages.of(code) ?? code;
  } catch {
    return code; // what a teacher wrote need not be a code
  }
}

/** @param {string} words @returns {string} beginning with a capital letter */
export function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {string} name @returns {string} the first letters of the first and last word */
export function initials(name) {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const chosen = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return chosen.map((word) => [...word][0].toUpperCase()).join("") || "?";
}
