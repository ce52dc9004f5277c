/** What the call is doing, told from the server's events. */

/** @typedef {"listening" | "thinking" | "speaking"} Doing */
/** @typedef {{doing: Doing, response: string, playing: boolean}} Activity */

/** @type {Activity} `response` is the id of the one being made, or empty */
export const START = { doing: "listening", response: "", playing: false };

/**
 * @param {Activity} activity
 * @param {import("./client.js").RealtimeEvent} event
 * @returns {Activity}
 */
export function follow(activity, event) {
  switch (event.type) {
    case "input_audio_buffer.speech_started":
    case "rtc.playback.paused":
      return { ...activity, doing: "listening" };
    case "input_audio_buffer.speech_stopped":
      return { ...activity, doing: "thinking" };
    case "conversation.item.input_audio_transcription.completed":
      // Nothing was said, so nothing will be answered.
      return event.transcript ? activity : { ...activity, doing: resting(activity) };
    case "conversation.item.input_audio_transcription.failed":
      return { ...activity, doing: resting(activity) };
    case "response.created":
      return { ...activity, response: event.response.id, doing: "thinking" };
    case "response.done":
      if (event.response.id !== activity.response) return activity;
      return { ...activity, response: "", doing: resting({ ...activity, response: "" }) };
    case "output_audio_buffer.started":
      return { ...activity, playing: true, doing: "speaking" };
    case "rtc.playback.resumed":
      return { ...activity, doing: "speaking" };
    case "output_audio_buffer.stopped":
    case "output_audio_buffer.cleared":
      return { ...activity, playing: false, doing: "listening" };
    default:
      return activity;
  }
}

/** @param {Activity} activity @returns {Doing} what goes on when the caller is quiet */
function resting({ response, playing }) {
  if (playing) return "speaking";
  return response ? "thinking" : "listening";
}
