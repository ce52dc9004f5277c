/**
 * Runs in the page before Start, and records the remote voice as it is played.
 * An AudioWorklet would need a script of this origin, by the page's strict policy.
 */
() => {
  const chunks = []; // 48 kHz, one channel
  let frames = 0;
  let origin = Infinity; // performance.now() of the first sample; chunks come late, never early

  async function record(track) {
    // Room for 10 s, should the page be too busy to read.
    const audio = new MediaStreamTrackProcessor({ track, maxBufferSize: 1000 });
    for await (const data of audio.readable) {
      const samples = new Float32Array(data.numberOfFrames);
      data.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      chunks.push(Int16Array.from(samples, (sample) => 32767 * sample));
      frames += samples.length;
      origin = Math.min(origin, performance.now() - frames / 48);
      data.close();
    }
  }

  const voice = document.getElementById("voice");
  voice.addEventListener("playing", () => record(voice.srcObject.getAudioTracks()[0].clone()), {
    once: true,
  });

  window.recording = () => {
    const bytes = new Uint8Array(frames * 2);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(new Uint8Array(chunk.buffer), at);
      at += chunk.byteLength;
    }
    let text = "";
    for (at = 0; at < bytes.length; at += 32768) {
      text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    }
    return { startMs: origin, pcm: btoa(text) };
  };
}
