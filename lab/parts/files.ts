import { element } from "./element.js";

/** A place on which files are dropped or, by its button, chosen; `take` says what became of them in a sentence. */
export function dropZone(label: string, button: string, take: (files: readonly File[]) => Promise<string>): HTMLElement {
  const input = element("input", { type: "file", multiple: true, "aria-label": button });
  const said = element("span", { role: "status" }, label);
  const root = element("div", { class: "drop" }, element("label", {}, input, element("span", { class: "file" }, button)), said);
  const use = async (files: readonly File[]): Promise<void> => {
    if (files.length === 0) return;
    said.className = "";
    said.textContent = "Reading …";
    try {
      said.textContent = await take(files);
    } catch (error) {
      said.className = "bad";
      said.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  input.addEventListener("change", () => {
    void use([...(input.files ?? [])]);
    input.value = "";
  });
  root.addEventListener("dragover", (event) => {
    event.preventDefault();
    root.classList.add("over");
  });
  root.addEventListener("dragleave", () => root.classList.remove("over"));
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    root.classList.remove("over");
    void use([...(event.dataTransfer?.files ?? [])]);
  });
  return root;
}

/** The bytes of a file. */
export async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer());
}

/** Gives the reader a file. */
export function download(name: string, content: Uint8Array<ArrayBuffer> | string): void {
  const address = URL.createObjectURL(new Blob([content]));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
