/** Set at build time; a production build drops every fault point with it. */
declare const __FAULTS__: boolean;

/** The process is taken to have died here: nothing after it may run, nothing may be tidied up. */
export class Death extends Error {
  constructor(point: string) {
    super(`died at ${point}`);
    this.name = "Death";
  }
}

/** Whether tests may switch fault points on: false in every build but theirs. */
export const FAULTS_BUILT_IN: boolean = typeof __FAULTS__ !== "undefined" && __FAULTS__;
