// SPDX-License-Identifier: MIT
#pragma once

#include <napi.h>

#include <memory>

#include "../snapshot_reader.h"
#include "environment_hook.h"

namespace relayscope::addon {

class SnapshotReader : public Napi::ObjectWrap<SnapshotReader> {
public:
	static Napi::Function define(Napi::Env env);
	explicit SnapshotReader(const Napi::CallbackInfo& info);
	~SnapshotReader() override;

private:
	Napi::Value snapshot(const Napi::CallbackInfo& info);
	Napi::Value held(const Napi::CallbackInfo& info);
	void close(const Napi::CallbackInfo& info);
	void end();

	// Throws ErrnoError(EBADF) once closed.
	const std::shared_ptr<relayscope::SnapshotReader>& reader() const;

	std::shared_ptr<relayscope::SnapshotReader> reader_;
	std::unique_ptr<EnvironmentHook> hook_;
};

} // namespace relayscope::addon
