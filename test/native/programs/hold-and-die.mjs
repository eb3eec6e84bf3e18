import { writeSync } from "node:fs";
import { HeldCommand } from "../../../native/index.js";

const options = { file: "/bin/sleep", argv: ["sleep", "30"], env: [], cwd: "/" };
// Its standard streams are this process's: without the redirection the test would wait for its end.
const command =
	process.argv[2] === "release"
		? new HeldCommand({
				...options,
				file: "/bin/sh",
				argv: ["sh", "-c", "exec sleep 30 > /dev/null 2>&1"],
			})
		: new HeldCommand(options);
writeSync(1, String(command.pid));
if (process.argv[2] === "release") {
	command.release();
	await new Promise((resolve) => setTimeout(resolve, 200));
}
process.kill(process.pid, "SIGKILL");
