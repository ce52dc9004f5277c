/** A call made with @eyevinn/whip-web-client: the microphone is sent until `leave()`. */

import { WHIPClient } from "@eyevinn/whip-web-client";

// What makes a room bearable makes a file worse.
const AS_IT_IS = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

export async function hold(endpoint, authkey) {
  const patched = watchPatches();
  const client = new WHIPClient({ endpoint, opts: { authkey, iceServers: [] } });
  const stream = await navigator.mediaDevices.getUserMedia({ audio: AS_IT_IS });
  const start = performance.now();
  await client.ingest(stream);
  const ingestMs = performance.now() - start;
  await connected(client.peer);
  window.leave = async () => {
    await client.destroy();
    return { patched };
  };
  return { ingestMs, session: await client.getResourceUrl() };
}

function connected(peer) {
  return new Promise((resolve) => {
    const look = () => peer.connectionState === "connected" && resolve();
    peer.addEventListener("connectionstatechange", look);
    look();
  });
}

/** Statuses of the answers to the candidates it sends. */
function watchPatches() {
  const statuses = [];
  const { fetch } = window;
  window.fetch = async (url, init) => {
    const response = await fetch(url, init);
    if (init?.method === "PATCH") statuses.push(response.status);
    return response;
  };
  return statuses;
}
