import Glibc
public import WireCoding

/// What a client may do: where it may go, who sees the token, how long it waits. Times are in seconds.
///
/// Times are used within 1 ms and one day, `maximumRedirects` within 0 and 50, `attempts` within 1 and 20.
public struct TransportRules: Sendable {
  /// The operator's own http address on a loopback host. Plain http is accepted for exactly this origin.
  public let plainHTTPBase: WebURL?
  /// The only origin that ever sees the token; without it nobody does.
  public let tokenOrigin: WebURL?
  /// What the environment says about proxies and certificates: `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY`,
  /// `no_proxy`, `NO_PROXY`, `SSL_CERT_FILE` and `SSL_CERT_DIR` are read. The lower-case name wins.
  public var environment: [String: String]
  public var userAgent: String
  /// For name, connection and TLS together, in each request.
  public var connectTimeout = 10.0
  /// A request ends when fewer than 16 bytes a second came for so long. Used in whole seconds, rounded up.
  public var stallTimeout = 30.0
  /// For one call with its redirects, attempts and waits.
  public var totalTimeout = 600.0
  public var maximumRedirects = 10
  /// Attempts in total, the first included.
  public var attempts = 3
  /// The wait before the second attempt; it doubles for each further one, and up to half of it is added by chance.
  public var firstBackoff = 0.5
  /// A `Retry-After` of so many seconds is waited for; after a longer one there is no further attempt.
  public var longestRetryAfter = 10

  /// Refuses a `plainHTTPBase` that is not http (`badURL`) or not on a loopback host (`notHTTPS`).
  public init(
    plainHTTPBase: WebURL? = nil, tokenOrigin: WebURL? = nil, userAgent: String = "nexo",
    environment: [String: String] = TransportRules.processEnvironment()
  ) throws(TransportFailure) {
    if let base = plainHTTPBase {
      guard base.scheme == "http" else {
        throw TransportFailure(
          .badURL, "the base for plain http", got: base.scheme, want: "http", place: base.withoutQuery)
      }
      guard base.isLoopback else {
        throw TransportFailure(.notHTTPS, "plain http is for a loopback host only", place: base.withoutQuery)
      }
    }
    self.plainHTTPBase = plainHTTPBase
    self.tokenOrigin = tokenOrigin
    self.userAgent = userAgent
    self.environment = environment
  }

  /// The variables of this process that are read; empty ones count as absent.
  public static func processEnvironment() -> [String: String] {
    var found: [String: String] = [:]
    for name in environmentNames {
      if let value = getenv(name), value.pointee != 0 { found[name] = String(cString: value) }
    }
    return found
  }

  static let environmentNames = [
    "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
  ]

  /// The first of the variables that is there and not empty.
  private func variable(_ names: String...) -> String? {
    names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
  }

  /// The proxy for a URL. A loopback host never has one, and with it all of plain http.
  func proxy(for url: WebURL) -> String? {
    url.isLoopback || url.scheme != "https" ? nil : variable("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
  }

  var hostsWithoutProxy: String? { variable("no_proxy", "NO_PROXY") }
  var authorityFile: String? { variable("SSL_CERT_FILE") }
  var authorityFolder: String? { variable("SSL_CERT_DIR") }

  func isPlainHTTPBase(_ url: WebURL) -> Bool { plainHTTPBase?.hasSameOrigin(as: url) == true }
  func isTokenOrigin(_ url: WebURL) -> Bool { tokenOrigin?.hasSameOrigin(as: url) == true }

  /// Refuses plain http anywhere but at the base.
  func check(_ url: WebURL) throws(TransportFailure) {
    guard url.scheme == "https" || isPlainHTTPBase(url) else {
      throw TransportFailure(.notHTTPS, got: url.scheme, want: "https", place: url.withoutQuery)
    }
  }

  /// Where a `Location` of `url` leads, if going there is allowed.
  ///
  /// Nobody but the base itself may lead to the base, and nobody out there to a loopback host: the server would choose
  /// what is asked of the user's own machine.
  func redirect(from url: WebURL, to location: String) throws(TransportFailure) -> WebURL {
    let target = try url.resolving(location)
    let isOutside = target.isLoopback && !url.isLoopback
    guard !isOutside, !isPlainHTTPBase(target) || isPlainHTTPBase(url) else {
      throw TransportFailure(.badRedirect, "to a loopback address", got: target.withoutQuery, place: url.withoutQuery)
    }
    try check(target)
    return target
  }
}
