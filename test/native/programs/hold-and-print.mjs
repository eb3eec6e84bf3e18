// Runs a program that writes to both streams after this process has used them itself.
import { HeldCommand } from "#native";

process.stdout.write("before\n");
process.stderr.write("before\n");
const script =
	'echo out; echo err >&2; grep -h ^flags /proc/self/fdinfo/1; read line; echo "in $line"';
const command = new HeldCommand({
	file: "/bin/sh",
	argv: ["sh", "-c", script],
	env: ["PATH=/bin:/usr/bin"],
	cwd: "/",
});
command.release();
process.exitCode = (await command.wait()).status;
