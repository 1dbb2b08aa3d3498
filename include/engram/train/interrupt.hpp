#pragma once

#include <csignal>

namespace engram::train {

/// While it lives, Ctrl-C (SIGINT) and SIGTERM only raise a flag, for a program that ends after the batch; a second
/// one ends the process at once. At most one at a time; for programs, not for libraries.
class Interrupt {
 public:
  Interrupt() : before_int_(std::signal(SIGINT, handle)), before_term_(std::signal(SIGTERM, handle)) { flag() = 0; }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt() {
    std::signal(SIGINT, before_int_);
    std::signal(SIGTERM, before_term_);
  }

  bool requested() const { return flag() != 0; }

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
};

}  // namespace engram::train
