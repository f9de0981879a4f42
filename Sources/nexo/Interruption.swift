import Glibc
import Synchronization

/// The signal that was caught; 0 for none.
private let caught = Atomic<Int32>(0)

/// When, in milliseconds of the monotonic clock.
private let caughtAt = Atomic<Int>(0)

/// Only what a signal handler may do.
private func note(_ number: Int32) {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  let now = time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  guard caught.exchange(number, ordering: .relaxed) != 0 else { return caughtAt.store(now, ordering: .relaxed) }
  // timeout(1) sends one wish twice, to the process and to its group: that is not yet impatience.
  if now - caughtAt.load(ordering: .relaxed) > 500 { _exit(128 + number) }
}

/// The user's wish to stop. The first signal is a wish, so that a command can tidy up; a second one half a second later ends the process.
enum Interruption {
  static var isWished: Bool { caught.load(ordering: .relaxed) != 0 }

  static func watch() {
    // No SA_RESTART: a call that waits has to come back.
    var action = sigaction()
    action.__sigaction_handler.sa_handler = note
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var old = sigaction()
      sigaction(number, &action, &old)
      // Who starts us with a signal ignored, as nohup does, wants it so.
      if let handler = old.__sigaction_handler.sa_handler, unsafeBitCast(handler, to: Int.self) == 1 {
        sigaction(number, &old, nil)
      }
    }
  }

  /// Ends as the signal would have ended it, so that a calling shell or script stops too.
  static func passOn() {
    let number = caught.load(ordering: .relaxed)
    guard number != 0 else { return }
    signal(number, SIG_DFL)
    raise(number)
  }
}
