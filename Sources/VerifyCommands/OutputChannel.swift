import Glibc

/// Where a command writes: a descriptor, or whatever a test puts in its place.
public struct OutputChannel {
  private let put: ([UInt8]) -> Bool

  /// - Parameter put: takes all of the bytes, and says whether it could.
  public init(_ put: @escaping ([UInt8]) -> Bool) { self.put = put }

  /// Writes without a buffer, so that nothing is lost whichever way the process ends.
  public init(descriptor: Int32) {
    put = { bytes in
      bytes.withUnsafeBytes { buffer in
        var rest = buffer[...]
        while !rest.isEmpty {
          let count = retrying {
            Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
          }
          if count > 0 {
            rest = rest.dropFirst(count)
          } else {
            // A pipe that somebody has set to non-blocking mode is not closed for being full.
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard count < 0, errno == EAGAIN, retrying({ poll(&entry, 1, -1) }) > 0 else { return false }
          }
        }
        return true
      }
    }
  }

  /// False if not all of it could be written.
  package func write(_ text: String) -> Bool {
    text.isEmpty || put(Array(text.utf8))
  }
}
