extension LoopbackServer {
  /// A request as it came in.
  public struct Request: Sendable {
    /// How many requests the server had before this one, on all connections.
    public let number: Int
    public let method: String
    /// Path and query, or `host:port` of a CONNECT.
    public let target: String
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    /// The first value of a header, whose name may be in any case.
    public func header(_ name: String) -> String? {
      headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
  }

  /// What is sent back: an honest answer, or one of the ways in which a server misbehaves.
  public struct Reply: Sendable {
    enum Delivery: Sendable {
      case whole
      case announcing(Int)
      case closing(after: Int)
      case dripping(interval: Double)
      case endless
      case silence
      case raw
      case chunked(isComplete: Bool)
      case tunnel(port: Int)
    }

    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var delivery: Delivery

    init(_ status: Int, _ headers: [(name: String, value: String)], _ body: [UInt8], _ delivery: Delivery) {
      self.status = status
      self.headers = headers
      self.body = body
      self.delivery = delivery
    }

    /// The body with its length.
    public static func answer(
      _ status: Int = 200, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) -> Reply {
      Reply(status, headers, body, .whole)
    }

    public static func text(_ text: String, status: Int = 200) -> Reply {
      answer(status, headers: [("Content-Type", "text/plain")], body: Array(text.utf8))
    }

    public static func redirect(_ status: Int = 302, to location: String) -> Reply {
      answer(status, headers: [("Location", location)])
    }

    /// The body under a `Content-Length` that need not be its own; then the connection is closed.
    public static func announcing(_ length: Int, body: [UInt8], status: Int = 200) -> Reply {
      Reply(status, [], body, .announcing(length))
    }

    /// The true length, but only so many bytes before the connection is closed.
    public static func closing(after count: Int, body: [UInt8], status: Int = 200) -> Reply {
      Reply(status, [], body, .closing(after: count))
    }

    /// One byte of the body for each interval in seconds.
    public static func dripping(interval: Double, body: [UInt8]) -> Reply {
      Reply(200, [], body, .dripping(interval: interval))
    }

    /// A body without length that never ends.
    public static func endless(status: Int = 200) -> Reply { Reply(status, [], [], .endless) }

    /// Takes the request and never answers.
    public static var silence: Reply { Reply(0, [], [], .silence) }

    /// These bytes instead of an answer; then the connection is closed.
    public static func raw(_ text: String) -> Reply { Reply(0, [], Array(text.utf8), .raw) }

    /// The body in chunks; an incomplete one lacks the last chunk, and the connection is closed.
    public static func chunked(_ body: [UInt8], isComplete: Bool = true) -> Reply {
      Reply(200, [], body, .chunked(isComplete: isComplete))
    }

    /// Answers a CONNECT and passes bytes on to a port of this machine, whatever host was asked for.
    public static func tunnel(toPort port: Int) -> Reply { Reply(200, [], [], .tunnel(port: port)) }

    /// Status line and headers for a body of a given length; without one the connection's end is the body's.
    func head(length: Int?, chunked: Bool = false) -> [UInt8] {
      var text = "HTTP/1.1 \(status) Reply\r\n"
      for (name, value) in headers { text += "\(name): \(value)\r\n" }
      if let length { text += "Content-Length: \(length)\r\n" }
      if chunked { text += "Transfer-Encoding: chunked\r\n" }
      return Array((text + "\r\n").utf8)
    }
  }
}
