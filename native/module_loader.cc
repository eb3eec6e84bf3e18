// SPDX-License-Identifier: MIT
#include "module_loader.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "errno_error.h"
#include "file_descriptor.h"

namespace relayscope {

void load_module(const std::string& path)
{
	const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	if (!file)
		throw_errno("open", path);
	// glibc has no wrapper for it.
	if (::syscall(SYS_finit_module, file.get(), "", 0) != 0)
		throw_errno("finit_module", path);
}

} // namespace relayscope
