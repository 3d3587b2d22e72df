// A request can stop at a gate until the driver of the tests opens it, so that two requests interleave in a known order.

const gates = new Map();

function gate(name) {
  if (!gates.has(name)) {
    const made = {};
    made.reached = new Promise(resolve => { made.reach = resolve; });
    made.opened = new Promise(resolve => { made.open = resolve; });
    gates.set(name, made);
  }
  return gates.get(name);
}

export async function stopAt(name) {
  const here = gate(name);
  here.reach();
  await here.opened;
  gates.delete(name);
}

export const reached = name => gate(name).reached;
export const open = name => gate(name).open();
