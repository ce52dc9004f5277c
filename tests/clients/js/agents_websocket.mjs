/** node agents_websocket.mjs URL: a conversation over a WebSocket. */

import * as sdk from "@openai/agents-realtime";
import { Talk } from "./talk.js";
import { sumAndDoor } from "./talks.js";

const talk = new Talk(sdk, "websocket", process.argv[2]);
console.log(JSON.stringify(await sumAndDoor(talk, "unused")));
talk.session.close();
