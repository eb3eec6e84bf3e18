{
	"variables": {
		"native_core": [
			"native/bufflink_drain.cc",
			"native/channel_drain.cc",
			"native/clocks.cc",
			"native/control_device.cc",
			"native/cpu_reader.cc",
			"native/held_child.cc",
			"native/held_process.cc",
			"native/mapping.cc",
			"native/module_loader.cc",
			"native/raw_file.cc",
			"native/reader_thread.cc",
			"native/relay_file_drain.cc",
			"native/ring_view.cc",
		],
	},
	"target_defaults": {
		"cflags": ["-Wall", "-Wextra", "-Werror"],
		"cflags!": ["-Wno-unused-parameter"],
		"cflags_cc": ["-std=c++20", "-fexceptions"],
		"cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
		# 64-bit file offsets, also where off_t is narrower.
		"defines": ["_FILE_OFFSET_BITS=64"],
	},
	"targets": [
		{
			"target_name": "relayscope_native",
			"sources": [
				"<@(native_core)",
				"native/addon/addon.cc",
				"native/addon/arguments.cc",
				"native/addon/bufflink_reader.cc",
				"native/addon/channel_reader.cc",
				"native/addon/edge_error.cc",
				"native/addon/error_delivery.cc",
				"native/addon/held_command.cc",
				"native/addon/promise_thread.cc",
				"native/addon/recorder.cc",
				"native/addon/relay_file_reader.cc",
			],
			"include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
			"defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS"],
		},
		{
			# The core without Node: run by test/native/core.test.ts.
			"target_name": "native_test",
			"type": "executable",
			"sources": [
				"<@(native_core)",
				"test/native/core/bufflink_drain_test.cc",
				"test/native/core/cpu_reader_test.cc",
				"test/native/core/main.cc",
				"test/native/core/raw_file_test.cc",
				"test/native/core/relay_file_drain_test.cc",
				"test/native/core/ring_view_test.cc",
			],
			"cflags_cc": ["-pthread"],
			"ldflags": ["-pthread"],
		},
	],
}
