import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		exclude: ["node_modules/**", "dist/**", "out/**"],
		// Some tests start whole processes, on machines that may be busy: a test that takes long has
		// not failed. No test asserts a time.
		testTimeout: 60_000,
	},
});
