// crash-tracer NUMBER LOG COMMAND [ARGUMENT...]
//
// Runs a command and kills, with SIGKILL, the process that makes the NUMBER-th system call that changes something, right after that
// call: all threads and child processes count together, in the order in which their calls end. Other processes go on, as after a real
// crash. With NUMBER 0 nothing is killed. LOG gets one line for each call up to there; the last line is "killed" when a process was.
// Ends with the command's own status, 128 and the signal when it was killed, 125 when tracing is not allowed.
//
// `strace -e inject=…:when=N` counts for each thread and each system call apart, so that some moments of a program with threads are
// never reached; this counts them all. A seccomp filter stops the program only at the calls in question.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/ptrace.h>

struct call { int number; const char *name; };

static const struct call calls[] = {
#ifdef SYS_open
    {SYS_open, "open"}, {SYS_creat, "creat"}, {SYS_rename, "rename"}, {SYS_unlink, "unlink"}, {SYS_mkdir, "mkdir"}, {SYS_rmdir, "rmdir"},
    {SYS_link, "link"}, {SYS_symlink, "symlink"}, {SYS_chmod, "chmod"}, {SYS_fork, "fork"}, {SYS_vfork, "vfork"}, {SYS_renameat, "renameat"},
#endif
    {SYS_openat, "openat"}, {SYS_openat2, "openat2"}, {SYS_write, "write"}, {SYS_pwrite64, "pwrite64"}, {SYS_writev, "writev"},
    {SYS_pwritev, "pwritev"}, {SYS_sendfile, "sendfile"}, {SYS_copy_file_range, "copy_file_range"}, {SYS_renameat2, "renameat2"},
    {SYS_unlinkat, "unlinkat"}, {SYS_mkdirat, "mkdirat"}, {SYS_linkat, "linkat"}, {SYS_symlinkat, "symlinkat"}, {SYS_truncate, "truncate"},
    {SYS_ftruncate, "ftruncate"}, {SYS_fallocate, "fallocate"}, {SYS_fchmod, "fchmod"}, {SYS_fchmodat, "fchmodat"}, {SYS_fchown, "fchown"},
    {SYS_fchownat, "fchownat"}, {SYS_utimensat, "utimensat"}, {SYS_setxattr, "setxattr"}, {SYS_clone, "clone"}, {SYS_clone3, "clone3"},
    {SYS_execve, "execve"}, {SYS_kill, "kill"}, {SYS_tgkill, "tgkill"}, {SYS_setsid, "setsid"},
};
enum { callCount = sizeof calls / sizeof calls[0] };

static const char *nameOf(long long number) {
    for (int index = 0; index < callCount; index++)
        if (calls[index].number == number) return calls[index].name;
    return NULL;
}

// Lets the kernel stop the program at the calls above, and only there.
static void installFilter(void) {
    struct sock_filter filter[2 * callCount + 2];
    int length = 0;
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int index = 0; index < callCount; index++) {
        filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[index].number, 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = (unsigned short)length, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(125);
}

static void readMemory(pid_t process, unsigned long long address, void *buffer, size_t size) {
    struct iovec here = {buffer, size}, there = {(void *)(unsigned long)address, size};
    if (process_vm_readv(process, &here, 1, &there, 1, 0) < 0) memset(buffer, 0, size);
}

// Where an open file of a process leads: a path, or "pipe:[…]" and the like.
static void readLink(pid_t process, unsigned long long file, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/%d/fd/%llu", process, file);
    ssize_t length = readlink(link, path, size - 1);
    path[length < 0 ? 0 : length] = 0;
}

