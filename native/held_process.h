// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "file_descriptor.h"
#include "held_child.h"

namespace relayscope {

// A forked child that waits in user space until released; its next system call is its execve.
// Constructed, released and destroyed on one thread: that thread's death is what frees the child
// of a recorder that was killed.
class HeldProcess {
public:
	struct Options {
		std::string file;
		std::vector<std::string> argv;
		std::vector<std::string> env;
		std::string cwd;
	};
	struct Ended {
		int status; // as a shell has it: 128 + signal
		int signal;
		int exec_errno;
	};

	// Returns when the child has made its last system call.
	explicit HeldProcess(const Options& options);
	// A child that was never released is killed; a running one is left alone.
	~HeldProcess();
	HeldProcess(const HeldProcess&) = delete;
	HeldProcess& operator=(const HeldProcess&) = delete;

	pid_t pid() const noexcept { return pid_; }
	void release();
	void kill(int signal) const;

	// From any thread. Nothing when cancelled first.
	std::optional<Ended> wait();
	// Ends every wait(), for good.
	void cancel_waits() noexcept;

private:
	class Page;

	void await_ready(const std::string& cwd);
	std::optional<Ended> reap(bool block);

	std::unique_ptr<Page> page_;
	FileDescriptor exec_error_;
	FileDescriptor cancel_;
	FileDescriptor pidfd_;
	pid_t pid_ = -1;
	bool released_ = false;
	std::mutex reap_mutex_;
	std::optional<Ended> ended_;
};

} // namespace relayscope
