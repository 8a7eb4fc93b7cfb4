// What a page must be served with to have several threads; a host of the built page needs the same two headers.
const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export default {
  server: { headers },
  preview: { headers },
  esbuild: { jsx: "automatic" },
  // heavyball/web starts a Worker from a file beside it, which Vite's bundle for development would leave behind.
  optimizeDeps: { exclude: ["heavyball"] },
  worker: { format: "es" },
};
