/** node twilio.mjs URL SPEECH: a caller on the phone speaks (a file of µ-law) into an answer. */

import { readFileSync } from "node:fs";
import { RealtimeAgent, RealtimeSession } from "@openai/agents/realtime";
import { TwilioRealtimeTransportLayer } from "@openai/agents-extensions";
import { Phone } from "./phone.js";

const HEARD_BYTES = 24_000; // 3 s
const [url, speech] = process.argv.slice(2);
const phone = new Phone();
const transport = new TwilioRealtimeTransportLayer({
  twilioWebSocket: phone,
  url: `${url.replace(/^http/, "ws")}/v1/realtime`,
});
// The session's own defaults would win over those of the transport.
const audio = { input: { format: "g711_ulaw" }, output: { format: "g711_ulaw" } };
const agent = new RealtimeAgent({ name: "operator" });
const session = new RealtimeSession(agent, { transport, config: { audio } });
const received = [];
const errors = [];
transport.on("*", (event) => event.type !== "twilio_message" && received.push(event));
session.on("error", ({ error }) => errors.push(error?.message ?? error));
const all = (type) => received.filter((event) => event.type === type);

async function until(what, condition) {
  const deadline = performance.now() + 40_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

await session.connect({ apiKey: "unused" });
phone.start();
session.sendMessage("count from one to one hundred");
await until("some numbers", () => phone.played.length > HEARD_BYTES);
phone.say(readFileSync(speech));
await until("an answer to it", () => all("response.done").length === 2);
const { item_id } = all("conversation.item.truncated")[0];
const ofItem = ({ item }) => item.id === item_id;
const retrieved = () => all("conversation.item.retrieved").filter(ofItem);
await until("the item", () => retrieved().length >= all("conversation.item.truncated").length);
const deltas = all("response.output_audio_transcript.delta");
const text = (item) => item.content.map((part) => part.transcript ?? part.text).join(" ");
console.log(
  JSON.stringify({
    said: deltas.filter((event) => event.item_id === item_id).map(({ delta }) => delta).join(""),
    server: text(retrieved().at(-1).item),
    client: text(session.history.find(({ itemId }) => itemId === item_id)),
    played: Buffer.from(phone.played).toString("base64"),
    roles: session.history.map(({ role }) => role),
    format: all("session.updated").at(-1).session.audio.output.format.type,
    errors,
  }),
);
phone.hangUp();
