/// The answer that ended a chain of redirects.
public struct HTTPResponse: Sendable {
  /// 200 to 599.
  public let status: Int
  /// By name in lower case; of a repeated header the first value.
  public let headers: [String: String]
  /// Where the answer came from, after redirects.
  public let url: WebURL
  /// Bytes of the body that were received and kept.
  public let byteCount: Int

  public var isSuccess: Bool { (200...299).contains(status) }

  /// The value of a header, whose name may be in any case; nil where the answer has none.
  public func header(_ name: String) -> String? { headers[name.lowerCasedASCII] }
}
