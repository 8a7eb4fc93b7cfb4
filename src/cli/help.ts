import { taskNames } from "../tasks/index.js";

const [first, ...others] = taskNames;

/** `heavyball --help`. */
export const help = `heavyball: deep and recurrent networks trained with careful initialization and momentum

  heavyball start               the demonstration: SGD, classical and Nesterov momentum and
                                Hessian-free side by side on the CURVES autoencoder, in
                                about two minutes
  heavyball train ${first}        one trial with options of your choice; also
                                ${others.join(", ")}
  heavyball train data --data PATH
                                a network for data of your own: a table, or arrays
  heavyball train SPEC.json     a trial described in a file
  heavyball train --resume --out DIR
                                goes on with a run that was stopped
  heavyball sweep SWEEP.json --out DIR
                                many trials: a grid of settings, run by several processes, that
                                can be stopped and gone on with; heavyball sweep DIR lists them
  heavyball worker --queue URL  runs trials of sweeps that were started with --queue URL, on
                                any number of machines
  heavyball reproduce NAME      a figure or a statement of the paper, as numbers, pictures and a
                                page; heavyball reproduce --help lists them
  heavyball report DIR          the pages of studies and sweeps in a directory made anew, also
                                while their trials are still run
  heavyball data                lists the data sets that are published; heavyball data mnist
                                --from DIR|URL --out DIR fetches one and checks it
  heavyball lab                 serves the laboratory, a page to see momentum, deep and
                                recurrent networks at work on, to a browser of this machine
  heavyball bench               measures the kernels and whole updates on this machine

  heavyball COMMAND --help      the options of a command
  heavyball --version           the version

Exit codes: 0 done, 1 failed, 2 a mistake on the command line, 130 stopped by Ctrl-C,
141 stopped because nobody read on.
`;
