import Glibc

/// A TCP socket on 127.0.0.1, closed with its last owner. No call raises SIGPIPE.
final class LoopbackSocket: Sendable {
  let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// A socket that listens on a free port.
  static func listening() throws -> (socket: LoopbackSocket, port: Int) {
    let listener = try make()
    var one: Int32 = 1
    setsockopt(listener.descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    let isBound = withAddress(port: 0) { bind(listener.descriptor, $0, $1) == 0 }
    guard isBound, listen(listener.descriptor, 64) == 0 else { throw problem("bind") }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isNamed = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener.descriptor, $0, &size) == 0 }
    }
    guard isNamed else { throw problem("getsockname") }
    return (listener, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// nil where nobody listens.
  static func connected(toPort port: Int) -> LoopbackSocket? {
    guard let new = try? make() else { return nil }
    return withAddress(port: port) { connect(new.descriptor, $0, $1) == 0 } ? new : nil
  }

  private static func make() throws -> LoopbackSocket {
    // Not to be inherited by the programs that tests start: a port would stay taken.
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_INET, kind, 0)
    guard descriptor >= 0 else { throw problem("socket") }
    return LoopbackSocket(descriptor)
  }

  private static func problem(_ call: String) -> LoopbackServer.Problem {
    LoopbackServer.Problem(description: "\(call): \(String(cString: strerror(errno)))")
  }

  private static func withAddress<R>(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }

  /// The next connection; nil once the socket is shut down.
  func accept() -> LoopbackSocket? {
    while true {
      let new = Glibc.accept(descriptor, nil, nil)
      if new >= 0 {
        _ = fcntl(new, F_SETFD, FD_CLOEXEC)
        return LoopbackSocket(new)
      }
      guard errno == EINTR || errno == ECONNABORTED else { return nil }
    }
  }

  func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Some bytes; nil at the end.
  func receive() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      return count > 0 ? Array(buffer.prefix(count)) : nil
    }
  }

  /// Whether all bytes were taken by the system.
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// Waits, and tells whether the other side has neither closed nor sent anything meanwhile.
  func isOpen(after seconds: Double) -> Bool {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, Int32(seconds * 1000)) == 0
  }

  /// Passes on what came within 50 ms, in both directions. False at the end of either side.
  func exchange(with far: LoopbackSocket) -> Bool {
    var watched = [descriptor, far.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard poll(&watched, 2, 50) > 0 else { return true }
    for (index, (from, to)) in [(self, far), (far, self)].enumerated() where watched[index].revents != 0 {
      guard let bytes = from.receive(), to.send(bytes) else { return false }
    }
    return true
  }
}
