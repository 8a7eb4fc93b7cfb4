/** `heavyball/browser`, from which a frame that may fetch nothing is given its text. */
const file = new URL("../../dist/web/heavyball.js", import.meta.url);

/** How a frame is to be unlike its page: its attribute `sandbox`, and its content security policy. */
interface FrameKind {
  readonly sandbox?: string;
  readonly policy?: string;
}

/** What the body of an async function gives within a frame of its own, where `library` is the module `heavyball/browser`. */
export async function inFrame(body: string, { sandbox, policy }: FrameKind): Promise<unknown> {
  const text = await (await fetch(file)).text();
  const frame = document.createElement("iframe");
  if (sandbox !== undefined) frame.setAttribute("sandbox", sandbox);
  const meta = policy === undefined ? "" : `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
  frame.srcdoc = `${meta}<script type="module">
    addEventListener("message", async ({ data: text }) => {
      const answer = (value) => parent.postMessage({ value }, "*");
      try {
        const library = await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
        answer(await (async () => { ${body} })());
      } catch (error) {
        answer("thrown: " + error);
      }
    });
    parent.postMessage("ready", "*");
  </script>`;
  try {
    return await new Promise((resolve) => {
      const hear = ({ source, data }: MessageEvent): void => {
        if (source !== frame.contentWindow) return;
        if (data === "ready") frame.contentWindow!.postMessage(text, "*");
        else {
          removeEventListener("message", hear);
          resolve((data as { readonly value: unknown }).value);
        }
      };
      addEventListener("message", hear);
      document.body.append(frame);
    });
  } finally {
    frame.remove();
  }
}
