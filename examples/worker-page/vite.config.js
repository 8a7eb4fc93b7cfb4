// What a page must be served with to have several threads; a host of the built page needs the same two headers.
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export default {
  server: { headers },
  preview: { headers },
  // A module, as it is in development, so that it may wait at its top level.
  worker: { format: "es" },
};
