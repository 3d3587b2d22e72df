// Gives the process a clock that is ahead of the machine's, or behind it: CLOCK_AHEAD in milliseconds. Loaded before everything else.

const ahead = Number(process.env.CLOCK_AHEAD ?? 0);
const Machine = Date;

if (ahead !== 0) {
  globalThis.Date = class extends Machine {
    constructor(...values) {
      if (values.length === 0) super(Machine.now() + ahead);
      else super(...values);
    }

    static now() { return Machine.now() + ahead; }
  };
}