// What the call that is about to be made would change, as text; empty for one that changes nothing.
static void describe(pid_t process, const struct ptrace_syscall_info *info, char *text, size_t size) {
    const unsigned long long *arguments = (const unsigned long long *)info->entry.args;
    long long number = (long long)info->entry.nr;
    const char *name = nameOf(number);
    char path[512] = "";
    unsigned long long flags = O_CREAT;
    unsigned long long pathAddress = 0;
    text[0] = 0;
    if (!name) return;
    switch (number) {
#ifdef SYS_open
    case SYS_open: flags = arguments[1]; pathAddress = arguments[0]; break;
    case SYS_rename: case SYS_unlink: case SYS_mkdir: case SYS_rmdir: case SYS_link: case SYS_symlink: case SYS_chmod: case SYS_creat:
        pathAddress = arguments[0]; break;
    case SYS_renameat:
#endif
    case SYS_renameat2: case SYS_unlinkat: case SYS_mkdirat: case SYS_linkat: case SYS_fchmodat: case SYS_utimensat:
        pathAddress = arguments[1]; break;
    case SYS_openat: flags = arguments[2]; pathAddress = arguments[1]; break;
    case SYS_openat2: readMemory(process, arguments[2], &flags, sizeof flags); pathAddress = arguments[1]; break;
    case SYS_symlinkat: pathAddress = arguments[2]; break;
    case SYS_execve: case SYS_truncate: pathAddress = arguments[0]; break;
    case SYS_clone: if (arguments[0] & CLONE_THREAD) return; break;
    case SYS_clone3: {
        unsigned long long cloneFlags = 0;
        readMemory(process, arguments[0], &cloneFlags, sizeof cloneFlags);
        if (cloneFlags & CLONE_THREAD) return;
        break;
    }
    case SYS_write: case SYS_pwrite64: case SYS_writev: case SYS_pwritev: case SYS_sendfile: case SYS_ftruncate: case SYS_fallocate:
    case SYS_fchmod: case SYS_fchown:
        readLink(process, arguments[0], path, sizeof path);
        // What is only said changes nothing; wake-ups inside a process neither.
        if (arguments[0] == 1 || arguments[0] == 2 || strncmp(path, "anon_inode:", 11) == 0 || strcmp(path, "/dev/null") == 0) return;
        break;
    case SYS_copy_file_range: readLink(process, arguments[2], path, sizeof path); break;
    case SYS_kill: case SYS_tgkill: if (arguments[number == SYS_kill ? 1 : 2] == 0) return; break;
    default: break;
    }
    if (!(flags & (O_CREAT | O_TRUNC))) return;
    if (pathAddress) {
        readMemory(process, pathAddress, path, sizeof path - 1);
        path[sizeof path - 1] = 0;
    }
    snprintf(text, size, "%s %s", name, path);
}

static pid_t groupOf(pid_t thread) {
    char path[64], line[256];
    pid_t group = thread;
    snprintf(path, sizeof path, "/proc/%d/status", thread);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) if (sscanf(line, "Tgid: %d", &group) == 1) break;
    if (file) fclose(file);
    return group;
}

// The call that each stopped thread is in.
struct pending { pid_t thread; char text[600]; };
static struct pending pendings[4096];

static struct pending *pendingOf(pid_t thread) {
    struct pending *free = NULL;
    for (int index = 0; index < 4096; index++) {
        if (pendings[index].thread == thread) return &pendings[index];
        if (!pendings[index].thread && !free) free = &pendings[index];
    }
    if (!free) exit(125);
    free->thread = thread;
    free->text[0] = 0;
    return free;
}

int main(int count, char **values) {
    if (count < 4) return 64;
    long number = atol(values[1]), seen = 0;
    FILE *log = fopen(values[2], "w");
    if (!log) return 73;
    pid_t child = fork();
    if (child == 0) {
        fclose(log);
        if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) _exit(125);
        raise(SIGSTOP);
        installFilter();
        execvp(values[3], values + 3);
        _exit(127);
    }
    int status = 0, result = 125;
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return 125;
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK
        | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, child, 0, options) != 0) return 125;
    ptrace(PTRACE_CONT, child, 0, 0);
    pid_t thread;
    while ((thread = waitpid(-1, &status, __WALL)) > 0) {
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            pendingOf(thread)->thread = 0;
            if (thread == child) result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            continue;
        }
        int event = status >> 16, signal = WSTOPSIG(status);
        struct pending *pending = pendingOf(thread);
        if (event == PTRACE_EVENT_SECCOMP) {
            struct ptrace_syscall_info info;
            if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) > 0) describe(thread, &info, pending->text, sizeof pending->text);
            ptrace(pending->text[0] ? PTRACE_SYSCALL : PTRACE_CONT, thread, 0, 0);
        } else if (signal == (SIGTRAP | 0x80)) {
            struct ptrace_syscall_info info;
            int ended = ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) > 0 && info.op == PTRACE_SYSCALL_INFO_EXIT;
            if (!ended) {
                ptrace(PTRACE_SYSCALL, thread, 0, 0);
                continue;
            }
            if (!info.exit.is_error && pending->text[0] && (number == 0 || seen < number)) {
                fprintf(log, "%ld %d %s\n", ++seen, groupOf(thread), pending->text);
                if (seen == number) {
                    fprintf(log, "killed\n");
                    kill(groupOf(thread), SIGKILL);
                }
            }
            pending->text[0] = 0;
            ptrace(PTRACE_CONT, thread, 0, 0);
        } else if (event != 0) {
            // A new thread or process, or another program; after execve the call's end follows as a stop of its own.
            ptrace(pending->text[0] ? PTRACE_SYSCALL : PTRACE_CONT, thread, 0, 0);
        } else {
            // The first stop of a new thread or process is no signal of its own.
            int passed = signal == SIGSTOP || signal == SIGTRAP ? 0 : signal;
            ptrace(pending->text[0] ? PTRACE_SYSCALL : PTRACE_CONT, thread, 0, passed);
        }
    }
    fclose(log);
    return result;
}
