#pragma once

#include <csignal>

namespace engram::train {

/// While it lives, Ctrl-C (SIGINT), SIGTERM and, unless it is ignored as under nohup, a terminal that closes (SIGHUP)
/// only raise a flag, for a program that ends after the batch; a second one ends the process at once. At most one at a
/// time; for programs, not for libraries.
class Interrupt {
 public:
  Interrupt() : before_int_(std::signal(SIGINT, handle)), before_term_(std::signal(SIGTERM, handle)) {
    flag() = 0;
#if defined(SIGHUP)
    before_hup_ = std::signal(SIGHUP, handle);
    if (before_hup_ == SIG_IGN) {
      std::signal(SIGHUP, SIG_IGN);
    }
#endif
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt() {
    std::signal(SIGINT, before_int_);
    std::signal(SIGTERM, before_term_);
#if defined(SIGHUP)
    std::signal(SIGHUP, before_hup_);
#endif
  }

  bool requested() const {
    return flag() != 0;
  }

 private:
  static volatile std::sig_atomic_t& flag() {
    static volatile std::sig_atomic_t raised = 0;
    return raised;
  }
  static void handle(int signal) {
    flag() = 1;
    std::signal(signal, SIG_DFL);
  }

  void (*before_int_)(int);
  void (*before_term_)(int);
#if defined(SIGHUP)
  void (*before_hup_)(int);
#endif
};

}  // namespace engram::train
