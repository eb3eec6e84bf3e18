// Prints the build directory of the virtual machine's default kernel, fetching it on first use.
import { DEFAULT_KERNEL, ensureKernel } from "../dist/vm/kernel-cache.js";

const kernel = await ensureKernel(DEFAULT_KERNEL, (line) => console.error(line));
console.log(kernel.headersDirectory);
