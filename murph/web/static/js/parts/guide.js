/** The guide: asking in one's own words, and being answered with courses, word by word. */
import { follow, post } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { suggestionCard } from "./course-card.js";
import { field } from "./form.js";

const EXAMPLES = ["How does interest make money grow?", "I have an hour: something about programming?"];

/**
 * Return the conversation, which is had by signed-in people only.
 * @param {any} user
 * @returns {HTMLElement | null}
 */
export function guide(user) {
  if (!user) return null;
  const talk = h("div", { class: "talk", role: "log", "aria-live": "polite", "aria-label": "Conversation" });
  const words = field({
    name: "message",
    label: "What would you like to learn?",
    maxlength: 2000,
    autocomplete: "off",
    placeholder: EXAMPLES[0],
  });
  const send = h("button", { class: "button", type: "submit" }, icon("chat"), "Ask");
  const ask = conversation(talk, words.querySelector("input"), send);
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
    h("div", { class: "stack" }, talk, form, proposals(EXAMPLES, ask)),
  );
}

function conversation(talk, input, send) {
  let conversationId = null;
  return async (said) => {
    const message = said.trim();
    if (!message || send.disabled) return;
    send.disabled = true;
    input.value = "";
    const answer = h("div", { class: "talk-answer" }, h("p", { class: "talk-words" }, "…"));
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
    input.focus();
  };
}

async function show(answer, turn, again) {
  const words = h("p", { class: "talk-words" }, turn.reply);
  const found = h("ul", { class: "grid" }, turn.suggestions.map(suggestionCard));
  fill(answer, words, found, proposals(turn.followups, again));
  if (turn.status === "ready") return;
  let told = "";
  for await (const { event, data } of follow(`/discovery/chat/${turn.turn_id}/events`)) {
    if (event === "token") words.textContent = told += data.text;
    if (event === "done") return show(answer, data, again);
    if (event === "error") answer.append(h("p", { class: "muted small" }, data.detail));
  }
}

function proposals(words, ask) {
  const each = words.map((next) =>
    h("button", { class: "button button-quiet", type: "button", on: { click: () => ask(next) } }, next),
  );
  return each.length ? h("div", { class: "row" }, each) : null;
}
