import type { PublishedFile } from "../published.js";
import { PEOPLE, PHOTOGRAPHS } from "./faceImages.js";
import { readFaces } from "./faces.js";

/** The one file of the Olivetti faces (Olivetti Research Laboratory; Samaria and Harter, 1994), as MATLAB's users have it. */
export const publishedFaces: PublishedFile = {
  name: "olivettifaces.mat",
  bytes: 1_432_511,
  sha256: "b1988d02c72fe5b8ee82b5ef3bb7982eafc74f1e1ff0ae0ade35061ad0af534d",
  holds: "400 photographs of 40 people",
  cases: PEOPLE * PHOTOGRAPHS,
  isNeeded: true,
  async describe(content, file) {
    await readFaces(content, file);
    return { words: "a MATLAB file of 400 photographs of 64 x 64", cases: PEOPLE * PHOTOGRAPHS };
  },
};

/** What `dataDigest` makes of its photographs, by which records say what they were trained on. */
export const publishedFacesDigest = "1c54f21855b082354abd9953ce1f78445e1b695c5cae2253efe9e6b254528cf9";
