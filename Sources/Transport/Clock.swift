import Glibc

/// Seconds of a clock that nobody sets.
func secondsNow() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Whole milliseconds between 1 and one day; 1 for what is no number.
func milliseconds(_ seconds: Double) -> Int {
  let day = 86_400.0
  return seconds > 0.001 ? Int((min(seconds, day) * 1000).rounded(.up)) : 1
}

/// Waits, looking for a cancellation every 50 ms. Whether the whole time passed.
func wait(seconds: Double, unless isCancelled: () -> Bool) -> Bool {
  let end = secondsNow() + Double(milliseconds(seconds)) / 1000
  while true {
    if isCancelled() { return false }
    let left = end - secondsNow()
    if left <= 0 { return true }
    usleep(UInt32(milliseconds(min(left, 0.05))) * 1000)
  }
}
