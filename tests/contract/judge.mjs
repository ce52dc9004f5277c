// Reads events, one JSON a line, from a file; tells which of them agents-js does not take as they are.
// usage: node judge.mjs NODE_MODULES FILE
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [packages, file] = process.argv.slice(2);
const dist = `${packages}/@openai/agents-realtime/dist/openaiRealtimeEvents.mjs`;
const { parseRealtimeEvent, realtimeServerEventSchema } = await import(pathToFileURL(dist).href);

const known = new Set(realtimeServerEventSchema.options.map((kind) => kind.shape.type.value));
const refused = [];
const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
for (const line of lines) {
  const { isGeneric, data } = parseRealtimeEvent({ data: line });
  const { type } = JSON.parse(line);
  if (data === null || (isGeneric && known.has(type))) {
    const parsed = realtimeServerEventSchema.safeParse(JSON.parse(line));
    refused.push({ event: line.slice(0, 600), why: parsed.error?.message ?? "not an event" });
  }
}
console.log(JSON.stringify({ judged: lines.length, known: [...known], refused }));
