#pragma once
#include <iconv.h>
#include <malloc.h>
#include <sys/vfs.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zlib.h>
#include <git2.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include "sha1.h"

// git_libgit2_opts is variadic, which Swift cannot call; each wrapper fixes one option's argument types.

static inline int czar_git_set_extensions(const char **extensions, size_t count) {
    return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, count);
}
static inline int czar_git_set_fsync_gitdir(int enabled) {
    return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, enabled);
}
static inline int czar_git_set_search_path(git_config_level_t level, const char *path) {
    return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, (int)level, path);
}
static inline int czar_git_set_strict_hash_verification(int enabled) {
    return git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, enabled);
}
static inline int czar_git_set_window_size(size_t bytes) {
    return git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, bytes);
}
static inline int czar_git_set_mapped_limit(size_t bytes) {
    return git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, bytes);
}

// glibc has no wrapper for openat2: one call that follows no symbolic link in any component and cannot leave `folder`.
static inline int czar_open_below(int folder, const char *path, int flags) {
    struct open_how how = { .flags = (__u64)flags, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH };
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

// The same, and nothing that is mounted there.
static inline int czar_open_same_mount(int folder, const char *path, int flags) {
    struct open_how how = { .flags = (__u64)flags, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | RESOLVE_NO_XDEV };
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

// Renames within a folder, and replaces nothing.
static inline int czar_rename_to_free(int folder, const char *name, const char *new_name) {
    return (int)syscall(SYS_renameat2, folder, name, folder, new_name, 1u /* RENAME_NOREPLACE */);
}

// A file without a name, for those who read only files.
static inline int czar_memory_file(void) { return (int)syscall(SYS_memfd_create, "czar", 1u /* MFD_CLOEXEC */); }

// glibc's readdir allocates a stream for each folder and looks at it once more.
static inline long czar_list_folder(int folder, void *buffer, unsigned int size) {
    return syscall(SYS_getdents64, folder, buffer, size);
}

// ioctl is variadic in C, and its request is a macro that computes: shares the blocks of one file with another that is empty.
static inline int czar_clone_file(int target, int source) { return (int)syscall(SYS_ioctl, target, FICLONE, source); }

// These two need _GNU_SOURCE, which Swift's view of glibc does not have: a copy within the kernel, and a rename that replaces nothing.
static inline long czar_copy_inside(int source, int target, size_t count) {
    return syscall(SYS_copy_file_range, source, (void *)0, target, (void *)0, count, 0u);
}
static inline int czar_rename_new(int from, const char *name, int to, const char *new_name) {
    return (int)syscall(SYS_renameat2, from, name, to, new_name, RENAME_NOREPLACE);
}
