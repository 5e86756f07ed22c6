/** The guide: asking in one's own words, and being answered with courses, word by word. */
import { follow, get, post } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { capital } from "../core/format.js";
import { suggestionCard } from "./course-card.js";
import { field } from "./form.js";
import { signInAddress } from "./states.js";

const EXAMPLES = ["I want to learn how compound interest works", "I have an hour: something about programming?"];
const LOOK_EVERY_MS = 3000;
const LOOKS = 40; // after two minutes no model is asked any more
const OURSELVES = "offline";

/**
 * Return the conversation, which is had by signed-in people only.
 * @param {any} user
 * @returns {HTMLElement}
 */
export function guide(user) {
  if (!user) return invitation();
  const talk = h("div", { class: "talk", role: "log", "aria-live": "polite", "aria-label": "Conversation" });
  const words = field({
    name: "message",
    label: "What would you like to learn?",
    maxlength: 2000,
    autocomplete: "off",
    placeholder: EXAMPLES[0],
  });
  const send = h("button", { class: "button", type: "submit" }, icon("chat"), "Ask");
  const examples = h("div", {});
  const ask = conversation(talk, words.querySelector("input"), send, examples);
  fill(examples, proposals(EXAMPLES, ask));
  const form = h(
    "form",
    {
      class: "talk-form",
      on: {
        submit: (event) => {
          event.preventDefault();
          ask(words.querySelector("input").value);
        },
      },
    },
    words,
    send,
  );
  return h(
    "details",
    { class: "why" },
    h("summary", {}, "Ask the guide in your own words"),
    h("div", { class: "stack" }, talk, form, examples),
  );
}

function invitation() {
  const way = h("a", { href: signInAddress() }, "Sign in");
  return h("p", { class: "muted small" }, way, " to ask the guide in your own words.");
}

function conversation(talk, input, send, examples) {
  let conversationId = null;
  return async (said) => {
    const message = said.trim();
    if (!message || send.disabled) return;
    send.disabled = true;
    input.value = "";
    const answer = h("div", { class: "talk-answer" }, h("p", { class: "talk-words" }, "…"));
    examples.remove();
    talk.append(h("p", { class: "talk-said" }, message), answer);
    const again = (next) => input.form.isConnected && ((input.value = next), input.form.requestSubmit());
    try {
      const turn = await post("/discovery/chat", { message, conversation_id: conversationId });
      conversationId = turn.conversation_id;
      await show(answer, turn, again);
    } catch (error) {
      fill(answer, h("p", { class: "note note-bad" }, icon("alert"), h("span", {}, error.message)));
    }
    send.disabled = false;
    input.focus({ preventScroll: true }); // the answer is what one wants to see
  };
}

async function show(answer, turn, again) {
  const isThinking = turn.status === "thinking";
  const words = h("p", { class: "talk-words" }, turn.reply);
  const sign = isThinking ? h("p", { class: "talk-thinking muted small" }, "Looking more closely") : spokenBy(turn);
  const found = h("ul", { class: "grid" }, turn.suggestions.map(suggestionCard));
  fill(answer, words, sign, found, isThinking ? null : proposals(turn.followups, again));
  if (!isThinking) return;
  const done = (await streamed(turn, words)) ?? (await askedAgain(turn));
  if (done) await show(answer, done, again);
  else sign.textContent = "Nobody had anything to add.";
}

/** The answer as it comes, word by word; null when the stream ends before it. */
async function streamed({ turn_id: id }, words) {
  let told = "";
  try {
    for await (const { event, data } of follow(`/discovery/chat/${id}/events`)) {
      if (event === "token") words.textContent = told += data.text;
      if (event === "done") return data;
      if (event === "error") return null;
    }
  } catch (error) {
    console.warn(error); // too many wait already, or the connection broke: one asks now and then instead
  }
  return null;
}

async function askedAgain({ turn_id: id }) {
  for (let look = 0; look < LOOKS; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const turn = await get(`/discovery/chat/${id}`).catch(() => null);
    if (turn?.status === "ready") return turn;
  }
  return null;
}

function spokenBy({ provider }) {
  return provider === OURSELVES ? null : h("p", { class: "muted small" }, `Explained by ${capital(provider)}`);
}

function proposals(words, ask) {
  const each = words.map((next) =>
    h("button", { class: "button button-quiet", type: "button", on: { click: () => ask(next) } }, next),
  );
  return each.length ? h("div", { class: "row" }, each) : null;
}
