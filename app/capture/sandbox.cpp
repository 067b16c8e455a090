// SPDX-License-Identifier: Apache-2.0
#include "app/capture/sandbox.h"

#include <cerrno>
#include <csignal>
#include <grp.h>
#include <memory>
#include <net/if.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace gatescope::helper {

namespace {

constexpr id_t kNobody = 65534;
constexpr rlim_t kMostDescriptors = 64; // two for each device, files, and those on their way

bool setCapabilities(bool mayCapture) {
    const std::unique_ptr<_cap_struct, int (*)(void*)> wanted(cap_init(), cap_free);
    if (!wanted) return false;
    const cap_value_t capture = CAP_NET_RAW;
    if (mayCapture && (cap_set_flag(wanted.get(), CAP_PERMITTED, 1, &capture, CAP_SET) != 0 ||
                       cap_set_flag(wanted.get(), CAP_EFFECTIVE, 1, &capture, CAP_SET) != 0))
        return false;
    return cap_set_proc(wanted.get()) == 0;
}

bool mayCapture() {
    const std::unique_ptr<_cap_struct, int (*)(void*)> have(cap_get_proc(), cap_free);
    cap_flag_value_t value = CAP_CLEAR;
    return have && cap_get_flag(have.get(), CAP_NET_RAW, CAP_PERMITTED, &value) == 0 && value == CAP_SET;
}

bool limit(__rlimit_resource what, rlim_t most) {
    const rlimit limits{most, most};
    return ::setrlimit(what, &limits) == 0;
}

bool allow(scmp_filter_ctx rules, std::initializer_list<int> calls) {
    for (const int call : calls)
        if (seccomp_rule_add(rules, SCMP_ACT_ALLOW, call, 0) != 0) return false;
    return true;
}

/// Memory may be had and given back, never to be run.
bool allowMemory(scmp_filter_ctx rules) {
    const scmp_arg_cmp notToRun = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    return allow(rules, {SCMP_SYS(munmap), SCMP_SYS(brk), SCMP_SYS(mremap), SCMP_SYS(madvise)}) &&
           seccomp_rule_add(rules, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, notToRun) == 0;
}

/// libpcap asks the socket for its counters and errors, and whether its interface is still there; for drops of the
/// device it wants to open files in /sys, which it does not get: the parent reads those.
bool allowCapture(scmp_filter_ctx rules) {
    return allow(rules, {SCMP_SYS(getsockopt), SCMP_SYS(getsockname)}) &&
           seccomp_rule_add(rules, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, SIOCGIFINDEX)) == 0 &&
           seccomp_rule_add(rules, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, SIOCGIFFLAGS)) == 0 &&
           seccomp_rule_add(rules, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(openat), 0) == 0 &&
           seccomp_rule_add(rules, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(open), 0) == 0;
}

bool restrictCalls() {
    const std::unique_ptr<void, void (*)(scmp_filter_ctx)> rules(seccomp_init(SCMP_ACT_KILL_PROCESS), seccomp_release);
    return rules && allowMemory(rules.get()) && allowCapture(rules.get()) &&
           allow(rules.get(), {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(poll),
                               SCMP_SYS(ppoll), SCMP_SYS(close), SCMP_SYS(ftruncate), SCMP_SYS(lseek), SCMP_SYS(fstat),
                               SCMP_SYS(newfstatat), SCMP_SYS(clock_gettime), SCMP_SYS(rt_sigreturn),
                               SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group)}) &&
           seccomp_load(rules.get()) == 0;
}

} // namespace

bool keepOnlyCaptureRight() {
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    // Only who may set capabilities can shrink this set; for all others no_new_privs makes it void.
    for (cap_value_t one = 0; CAP_IS_SUPPORTED(one); ++one) cap_drop_bound(one);
    if (::geteuid() == 0 && mayCapture()) {
        if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || ::setgroups(0, nullptr) != 0 ||
            ::setresgid(kNobody, kNobody, kNobody) != 0 || ::setresuid(kNobody, kNobody, kNobody) != 0)
            return false;
    }
    return setCapabilities(mayCapture());
}

bool dropAllRights() {
    return setCapabilities(false);
}

std::string enterSandbox(std::uint64_t memory) {
    if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_NPROC, 0) || !limit(RLIMIT_NOFILE, kMostDescriptors) ||
        !limit(RLIMIT_AS, memory))
        return "limits";
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0)
        return "no_new_privs";
    return restrictCalls() ? "" : "seccomp";
}

} // namespace gatescope::helper
