import { HeldCommand } from "../../../native/index.js";

const command = new HeldCommand({ file: "/bin/true", argv: ["true"], env: [], cwd: "/" });
const begin = performance.now();
setTimeout(async () => {
	const heldMs = Math.round(performance.now() - begin);
	command.release();
	const { status } = await command.wait();
	process.stdout.write(JSON.stringify({ pid: command.pid, status, heldMs }));
}, Number(process.argv[2]));
