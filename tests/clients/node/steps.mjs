// What a client did, step by step: one line of JSON for each, as steps.py writes them.

export async function run(...steps) {
  for (const step of steps) {
    const name = step.name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    console.log(JSON.stringify({ step: name, wrong: await wrong(step) }));
  }
}

async function wrong(step) {
  try {
    await step();
    return null;
  } catch (error) {
    return `${error.stack} ${JSON.stringify(error)}`;
  }
}
