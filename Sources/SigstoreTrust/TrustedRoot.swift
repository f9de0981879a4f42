public import FulcioCert
import OpenSSLCrypto
public import RekorCheck
public import SigstoreBundle
public import TimestampCheck
public import WireCoding

/// A trusted root, prepared for many verifications: keys decoded, the authorities' own chains verified.
///
/// Whether it may be believed is decided by where it comes from: the build, a pack that proved itself, or a file that the caller names.
public struct TrustedRoot: Sendable {
  /// The public Sigstore instances whose roots are embedded.
  public enum Instance: String, Sendable, Hashable, CaseIterable {
    case production, staging

    /// Where the embedded root is from, without reading it.
    public var sourceDescription: String {
      "embedded \(rawValue) root (\(embedded.source), sha256 \(embedded.sha256.prefix(16)))"
    }
  }

  public let authorities: [CertificateAuthority]
  public let certificateLogs: [CertificateLog]
  public let transparencyLogs: [TransparencyLog]
  public let timestampAuthorities: [TimestampAuthority]
  /// Instances that were left out, each with the reason. One unusable key must not take the others with it.
  public let disabled: [String]
  /// For people, for example `embedded production root`.
  public let sourceDescription: String
  /// When its metadata was last seen fresh; nil for a plain file, which does not say.
  public let refreshed: UnixTime?
  /// From when on it counts as stale: for a pack when the first of its metadata expires, for an embedded root when its root metadata
  /// does, since no build is as young as a timestamp.
  public let freshUntil: UnixTime?

  /// The root that was embedded by `scripts/embed-trust`.
  ///
  /// - Parameter timestamps: false leaves the timestamp authorities out, for a caller that knows that there is no timestamp
  ///   to judge: verifying their own chains is a third of the work here.
  public static func embedded(_ instance: Instance, timestamps: Bool = true) throws(BundleFailure) -> TrustedRoot {
    let embedded = instance.embedded
    return TrustedRoot(
      try TrustedRootFile(parsing: bytes(embedded.trustedRoot)), timestamps: timestamps,
      sourceDescription: instance.sourceDescription, refreshed: UnixTime(seconds: embedded.refreshed),
      freshUntil: UnixTime(seconds: embedded.rootExpires))
  }

  /// The root of a pack that proved itself.
  public init(_ verified: VerifiedPack, from source: String, timestamps: Bool = true) throws(BundleFailure) {
    let versions = verified.versions
    self.init(
      try TrustedRootFile(parsing: verified.pack.trustedRoot), timestamps: timestamps,
      sourceDescription: "\(source) (root \(versions.root), timestamp \(versions.timestamp), sha256 "
        + "\(shortDigest(verified.pack.trustedRoot)))",
      refreshed: verified.refreshed, freshUntil: verified.freshUntil)
  }

  /// - Parameters:
  ///   - file: `trusted_root.json`.
  ///   - timestamps: as for `embedded`.
  public init(parsing file: [UInt8], timestamps: Bool = true) throws(BundleFailure) {
    self.init(
      try TrustedRootFile(parsing: file), timestamps: timestamps,
      sourceDescription: "trusted root file (sha256 \(shortDigest(file)))", refreshed: nil, freshUntil: nil)
  }

  private init(
    _ file: TrustedRootFile, timestamps: Bool, sourceDescription: String, refreshed: UnixTime?, freshUntil: UnixTime?
  ) {
    var disabled: [String] = []
    func prepare<Source, Prepared>(
      _ list: [Source], _ name: (Source) -> String, _ make: (Source) throws(CryptoFailure) -> Prepared
    ) -> [Prepared] {
      list.compactMap { source in
        do throws(CryptoFailure) { return try make(source) } catch {
          disabled.append("\(name(source)): \(error.detail)")
          return nil
        }
      }
    }
    transparencyLogs = prepare(file.transparencyLogs, \.baseURL) { (log) throws(CryptoFailure) in
      let (key, scheme) = try log.decodedKey()
      return try TransparencyLog(
        name: host(log.baseURL), logID: log.logID, key: key, scheme: scheme, validFor: log.validFor,
        operator: log.operator, checkpointKeyID: log.checkpointKeyID)
    }
    certificateLogs = prepare(file.certificateLogs, \.baseURL) { (log) throws(CryptoFailure) in
      let (key, scheme) = try log.decodedKey()
      // RFC 6962, 2.1.4 knows no other padding.
      if case .rsaPSS = scheme { throw CryptoFailure(.schemeUnsupported, "\(scheme.name) for certificate timestamps") }
      return CertificateLog(
        name: host(log.baseURL), logID: log.logID, key: key, validFor: log.validFor, operator: log.operator)
    }
    authorities = prepare(file.certificateAuthorities, { $0.uri ?? "certificate authority" }) {
      (authority) throws(CryptoFailure) in
      try CertificateAuthority(certificates: authority.certificates, validFor: authority.validFor)
    }
    timestampAuthorities = prepare(timestamps ? file.timestampAuthorities : [], { $0.uri ?? "timestamp authority" }) {
      (authority) throws(CryptoFailure) in
      try TimestampAuthority(
        certificates: authority.certificates, validFor: authority.validFor, operator: authority.operator)
    }
    self.disabled = disabled
    self.sourceDescription = sourceDescription
    self.refreshed = refreshed
    self.freshUntil = freshUntil
  }
}

private func shortDigest(_ bytes: [UInt8]) -> String {
  (try? sha256(bytes)).map { Hex.encode($0.prefix(8)) } ?? "?"
}

/// The origin of a log: its base URL without scheme and without slashes at the end.
private func host(_ url: String) -> String {
  var rest = url[...]
  for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
  while rest.last == "/" { rest = rest.dropLast() }
  return String(rest)
}
