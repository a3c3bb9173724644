/** What the smoke test asks an agent to do. The local stand-in model knows these goals, too. */

/** Past the 16 rounds after which AWS stops a chain that it was not told to allow. */
export const COUNT_TO = 40;
const SLEEP_MINUTES = 60;

export const COUNT_GOAL = `Count from 1 to ${COUNT_TO}. For each number make one reply with exactly one call of the tool narrate: phase_name "count", text the number. Never put two numbers into one reply, and never leave one out: this tests the machine, not you. After ${COUNT_TO} call the tool finish with the result "counted to ${COUNT_TO}".`;

export const SLEEP_GOAL = `Call the tool sleep with minutes ${SLEEP_MINUTES} and the note "Next: finish." at once, and nothing else. When you are awake again, however soon that is, call the tool finish with the result "slept and woke".`;
