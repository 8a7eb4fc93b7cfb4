// The page: starts a Worker that trains, shows what it sends, and asks it to stop.

const output = document.querySelector("output");
const frames = document.querySelector("#frames");
const context = document.querySelector("canvas").getContext("2d");
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });

worker.onmessage = ({ data: { update, error, threads, originals, restored, end } }) => {
  output.textContent = `${update} updates on ${threads} thread${threads === 1 ? "" : "s"}: squared error ${error.toFixed(2)}${end ?? ""}`;
  draw(originals, 0);
  draw(restored, 28);
};
worker.onerror = (event) => (output.textContent = event.message || "the Worker could not be loaded");
document.querySelector("button").onclick = () => worker.postMessage("stop");

/** Pictures of 28 x 28 pixels from 0 to 1, side by side. */
function draw(pictures, top) {
  for (let at = 0; at < pictures.length / 784; at++) {
    const image = new ImageData(28, 28);
    for (let pixel = 0; pixel < 784; pixel++) {
      const light = 255 * pictures[784 * at + pixel];
      image.data.set([light, light, light, 255], 4 * pixel);
    }
    context.putImageData(image, 28 * at, top);
  }
}

/** Counts what the page draws. */
function frame() {
  frames.textContent = Number(frames.textContent) + 1;
  requestAnimationFrame(frame);
}
frame();
