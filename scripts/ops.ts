/** `npm run ops -- COMMAND`: what an operator sees, by the API of operators. */
import { parseArgs } from "node:util";
import { OperatorClient } from "./ops/client.ts";
import { COMMANDS, HELP } from "./ops/commands.ts";
import { BAD_SETTING, Complaint, runProgram } from "./system/complaint.ts";

await runProgram(async () => {
  const { values: flags, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
  const [name = "", ...rest] = positionals;
  if (flags.help === true || name === "") return console.log(HELP);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new Complaint(`There is no command ${name}.\n\n${HELP}`, BAD_SETTING);
  const { text, data } = await command.run(OperatorClient.fromEnvironment(process.env), rest);
  console.log(flags.json === true ? JSON.stringify(data, null, 2) : text);
});
