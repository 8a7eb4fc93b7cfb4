/** Entry of the thread of a trial in a browser (`heavyball/trial-worker`). */
import { serveTrialHere } from "./serveTrialHere.js";

serveTrialHere();
