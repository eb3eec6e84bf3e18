// SPDX-License-Identifier: MIT
//
// What the child of a HeldCommand does between fork and execve. In a process that had threads only
// async-signal-safe calls are allowed there, so everything it needs is laid out before the fork.
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace relayscope {

// Shared by parent and child: how they speak without system calls.
struct HoldPage {
	// Held by the parent's thread. When that dies the kernel marks it, which the child can see.
	pthread_mutex_t parent_alive;
	std::atomic<std::uint32_t> ready; // child to parent
	std::atomic<std::uint32_t> go;    // parent to child
	std::atomic<int> chdir_error;     // child to parent; it has ended then
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

// argv and env as execve wants them.
class StringVector {
public:
	explicit StringVector(std::vector<std::string> strings);
	StringVector(const StringVector&) = delete;
	StringVector& operator=(const StringVector&) = delete;
	char* const* data() const noexcept { return pointers_.data(); }

private:
	std::vector<std::string> strings_;
	std::vector<char*> pointers_;
};

struct HeldProgram {
	const char* file;
	const char* cwd;
	char* const* argv;
	char* const* env;
	int errno_pipe; // O_CLOEXEC; gets execve's errno
};

// Status of a child that ends without having run the program.
inline constexpr int kStatusNotReleased = 125;
inline constexpr int kStatusNotExecuted = 127;

[[noreturn]] void run_held_child(HoldPage& page, const HeldProgram& program) noexcept;

} // namespace relayscope
