// What a page must be served with to have several threads; a host of the built page needs the same two headers.
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export default {
  server: { headers },
  preview: { headers },
  esbuild: { jsx: "automatic" },
};
