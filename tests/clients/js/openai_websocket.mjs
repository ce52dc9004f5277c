/** node openai_websocket.mjs URL: a text turn and a cancelled one, by OpenAI's own client. */

import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: "unused" });
const call = new OpenAIRealtimeWS({ model: "rtcserver" }, client);
const found = { types: [], responses: [], bytes: 0 };
let wanted = () => {};

call.on("error", (error) => {
  throw error;
});
call.on("event", (event) => {
  if (event.type === "response.output_audio.delta") found.bytes += atob(event.delta).length;
  if (event.type === "response.done") found.responses.push(event.response);
  if (!event.type.endsWith(".delta")) found.types.push(event.type);
  wanted(event);
});

/** Resolves at the next event of this type. */
const next = (type) =>
  new Promise((resolve) => {
    wanted = (event) => event.type === type && resolve();
  });

function write(text) {
  const content = [{ type: "input_text", text }];
  call.send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
  call.send({ type: "response.create" });
}

await next("session.created");
write("what is two plus three");
await next("response.done");
write("tell me a story");
await next("response.output_audio.delta");
call.send({ type: "response.cancel" });
await next("response.done");
call.close();
console.log(JSON.stringify(found));
