import Synchronization
public import VirtualSigstore

/// Serves a TUF repository on a real loopback address.
public final class TUFServer: Sendable {
  public typealias Interception = @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply?

  private let server: LoopbackServer
  private let box: Box

  /// - Parameter intercept: answers in the place of the repository, where it says anything.
  public init(_ files: [String: [UInt8]] = [:], intercept: @escaping Interception = { _ in nil }) throws {
    let box = Box(files)
    server = try LoopbackServer { request in
      if let reply = intercept(request) { return reply }
      let path = String(request.target.dropFirst())
      guard let bytes = box.files.withLock({ $0[path] }) else { return .answer(404) }
      return .answer(body: bytes)
    }
    self.box = box
  }

  public convenience init(
    _ repository: PublishedRepository, intercept: @escaping Interception = { _ in nil }
  ) throws {
    try self.init(repository.files, intercept: intercept)
  }

  private final class Box: Sendable {
    let files: Mutex<[String: [UInt8]]>
    init(_ files: [String: [UInt8]]) { self.files = Mutex(files) }
  }

  /// What is served from now on.
  public func serve(_ repository: PublishedRepository) { serve(repository.files) }
  public func serve(_ files: [String: [UInt8]]) { box.files.withLock { $0 = files } }

  public var address: String { server.address("") }

  /// Paths that were asked for, without a slash in front.
  public var requests: [String] { server.requests.map { String($0.target.dropFirst()) } }
  public var headers: [[(name: String, value: String)]] { server.requests.map(\.headers) }
}
