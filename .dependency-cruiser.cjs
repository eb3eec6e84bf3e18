// Imports go one way. Each layer may import itself and what stands before it in this table.
const layers = {
	base: [],
	schema: ["base"],
	syscalls: ["base"],
	collector: ["base"],
	session: ["base"],
	filter: ["base", "schema"],
	record: ["base", "schema", "collector", "session", "filter"],
	import: ["base", "schema", "collector", "session"],
	store: ["base", "schema", "syscalls", "collector", "session"],
	analyze: ["base", "schema", "syscalls", "collector", "session", "store"],
	audit: ["base", "schema", "syscalls", "session", "filter", "store", "analyze"],
	export: ["base", "schema", "session", "store", "analyze"],
	cli: [
		...["base", "schema", "session", "filter", "record", "import"],
		...["store", "analyze", "audit", "export"],
	],
};

const rules = Object.entries(layers).map(([layer, below]) => ({
	name: `${layer}-imports-downwards`,
	comment: `src/${layer} may import ${below.length > 0 ? below.join(", ") : "nothing of ours"}`,
	severity: "error",
	from: { path: `^src/${layer}/`, pathNot: "\\.test\\.ts$" },
	to: {
		path: "^(src|vm|native|test|bench)/",
		pathNot: [layer, ...below]
			.map((name) => `^src/${name}/`)
			.concat(layer === "record" ? ["^native/"] : [])
			.concat(layer === "cli" ? ["^src/pipeline\\.ts$", "^vm/", "^src/build-database\\.ts$"] : []),
	},
}));

module.exports = {
	forbidden: [
		...rules,
		{
			name: "no-cycles",
			severity: "error",
			from: {},
			to: { circular: true },
		},
		{
			name: "product-imports-no-tests",
			severity: "error",
			from: { path: "^(src|vm)/", pathNot: "\\.test\\.ts$" },
			to: { path: "^(test|bench)/" },
		},
	],
	options: {
		doNotFollow: { path: "node_modules" },
		exclude: { path: "^dist/" },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: "tsconfig.json" },
		enhancedResolveOptions: {
			conditionNames: ["import", "types", "default"],
			extensions: [".ts", ".js", ".d.ts"],
		},
	},
};
