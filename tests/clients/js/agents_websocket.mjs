/** node agents_websocket.mjs URL: a conversation over a WebSocket out of Node. */

import * as sdk from "@openai/agents-realtime";
import { Talk, sumAndDoor } from "./agents.js";

const transport = new sdk.OpenAIRealtimeWebSocket({ url: process.argv[2].replace("http", "ws") });
const talk = new Talk(sdk, transport);
const found = await sumAndDoor(talk, { apiKey: "unused" });
talk.session.close();
console.log(JSON.stringify(found));
