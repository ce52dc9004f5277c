// Everything that the page takes from others. build.sh bundles it to static/vendor/preact.js.
import { signal, computed, effect } from "@preact/signals";
import htm from "htm";
import { h, render } from "preact";

export const html = htm.bind(h);
export { computed, effect, render, signal };
