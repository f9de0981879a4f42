import Glibc

/// A refusal of the operating system.
package struct SystemError: Error, Sendable, Hashable {
  package let number: Int32

  package init(_ number: Int32) { self.number = number }

  /// In English whatever the locale says: the program never sets one.
  package var text: String { String(cString: strerror(number)) + " (os error \(number))" }
}

/// Calls again where a signal came between; throws what `errno` says for a negative answer.
@discardableResult
package func system<Count: SignedInteger>(_ call: () -> Count) throws(SystemError) -> Count {
  while true {
    let result = call()
    if result >= 0 { return result }
    let number = errno
    if number != EINTR { throw SystemError(number) }
  }
}

package func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
  try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in
    try writeAll(UnsafeRawBufferPointer(bytes), to: descriptor)
  }
}

/// Writes all of it.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(SystemError) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = try system { write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count) }
    guard count > 0 else { throw SystemError(ENOSPC) }
    rest = rest.dropFirst(count)
  }
}
