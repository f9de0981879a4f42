import SigstoreTrust
public import Transport
public import WireCoding

/// Where the files of a TUF repository come from.
public protocol RepositorySource {
  /// A file by its path below the repository's address, percent-encoded. Nil where it is not to be had: 404, or 403 as object stores
  /// answer.
  ///
  /// - Parameter limit: in bytes; a longer file is a failure.
  func file(_ path: String, limit: Int) throws(TransportFailure) -> [UInt8]?
}

/// A repository behind an address.
public struct HTTPRepository: RepositorySource {
  private let base: String
  private let client: HTTPClient

  /// - Parameter base: as it is, percent-encoding included; a slash at its end is added where it lacks one.
  public init(base: String, client: HTTPClient) {
    self.base = base.hasSuffix("/") ? base : base + "/"
    self.client = client
  }

  public func file(_ path: String, limit: Int) throws(TransportFailure) -> [UInt8]? {
    let (response, body) = try client.get(HTTPRequest(url: try WebURL(base + path), limit: limit))
    if response.isSuccess { return body }
    guard response.status == 404 || response.status == 403 else {
      throw TransportFailure(.failed, "the status", got: "\(response.status)", want: "200", place: base + path)
    }
    return nil
  }
}

extension TransportRules {
  /// What a client of a TUF repository may do: 30 s of silence and three attempts, as other clients have it. No login is ever sent.
  ///
  /// - Parameter base: of the repository; plain http only where that is a loopback host.
  public static func repository(_ base: String, environment: [String: String]) throws(TransportFailure)
    -> TransportRules
  {
    let url = try WebURL(base)
    var rules = try TransportRules(
      plainHTTPBase: url.scheme == "http" ? url : nil, tokenOrigin: nil, userAgent: "nexo-trust",
      environment: environment)
    rules.connectTimeout = 10
    rules.stallTimeout = 30
    // Of one file: the largest takes this long at 100 KB a second.
    rules.totalTimeout = 60
    return rules
  }
}
