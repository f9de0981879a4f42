public import WireCoding

/// `trusted_root.json` (`dev.sigstore.trustroot.v1.TrustedRoot` in proto3 JSON) as values.
///
/// A list that is absent is empty, and an empty list trusts nothing of its kind. Keys and certificates are not decoded here.
public struct TrustedRootFile: Sendable, Hashable {
  public struct Log: Sendable, Hashable {
    public let baseURL: String
    public let hashAlgorithm: String
    /// DER, in the form that `keyDetails` names.
    public let key: [UInt8]
    /// Name of the enum value, for example `PKIX_ECDSA_P256_SHA_256`.
    public let keyDetails: String
    /// Both ends inclusive.
    public let validFor: TimeWindow
    /// 32 bytes in all public instances.
    public let logID: [UInt8]
    public let checkpointKeyID: [UInt8]?
    public let `operator`: String?
  }

  public struct Authority: Sendable, Hashable {
    public let uri: String?
    /// DER; issuer of the leaf first, trust anchor last. Never empty.
    public let certificates: [[UInt8]]
    public let validFor: TimeWindow
    public let `operator`: String?
  }

  public let transparencyLogs: [Log]
  public let certificateLogs: [Log]
  public let certificateAuthorities: [Authority]
  public let timestampAuthorities: [Authority]

  static let mediaTypes: Set<String> = [
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
  ]
  /// Public roots hold at most ten instances of a kind.
  static let maximumInstances = 128

  public init(parsing file: [UInt8]) throws(BundleFailure) {
    do throws(BundleFailure) {
      let root = try BundleNode.parse(file)
      let mediaType = try root.field("mediaType").string()
      guard mediaType.utf8.allSatisfy({ $0 < 0x80 }), Self.mediaTypes.contains(mediaType) else {
        throw BundleFailure(.rootMalformed, "media type", got: mediaType)
      }
      try root.checkSpelling("mediaType", "tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities")
      transparencyLogs = try Self.logs(root, "tlogs", startRequired: true)
      certificateLogs = try Self.logs(root, "ctlogs", startRequired: false)
      certificateAuthorities = try Self.authorities(root, "certificateAuthorities")
      timestampAuthorities = try Self.authorities(root, "timestampAuthorities")
    } catch {
      let detail = error.code == .rootMalformed ? error.detail : error.detail ?? error.code.meaning
      throw BundleFailure(.rootMalformed, detail, got: error.got, want: error.want, place: error.place)
    }
  }

  private static func logs(
    _ root: BundleNode, _ name: String, startRequired: Bool
  ) throws(BundleFailure) -> [Log] {
    var logs: [Log] = []
    for node in try root.list(name, atMost: maximumInstances) {
      try node.checkSpelling("baseUrl", "hashAlgorithm", "publicKey", "logId", "checkpointKeyId")
      let key = try node.field("publicKey")
      try key.checkSpelling("rawBytes", "keyDetails", "validFor")
      logs.append(
        Log(
          baseURL: try node.optional("baseUrl")?.string() ?? "",
          hashAlgorithm: try node.optional("hashAlgorithm")?.string() ?? "",
          key: try key.field("rawBytes").base64(), keyDetails: try key.field("keyDetails").string(),
          validFor: try window(key, startRequired: startRequired),
          logID: try node.field("logId").field("keyId").base64(),
          checkpointKeyID: try node.message("checkpointKeyId")?.field("keyId").base64(),
          operator: try node.optional("operator")?.string()))
    }
    return logs
  }

  private static func authorities(_ root: BundleNode, _ name: String) throws(BundleFailure) -> [Authority] {
    var authorities: [Authority] = []
    for node in try root.list(name, atMost: maximumInstances) {
      try node.checkSpelling("certChain", "validFor")
      let chain = try node.field("certChain")
      var certificates: [[UInt8]] = []
      for certificate in try chain.list("certificates", atMost: BundleLimits.certificates) {
        certificates.append(try certificate.field("rawBytes").base64())
      }
      guard !certificates.isEmpty else {
        throw BundleFailure(.rootMalformed, "an authority without certificates", place: chain.place)
      }
      authorities.append(
        Authority(
          uri: try node.optional("uri")?.string(), certificates: certificates,
          validFor: try window(node, startRequired: false), operator: try node.optional("operator")?.string()))
    }
    return authorities
  }

  private static func window(_ node: BundleNode, startRequired: Bool) throws(BundleFailure) -> TimeWindow {
    guard let window = try node.optional("validFor") else {
      guard !startRequired else { throw BundleFailure(.rootMalformed, "no validity window", place: node.place) }
      return TimeWindow(start: nil, end: nil)
    }
    let start = try time(window, "start")
    guard start != nil || !startRequired else {
      throw BundleFailure(.rootMalformed, "a validity window without start", place: window.place)
    }
    return TimeWindow(start: start, end: try time(window, "end"))
  }

  private static func time(_ window: BundleNode, _ name: String) throws(BundleFailure) -> UnixTime? {
    guard let node = try window.optional(name) else { return nil }
    let text = try node.string()
    do throws(CodingFailure) { return try UnixTime(rfc3339: text) } catch {
      throw BundleFailure(.rootMalformed, error.detail, got: text, place: node.place)
    }
  }
}
