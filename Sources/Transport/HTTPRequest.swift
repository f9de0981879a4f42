import WireCoding

/// One GET, or a POST where there is a body, as the caller wants it.
public struct HTTPRequest: Sendable {
  public var url: WebURL
  /// Sent at every hop. A header that the client itself decides about (`Authorization`, `Cookie`, `Host` and the like)
  /// is refused with `badHeader` when the request is made, as are line ends and other control bytes.
  public var headers: [(name: String, value: String)]
  /// Sent as `Authorization: Bearer` (RFC 6750) to `TransportRules.tokenOrigin` only, and no more once a redirect has
  /// left it.
  public var token: String?
  /// Text to be posted. It has to be harmless to post it twice, since attempts are repeated; a redirect is not followed with it.
  public var body: String?
  /// Most bytes of the answer's body that are accepted.
  public var limit: Int

  public init(
    url: WebURL, headers: [(name: String, value: String)] = [], token: String? = nil, body: String? = nil, limit: Int
  ) {
    self.url = url
    self.body = body
    self.headers = headers
    self.token = token
    self.limit = limit
  }

  /// Names that would undo a rule: credentials, framing, compression, ranges.
  private static let reserved: Set<String> = [
    "accept-encoding", "authorization", "connection", "content-length", "cookie", "expect", "host",
    "proxy-authorization", "proxy-connection", "range", "te", "transfer-encoding", "upgrade", "user-agent",
  ]

  /// The header lines as libcurl takes them. No value is ever part of a message: it may be a secret.
  func headerLines(withToken: Bool) throws(TransportFailure) -> [String] {
    var lines: [String] = []
    for (name, value) in headers {
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
        throw TransportFailure(.badHeader, "a header's name", got: bounded(name, to: 80))
      }
      guard !Self.reserved.contains(name.lowerCasedASCII) else {
        throw TransportFailure(.badHeader, "a header that the client sets itself", got: name)
      }
      guard value.utf8.allSatisfy({ (0x20...0x7e).contains($0) || $0 == 0x09 }) else {
        throw TransportFailure(.badHeader, "a byte in the value of a header", got: name, want: "printable ASCII")
      }
      // libcurl takes `Name:` as "leave this header out".
      let isBlank = value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }
      lines.append(isBlank ? name + ";" : name + ": " + value)
    }
    if let token {
      // Looked at even where it is not sent, so that a bad one is not a matter of the weather.
      guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
        throw TransportFailure(.badHeader, "the token", want: "printable ASCII without blanks")
      }
      if withToken { lines.append("Authorization: Bearer " + token) }
    }
    return lines
  }

  /// `token` of RFC 9110 section 5.6.2.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte.isLetterOrDigit || "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}
