import Foundation
import Glibc
import Synchronization

/// A real nats-server on 127.0.0.1, on a port that it chooses itself. It ends with its owner.
public final class NATSServer: Sendable {
  public struct Problem: Error, CustomStringConvertible {
    public let description: String
  }

  public let port: Int
  private let folder: String
  private let process: Process

  /// - Parameters:
  ///   - settings: in the server's own language, for example an `authorization` block.
  ///   - authority: where given, the server speaks TLS alone, with this authority's certificate.
  public init(settings: String = "", authority: LoopbackTLS.Authority? = nil) throws {
    folder = try Self.makeFolder()
    do {
      let configuration = folder + "/server.conf"
      let tls = authority.map {
        "tls { cert_file: \"\($0.folder)/server.pem\", key_file: \"\($0.folder)/server.key\" }"
      }
      try """
      listen: "127.0.0.1:-1"
      ports_file_dir: "\(folder)"
      log_file: "\(folder)/server.log"
      \(tls ?? "")
      \(settings)
      """.write(toFile: configuration, atomically: true, encoding: .utf8)
      process = try Self.start(["--config", configuration])
      port = try Self.waitForPort(of: process, folder: folder)
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
  }

  deinit {
    Self.end(process)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// `userInfo` is what stands before the `@`.
  public func address(scheme: String = "nats", userInfo: String? = nil, host: String = "127.0.0.1") -> String {
    "\(scheme)://\(userInfo.map { $0 + "@" } ?? "")\(host):\(port)"
  }

  /// What the server has written down so far.
  public var log: String { Self.log(folder) }

  /// The server writes a file with its ports once it listens.
  private static func waitForPort(of process: Process, folder: String) throws -> Int {
    let name = "\(folder)/nats-server_\(process.processIdentifier).ports"
    for _ in 0..<1000 where process.isRunning {
      if let data = FileManager.default.contents(atPath: name),
        let ports = try? JSONDecoder().decode([String: [String]].self, from: data),
        let address = ports["nats"]?.first ?? ports["tls"]?.first, let port = URL(string: address)?.port
      {
        return port
      }
      usleep(10_000)
    }
    end(process)
    throw Problem(description: "nats-server does not start: \(log(folder))")
  }

  private static func log(_ folder: String) -> String {
    (try? String(contentsOfFile: folder + "/server.log", encoding: .utf8)) ?? ""
  }

  /// Not by SIGTERM: a child inherits that signal as blocked from the threads that tests run on.
  private static func end(_ process: Process) {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  private static func start(_ arguments: [String]) throws -> Process {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let paths = (folders + ["/usr/sbin", "/usr/local/sbin"]).map { $0 + "/nats-server" }
    guard let path = paths.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      throw Problem(description: "nats-server is missing; scripts/setup installs it")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  private static func makeFolder() throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("nexo-nats-" + UUID().uuidString).path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return path
  }
}

/// A subscriber that speaks NATS's text protocol itself, so that no client library judges its own messages.
public final class NATSSubscriber {
  public struct Message: Sendable, Equatable {
    public let subject: String
    public let body: [UInt8]
  }

  private let socket: LoopbackSocket
  private var buffer: [UInt8] = []

  /// Subscribes to everything.
  ///
  /// - Parameter credentials: fields of the CONNECT object, for example `"auth_token":"t"`.
  public init(_ server: NATSServer, credentials: String? = nil) throws {
    guard let socket = LoopbackSocket.connected(toPort: server.port) else {
      throw NATSServer.Problem(description: "nobody listens on \(server.port)")
    }
    self.socket = socket
    let fields = ["\"verbose\":false", "\"pedantic\":true", "\"protocol\":1"] + (credentials.map { [$0] } ?? [])
    try send("CONNECT {\(fields.joined(separator: ","))}\r\nSUB > 1\r\n")
    guard try messages().isEmpty else { throw NATSServer.Problem(description: "a message too early") }
  }

  /// Everything that the server took before now: it answers a PING only after what it had queued before.
  public func messages() throws -> [Message] {
    try send("PING\r\n")
    var found: [Message] = []
    while true {
      let words = try line().split(separator: " ").map(String.init)
      switch words.first {
      case "PONG": return found
      case "INFO": continue
      case "PING": try send("PONG\r\n")
      case "MSG":
        guard words.count == 4, let count = Int(words[3]) else { fallthrough }
        found.append(Message(subject: words[1], body: try take(count)))
        guard try take(2) == [0x0d, 0x0a] else { fallthrough }
      default: throw NATSServer.Problem(description: "the server says \(words.joined(separator: " "))")
      }
    }
  }

  private func send(_ text: String) throws {
    guard socket.send(Array(text.utf8)) else { throw NATSServer.Problem(description: "the server is gone") }
  }

  private func line() throws -> String {
    while true {
      if let end = buffer.firstIndex(of: 0x0a) {
        let text = String(decoding: buffer[..<end].filter { $0 != 0x0d }, as: UTF8.self)
        buffer.removeSubrange(...end)
        return text
      }
      try fill()
    }
  }

  private func take(_ count: Int) throws -> [UInt8] {
    while buffer.count < count { try fill() }
    defer { buffer.removeFirst(count) }
    return Array(buffer.prefix(count))
  }

  private func fill() throws {
    guard !socket.isOpen(after: 20), let bytes = socket.receive() else {
      throw NATSServer.Problem(description: "the server is silent or gone")
    }
    buffer += bytes
  }
}

/// Something on 127.0.0.1 that is no NATS server, or a bad one.
public final class NATSImpostor: Sendable {
  public enum Manner: Sendable {
    /// Takes connections and says nothing.
    case silent
    /// Introduces itself with this INFO object and says nothing more.
    case introducingItself(String)
    /// Sends these bytes for ever, and reads nothing.
    case endless(String)
    /// Answers as a server does until a line begins with `until`; then sends `last`, and closes or says nothing more.
    case obeying(until: String, last: String, closing: Bool)
  }

  public let port: Int
  private let listener: LoopbackSocket
  private let heard: Heard

  private final class Heard: Sendable {
    let bytes = Mutex<[UInt8]>([])
    let isStopped = Atomic<Bool>(false)
  }

  public init(_ manner: Manner) throws {
    let (listener, port) = try LoopbackSocket.listening()
    (self.listener, self.port) = (listener, port)
    let heard = Heard()
    self.heard = heard
    Thread.detachNewThread {
      while let client = listener.accept() {
        Thread.detachNewThread { Self.serve(client, manner, heard) }
      }
    }
  }

  deinit {
    heard.isStopped.store(true, ordering: .sequentiallyConsistent)
    listener.shutDown()
  }

  public var address: String { "nats://127.0.0.1:\(port)" }

  /// What clients have sent so far.
  public var text: String { heard.bytes.withLock { String(decoding: $0, as: UTF8.self) } }

  /// What every server says of itself.
  public static let plainInfo = #"{"server_id":"X","version":"2.9.10","max_payload":1048576,"proto":1}"#

  private static func serve(_ client: LoopbackSocket, _ manner: Manner, _ heard: Heard) {
    switch manner {
    case .silent: break
    case .introducingItself(let info): _ = client.send(Array("INFO \(info)\r\n".utf8))
    case .endless(let text):
      let bytes = Array(String(repeating: text, count: 64).utf8)
      while !heard.isStopped.load(ordering: .sequentiallyConsistent), client.send(bytes) {}
    case .obeying: _ = client.send(Array("INFO \(plainInfo)\r\n".utf8))
    }
    var pending: [UInt8] = []
    var isMute = false
    while let bytes = client.receive() {
      heard.bytes.withLock { $0 += bytes }
      guard case .obeying(let word, let last, let closing) = manner, !isMute else { continue }
      pending += bytes
      while !isMute, let end = pending.firstIndex(of: 0x0a) {
        let line = String(decoding: pending[..<end], as: UTF8.self)
        pending.removeSubrange(...end)
        if line.hasPrefix(word) {
          isMute = true
          _ = client.send(Array(last.utf8))
          if closing { return client.shutDown() }
        } else if line.hasPrefix("PING") {
          _ = client.send(Array("PONG\r\n".utf8))
        }
      }
    }
  }
}
