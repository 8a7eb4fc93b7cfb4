/**
 * A member of a team that can be told how to fail (Node): the file of `createRuntime({ worker })`, its behavior in `workerData`. It acts
 * at named moments of the protocol (assembly/team), not after some time: once the first program has begun and the caller waits for this
 * member, who has not done its share.
 */
import { parentPort, workerData } from "node:worker_threads";
import { ARRIVED, EPOCH, HEARTBEATS, POISON, SENSE } from "../../dist/abi/control.js";
import { joinTeam } from "../../dist/runtime/teamMember.js";

const behaviors = {
  /** Ends without a word. */
  dies() {
    process.exit(7);
  },
  /** Throws, as a kernel that traps would. */
  throws() {
    throw new Error("out of luck");
  },
  /** Wakes the caller over and over without giving a sign of life between `silences` wakings, then does its share. */
  beats({ wake, beat }, { rounds, silences }) {
    for (let i = 0; i < rounds; i++) {
      for (let k = 0; k < silences; k++) wake();
      beat();
    }
  },
  /** Gives one sign of life, then none, waking the caller until it gives up; tells how many times. */
  falls({ wake, beat }) {
    beat();
    let wakings = 0;
    while (wake()) wakings++;
    parentPort.postMessage({ wakings });
    process.exit(0);
  },
};

parentPort.once("message", (start) => {
  const words = new Int32Array(start.memory.buffer, start.control, 128);
  const isPoisoned = () => Atomics.load(words, POISON / 4) !== 0;
  /** Ends one sleep of the caller; false when it sleeps no more, since it has given up. */
  const wake = () => {
    while (Atomics.notify(words, SENSE / 4) === 0) if (isPoisoned()) return false;
    return true;
  };
  const beat = () => Atomics.add(words, HEARTBEATS / 4 + start.rank, 1);
  joinTeam(start, () => {
    parentPort.postMessage("ready");
    Atomics.wait(words, EPOCH / 4, 0);
    while (Atomics.load(words, ARRIVED / 4) === 0);
    behaviors[workerData.behavior]({ wake, beat }, workerData);
  });
  parentPort.close();
});
