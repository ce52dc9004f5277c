/** What was said, one caption an item, kept up to date by the server's events. */

/**
 * @typedef {object} Caption
 * @property {string} id of the conversation item
 * @property {"user" | "assistant"} role
 * @property {string} text all of it, heard or not
 * @property {boolean} final false while the text may still change
 * @property {boolean} cut the caller spoke over it
 * @property {string | null} heard the part that was played, as far as the server has told
 * @property {boolean} playing more of it may still be heard
 * @property {import("./latency.js").Latency | null} latency of the turn that it answers
 */

/** More are dropped from the top: a page may stay open for days. */
const KEPT = 200;

/** @type {Omit<Caption, "id">} */
const EMPTY = {
  role: "user",
  text: "",
  final: false,
  cut: false,
  heard: null,
  playing: false,
  latency: null,
};

/**
 * @param {Caption[]} captions
 * @param {import("./client.js").RealtimeEvent} event
 * @returns {Caption[]}
 */
export function caption(captions, event) {
  /** @param {Partial<Caption>} change */
  const change = (change) => update(captions, event.item_id, change);
  const text = () => captions.find(({ id }) => id === event.item_id)?.text ?? "";
  switch (event.type) {
    case "input_audio_buffer.speech_started":
      return change({ role: "user" });
    case "conversation.item.added":
    case "conversation.item.done":
      return addItem(captions, event.item);
    case "conversation.item.input_audio_transcription.delta":
      return change({ text: text() + event.delta });
    case "conversation.item.input_audio_transcription.completed":
      return change({ text: event.transcript, final: true });
    case "conversation.item.input_audio_transcription.failed":
      return change({ text: text() || "(not understood)", final: true });
    case "response.output_audio_transcript.delta":
    case "response.output_text.delta":
      return change({ role: "assistant", text: text() + event.delta });
    case "response.output_audio_transcript.done":
      return change({ role: "assistant", text: event.transcript, final: true });
    case "response.output_text.done":
      return change({ role: "assistant", text: event.text, final: true });
    case "conversation.item.truncated":
      return change({ role: "assistant", cut: true, final: true });
    case "conversation.item.retrieved":
      return setHeard(captions, event.item);
    case "rtc.heard":
      return change({ role: "assistant", heard: event.text, playing: !event.final });
    case "rtc.latency":
      return change({ latency: /** @type {any} */ (event) });
    default:
      return captions;
  }
}

/** @param {Caption[]} captions @returns {Caption[]} as they stay when nothing more is heard */
export function hangUp(captions) {
  return captions.map((caption) => {
    const cut = caption.cut || (caption.playing && split(caption).unheard !== "");
    return { ...caption, playing: false, cut };
  });
}

/** @param {Caption} caption @returns {{heard: string, unheard: string}} its text in two parts */
export function split({ text, heard }) {
  if (heard === null) return { heard: text, unheard: "" };
  if (text.startsWith(heard)) return { heard, unheard: text.slice(heard.length).trim() };
  const words = text.match(/\S+/g) ?? [];
  const count = heard.match(/\S+/g)?.length ?? 0;
  return { heard, unheard: words.slice(count).join(" ") };
}

/** @param {Caption[]} captions @param {string} id @param {Partial<Caption>} change */
function update(captions, id, change) {
  if (!captions.some((caption) => caption.id === id)) {
    return [...captions, { ...EMPTY, id, ...change }].slice(-KEPT);
  }
  return captions.map((caption) => (caption.id === id ? { ...caption, ...change } : caption));
}

/** @param {Caption[]} captions @param {any} item */
function addItem(captions, item) {
  if (item.type !== "message" || item.role === "system") return captions;
  const text = textOf(item);
  // A cut item comes with what was heard only, so text that is known already stays.
  const known = captions.some((caption) => caption.id === item.id && caption.text);
  const words = text && !known ? { text, final: true } : {};
  return update(captions, item.id, { role: item.role, ...words });
}

/** @param {Caption[]} captions @param {any} item one that the page asked for as it was cut */
function setHeard(captions, item) {
  const cut = captions.some(({ id, cut }) => id === item.id && cut);
  return cut ? update(captions, item.id, { heard: textOf(item) }) : captions;
}

/** @param {{content: {text?: string, transcript?: string | null}[]}} item */
function textOf({ content }) {
  return content.map((part) => part.text ?? part.transcript ?? "").filter(Boolean).join(" ");
}
