import CCurl
public import WireCoding

/// An absolute http or https URL (RFC 3986), as libcurl reads it.
///
/// libcurl's own parser takes it apart, and libcurl is given the text that this parser wrote, so that what was checked
/// is where the connection goes. Accepted are printable ASCII bytes without blank and backslash, at most 8 KiB; refused
/// are user information, a fragment and a host that is neither a name nor an address. Nothing is resolved.
public struct WebURL: Sendable, Hashable {
  /// Longest accepted text in bytes.
  static let longest = 8 << 10

  /// The URL as libcurl writes it: scheme in lower case, `.` and `..` segments removed.
  public let text: String
  /// `http` or `https`.
  public let scheme: String
  /// A name or an IPv4 address, or an IPv6 address in brackets. In the case in which it was written.
  public let host: String
  /// The scheme's own port where none is written.
  public let port: Int
  /// The path with its percent-encoding, without the query; at least `/`.
  public let path: String
  /// The query with its percent-encoding, without `?`; nil where there is none.
  public let query: String?

  public init(_ text: String) throws(TransportFailure) {
    try Self.checkBytes(text, refusal: .badURL)
    // libcurl forgives `https:/host` and `https:///host`; other readers take these for something else.
    guard let authority = Self.authority(of: text), authority.first != nil else {
      throw TransportFailure(.badURL, "not an absolute http or https URL", place: bounded(text))
    }
    guard !authority.contains(UInt8(ascii: "@")) else {
      throw TransportFailure(.badURL, "user information in the URL", want: "none")
    }
    // An empty fragment is forgotten by libcurl.
    guard !text.utf8.contains(UInt8(ascii: "#")) else {
      throw TransportFailure(.badURL, "a fragment in the URL", want: "none")
    }
    let parser = try URLParser()
    try parser.read(text, refusal: .badURL)
    try self.init(parser, refusal: .badURL)
  }

  /// Where a `Location` leads: resolved against this URL by libcurl's rules (RFC 3986 section 5), its fragment dropped
  /// (RFC 9110 section 10.2.2). Refuses with `badRedirect`.
  func resolving(_ location: String) throws(TransportFailure) -> WebURL {
    try Self.checkBytes(location, refusal: .badRedirect)
    let parser = try URLParser()
    try parser.read(text, refusal: .badRedirect)
    try parser.read(location, refusal: .badRedirect)
    try parser.dropFragment()
    return try WebURL(parser, refusal: .badRedirect)
  }

  private init(_ parser: URLParser, refusal code: TransportCode) throws(TransportFailure) {
    guard let text = parser.part(CURLUPART_URL), let scheme = parser.part(CURLUPART_SCHEME),
      let host = parser.part(CURLUPART_HOST), let portText = parser.part(CURLUPART_PORT, defaultPort: true),
      let path = parser.part(CURLUPART_PATH)
    else { throw TransportFailure(code, "incomplete") }
    try Self.checkBytes(text, refusal: code)
    guard scheme == "https" || scheme == "http" else {
      throw TransportFailure(code, "the scheme", got: bounded(scheme, to: 40), want: "https")
    }
    guard parser.part(CURLUPART_USER) == nil, parser.part(CURLUPART_PASSWORD) == nil,
      Self.authority(of: text)?.contains(UInt8(ascii: "@")) == false
    else { throw TransportFailure(code, "user information in the URL", want: "none") }
    guard Self.isHost(host), parser.part(CURLUPART_ZONEID) == nil else {
      throw TransportFailure(code, "the host", got: bounded(host, to: 80))
    }
    guard let port = Int(portText), (1...65535).contains(port) else {
      throw TransportFailure(code, "the port", got: bounded(portText, to: 40), want: "1 to 65535")
    }
    self.text = text
    self.scheme = scheme
    self.host = host
    self.port = port
    self.path = path
    self.query = parser.part(CURLUPART_QUERY)
  }

  /// Whether the host is `localhost`, in 127.0.0.0/8 or `[::1]`, as it is written: no name is resolved.
  public var isLoopback: Bool {
    if host.isSameASCII(as: "localhost") || host == "[::1]" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers.first == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }

  /// Same scheme, host (without regard to ASCII case) and port (RFC 6454 section 4).
  public func hasSameOrigin(as other: WebURL) -> Bool {
    scheme == other.scheme && port == other.port && host.isSameASCII(as: other.host)
  }

  /// For messages: a query may carry a signature that is as good as a password.
  public var withoutQuery: String {
    bounded(String(text.prefix { $0 != "?" }))
  }

  /// What stands between `://` and the path; nil where the text does not begin with `http://` or `https://`.
  private static func authority(of text: String) -> Substring.UTF8View.SubSequence? {
    for prefix in ["https://", "http://"] {
      let beginning = text.prefix(prefix.utf8.count)
      guard String(beginning).isSameASCII(as: prefix) else { continue }
      let ends: Set<UInt8> = [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")]
      return text[beginning.endIndex...].utf8.prefix { !ends.contains($0) }
    }
    return nil
  }

  private static func checkBytes(_ text: String, refusal code: TransportCode) throws(TransportFailure) {
    guard (1...longest).contains(text.utf8.count) else {
      throw TransportFailure(
        code, "length in bytes", got: String(text.utf8.count), want: "1 to \(longest)")
    }
    guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") }) else {
      throw TransportFailure(
        code, "a byte that is not accepted in a URL", want: "printable ASCII, no blank, no backslash")
    }
  }

  private static func isHost(_ host: String) -> Bool {
    let bytes = host.utf8
    guard !bytes.isEmpty, bytes.count <= 255 else { return false }
    if bytes.first == UInt8(ascii: "[") {
      let address = bytes.dropFirst().dropLast()
      return bytes.last == UInt8(ascii: "]")
        && address.allSatisfy { $0.isHexDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
    }
    return bytes.allSatisfy {
      $0.isLetterOrDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
    }
  }
}
