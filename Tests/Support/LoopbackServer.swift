import Foundation
import Glibc
import Synchronization

/// An HTTP/1.1 server on 127.0.0.1 for tests, with a thread for each connection. It ends with its owner.
public final class LoopbackServer: Sendable {
  public typealias Handler = @Sendable (Request) -> Reply

  public struct Problem: Error, CustomStringConvertible {
    public let description: String
  }

  public let port: Int
  private let core: Core

  /// Listens on a port that the system chooses. `handler` is called on the connections' threads.
  public init(handler: @escaping Handler) throws {
    let (socket, port) = try LoopbackSocket.listening()
    self.port = port
    core = Core(listener: socket, handler: handler)
    let core = core
    Thread.detachNewThread { core.acceptConnections() }
  }

  deinit { stop() }

  /// The address of a path, which begins with `/`.
  public func address(_ path: String = "/", host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }

  /// All requests so far, in the order in which they came.
  public var requests: [Request] { core.requests }

  /// Connections that were accepted so far.
  public var connectionCount: Int { core.connectionCount }

  /// Ends all connections; further ones are refused.
  public func stop() { core.stop() }
}

/// What the threads share; it lives as long as the last of them.
private final class Core: Sendable {
  private struct State {
    var requests: [LoopbackServer.Request] = []
    var open: Set<Int32> = []
    var connectionCount = 0
    var isStopped = false
  }

  private let listener: LoopbackSocket
  private let handler: LoopbackServer.Handler
  private let state = Mutex(State())

  init(listener: LoopbackSocket, handler: @escaping LoopbackServer.Handler) {
    self.listener = listener
    self.handler = handler
  }

  var requests: [LoopbackServer.Request] { state.withLock { $0.requests } }
  var connectionCount: Int { state.withLock { $0.connectionCount } }
  private var isStopped: Bool { state.withLock { $0.isStopped } }

  func stop() {
    state.withLock { state in
      state.isStopped = true
      for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
    // Wakes the thread that accepts; it closes the descriptor.
    listener.shutDown()
  }

  func acceptConnections() {
    while let connection = listener.accept() {
      let isWelcome = state.withLock { state in
        guard !state.isStopped else { return false }
        state.open.insert(connection.descriptor)
        state.connectionCount += 1
        return true
      }
      guard isWelcome else { return }
      Thread.detachNewThread { [self] in
        serve(connection)
        // Forgotten before it is closed, so that `stop` cannot shut down a stranger with the same number.
        state.withLock { _ = $0.open.remove(connection.descriptor) }
        connection.shutDown()
      }
    }
  }

  private func serve(_ connection: LoopbackSocket) {
    var rest: [UInt8] = []
    while let request = readRequest(from: connection, rest: &rest) {
      guard send(handler(request), on: connection) else { return }
    }
  }

  private func readRequest(from connection: LoopbackSocket, rest: inout [UInt8]) -> LoopbackServer.Request? {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let found = rest.firstRange(of: end) {
        let lines = String(decoding: rest[..<found.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let words = (lines.first ?? "").components(separatedBy: " ")
        guard words.count == 3 else { return nil }
        let headers = lines.dropFirst().map { line in
          let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
          return (name: parts.first ?? "", value: parts.count == 2 ? parts[1] : "")
        }
        rest.removeSubrange(..<found.upperBound)
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        guard (0...(16 << 20)).contains(length) else { return nil }
        while rest.count < length {
          guard let more = connection.receive() else { return nil }
          rest += more
        }
        let body = Array(rest.prefix(length))
        rest.removeFirst(length)
        return state.withLock { state in
          let request = LoopbackServer.Request(
            number: state.requests.count, method: words[0], target: words[1], headers: headers, body: body)
          state.requests.append(request)
          return request
        }
      }
      guard rest.count <= 1 << 16, let more = connection.receive() else { return nil }
      rest += more
      // Not HTTP, for example the beginning of TLS: whoever it is would wait for an answer for ever.
      guard let first = rest.first, (0x41...0x5a).contains(first) else {
        _ = connection.send(Array("HTTP/1.1 400 Bad\r\nConnection: close\r\n\r\n".utf8))
        return nil
      }
    }
  }

  /// Whether the connection may take another request.
  private func send(_ reply: LoopbackServer.Reply, on connection: LoopbackSocket) -> Bool {
    let body = reply.body
    switch reply.delivery {
    case .whole:
      let hasNoBody = reply.status == 204 || reply.status == 304
      return connection.send(reply.head(length: hasNoBody ? nil : body.count) + body)
    case .announcing(let length):
      _ = connection.send(reply.head(length: length) + body)
      return false
    case .closing(let count):
      _ = connection.send(reply.head(length: body.count) + body.prefix(count))
      return false
    case .dripping(let interval):
      guard connection.send(reply.head(length: body.count)) else { return false }
      for byte in body {
        guard connection.isOpen(after: interval), !isStopped, connection.send([byte]) else { return false }
      }
      return true
    case .endless:
      let piece = [UInt8](repeating: UInt8(ascii: "e"), count: 1 << 14)
      guard connection.send(reply.head(length: nil)) else { return false }
      while !isStopped, connection.send(piece) {}
      return false
    case .silence:
      while !isStopped, connection.isOpen(after: 0.05) {}
      return false
    case .raw:
      _ = connection.send(body)
      return false
    case .chunked(let isComplete):
      guard connection.send(reply.head(length: nil, chunked: true)) else { return false }
      var left = body[...]
      while !left.isEmpty {
        let chunk = left.prefix(1000)
        left = left.dropFirst(1000)
        let size = String(chunk.count, radix: 16)
        guard connection.send(Array("\(size)\r\n".utf8) + chunk + Array("\r\n".utf8)) else { return false }
      }
      return isComplete && connection.send(Array("0\r\n\r\n".utf8))
    case .tunnel(let port):
      guard let far = LoopbackSocket.connected(toPort: port) else { return false }
      guard connection.send(Array("HTTP/1.1 200 Connected\r\n\r\n".utf8)) else { return false }
      while !isStopped, connection.exchange(with: far) {}
      return false
    }
  }
}
